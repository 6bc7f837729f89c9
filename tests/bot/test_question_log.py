"""The log: every question once, whoever sends it how often; nothing told as kept that is not."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event
from sqlmodel import Session, select
from structlog.testing import capture_logs

from bot.bot import Bot
from bot.database import make_engine, migrate
from bot.log_writer import LARGEST_GROUP
from bot.question import Question
from bot.question_log import (
    LogClosedError,
    LogWriteError,
    QuestionFilter,
    QuestionLog,
    QuestionRow,
    read_questions,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WITHIN = 30  # seconds that a test waits before it gives up; nothing here takes one
_numbers = count()


def row(**given: Any) -> QuestionRow:
    facts: dict[str, Any] = {
        "workspace": "T1",
        "delivery": f"message:{next(_numbers)}",
        "asked_at": NOON,
        "door": "mention",
        "place": "C1",
        "asker": "U1",
        "text": "what code for stairs?",
        "kind": "contrasted",
        "codes": "97116 97530",
        "confidence": 0.8,
        "took_ms": 1.5,
    }
    return QuestionRow(**facts | given)


@pytest.fixture
def log(engine: Engine) -> Iterator[QuestionLog]:
    made = QuestionLog(engine)
    yield made
    made.close()


def stored(engine: Engine, **wanted: Any) -> list[QuestionRow]:
    with Session(engine) as session:
        return list(read_questions(session, QuestionFilter(**wanted)))


def before_commits(engine: Engine, do: Callable[[Connection], object]) -> None:
    """Do this before each commit. On Postgres a group of new questions is one statement, which commits by itself."""

    def before_statement(connection: Connection, *_: object) -> None:
        if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
            do(connection)

    event.listen(engine, "commit", do)
    event.listen(engine, "before_cursor_execute", before_statement)


class HeldCommits:
    """Holds an engine's first commit until it is released, and counts all of them."""

    def __init__(self, engine: Engine) -> None:
        self.begun, self.release, self.count = Event(), Event(), 0
        before_commits(engine, self._commit)

    def _commit(self, _connection: object) -> None:
        self.count += 1
        self.begun.set()
        assert self.release.wait(WITHIN)


def test_a_question_is_stored_as_it_was_told(engine: Engine, log: QuestionLog) -> None:
    asked = row(thread="170.1", removed="date", confidence=0.25, took_ms=12.345)
    facts = asked.model_dump(exclude={"id"})

    assert log.record(asked).result(WITHIN) is True

    (found,) = stored(engine)
    assert found.model_dump(exclude={"id"}) == facts
    assert found.feedback is None


def test_the_same_delivery_again_is_told_as_known_and_stored_once(engine: Engine, log: QuestionLog) -> None:
    assert log.record(row(delivery="message:C1:1", text="first")).result(WITHIN) is True
    assert log.record(row(delivery="message:C1:1", text="again")).result(WITHIN) is False

    assert [one.text for one in stored(engine)] == ["first"]


def test_the_same_delivery_of_another_workspace_is_another_question(engine: Engine, log: QuestionLog) -> None:
    assert log.record(row(workspace="T1", delivery="message:C1:1")).result(WITHIN) is True
    assert log.record(row(workspace="T2", delivery="message:C1:1")).result(WITHIN) is True

    assert len(stored(engine)) == 2
    assert [one.workspace for one in stored(engine, workspace="T2")] == ["T2"]


def test_each_delivery_is_stored_once_though_recorded_fifty_times_at_once(engine: Engine, log: QuestionLog) -> None:
    deliveries, times = [f"message:C1:{number}" for number in range(8)], 50
    together = Barrier(times)

    def send_all(_: int) -> list[tuple[str, Future[bool]]]:
        together.wait(WITHIN)
        return [(delivery, log.record(row(delivery=delivery))) for delivery in deliveries]

    with ThreadPoolExecutor(times) as pool:
        sent = [one for answers in pool.map(send_all, range(times)) for one in answers]

    news = sorted(delivery for delivery, answer in sent if answer.result(WITHIN))
    assert news == deliveries
    assert sorted(one.delivery for one in stored(engine)) == deliveries


def test_two_processes_that_get_the_same_delivery_store_it_once(engine: Engine, log: QuestionLog) -> None:
    """Two logs with a database engine of their own are what two processes are to the database."""
    other_engine = make_engine(engine.url.render_as_string(hide_password=False))
    other = QuestionLog(other_engine)

    answers = [one.record(row(delivery=f"message:{number}")) for number in range(40) for one in (log, other)]

    assert sum(one.result(WITHIN) for one in answers) == 40
    assert len(stored(engine)) == 40
    other.close()
    other_engine.dispose()


def test_what_waits_together_is_committed_together(engine: Engine) -> None:
    commits = HeldCommits(engine)
    log = QuestionLog(engine)

    first = log.record(row())
    assert commits.begun.wait(WITHIN)
    waiting = [log.record(row()) for _ in range(100)]
    assert not any(one.done() for one in (first, *waiting))
    commits.release.set()

    assert all(one.result(WITHIN) for one in (first, *waiting))
    assert commits.count == 2
    log.close()


def test_in_a_group_those_that_are_known_are_told_from_those_that_are_new(engine: Engine) -> None:
    """By two logs: within one, repeats are known before they come to the database."""
    known = row()
    others = QuestionLog(engine)
    assert others.record(row(delivery=known.delivery)).result(WITHIN)
    others.close()
    commits = HeldCommits(engine)
    log = QuestionLog(engine)
    first = log.record(row())
    assert commits.begun.wait(WITHIN)
    before, again, after = log.record(row()), log.record(known), log.record(row())
    commits.release.set()

    assert [one.result(WITHIN) for one in (first, before, again, after)] == [True, True, False, True]
    assert commits.count == 2
    log.close()


def test_a_group_has_its_largest_size(engine: Engine) -> None:
    commits = HeldCommits(engine)
    log = QuestionLog(engine)
    first = log.record(row())
    assert commits.begun.wait(WITHIN)
    waiting = [log.record(row()) for _ in range(LARGEST_GROUP + 1)]
    commits.release.set()

    assert all(one.result(WITHIN) for one in (first, *waiting))
    assert commits.count == 3
    log.close()


def test_nobody_is_told_that_a_question_is_kept_before_it_is_committed(engine: Engine) -> None:
    commits = HeldCommits(engine)
    log = QuestionLog(engine)

    answer = log.record(row())
    assert commits.begun.wait(WITHIN)
    assert not answer.done()
    others_see = make_engine(engine.url.render_as_string(hide_password=False))
    assert stored(others_see) == []
    others_see.dispose()

    commits.release.set()
    assert answer.result(WITHIN) is True
    log.close()


def test_close_writes_what_waits(engine: Engine) -> None:
    commits = HeldCommits(engine)
    log = QuestionLog(engine)
    log.record(row())
    assert commits.begun.wait(WITHIN)
    waiting = [log.record(row()) for _ in range(2 * LARGEST_GROUP)]

    commits.release.set()
    log.close()

    assert all(one.done() and one.result() for one in waiting)
    assert len(stored(engine)) == 2 * LARGEST_GROUP + 1


def test_a_closed_log_says_so_and_may_be_closed_again(engine: Engine) -> None:
    log = QuestionLog(engine)
    log.close()
    log.close()

    with pytest.raises(LogClosedError, match="closed"):
        log.record(row())


@pytest.mark.parametrize("bad", ["half a character \ud800", "an end \x00 inside"])
def test_a_question_that_no_database_takes_fails_alone(engine: Engine, bad: str) -> None:
    """SQLite takes the second; where a database refuses it, only its sender is told so."""
    commits = HeldCommits(engine)
    log = QuestionLog(engine)
    first = log.record(row())
    assert commits.begun.wait(WITHIN)
    before, refused, after = log.record(row()), log.record(row(text=bad)), log.record(row())
    commits.release.set()

    assert all(one.result(WITHIN) for one in (first, before, after))
    with capture_logs():
        assert refused.exception(WITHIN) is None or isinstance(refused.exception(), LogWriteError)
    assert log.record(row()).result(WITHIN) is True
    log.close()


def test_a_value_too_long_for_its_column_fails_alone(engine: Engine, log: QuestionLog) -> None:
    refused, taken = log.record(row(place="C" * 400)), log.record(row())

    assert taken.result(WITHIN) is True
    assert refused.exception(WITHIN) is None or isinstance(refused.exception(), LogWriteError)


def test_who_stops_waiting_neither_unwrites_the_question_nor_stops_the_log(engine: Engine) -> None:
    commits = HeldCommits(engine)
    log = QuestionLog(engine)
    given_up = log.record(row(text="asked and left"))
    assert commits.begun.wait(WITHIN)
    also_given_up = log.record(row(text="asked and left too"))

    assert not given_up.cancel()
    assert not also_given_up.cancel()
    commits.release.set()

    assert log.record(row(text="asked and waited")).result(WITHIN) is True
    assert {one.text for one in stored(engine)} == {"asked and left", "asked and left too", "asked and waited"}
    log.close()


async def test_a_door_that_is_cut_off_while_it_waits_leaves_the_log_in_order(bot: Bot, engine: Engine) -> None:
    commits = HeldCommits(engine)
    cut_off = asyncio.create_task(bot.ask(Question(text="97110", door="slash_command", delivery="command:1")))
    assert await asyncio.to_thread(commits.begun.wait, WITHIN)
    cut_off.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cut_off
    commits.release.set()

    assert await bot.ask(Question(text="97112", door="slash_command", delivery="command:2")) is not None
    assert await bot.ask(Question(text="97110", door="slash_command", delivery="command:1")) is None
    assert [one.text for one in stored(engine)] == ["97112", "97110"]


async def test_a_question_asked_through_any_door_stands_in_the_log_with_its_answer(bot: Bot, engine: Engine) -> None:
    reply = await bot.ask(
        Question(
            text="what is 97530?",
            door="direct_message",
            workspace="T9",
            place="D9",
            asker="U9",
            delivery="message:D9:1",
        )
    )

    assert reply is not None
    (found,) = stored(engine)
    assert (found.workspace, found.place, found.asker, found.door) == ("T9", "D9", "U9", "direct_message")
    assert (found.text, found.kind, found.codes, found.removed) == ("what is 97530?", "described", "97530", "")
    assert found.confidence > 0.5
    assert found.took_ms > 0


async def test_half_a_character_in_a_question_does_no_harm(bot: Bot, engine: Engine) -> None:
    assert await bot.ask(Question(text="97110 \ud83d", door="mention")) is not None
    assert [one.text for one in stored(engine)] == ["97110"]


@pytest.fixture
def asked(log: QuestionLog) -> None:
    """Four questions: answered, unknown, of yesterday, and of another workspace in another time zone."""
    east = timezone(timedelta(hours=5))
    for one in (
        row(text="answered", codes="97110 97112", kind="compared"),
        row(text="unknown", codes="", kind="unknown", asked_at=NOON + timedelta(minutes=1)),
        row(text="yesterday", codes="97110", asked_at=NOON - timedelta(days=1)),
        row(text="eastern", workspace="T2", codes="9711", asked_at=datetime(2026, 11, 23, 15, tzinfo=east)),
    ):
        log.record(one).result(WITHIN)


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("wanted", "texts"),
    [
        ({}, ["unknown", "answered", "eastern", "yesterday"]),
        ({"unanswered": True}, ["unknown"]),
        ({"since": NOON}, ["unknown", "answered"]),
        ({"since": NOON - timedelta(hours=2)}, ["unknown", "answered", "eastern"]),
        ({"since": NOON + timedelta(days=1)}, []),
        ({"code": "97110"}, ["answered", "yesterday"]),
        ({"code": "97112"}, ["answered"]),
        ({"code": "9711"}, ["eastern"]),
        ({"code": "%"}, []),
        ({"code": "97_10"}, []),
        ({"workspace": "T2"}, ["eastern"]),
        ({"most": 2}, ["unknown", "answered"]),
        ({"code": "97110", "since": NOON}, ["answered"]),
        ({"unanswered": True, "workspace": "T2"}, []),
    ],
)
def test_a_filter_keeps_what_fits_all_of_it_newest_first(
    engine: Engine, wanted: dict[str, Any], texts: list[str]
) -> None:
    assert [one.text for one in stored(engine, **wanted)] == texts


def test_times_come_back_in_utc_from_either_database(engine: Engine, log: QuestionLog) -> None:
    east = timezone(timedelta(hours=5))
    log.record(row(asked_at=datetime(2026, 11, 23, 17, tzinfo=east))).result(WITHIN)

    with Session(engine) as session:
        found = session.exec(select(QuestionRow.asked_at)).one()
    assert found == NOON
    assert found.utcoffset() == timedelta(0)


def test_what_was_kept_is_there_after_a_new_start(database_url: str) -> None:
    first = make_engine(database_url)
    migrate(first)
    log = QuestionLog(first)
    log.record(row(text="kept")).result(WITHIN)
    first.dispose()  # the process ends without closing its log

    second = make_engine(database_url)
    assert [one.text for one in stored(second)] == ["kept"]
    second.dispose()
    log.close()


def test_what_a_conversation_goes_on_from_is_found_by_its_time_and_not_among_all_ever_asked(
    engine: Engine, log: QuestionLog
) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("Postgres chooses by how many rows there are; SQLite by the first index that fits")
    asked: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
    question = Question(text="and for 20 min?", door="mention", workspace="T1", place="C1", asker="U1", delivery="new")
    asyncio.run(log.recent(question, NOON))
    (statement, values) = asked[-1]
    with engine.connect() as connection:
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all())
    assert "ix_question_log_asked_at (asked_at>? AND asked_at<?)" in plan
