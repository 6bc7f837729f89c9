"""Mixed traffic with faults on, through two processes on one database: memory flat, nothing lost, nothing twice.

One process lives all the time, so that its memory can be watched; the other is killed or stopped, and started anew.
The long form squeezes an hour of five questions a second into ten minutes, on each kind of database:
CODING_HELPER_SLOW_TESTS=1 pytest -n 0 -s tests/handlers/test_soak.py
"""

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import IO

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import Engine
from sqlmodel import Session, select

from bot.question_log import VoteRow
from handlers.bench import CASES, cases_under
from tests.bot.outage import HeldServer, LockedFile, away_from
from tests.handlers.load import PEOPLE, SLACK_WAITS, TEXTS, Delivery, Load, Outcome
from tests.handlers.slack_stand_in import WORKSPACE, Fault, edited, home_opened, press, shortcut, slack_stand_in
from tests.handlers.test_socket_mode import FINISHED_WITHIN
from tests.handlers.test_watching import IMPATIENT, PROGRAM, started

IS_FULL = bool(os.environ.get("CODING_HELPER_SLOW_TESTS"))
LASTS = 600.0 if IS_FULL else 7.0  # seconds
A_SECOND = 30  # questions
AT_ONCE = 16  # requests under way at most
FAULT_EVERY = 2.0 if IS_FULL else 0.3  # seconds
SLOW_FOR = 1.5  # seconds that the database keeps everybody waiting
SETTLED_AFTER = 3.0  # seconds after which a question may be edited or voted on
LEARNT = 2 / 3  # of the time; by then a process remembers as much as it ever does
MOST_GROWTH = 1.05 if IS_FULL else 1.25  # of the memory from there to the end
TOLD = "response_url"  # by which a voter is told that the database is away
EDITED = "what is 97110"


@dataclass
class Soak(Outcome):
    """All that is at work, and what was sent beside questions."""

    away: LockedFile | HeldServer
    start: Callable[[], Awaitable[asyncio.subprocess.Process]]
    lasting: asyncio.subprocess.Process
    other: asyncio.subprocess.Process
    settled: list[str] = field(default_factory=list)  # direct messages asked a while ago
    faults: int = 0
    of_unknown_fate: int = 0  # calls whose connection broke
    kills: int = 0
    exits: list[int] = field(default_factory=list)  # of the processes that were stopped

    def another(self, load: Load) -> Delivery | None:
        """Now and then an edit, a vote, a look at App Home, or a message shortcut."""
        which, person = load.random.random(), f"U{load.random.randrange(PEOPLE)}"
        if which < 0.05 and self.settled:
            return _edit(self.settled.pop(load.random.randrange(len(self.settled))))
        if which < 0.15 and self.settled:
            return _vote(load.random.choice(self.settled), person, self.slack.response_url)
        if 0.15 < which < 0.2:
            return Delivery(f"home:{which}", home_opened("home", person))
        if 0.2 < which < 0.22:
            return Delivery(f"shortcut:{which}", shortcut(load.random.choice(TEXTS)), is_event=False)
        return None

    async def watch(self) -> list[float]:
        """The memory of the process that lasts, in megabytes, second by second. What was posted is not heaped up."""
        seen = []
        while self.load.is_on:
            seen.append(_megabytes(self.lasting.pid))
            long_ago = time.monotonic() - SETTLED_AFTER
            asked = self.load.acknowledged.items()
            self.settled = [name for name, at in asked if at < long_ago and name.startswith("message:D")]
            for post in self.slack.standing:
                post.pop("blocks", None)
            for calls in (self.slack.posts, *(calls for name, calls in self.slack.others.items() if name != TOLD)):
                while not calls.empty():
                    calls.get_nowait()
            await asyncio.sleep(1)
        return seen

    async def disturb(self) -> None:
        """One fault after the other, of every kind."""
        for fault in cycle((self._kill, self._limit, self._fail, self._break, self._slow, self._limit, self._stop)):
            if not self.load.is_on:
                return
            await fault()
            self.faults += 1
            await asyncio.sleep(FAULT_EVERY * self.load.random.random())

    async def _kill(self) -> None:
        self.other.kill()
        self.kills += 1
        await self._start_again()

    async def _stop(self) -> None:
        self.other.send_signal(signal.SIGTERM)
        self.exits.append(await asyncio.wait_for(self.other.wait(), FINISHED_WITHIN))
        await self._start_again()

    async def _start_again(self) -> None:
        await self.other.wait()
        self.other = await self.start()

    async def _limit(self) -> None:
        """Slack takes no more for a second."""
        self.slack.next_answers += [web.Response(status=429, headers={"retry-after": "1"}) for _ in range(5)]

    async def _fail(self) -> None:
        self.slack.next_answers += [web.Response(status=503), web.Response(status=500, text="no JSON")]

    async def _break(self) -> None:
        self.slack.next_answers += [Fault.RESET, Fault.LOST]
        self.of_unknown_fate += 2

    async def _slow(self) -> None:
        """The database keeps everybody waiting; every other time the connections break in the end."""
        await asyncio.to_thread(self.away.begin)
        await asyncio.sleep(SLOW_FOR)
        if isinstance(self.away, HeldServer) and self.load.random.random() < 0.5:
            self.away.cut()
        self.away.end()

    def beside(self) -> dict[str, int]:
        """Edits and votes that were acknowledged, and how many were lost and nobody told."""
        rows = {row.delivery: row for row in self.rows()}
        with Session(self.engine) as session:
            votes = {(one.question, one.person) for one in session.exec(select(VoteRow))}
        asked = self.load.acknowledged
        edits = [name.removeprefix("edit:") for name in asked if name.startswith("edit:")]
        voted = [name.split(" ")[1:] for name in asked if name.startswith("vote ")]
        told = self.slack.others[TOLD].qsize()
        return {
            "edits": len(edits),
            "edits lost": sum(rows[one].text != EDITED for one in edits),
            "votes": len(voted),
            "voters told to try again": told,
            "votes lost": max(0, sum((rows[one].id, person) not in votes for one, person in voted) - told),
        }


def _edit(asked: str) -> Delivery:
    _, channel, ts = asked.split(":")
    person = f"U{channel[1:]}"
    body = edited(EDITED, "before", ts, f"{time.time():.6f}", user=person)
    body["event"]["channel"] = channel
    return Delivery(f"edit:{asked}", body)


def _vote(asked: str, person: str, response_url: str) -> Delivery:
    action = {"type": "feedback_buttons", "action_id": "vote", "value": f"{WORKSPACE} {asked} vote_up"}
    user = {"id": person, "team_id": WORKSPACE}
    return Delivery(f"vote {asked} {person}", press(action, url=response_url, user=user), is_event=False)


def _megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return int(next(one for one in lines if one.startswith("VmRSS")).split()[1]) / 1024


@pytest.fixture
def errors(tmp_path: Path) -> Iterator[IO[bytes]]:
    """What the processes log of errors."""
    with (tmp_path / "errors.log").open("a+b") as file:
        yield file


@pytest.fixture
async def soak(
    engine: Engine, tmp_path: Path, errors: IO[bytes], unused_tcp_port_factory: Callable[[], int]
) -> AsyncIterator[Soak]:
    away = away_from(engine.url.render_as_string(hide_password=False))
    ports = unused_tcp_port_factory(), unused_tcp_port_factory()
    program = PROGRAM if IS_FULL else IMPATIENT
    given = {"DATABASE_URL": away.url, "SPOOL_DIR": str(tmp_path / "spools"), "LOG_LEVEL": "ERROR"}
    async with slack_stand_in() as slack:
        starts = [partial(started, slack, tmp_path, port, "--http", program, stderr=errors, **given) for port in ports]
        lasting, other = await asyncio.gather(*(start() for start in starts))
        texts = [*TEXTS, *(case.question for case in cases_under(CASES))]
        load = Load([f"http://127.0.0.1:{port}" for port in ports], random.Random(7), texts, A_SECOND)  # noqa: S311  # no secret hangs on it
        slack.spared = (*slack.spared, TOLD)
        made = Soak(load, slack, engine, away, starts[1], lasting, other)
        load.another = made.another
        yield made
        for process in (made.lasting, made.other):
            process.kill()
            await process.wait()
        away.close()


@pytest.mark.parametrize("database_url", ["postgres", "sqlite"] if IS_FULL else ["postgres"], indirect=True)
async def test_an_hour_of_mixed_traffic_with_faults_loses_nothing_tells_nothing_twice_and_memory_stays(
    soak: Soak, errors: IO[bytes]
) -> None:
    load = soak.load
    async with aiohttp.ClientSession() as http:
        workers = [asyncio.create_task(load.run(http)) for _ in range(AT_ONCE)]
        disturbing, watching = asyncio.create_task(soak.disturb()), asyncio.create_task(soak.watch())
        await asyncio.sleep(LASTS)
        load.is_on = False
        memory, _ = await asyncio.gather(watching, disturbing)
        await asyncio.gather(*workers)
    await soak.all_is_answered()

    figures, learnt = soak.figures() | soak.beside(), memory[int(LEARNT * len(memory))]
    told = (
        f"{LASTS:.0f} s on {soak.engine.dialect.name}: {figures}, {load.unanswered_commands} commands to a process "
        f"that was stopped, slowest {load.slowest:.2f} s; {soak.faults} faults, {len(soak.exits)} stops; memory "
        f"{memory[0]:.0f} MB, {learnt:.0f} after {LEARNT:.0%} of the time, {memory[-1]:.0f} at the end"
    )
    sys.stderr.write(told + "\n")
    lost = ("missing from the log", "left unanswered", "edits lost", "votes lost")
    assert [figures[name] for name in (*lost, "in the log twice", "posted twice")] == [0] * 6, told
    assert figures["of uncertain fate"] <= soak.of_unknown_fate + AT_ONCE * soak.kills, told
    assert figures["edits"] > 0, told
    assert figures["votes"] > 0, told
    assert load.slowest < SLACK_WAITS, told
    assert not any(soak.exits), told
    errors.seek(0)
    assert [line for line in errors if b"question" in line and b"could not be" in line] == [], told
    assert memory[-1] < learnt * MOST_GROWTH, told
