"""Sends signed requests, so many at once, from a process of its own: `python -m handlers.benches.loading`.

As lean as Python allows, so that what is measured is the server: one connection for each request at once, kept alive,
and nothing parsed of an answer but its status and length.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice

LOADS_WITHIN = 600.0  # seconds after which a load has failed


@dataclass(frozen=True)
class Load:
    """What came of a load: how many answers of each status, seconds in all, milliseconds of each answer."""

    statuses: dict[str, int]
    seconds: float
    ms: list[float]
    own_seconds: float

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.ms) / self.seconds

    @property
    def is_good(self) -> bool:
        """Did every request get a 200?"""
        return set(self.statuses) == {"200"}

    def part(self, share: float) -> float:
        """The milliseconds within which this share of the answers came."""
        times = sorted(self.ms)
        return times[min(len(times) - 1, int(share * len(times)))]


def load(ports: Sequence[int], requests: Sequence[bytes], at_once: int) -> Load:
    """Send all requests from a process of its own, to the servers in turn; what came of them."""
    told = {"ports": ports, "at_once": at_once, "requests": [one.decode("latin-1") for one in requests]}
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-m", __name__],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        check=True,
        timeout=LOADS_WITHIN,
    )
    return Load(**json.loads(done.stdout))


class _Connection(asyncio.Protocol):
    """One request after the other over one connection, until there are none."""

    def __init__(self, waiting: Iterator[bytes], statuses: Counter[str], ms: list[float]) -> None:
        self._waiting, self._statuses, self._ms = waiting, statuses, ms
        self.finished = asyncio.get_running_loop().create_future()
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        request = next(self._waiting, None)
        if request is None:
            self._transport.close()
            return
        self._begun = time.perf_counter()
        self._transport.write(request)  # type: ignore[attr-defined]  # a TCP transport writes

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, end, body = self._got.partition(b"\r\n\r\n")
        if end and len(body) >= _length(head):
            self._ms.append((time.perf_counter() - self._begun) * 1000)
            self._statuses[head[9:12].decode()] += 1
            self._got = b""
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self._statuses[type(exc).__name__] += 1
        if not self.finished.done():
            self.finished.set_result(None)


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


async def _run(ports: Sequence[int], requests: Sequence[bytes], at_once: int) -> Load:
    waiting, statuses, ms = iter(requests), Counter[str](), list[float]()
    loop = asyncio.get_running_loop()
    begun, worked = time.perf_counter(), time.process_time()
    made = [
        await loop.create_connection(lambda: _Connection(waiting, statuses, ms), "127.0.0.1", port)
        for port in islice(cycle(ports), at_once)
    ]
    await asyncio.gather(*(connection.finished for _, connection in made))
    return Load(dict(statuses), time.perf_counter() - begun, ms, time.process_time() - worked)


def main() -> None:
    """Read what to send from standard input, send it, write what came of it."""
    told = json.load(sys.stdin)
    requests = [one.encode("latin-1") for one in told["requests"]]
    json.dump(asdict(asyncio.run(_run(told["ports"], requests, told["at_once"]))), sys.stdout)


if __name__ == "__main__":
    main()
