"""Reads the database in threads of its own, which hold up nobody: not who asks, and not a stop."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

Found = TypeVar("Found")
THREADS = 4


class Readers:
    """A few threads that end with the process, though a database leaves them hanging."""

    def __init__(self) -> None:
        """Start no thread before there is something to read."""
        self._work: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def start(self, work: Callable[[], Found]) -> Future[Found]:
        """Do this reading, soon; who stops waiting before it has begun takes it back."""
        future: Future[Found] = Future()
        self._work.put((work, future))
        if len(self._threads) < THREADS:
            self._add_thread()
        return future

    def _add_thread(self) -> None:
        with self._lock:
            if len(self._threads) < THREADS:
                self._threads.append(threading.Thread(target=self._read, name="log-read", daemon=True))
                self._threads[-1].start()

    def _read(self) -> None:
        while True:
            work, future = self._work.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001  # whoever waits has it
                future.set_exception(error)
