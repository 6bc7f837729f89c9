"""Load as Slack makes it: through every door, each delivery again until it is acknowledged. And what came of it."""

import asyncio
import json
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
from sqlalchemy import Engine
from sqlmodel import Session, select

from bot.fates import POSTED_DOORS
from bot.question_log import QuestionRow
from tests.handlers.slack_stand_in import SlackStandIn, command, direct_message, form, mention, signed

ENDS_WITHIN = 60.0  # seconds in which all that is left has to be answered
SLACK_WAITS = 3.0  # seconds for an acknowledgement
PEOPLE = 200  # so many that nobody asks more at a time than is looked through for a post of unknown fate
TEXTS = (
    "what is 97530",
    "stair training",
    "97150 and 97110 same day?",
    "20 min stairs, 15 min MT",
    "and with an eval?",
)


@dataclass(frozen=True)
class Delivery:
    """What Slack sends, by the name under which it counts. Events alone are sent again."""

    name: str
    body: dict[str, Any]
    is_event: bool = True
    is_repeat: bool = False

    @property
    def content(self) -> tuple[str, str]:
        """The body as it is sent, with its type."""
        if self.is_event:
            return json.dumps(self.body), "application/json"
        fields = self.body if "command" in self.body else {"payload": json.dumps(self.body)}
        return form(fields), "application/x-www-form-urlencoded"


@dataclass
class Load:
    """Sends deliveries to any of the addresses, as fast as they are answered or so many a second."""

    urls: Sequence[str]
    random: random.Random
    texts: Sequence[str] = TEXTS
    a_second: float | None = None
    another: Callable[["Load"], Delivery | None] = lambda _: None  # in place of the next question, now and then
    again: list[Delivery] = field(default_factory=list)
    acknowledged: dict[str, float] = field(default_factory=dict)  # with the moment
    asked: int = 0
    unanswered_commands: int = 0
    slowest: float = 0.0
    is_on: bool = True
    _due: float = 0.0
    _unheard: deque[tuple[float, Delivery]] = field(default_factory=deque)  # whose acknowledgement Slack did not hear

    async def run(self, http: aiohttp.ClientSession) -> None:
        while self.is_on or (self.again and self.a_second):
            await self._wait_for_turn()
            await self._send(http, self._next())

    def _next(self) -> Delivery:
        if self._unheard and self._unheard[0][0] < time.monotonic():
            return self._unheard.popleft()[1]
        if self.again and (not self.is_on or self.random.random() < 0.5):
            return self.again.pop(0)
        return self.another(self) or self.question()

    def question(self) -> Delivery:
        self.asked += 1
        number, text = self.asked, self.random.choice(self.texts)
        ts, person = f"{int(time.time())}.{number:06}", f"U{number % PEOPLE}"
        kind = number % 4
        if kind == 0:
            return Delivery(f"command:{number}", {**command(text, f"{number}"), "user_id": person}, is_event=False)
        if kind == 1:
            return Delivery(f"message:C01:{ts}", mention(text, ts, user=person))
        channel = f"D{number % PEOPLE}"
        return Delivery(f"message:{channel}:{ts}", direct_message(text, ts, user=person, channel=channel))

    async def _wait_for_turn(self) -> None:
        if self.a_second:
            self._due = (self._due or time.monotonic()) + 1 / self.a_second
            await asyncio.sleep(max(0.0, self._due - time.monotonic()))

    async def _send(self, http: aiohttp.ClientSession, sent: Delivery) -> None:
        begun = time.monotonic()
        if await self._is_accepted(http, sent):
            self.slowest = max(self.slowest, time.monotonic() - begun)
            self.acknowledged[sent.name] = time.monotonic()
            if sent.is_event and not sent.is_repeat and self.random.random() < 0.1:
                self._unheard.append((time.monotonic() + SLACK_WAITS, replace(sent, is_repeat=True)))
        elif sent.is_event:
            self.again.append(replace(sent, is_repeat=True))
            await asyncio.sleep(0.02)
        else:
            self.unanswered_commands += "command" in sent.body

    async def _is_accepted(self, http: aiohttp.ClientSession, sent: Delivery) -> bool:
        text, content_type = sent.content
        headers = signed(text, content_type) | (
            {"x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"} if sent.is_repeat else {}
        )
        url = f"{self.random.choice(self.urls)}/slack/events"
        try:
            async with http.post(url, data=text.encode(), headers=headers) as answer:
                await answer.read()
                return answer.status == 200
        except (aiohttp.ClientError, OSError):
            return False


@dataclass
class Outcome:
    """What came of a load: in the log, and in Slack."""

    load: Load
    slack: SlackStandIn
    engine: Engine

    def rows(self) -> list[QuestionRow]:
        with Session(self.engine) as session:
            return list(session.exec(select(QuestionRow).order_by(QuestionRow.id)))  # type: ignore[arg-type]

    async def all_is_answered(self, within: float = ENDS_WITHIN) -> None:
        """Until no reply is left to be posted, and all that was acknowledged is in the table."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            rows = await asyncio.to_thread(self.rows)
            kept = {row.delivery for row in rows}
            if self.questions() <= kept and all(row.claimed_until is None for row in rows):
                return
            await asyncio.sleep(0.25)

    def questions(self) -> set[str]:
        """The questions that were acknowledged."""
        return {name for name in self.load.acknowledged if name.startswith(("command:", "message:"))}

    def figures(self) -> dict[str, int]:
        rows, asked = self.rows(), self.questions()
        kept = Counter(row.delivery for row in rows)
        posts = Counter(one["metadata"]["event_payload"]["question"] for one in map(_read, self.slack.standing))
        unanswered = [row for row in rows if row.door in POSTED_DOORS and row.fate not in ("posted", "uncertain")]
        return {
            "asked": self.load.asked,
            "acknowledged": len(asked),
            "missing from the log": len(asked - kept.keys()),
            "in the log twice": sum(count > 1 for count in kept.values()),
            "posted twice": sum(count > 1 for count in posts.values()),
            "left unanswered": len(unanswered),
            "of uncertain fate": sum(row.fate == "uncertain" for row in rows),
        }


def _read(post: dict[str, Any]) -> dict[str, Any]:
    metadata = post["metadata"]
    return {**post, "metadata": json.loads(metadata) if isinstance(metadata, str) else metadata}
