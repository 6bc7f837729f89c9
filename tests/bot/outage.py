"""Databases that go away and come back: a file locked by somebody else, a server whose packets stay on the way."""

import socket
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy.engine import make_url


class LockedFile:
    """An SQLite file that another connection locks."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._other = sqlite3.connect(make_url(url).database or "", isolation_level=None, check_same_thread=False)

    def begin(self) -> None:
        self._other.execute("BEGIN EXCLUSIVE")

    def end(self) -> None:
        self._other.execute("ROLLBACK")

    def close(self) -> None:
        self._other.close()


@dataclass
class _Way:
    """One connection: what comes in goes out, as long as its gates are open."""

    here: socket.socket
    there: socket.socket

    _ended: list[None] = field(default_factory=list)

    def cut(self) -> None:
        for one in (self.here, self.there):
            with suppress(OSError):  # it may be cut already
                one.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """One direction has ended, and with it the other; with both the sockets are done with."""
        self.cut()
        self._ended.append(None)
        if len(self._ended) > 1:
            self.here.close()
            self.there.close()


@dataclass
class HeldServer:
    """A Postgres server behind a door that holds packets back, either way, or cuts every connection."""

    server: str
    url: str = ""
    requests: threading.Event = field(default_factory=threading.Event)
    replies: threading.Event = field(default_factory=threading.Event)
    _ways: list[_Way] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        told = make_url(self.server)
        self._address = (told.host or "127.0.0.1", told.port or 5432)
        self._listening = socket.create_server(("127.0.0.1", 0))
        port = self._listening.getsockname()[1]
        self.url = told.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
        self.end()
        self._start(self._accept)

    def begin(self) -> None:
        """Nothing arrives any longer, and nobody is told so."""
        self.requests.clear()
        self.replies.clear()

    def end(self) -> None:
        self.requests.set()
        self.replies.set()

    def cut(self) -> None:
        """Every connection breaks; what was on its way is lost."""
        for way in self._ways:
            way.cut()
        self._ways.clear()

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self.end()
        self.cut()
        for thread in self._threads:
            thread.join()
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._listening.accept()
                way = _Way(here, socket.create_connection(self._address))
            except OSError:
                return
            self._ways.append(way)
            for gate, out, into in ((self.requests, here, way.there), (self.replies, way.there, here)):
                self._start(partial(_carry, gate, out, into, way))

    def _start(self, work: Callable[[], None]) -> None:
        self._threads.append(threading.Thread(target=work, daemon=True))
        self._threads[-1].start()


def _carry(gate: threading.Event, out: socket.socket, into: socket.socket, way: _Way) -> None:
    with suppress(OSError):
        while packet := out.recv(65_536):
            gate.wait()
            into.sendall(packet)
    way.end()


def away_from(url: str) -> LockedFile | HeldServer:
    """The database at this address, as one that can go away."""
    return LockedFile(url) if url.startswith("sqlite") else HeldServer(url)
