"""Killed at random moments, or without a database for a while, under load: nothing is lost, nothing is told twice.

The full form, 200 kills and 60 seconds: CODING_HELPER_SLOW_TESTS=1 pytest -s tests/handlers/test_kills.py
"""

import asyncio
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import Engine

from tests.bot.outage import HeldServer, LockedFile, away_from
from tests.handlers.load import SLACK_WAITS, Load, Outcome
from tests.handlers.slack_stand_in import STARTS_WITHIN
from tests.handlers.slack_stand_in import slack_stand_in as standing_in

IS_FULL = bool(os.environ.get("CODING_HELPER_SLOW_TESTS"))
KILLS = 200 if IS_FULL else 8
AWAY_FOR = 60.0 if IS_FULL else 3.0  # seconds
ENDS_WITHIN = 60.0 + 2 * KILLS  # seconds in which all that is left has to be answered: a kill leaves a dozen
AT_ONCE = 8  # requests under way
LONGEST_LIFE = 1.2  # seconds of load before a kill
OUTAGES = 0.3  # share of the kills that come while the database is away


@dataclass
class Mortal:
    """The process under test, started and killed."""

    mother: asyncio.subprocess.Process
    pid: int = 0

    async def start(self) -> None:
        assert self.mother.stdin
        assert self.mother.stdout
        self.mother.stdin.write(b"start\n")
        self.pid = int(await asyncio.wait_for(self.mother.stdout.readline(), STARTS_WITHIN))

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


@dataclass
class Tried(Outcome):
    """All that a trial works with."""

    mortal: Mortal
    away: LockedFile | HeldServer
    http: aiohttp.ClientSession


@pytest.fixture
async def tried(engine: Engine, tmp_path: Path) -> AsyncIterator[Tried]:
    async with trial(engine, tmp_path) as made:
        yield made


@asynccontextmanager
async def trial(engine: Engine, folder: Path) -> AsyncIterator[Tried]:
    away = away_from(engine.url.render_as_string(hide_password=False))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    async with standing_in() as slack, aiohttp.ClientSession() as http:
        mother = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.handlers.killed", away.url, str(folder / "spools"), slack.url, str(port)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        load = Load([f"http://127.0.0.1:{port}"], random.Random(6))  # noqa: S311  # no secret hangs on it
        yield Tried(load, slack, engine, Mortal(mother), away, http)
        mother.kill()
        await mother.wait()
        away.close()


async def test_a_kill_at_any_moment_loses_no_question_and_tells_no_answer_twice(tried: Tried) -> None:
    for _ in range(KILLS):
        await tried.mortal.start()
        tried.load.is_on = True
        workers = [asyncio.create_task(tried.load.run(tried.http)) for _ in range(AT_ONCE)]
        is_away = tried.load.random.random() < OUTAGES
        await asyncio.sleep(tried.load.random.random() * LONGEST_LIFE / 2)
        if is_away:
            await asyncio.to_thread(tried.away.begin)
        await asyncio.sleep(tried.load.random.random() * LONGEST_LIFE / (1 if is_away else 2))
        tried.mortal.kill()
        tried.load.is_on = False
        await asyncio.gather(*workers)
        if is_away:
            tried.away.end()
    await tried.mortal.start()
    await tried.all_is_answered(ENDS_WITHIN)
    tried.mortal.kill()

    figures = tried.figures()
    told = f"{KILLS} kills on {tried.engine.dialect.name}: {figures}"
    sys.stderr.write(told + "\n")
    assert figures["acknowledged"] > KILLS, told
    for name in ("missing from the log", "in the log twice", "posted twice", "left unanswered"):
        assert figures[name] == 0, told


async def test_a_database_that_is_away_under_load_loses_nothing_and_nobody_waits_too_long(tried: Tried) -> None:
    await tried.mortal.start()
    workers = [asyncio.create_task(tried.load.run(tried.http)) for _ in range(2)]
    await asyncio.sleep(0.5)
    await asyncio.to_thread(tried.away.begin)
    await asyncio.sleep(AWAY_FOR)
    tried.away.end()
    await asyncio.sleep(0.5)
    tried.load.is_on = False
    await asyncio.gather(*workers)
    await tried.all_is_answered()
    tried.mortal.kill()

    figures = tried.figures()
    told = f"{AWAY_FOR:.0f} s away on {tried.engine.dialect.name}: {figures}, slowest {tried.load.slowest:.2f} s"
    sys.stderr.write(told + "\n")
    assert tried.load.slowest < SLACK_WAITS, told
    for name in ("missing from the log", "in the log twice", "posted twice", "left unanswered", "of uncertain fate"):
        assert figures[name] == 0, told
