"""Writes an answer to the socket in one piece, where uvicorn writes its head and its body apart."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class InOnePiece(HttpToolsProtocol):
    """uvicorn's HTTP. Each writing is a call to the system, and wakes who reads: a tenth of a whole request's time."""

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
