"""Killed at random moments, or without a database for a while, under load: nothing is lost, nothing is told twice.

The full form, 200 kills and 60 seconds: CODING_HELPER_SLOW_TESTS=1 pytest -s tests/handlers/test_kills.py
"""

import asyncio
import json
import os
import random
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from bot.question_log import QuestionRow
from tests.bot.outage import HeldServer, LockedFile, away_from
from tests.handlers.slack_stand_in import STARTS_WITHIN, SlackStandIn, command, direct_message, form, mention, signed
from tests.handlers.slack_stand_in import slack_stand_in as standing_in

IS_FULL = bool(os.environ.get("CODING_HELPER_SLOW_TESTS"))
KILLS = 200 if IS_FULL else 8
AWAY_FOR = 60.0 if IS_FULL else 3.0  # seconds
AT_ONCE = 8  # requests under way
LONGEST_LIFE = 1.2  # seconds of load before a kill
OUTAGES = 0.3  # share of the kills that come while the database is away
SLACK_WAITS = 3.0  # seconds
ENDS_WITHIN = 60.0 + 2 * KILLS  # seconds in which all that is left has to be answered: a kill leaves a dozen
TEXTS = (
    "what is 97530",
    "stair training",
    "97150 and 97110 same day?",
    "20 min stairs, 15 min MT",
    "and with an eval?",
)


@dataclass
class Load:
    """Sends questions through every door, each again until it is acknowledged, as Slack does."""

    url: str
    random: random.Random
    again: list[tuple[str, Any]] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    asked: int = 0
    slowest: float = 0.0
    is_on: bool = True

    async def run(self, http: aiohttp.ClientSession) -> None:
        while self.is_on:
            comes_again = bool(self.again) and self.random.random() < 0.5
            delivery, body = self.again.pop(0) if comes_again else self._next()
            begun = time.monotonic()
            is_kept = await self._send(http, body, comes_again=comes_again)
            self.slowest = max(self.slowest, time.monotonic() - begun) if is_kept else self.slowest
            if is_kept:
                self.acknowledged.add(delivery)
                if self.random.random() < 0.1 and not delivery.startswith("command"):
                    await self._send(http, body, comes_again=True)  # Slack did not hear of it
            elif not delivery.startswith("command"):
                self.again.append((delivery, body))
                await asyncio.sleep(0.02)

    def _next(self) -> tuple[str, Any]:
        self.asked += 1
        number, text = self.asked, self.random.choice(TEXTS)
        ts, person = f"{time.time():.0f}.{number:06}", f"U{number % 40}"
        kind = number % 4
        if kind == 0:
            return f"command:{number}", {**command(text, f"{number}"), "user_id": person}
        if kind == 1:
            return f"message:C01:{ts}", mention(text, ts, user=person)
        channel = f"D{number % 40}"
        return f"message:{channel}:{ts}", direct_message(text, ts, user=person, channel=channel)

    async def _send(self, http: aiohttp.ClientSession, body: Any, *, comes_again: bool) -> bool:
        is_form = "command" in body
        text = form(body) if is_form else json.dumps(body)
        headers = signed(text, "application/x-www-form-urlencoded" if is_form else "application/json")
        if comes_again:
            headers |= {"x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"}
        try:
            async with http.post(f"{self.url}/slack/events", data=text.encode(), headers=headers) as answer:
                await answer.read()
                return answer.status == 200
        except (aiohttp.ClientError, OSError):
            return False


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
class Tried:
    """All that a trial works with."""

    mortal: Mortal
    load: Load
    slack: SlackStandIn
    away: LockedFile | HeldServer
    engine: Engine
    http: aiohttp.ClientSession

    def rows(self) -> list[QuestionRow]:
        with Session(self.engine) as session:
            return list(session.exec(select(QuestionRow).order_by(QuestionRow.id)))  # type: ignore[arg-type]

    async def all_is_answered(self) -> None:
        """Until no reply is left to be posted, and all that was acknowledged is in the table."""
        end = time.monotonic() + ENDS_WITHIN
        while time.monotonic() < end:
            rows = await asyncio.to_thread(self.rows)
            kept = {row.delivery for row in rows}
            if self.load.acknowledged <= kept and all(row.claimed_until is None for row in rows):
                return
            await asyncio.sleep(0.25)

    def figures(self) -> dict[str, int]:
        rows = self.rows()
        kept = Counter(row.delivery for row in rows)
        posts = Counter(one["metadata"]["event_payload"]["question"] for one in map(_read, self.slack.standing))
        unanswered = [row for row in rows if row.door != "slash_command" and row.fate not in ("posted", "uncertain")]
        return {
            "asked": self.load.asked,
            "acknowledged": len(self.load.acknowledged),
            "missing from the log": len(self.load.acknowledged - kept.keys()),
            "in the log twice": sum(count > 1 for count in kept.values()),
            "posted twice": sum(count > 1 for count in posts.values()),
            "left unanswered": len(unanswered),
            "of uncertain fate": sum(row.fate == "uncertain" for row in rows),
        }


def _read(post: dict[str, Any]) -> dict[str, Any]:
    metadata = post["metadata"]
    return {**post, "metadata": json.loads(metadata) if isinstance(metadata, str) else metadata}


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
        load = Load(f"http://127.0.0.1:{port}", random.Random(6))  # noqa: S311  # no secret hangs on it
        yield Tried(Mortal(mother), load, slack, away, engine, http)
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
    await tried.all_is_answered()
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
