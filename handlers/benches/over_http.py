"""How fast slash commands are answered over HTTP, beside stock Bolt's empty handler in the same run."""

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine, make_url, text

from bot.database import make_engine, migrate
from handlers.benches.loading import Load, load
from handlers.benches.signing import SECRET, commands
from handlers.benches.stock import FLOOR

AT_ONCE = (1, 32, 100)
ASKED = 2_000  # questions for each figure; a third of them one at a time
FEW = 300  # different questions that are asked again and again
UP_WITHIN = 60.0  # seconds in which a server must be up on a machine that is busy


@dataclass(frozen=True)
class Server:
    """A server of one process: where it listens, and what it takes of the machine."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def cpu_seconds(self) -> float:
        """Seconds of a core that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def megabytes(self) -> float:
        """Memory that it holds."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8").splitlines()
        return int(next(one for one in lines if one.startswith("VmRSS")).split()[1]) / 1024


def print_http(console: Console, questions: Sequence[str], postgres: str | None) -> None:
    """One table: stock Bolt, its floor, and the whole answer kept in the log, never seen and seen before."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("at once", "server", "questions", "a second", "to stock", "p50 ms", "p99 ms", "CPU ms each"):
        table.add_column(heading, justify="left" if heading in ("server", "questions") else "right")
    with (
        tempfile.TemporaryDirectory() as folder,
        _slack() as api,
        _databases(Path(folder), postgres) as databases,
        _stock() as stock,
        _stock(FLOOR) as floor,
        _ours(api, databases) as ours,
    ):
        for at_once in AT_ONCE:
            asked = Asked(questions, at_once)
            first = _row(table, stock, "stock Bolt, empty handler", "any", asked, asked.new())
            _row(table, floor, "the same, process_before_response", "any", asked, asked.new(), first)
            for name, server in ours.items():
                _row(table, server, f"Coding Helper, {name}", "never seen", asked, asked.new(), first)
                load(server.port, commands(asked.few, uuid4().hex), at_once)
                _row(table, server, f"Coding Helper, {name}", "seen before", asked, asked.again(), first)
        console.print(table)
        for name, server in ours.items():
            console.print(f"memory after all this, {name}: {server.megabytes:.0f} MB")
    console.print(f"{os.cpu_count()} cores, load before and during the run {os.getloadavg()[0]:.1f}; {_yardstick()}")


class Asked:
    """What is asked: real questions, made other ones by two words that nobody asked with before."""

    def __init__(self, questions: Sequence[str], at_once: int) -> None:
        """The fewer at once, the fewer in all."""
        self._questions, self.at_once = questions, at_once
        self.count = ASKED if at_once > 1 else ASKED // 3
        self._words = sorted({word for one in questions for word in one.split() if word.isalpha()})
        self.few = self.new()[:FEW]

    def new(self) -> list[str]:
        """Questions that were never asked."""
        drawn, words = random.choices(self._questions, k=self.count), self._words  # noqa: S311  # not a secret
        return [f"{one} {random.choice(words)} {random.choice(words)}" for one in drawn]  # noqa: S311

    def again(self) -> list[str]:
        """A few questions, each many times."""
        return (self.few * (self.count // FEW + 1))[: self.count]


def _row(  # noqa: PLR0917  # a row's facts, in the table's order
    table: Table, server: Server, name: str, what: str, asked: Asked, texts: Sequence[str], first: Load | None = None
) -> Load:
    before = server.cpu_seconds
    done = load(server.port, commands(texts, uuid4().hex), asked.at_once)
    if not done.is_good:
        raise RuntimeError(f"{name}: answers other than 200: {done.statuses}")
    each = (server.cpu_seconds - before) / len(texts) * 1000
    ratio = f"{done.per_second / first.per_second:.2f}" if first else "1"
    times = (f"{done.part(0.5):.2f}", f"{done.part(0.99):.2f}", f"{each:.2f}")
    table.add_row(str(asked.at_once), name, what, f"{done.per_second:,.0f}", ratio, *times)
    return done


@contextmanager
def _stock(*how: str) -> Iterator[Server]:
    port = _free_port()
    with _running(["-m", "handlers.benches.stock", str(port), *how], port, {}) as server:
        yield server


@contextmanager
def _ours(api: str, databases: Mapping[str, str]) -> Iterator[dict[str, Server]]:
    """The real app, served for each database."""
    if not databases:
        yield {}
        return
    (name, url), *rest = databases.items()
    port = _free_port()
    given = {
        "SLACK_BOT_TOKEN": "xoxb-1-bench",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": api,
        "DATABASE_URL": url,
        "PORT": str(port),
        "LOG_LEVEL": "WARNING",
    }
    with _running(["-m", "handlers", "serve", "--http"], port, given) as server, _ours(api, dict(rest)) as others:
        yield {name: server, **others}


@contextmanager
def _running(arguments: Sequence[str], port: int, given: Mapping[str, str]) -> Iterator[Server]:
    process = subprocess.Popen([sys.executable, *arguments], env={**os.environ, **given})  # noqa: S603  # our own
    try:
        _wait_for(port, process)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + UP_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()  # our own
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("a server did not come up")


@contextmanager
def _databases(folder: Path, postgres: str | None) -> Iterator[dict[str, str]]:
    """An empty SQLite file, and where a server is given an empty database on it, gone afterwards."""
    found = {"SQLite": f"sqlite:///{folder / 'bench.db'}"}
    if not postgres:
        yield found
        return
    name = f"bench_{uuid4().hex}"
    url = make_url(postgres).set(drivername="postgresql+psycopg")
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        found["Postgres"] = url.set(database=name).render_as_string(hide_password=False)
        engine = make_engine(found["Postgres"])
        migrate(engine)
        engine.dispose()
        yield found
    finally:
        with server.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        server.dispose()


class _WebApi(BaseHTTPRequestHandler):
    """As much of Slack's Web API as a start needs."""

    def do_POST(self) -> None:  # the standard library's name
        told = json.dumps({"ok": True, "user_id": "UBOT", "bot_id": "B01", "team_id": "T01"}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the standard library's name
        """Say nothing."""


@contextmanager
def _slack() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _WebApi)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/"
    finally:
        server.shutdown()
        server.server_close()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _yardstick() -> str:
    begun, total = time.perf_counter(), 0
    for one in range(10_000_000):
        total += one
    return f"10 million additions in a loop take {time.perf_counter() - begun:.2f} s"
