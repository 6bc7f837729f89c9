"""Lets an event loop wait for another thread's work: what comes in one turn goes together, and is told of together."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

Found = TypeVar("Found")


class Turns:
    """One event loop's waiting.

    `asyncio.wrap_future` wakes the loop for every future by itself, which costs more than what a future is waited for.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, rouse: Callable[[], None]) -> None:
        """`rouse` has the other thread do what came in a turn, at its end."""
        self.loop, self._rouse = loop, rouse
        self._is_ending = False
        self._lock = threading.Lock()
        self._done: list[tuple[asyncio.Future[Any], Future[Any]]] = []

    async def wait(self, future: Future[Found]) -> Found:
        """The result of what the other thread was given in this turn."""
        waiting: asyncio.Future[Found] = self.loop.create_future()
        future.add_done_callback(lambda done: self._tell(waiting, done))
        if not self._is_ending:
            self._is_ending = True
            self.loop.call_soon(self._end)
        return await waiting

    def _end(self) -> None:
        self._is_ending = False
        self._rouse()

    def _tell(self, waiting: asyncio.Future[Any], done: Future[Any]) -> None:
        """From whichever thread did it: the first that is done wakes the loop, which finds the others too."""
        with self._lock:
            self._done.append((waiting, done))
            is_first = len(self._done) == 1
        if is_first and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._pass_on)

    def _pass_on(self) -> None:
        with self._lock:
            done, self._done = self._done, []
        for waiting, future in done:
            if waiting.done():
                continue  # whoever waited was told to stop
            fault = future.exception()
            if fault:
                waiting.set_exception(fault)
            else:
                waiting.set_result(future.result())
