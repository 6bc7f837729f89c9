"""Servers to measure, each a process of its own, with a Slack and databases of their own on this machine."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from aiohttp import web
from sqlalchemy import create_engine, make_url, text

from bot.database import make_engine, migrate
from handlers.benches.signing import SECRET

POSTGRES = "Postgres"
UP_WITHIN = 60.0  # seconds in which a server must be up on a machine that is busy


@dataclass(frozen=True)
class Server:
    """A server of one process: where it listens, and what it takes of the machine."""

    port: int
    process: subprocess.Popen[bytes]
    up_after: float  # seconds from its start

    @property
    def cpu_seconds(self) -> float:
        """Seconds of a core that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def megabytes(self) -> float:
        """Memory that it holds."""
        return megabytes_of(self.process.pid)


def megabytes_of(pid: int) -> float:
    """Resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return int(next(one for one in lines if one.startswith("VmRSS")).split()[1]) / 1024


@contextmanager
def stock_bolt(*how: str) -> Iterator[Server]:
    """Stock Bolt with an empty handler; see handlers.benches.stock."""
    port = _free_port()
    with _running(["-m", "handlers.benches.stock", str(port), *how], port, {}) as server:
        yield server


@contextmanager
def coding_helpers(api: str, databases: Sequence[str]) -> Iterator[list[Server]]:
    """The real app, a process for each database's address; the same address twice makes two on one database."""
    with ExitStack() as stack:
        yield [stack.enter_context(_coding_helper(api, url)) for url in databases]


@contextmanager
def _coding_helper(api: str, database: str) -> Iterator[Server]:
    port = _free_port()
    given = {
        "SLACK_BOT_TOKEN": "xoxb-1-bench",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": api,
        "DATABASE_URL": database,
        "PORT": str(port),
        "LOG_LEVEL": "WARNING",
    }
    with _running(["-m", "handlers", "serve", "--http"], port, given) as server:
        yield server


@contextmanager
def _running(arguments: Sequence[str], port: int, given: Mapping[str, str]) -> Iterator[Server]:
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], env={**os.environ, **given})  # noqa: S603  # our own
    try:
        _wait_for(port, process)
        yield Server(port, process, time.perf_counter() - begun)
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + UP_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()  # our own
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise RuntimeError("a server did not come up")


@contextmanager
def databases(folder: Path, postgres: str | None) -> Iterator[dict[str, str]]:
    """By name: an empty SQLite file, and where a server is given an empty database on it, gone afterwards."""
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
        found[POSTGRES] = url.set(database=name).render_as_string(hide_password=False)
        engine = make_engine(found[POSTGRES])
        migrate(engine)
        engine.dispose()
        yield found
    finally:
        with server.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        server.dispose()


@dataclass(frozen=True)
class Slack:
    """As much of Slack's Web API as is needed: its address, and the moment of each post (time.monotonic)."""

    url: str
    posted: list[float]


@contextmanager
def slack(waits: float = 0.0) -> Iterator[Slack]:
    """A Slack whose every call takes this many seconds, in a thread of its own."""
    posted: list[float] = []
    port, loop = _free_port(), asyncio.new_event_loop()

    async def call(request: web.Request) -> web.Response:
        await asyncio.sleep(waits)
        if request.match_info["method"] == "chat.postMessage":
            posted.append(time.monotonic())
        told = {"user_id": "UBOT", "bot_id": "B01", "team_id": "T01", "ts": f"{len(posted)}.0", "channel": "D01"}
        return web.json_response({"ok": True, **told})

    app = web.Application()
    app.router.add_post("/api/{method}", call)
    runner = web.AppRunner(app)

    async def serve() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(serve(), loop).result()
    try:
        yield Slack(f"http://127.0.0.1:{port}/api/", posted)
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
