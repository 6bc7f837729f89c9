"""The database is away: people are answered in time all the same, and what cannot be looked up is told so."""

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.bot import Bot
from bot.database import make_engine
from bot.question_log import QuestionLog
from bot.reply import Writer
from bot.spool import Spool
from handlers import installations as rooms
from handlers.installations import installations_of
from knowledge.search import Index
from tests.bot.outage import HeldServer, LockedFile, away_from
from tests.bot.test_outages import PATIENCE, is_back, until
from tests.handlers.conftest import Served, serving
from tests.handlers.slack_stand_in import (
    BOT_TOKEN,
    DM,
    WORKSPACE,
    command,
    direct_message,
    edited,
    home_opened,
    installation,
    mention,
    press,
    signed,
)
from tests.handlers.test_buttons import button, posted
from tests.handlers.test_doors import STAIRS, words
from tests.handlers.test_installing import MANY, A, installed, leaving, of, settings, walk

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


@pytest.fixture(params=["one workspace", "many workspaces"])
async def held(
    request: pytest.FixtureRequest,
    engine: Engine,
    index: Index,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[tuple[Served, LockedFile | HeldServer]]:
    """A bot served over HTTP, whose database can be taken away; of many workspaces each is looked up every time."""
    is_many = request.param == "many workspaces"
    monkeypatch.setattr(rooms, "REMEMBERED_FOR", 0.0)
    away = away_from(engine.url.render_as_string(hide_password=False))
    reached = make_engine(away.url)
    log = QuestionLog(reached, Spool(tmp_path / "spool", "test"), PATIENCE)
    bot = Bot(index, Writer(index.library.sources), log)
    async with serving(bot, engine, **(MANY if is_many else {})) as served:
        if is_many:
            await walk(served, installation(WORKSPACE, BOT_TOKEN))
        yield served, away
        with suppress(sqlite3.OperationalError):  # it is back already, but where a test failed
            away.end()
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


@pytest.mark.parametrize("held", ["many workspaces"], indirect=True)
async def test_a_workspace_that_only_the_database_knows_is_answered_by_slacks_next_try(
    held: tuple[Served, LockedFile | HeldServer], engine: Engine
) -> None:
    served, away = held
    elsewhere = installations_of(settings(), engine)
    assert elsewhere
    await elsewhere.async_save(installed(A, "xoxb-a"))
    said, asked = of(A, direct_message(STAIRS)), of(A, command("what is 97530"))
    away.begin()
    if isinstance(away, HeldServer):  # a file that is locked may still be read
        for _ in range(2):
            begun = time.monotonic()
            assert await served.send_event(said) == 503
            assert "I can't look that up just now" in (await served.send_command(asked))["text"]
            assert time.monotonic() - begun < SLACK_WAITS
        assert served.slack.posts.empty()
    away.end()
    await asyncio.to_thread(until, lambda: is_back(served.bot.log))
    assert await served.send_event(said) == 200
    assert (await served.slack.next_post())["token"] == "xoxb-a"
    await served.app.poster.finish()
    assert [row.workspace for row in served.logged()] == [A]


@pytest.mark.parametrize("held", ["many workspaces"], indirect=True)
async def test_an_uninstall_that_cannot_be_kept_is_left_to_slacks_next_try(
    held: tuple[Served, LockedFile | HeldServer],
) -> None:
    served, away = held
    left = leaving("app_uninstalled", time.time())
    away.begin()
    begun = time.monotonic()
    assert await served.send_event(left) == 503
    assert time.monotonic() - begun < SLACK_WAITS
    away.end()
    await asyncio.to_thread(until, lambda: is_back(served.bot.log))
    assert await served.send_event(left) == 200
    assert served.app.installations is not None
    assert await served.app.installations.find(WORKSPACE) is None
