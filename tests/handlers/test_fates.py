"""What becomes of each reply is kept; what a stop left is answered once, by one process, while it is fresh."""

import asyncio
import json
import random
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncBoltRequest
from sqlalchemy import Engine, text, update
from sqlmodel import col

from bot.bot import Bot
from bot.fates import LEASE
from bot.question_log import LogAwayError, QuestionKey, QuestionLog, QuestionRow
from bot.reply import Writer
from bot.settings import Settings
from handlers.app import SlackApp, make_app
from handlers.installations import installations_of
from handlers.posting import Poster
from handlers.replying import TokenOf, answer_left
from handlers.slack_client import SlackClient
from knowledge.search import Index
from tests.bot.test_question_log import WITHIN, row
from tests.handlers.conftest import Served
from tests.handlers.slack_stand_in import (
    BOT_TOKEN,
    CHANNEL,
    DM,
    SECRET,
    Fault,
    command,
    direct_message,
    mention,
    signed,
)
from tests.handlers.test_doors import STAIRS
from tests.handlers.test_traps import posts

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def now(minutes_ago: float, part: int = 0) -> str:
    """A message's time stamp, some minutes before now."""
    return f"{datetime.now(UTC).timestamp() - 60 * minutes_ago:.0f}.{part:06}"


def change(engine: Engine, **what: Any) -> None:
    with engine.begin() as connection:
        connection.execute(update(QuestionRow).values(**what))


def let_claims_run_out(engine: Engine, *logs: QuestionLog) -> None:
    """As if as much time had passed as a claim lasts, with the database in touch."""
    with engine.begin() as connection:
        is_open = col(QuestionRow.claimed_until).is_not(None)
        connection.execute(update(QuestionRow).where(is_open).values(claimed_until=LONG_AGO))
    for log in logs:
        been_in_touch(log)


def been_in_touch(log: QuestionLog) -> None:
    """As if the log had been in touch with the database for long."""
    end = time.monotonic() + WITHIN
    while log.status.in_touch_since is None and time.monotonic() < end:  # it notes the start in a thread of its own
        time.sleep(0.001)
    log._writer._in_touch_since = LONG_AGO


def fates(served: Served) -> list[str | None]:
    return [row.fate for row in served.logged()]


def killed(served: Served, fate: str | None = None) -> None:
    """As if the process had been killed before it could keep what became of its posts."""
    change(served.engine, fate=fate, reply=None, claimed_until=LONG_AGO)
    let_claims_run_out(served.engine, served.bot.log)


async def test_a_posted_reply_is_kept_as_posted_and_nobody_is_at_it(served: Served) -> None:
    for said in (direct_message(STAIRS), mention(STAIRS)):
        await served.send_event(said)
    assert len(await posts(served)) == 2
    assert fates(served) == ["posted", "posted"]
    assert {row.claimed_until for row in served.logged()} == {None}
    let_claims_run_out(served.engine, served.bot.log)
    assert await answer_left(served.bot, served.app.poster, served.app.token_of) == 0


async def test_what_slack_refuses_is_kept_as_refused(served: Served) -> None:
    served.slack.next_answers = [web.json_response({"ok": False, "error": "fatal_error"})]
    await served.send_event(direct_message(STAIRS))
    assert await posts(served) == []
    assert fates(served) == ["refused"]


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_post_of_unknown_fate_is_kept_as_uncertain_and_never_repeated(served: Served, fault: Fault) -> None:
    served.slack.next_answers = [fault]
    await served.send_event(mention(STAIRS))
    await posts(served)
    assert fates(served) == ["uncertain"]
    let_claims_run_out(served.engine, served.bot.log)
    assert await answer_left(served.bot, served.app.poster, served.app.token_of) == 0
    assert served.slack.calls.count("chat.postMessage") == 1


async def test_an_answer_in_the_acknowledgement_is_no_post(served: Served) -> None:
    await served.send_command(command("what is 97530"))
    assert fates(served) == [None]
    assert served.logged()[0].claimed_until is None


async def test_what_a_killed_process_had_accepted_is_answered_where_it_was_asked(served: Served) -> None:
    for said in (direct_message(STAIRS, thread_ts="1699999999.000100"), mention(STAIRS)):
        await served.send_event(said)
    await posts(served)
    killed(served)
    assert await answer_left(served.bot, served.app.poster, served.app.token_of) == 2
    again = [(post["channel"], post["thread_ts"]) for post in await posts(served)]
    assert sorted(again) == [(CHANNEL, "1700000000.000100"), (DM, "1699999999.000100")]
    assert fates(served) == ["posted", "posted"]
    assert await answer_left(served.bot, served.app.poster, served.app.token_of) == 0


async def test_killed_while_posting_it_is_looked_for_and_where_nobody_can_look_it_is_uncertain(served: Served) -> None:
    for said in (direct_message(STAIRS), mention(STAIRS)):
        await served.send_event(said)
    await posts(served)
    killed(served, "posting")
    await answer_left(served.bot, served.app.poster, served.app.token_of)
    assert await posts(served) == []
    kept = {row.door: (row.fate, row.reply) for row in served.logged()}
    assert kept["direct_message"] == ("posted", served.slack.standing[0]["ts"])
    assert kept["mention"] == ("uncertain", None)


async def test_a_direct_message_that_was_being_posted_and_does_not_stand_is_posted(served: Served) -> None:
    await served.send_event(direct_message(STAIRS))
    await posts(served)
    killed(served, "posting")
    served.slack.standing.clear()
    await answer_left(served.bot, served.app.poster, served.app.token_of)
    assert len(await posts(served)) == 1
    assert fates(served) == ["posted"]


async def test_what_is_no_longer_fresh_or_was_deleted_is_marked_missed(served: Served) -> None:
    for number, said in enumerate((direct_message, mention)):
        await served.send_event(said(STAIRS, now(5, number)))
    await posts(served)
    killed(served)
    with served.engine.begin() as connection:
        rows = update(QuestionRow)
        old = datetime.now(UTC) - timedelta(minutes=31)
        connection.execute(rows.where(col(QuestionRow.door) == "mention").values(asked_at=old))
        connection.execute(rows.where(col(QuestionRow.door) == "direct_message").values(text="", whole=None))
    assert await answer_left(served.bot, served.app.poster, served.app.token_of) == 0
    assert fates(served) == ["missed", "missed"]
    assert await posts(served) == []


async def test_a_fault_that_the_asker_was_told_of_is_not_answered_later(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr("bot.reply.Writer.render", fail)
        await served.send_event(mention("what is 97535"))
        assert len(await posts(served)) == 1  # tells the id
    let_claims_run_out(served.engine, served.bot.log)
    assert await answer_left(served.bot, served.app.poster, served.app.token_of) == 0
    assert fates(served) == ["missed"]


async def take_over(bot: Bot, poster: Poster, token_of: TokenOf) -> int:
    """As a process does it again and again: a busy database that was taken for away is asked once it answers."""
    while True:
        try:
            return await answer_left(bot, poster, token_of)
        except LogAwayError:
            while bot.log.status.is_away:  # noqa: ASYNC110  # the log tells nobody that it is back
                await asyncio.sleep(0.05)
            let_claims_run_out(bot.log.engine, bot.log)


@asynccontextmanager
async def another_process(served: Served, index: Index) -> AsyncIterator[tuple[Bot, Poster]]:
    """A second process for the same workspace, on the same database."""
    log = QuestionLog(served.engine)
    bot = Bot(index, Writer(index.library.sources), log)
    yield bot, Poster(SlackClient(BOT_TOKEN, served.slack.url))
    log.close()


async def test_two_processes_take_over_what_a_third_left_and_each_is_answered_once(
    served: Served, index: Index
) -> None:
    for number in range(20):
        await served.send_event(mention(STAIRS, now(3, number)))
    await posts(served)
    async with another_process(served, index) as (bot, poster):
        killed(served)
        been_in_touch(bot.log)
        counts = await asyncio.gather(
            answer_left(served.bot, served.app.poster, served.app.token_of),
            answer_left(bot, poster, served.app.token_of),
        )
        await poster.finish()
        assert sum(counts) == 20
        assert len(await posts(served)) == 20
        assert set(fates(served)) == {"posted"}


@asynccontextmanager
async def one_life(served: Served, index: Index) -> AsyncIterator[SlackApp]:
    """The app in a process that is killed at the end: what it is posting goes no further, what it knew is gone."""
    log = QuestionLog(served.engine)
    bot = Bot(index, Writer(index.library.sources), log)
    settings = Settings(
        slack_bot_token=BOT_TOKEN, slack_signing_secret=SECRET, slack_api_url=served.slack.url, _env_file=None
    )
    made = await make_app(settings, bot, installations_of(settings, served.engine))
    let_claims_run_out(served.engine, log)
    await take_over(bot, made.poster, made.token_of)
    yield made
    await asyncio.sleep(0)  # what was begun last has its turn
    killed_at = list(made.poster._under_way)
    for task in killed_at:
        task.cancel()
    await asyncio.gather(*killed_at, return_exceptions=True)
    log.close()


async def deliver(app: SlackApp, body: dict[str, Any]) -> int:
    raw = json.dumps(body)
    return (
        await app.app.async_dispatch(AsyncBoltRequest(body=raw, headers={**signed(raw, "application/json")}))
    ).status


async def test_a_thousand_events_with_retries_kills_and_restarts_lose_and_double_nothing(
    served: Served, index: Index
) -> None:
    """250 questions, each delivered four times in any order, to five processes that are killed while they post."""
    order = random.Random(8)  # noqa: S311  # the same order in every run
    stamps = [now(3, number) for number in range(250)]
    bodies = [direct_message("what is 97530", ts, channel=f"D{at % 50:02}") for at, ts in enumerate(stamps)] * 4
    order.shuffle(bodies)
    for life in range(5):
        async with one_life(served, index) as app:
            for start in range(life * 200, life * 200 + 200, 40):
                if start % 200 == 160:  # what is posted of the last ones is on its way when the process dies
                    served.slack.hold_posts = asyncio.Event()
                assert {await deliver(app, one) for one in bodies[start : start + 40]} == {200}
        assert served.slack.hold_posts is not None
        served.slack.hold_posts.set()
        served.slack.hold_posts = None
    async with one_life(served, index) as app:
        await app.poster.finish()
    answered = [one["metadata"]["event_payload"]["question"] for one in served.slack.standing]
    assert len(answered) == len(set(answered)) == 250
    assert len(served.logged()) == 250


async def test_a_process_that_is_slow_says_so_and_keeps_its_replies(served: Served, index: Index) -> None:
    served.slack.hold_posts = asyncio.Event()
    await served.send_event(mention(STAIRS, now(3)))
    async with another_process(served, index) as (bot, poster):
        let_claims_run_out(served.engine, bot.log)
        await served.bot.earlier.stay_at(served.app.poster.posting)
        assert await answer_left(bot, poster, served.app.token_of) == 0
        served.slack.hold_posts.set()
        assert len(await posts(served)) == 1


async def test_a_process_whose_reply_was_taken_over_before_it_posted_lets_it_go(served: Served, index: Index) -> None:
    async with another_process(served, index) as (bot, poster):
        await served.send_event(mention(STAIRS, now(3)))
        await posts(served)
        killed(served)
        been_in_touch(bot.log)
        assert await answer_left(bot, poster, served.app.token_of) == 1
        await poster.finish()
        (row,) = served.logged()
        assert not await served.bot.earlier.begin_post(QuestionKey(row.workspace, row.delivery))


@contextmanager
def clock_off(monkeypatch: pytest.MonkeyPatch, seconds: int) -> Iterator[None]:
    """As if this machine's clock were ahead by so much."""

    class Off(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(seconds=seconds)

    with monkeypatch.context() as patched:
        for name, module in list(sys.modules.items()):
            if name.startswith("bot.") and getattr(module, "datetime", None) is datetime:
                patched.setattr(module, "datetime", Off)
        yield


def left_of_claim(engine: Engine) -> float:
    """Seconds until the one claim runs out, by the database's clock."""
    with engine.connect() as connection:
        return float(connection.scalar(text("SELECT extract(epoch FROM claimed_until - now()) FROM question_log")))


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("drift", [-45, 45])
async def test_a_machine_whose_clock_is_off_claims_for_as_long_as_another_and_takes_over_as_late(
    bot: Bot, engine: Engine, monkeypatch: pytest.MonkeyPatch, drift: int
) -> None:
    key, lease = QuestionKey("T01", "message:D01:1.2"), LEASE.total_seconds()
    with clock_off(monkeypatch, drift):
        bot.log.record(row(workspace=key.workspace, delivery=key.delivery, **bot.log.claim())).result(WITHIN)
        assert lease - WITHIN < left_of_claim(engine) <= lease
        assert await bot.earlier.take_over() == []
        change(engine, claimed_until=LONG_AGO)
        await bot.earlier.stay_at([key])
        assert lease - WITHIN < left_of_claim(engine) <= lease
        change(engine, claimed_until=datetime.now(UTC) - timedelta(seconds=1))
        assert len(await bot.earlier.take_over()) == 1
        assert lease - WITHIN < left_of_claim(engine) <= lease


async def test_after_an_outage_nobody_takes_over_before_the_others_can_have_come_back(served: Served) -> None:
    await served.send_event(mention(STAIRS, now(3)))
    await posts(served)
    killed(served)
    served.bot.log._writer._in_touch_since = datetime.now(UTC)
    assert await answer_left(served.bot, served.app.poster, served.app.token_of) == 0
    served.bot.log._writer._in_touch_since = None
    assert await answer_left(served.bot, served.app.poster, served.app.token_of) == 0
    assert await posts(served) == []


async def test_what_the_release_before_left_is_adopted(served: Served) -> None:
    """It records no claim and no fate."""
    await served.send_event(mention(STAIRS, now(3)))
    await posts(served)
    change(served.engine, fate=None, reply=None, claimed_by=None, claimed_until=None)
    await served.bot.earlier.adopt()
    let_claims_run_out(served.engine, served.bot.log)
    assert await answer_left(served.bot, served.app.poster, served.app.token_of) == 1
