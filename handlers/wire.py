"""Between uvicorn and the socket: a request has to come soon and be of a size, and its answer goes in one piece."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

COMES_WITHIN = 10.0  # seconds from a connection, or a request's beginning, to its end; half of what a stop waits
LARGEST_HEAD = 65_536  # bytes; those of Slack and of routers are some 2,000
LARGEST_REQUEST = 2_000_000  # bytes; twice what handlers.web takes, so that whoever sends more hears why not


class Bounded(HttpToolsProtocol):
    """uvicorn's HTTP, which by itself waits for a request for ever, and keeps a head of any size."""

    _deadline: asyncio.TimerHandle | None = None
    _whole: Any = None  # the scope of the request that came whole last
    _taken = 0  # bytes of the one that has not

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A connection was opened."""
        super().connection_made(transport)
        self._deadline = self.loop.call_later(COMES_WITHIN, transport.close)

    def data_received(self, data: bytes) -> None:
        """A part of a request came, and nearly always all of it."""
        super().data_received(data)
        if self.scope is self._whole or self.transport.is_closing():
            return
        if self._deadline is None:
            self._deadline = self.loop.call_later(COMES_WITHIN, self.transport.close)
        self._taken += len(data)
        is_in_head = "method" not in self.scope
        if is_in_head and self._taken > LARGEST_HEAD:
            self.send_400_response("The head is too large.")
        elif self._taken > LARGEST_REQUEST:
            self.transport.close()

    def on_message_complete(self) -> None:
        """A request came whole."""
        super().on_message_complete()
        self._whole, self._taken = self.scope, 0
        self._forget_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """A connection was closed, on whichever side."""
        self._forget_deadline()
        super().connection_lost(exc)

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class InOnePiece(Bounded):
    """Each writing is a call to the system, and wakes who reads: a tenth of a whole request's time."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A connection was opened."""
        super().connection_made(_Gathering(transport, self.loop))  # type: ignore[arg-type]  # it is one to all who use it


class _Gathering:
    """A transport that writes at the end of a turn of the event loop what came in it."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._gathered: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._gathered:
            self._loop.call_soon(self._flush)
        self._gathered.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        gathered, self._gathered = self._gathered, []
        if gathered and not self._transport.is_closing():
            self._transport.write(b"".join(gathered))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # all else is the transport's own
        return getattr(self._transport, name)
