"""The database is away: people are answered in time all the same, and what cannot be looked up is told so."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.bot import Bot
from bot.database import make_engine
from bot.question_log import QuestionLog
from bot.reply import Writer
from bot.spool import Spool
from knowledge.search import Index
from tests.bot.outage import HeldServer, LockedFile, away_from
from tests.bot.test_outages import PATIENCE, is_back, until
from tests.handlers.conftest import Served, serving
from tests.handlers.slack_stand_in import DM, command, direct_message, edited, home_opened, mention, press, signed
from tests.handlers.test_buttons import button, posted
from tests.handlers.test_doors import STAIRS, words

SLACK_WAITS = 3  # seconds


async def test_what_another_process_may_have_taken_waits_for_slacks_next_try_but_not_for_the_last(
    held: tuple[Served, LockedFile | HeldServer],
) -> None:
    served, away = held

    async def send(number: int, retry: int) -> int:
        body = json.dumps(direct_message(STAIRS, f"170000000{number}.000100"))
        headers = signed(body, "application/json") | {"x-slack-retry-num": str(retry)}
        return (await served.send(body, "application/json", headers))[0]

    away.begin()
    assert [await send(2, 3), await send(1, 1), await send(1, 2)] == [200, 503, 503]
    away.end()
    await asyncio.to_thread(until, lambda: is_back(served.bot.log))
    assert [await send(1, 2), await send(1, 3), await send(2, 3)] == [200, 200, 200]
    await served.app.poster.finish()
    assert len(served.logged()) == len(served.slack.standing) == 2


@pytest.fixture
async def held(engine: Engine, index: Index, tmp_path: Path) -> AsyncIterator[tuple[Served, LockedFile | HeldServer]]:
    """A bot served over HTTP, whose database can be taken away."""
    away = away_from(engine.url.render_as_string(hide_password=False))
    reached = make_engine(away.url)
    log = QuestionLog(reached, Spool(tmp_path / "spool", "test"), PATIENCE)
    async with serving(Bot(index, Writer(index.library.sources), log), engine) as served:
        yield served, away
    log.close()
    reached.dispose()
    away.close()


async def test_every_door_answers_in_time_and_every_question_is_kept_once(
    held: tuple[Served, LockedFile | HeldServer],
) -> None:
    served, away = held
    said = await posted(served, "therapeutic ultrasound")
    served.bot.log._remembered.clear()  # as in another process
    away.begin()

    begun = time.monotonic()
    assert "97530" in words(await served.send_command(command("what is 97530")))
    assert time.monotonic() - begun < SLACK_WAITS
    for event in (direct_message(STAIRS, "1700000001.000100"), mention(STAIRS, "1700000002.000100")):
        for _ in range(3):
            begun = time.monotonic()
            assert await served.send_event(event) == 200
            assert time.monotonic() - begun < SLACK_WAITS
    assert {(await served.slack.next_post())["channel"] for _ in range(2)} == {DM, "C01"}
    begun = time.monotonic()
    status, _ = await served.send_payload(press(button(said, "Details"), url=served.slack.response_url))
    assert (status, time.monotonic() - begun < SLACK_WAITS) == (200, True)
    if isinstance(away, HeldServer):
        assert "I can't look that up just now" in (await served.slack.next_call("response_url"))["text"]
        assert await served.send_event(edited("what is 97110", STAIRS, "1600000000.000100")) == 503
    await served.send_event(home_opened("home"))
    shown = json.dumps(await served.slack.next_call("views.publish"))
    assert ("come back in a minute" in shown) == isinstance(away, HeldServer)
    await served.app.poster.finish()

    away.end()
    await asyncio.to_thread(until, lambda: is_back(served.bot.log))
    rows = served.logged()
    assert len(rows) == 4
    assert sum(row.reply is not None for row in rows) == 3  # all but the command's, which is no post
    assert len(served.slack.standing) == 3
