"""The database is locked, slow or away: answers go on, what was asked is safe on disk and arrives once, in order."""

import asyncio
import io
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, select
from structlog.testing import capture_logs

from bot.bot import Bot
from bot.changes import Change, asked, read_change
from bot.database import make_engine
from bot.fates import RUN_OUT
from bot.logs import start_logs
from bot.question import Question
from bot.question_log import (
    ComesAgainError,
    LogAwayError,
    QuestionFilter,
    QuestionKey,
    QuestionLog,
    QuestionRow,
    read_questions,
)
from bot.reply import Writer
from bot.spool import Spool, SpoolError, mark_of
from knowledge.search import Index
from tests.bot.outage import HeldServer, LockedFile, away_from
from tests.bot.test_question_log import WITHIN, before_commits, row

PATIENCE = 0.1


@pytest.fixture
def away(engine: Engine) -> Iterator[LockedFile | HeldServer]:
    """A migrated database of each kind that can be taken away."""
    made = away_from(engine.url.render_as_string(hide_password=False))
    yield made
    made.close()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", "test")


@pytest.fixture
def log(away: LockedFile | HeldServer, spool: Spool) -> Iterator[QuestionLog]:
    reached = make_engine(away.url)
    made = QuestionLog(reached, spool, PATIENCE)
    yield made
    made.close()
    reached.dispose()


def stored(engine: Engine) -> list[QuestionRow]:
    with Session(engine) as session:
        return list(session.exec(select(QuestionRow).order_by(QuestionRow.id)))  # type: ignore[arg-type]


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + WITHIN
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_back(log: QuestionLog) -> bool:
    return not log.status.is_away and log.status.waiting == 0


def results(answers: list[Future[bool]]) -> list[bool]:
    return [one.result(WITHIN) for one in answers]


def test_what_is_asked_while_the_database_is_away_arrives_once_and_in_order(
    engine: Engine, away: LockedFile | HeldServer, log: QuestionLog
) -> None:
    assert log.record(row(text="before", delivery="message:C1:before")).result(WITHIN)
    away.begin()
    rows = [row(text=f"{number}", delivery=f"message:C1:{number}") for number in range(300)]
    assert all(results([log.record(one) for one in rows]))
    repeats = [row(delivery="message:C1:before"), *rows[:5]]
    assert not any(results([log.record(one) for one in repeats]))
    status = log.status
    assert (status.is_away, status.waiting, status.on_disk, status.in_memory) == (True, 300, 300, 0)
    assert status.since is not None

    away.end()
    until(lambda: is_back(log))
    assert log.record(row(text="after")).result(WITHIN)
    assert [one.text for one in stored(engine)] == ["before", *(f"{number}" for number in range(300)), "after"]


def test_an_outage_is_told_once_when_it_begins_and_once_with_its_counts_when_it_ends(
    away: LockedFile | HeldServer, log: QuestionLog
) -> None:
    with capture_logs() as told:
        away.begin()
        for number in range(3):
            assert log.record(row(text="s3cret", delivery=f"message:{number}")).result(WITHIN)
        away.end()
        until(lambda: is_back(log))
    assert [one["event"].partition(";")[0] for one in told] == [
        "the database does not answer in time",
        "the database answers again",
    ]
    assert told[1]["questions"] == 3
    assert "s3cret" not in str(told)


def test_a_second_outage_is_noticed_as_soon_as_the_first(away: LockedFile | HeldServer, log: QuestionLog) -> None:
    """The watch, which slept when the first one ended, is up for the questions after it."""
    for number in range(2):
        assert log.record(row(delivery=f"message:{number}:before")).result(WITHIN)
        away.begin()
        begun = time.monotonic()
        assert log.record(row(delivery=f"message:{number}:in it")).result(WITHIN)
        assert time.monotonic() - begun < 2
        away.end()
        until(lambda: is_back(log))


def test_notes_wait_with_the_questions_that_they_are_on(
    engine: Engine, away: LockedFile | HeldServer, log: QuestionLog
) -> None:
    log.record(row(delivery="message:1")).result(WITHIN)
    away.begin()
    log.record(row(delivery="message:2", text="deleted soon")).result(WITHIN)
    notes = [log.note(QuestionKey("T1", f"message:{number}"), {"reply": f"17{number}.1"}) for number in (1, 2)]
    notes.append(log.forget(QuestionKey("T1", "message:2")))
    assert all(results(notes))

    away.end()
    until(lambda: is_back(log))
    assert [(one.reply, one.text != "") for one in stored(engine)] == [("171.1", True), ("172.1", False)]


def test_a_commit_whose_answer_is_late_is_neither_doubled_nor_taken_for_a_repeat(
    engine: Engine, away: LockedFile | HeldServer, log: QuestionLog
) -> None:
    release = threading.Event()
    before_commits(log.engine, lambda _: release.wait(WITHIN))
    assert log.record(row(delivery="message:1")).result(WITHIN)
    assert log.status.is_away
    release.set()

    until(lambda: is_back(log))
    assert not log.record(row(delivery="message:1")).result(WITHIN)
    assert len(stored(engine)) == 1


def test_a_commit_that_was_done_and_whose_answer_is_lost_is_not_doubled(
    engine: Engine, away: LockedFile | HeldServer, log: QuestionLog
) -> None:
    """The server commits; its reply never comes, and then the connection breaks."""
    if isinstance(away, LockedFile):
        pytest.skip("a file has no connection that breaks")
    assert log.record(row(delivery="message:1")).result(WITHIN)
    firsts = iter([away.replies.clear])
    before_commits(log.engine, lambda _: next(firsts, lambda: None)())
    assert log.record(row(delivery="message:2")).result(WITHIN)
    until(lambda: len(stored(engine)) == 2)
    away.cut()
    away.end()

    until(lambda: is_back(log))
    assert [one.delivery for one in stored(engine)] == ["message:1", "message:2"]


def left_behind(spool: Spool, rows: list[QuestionRow]) -> None:
    """What a process leaves that is killed: its file, no longer locked."""
    spool.append([asked(one).line() for one in rows])
    assert spool._connection is not None
    spool._connection.close()


def test_a_killed_process_leaves_its_spool_to_one_that_lives(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    left_behind(Spool(folder, "test"), [row(text=f"{number}") for number in range(3)])
    left_behind(Spool(folder, "another database"), [row(text="elsewhere")])

    with capture_logs() as told:
        log = QuestionLog(engine, Spool(folder, "test"))
        until(lambda: len(stored(engine)) == 3)
        log.close()
    assert [one.text for one in stored(engine)] == ["0", "1", "2"]
    assert [one["questions"] for one in told] == [3]
    assert [file.name.split("-")[1] for file in folder.glob("*.db")] == ["another database"]


def test_what_a_killed_process_left_is_in_the_log_before_anything_that_came_meanwhile(
    engine: Engine, away: LockedFile | HeldServer, spool: Spool
) -> None:
    away.begin()
    left_behind(spool, [row(text="left")])
    reached = make_engine(away.url)
    log = QuestionLog(reached, Spool(spool.folder, "test"), PATIENCE)
    assert log.record(row(text="meanwhile")).result(WITHIN)
    until(lambda: log.status.is_away)
    comes_again = log._writer.put(asked(row(text="again")), comes_again=True)
    with pytest.raises(ComesAgainError):
        comes_again.result(WITHIN)
    away.end()
    until(lambda: is_back(log))
    assert log.record(row(text="after")).result(WITHIN)
    log.close()
    reached.dispose()
    assert sorted(one.text for one in stored(engine)) == ["after", "left", "meanwhile"]
    assert [one.text for one in stored(engine)][-1] == "after"


def test_a_living_process_keeps_its_spool(tmp_path: Path) -> None:
    living, other = Spool(tmp_path, "test"), Spool(tmp_path, "test")
    living.append(["kept"])

    assert list(other.orphans()) == []
    assert [line for _, line in living.first(5)] == ["kept"]
    living.close()
    (found,) = other.orphans()
    assert [line for _, line in found.first(5)] == ["kept"]
    found.close()


def test_two_processes_each_with_a_spool_of_its_own_bring_all_they_kept(
    engine: Engine, away: LockedFile | HeldServer, log: QuestionLog, tmp_path: Path
) -> None:
    other_engine = make_engine(away.url)
    other = QuestionLog(other_engine, Spool(tmp_path / "spool", "test"), PATIENCE)
    away.begin()
    for number in range(20):
        one = (log, other)[number % 2].record(row(delivery=f"message:{number}"))
        both = other.record(row(delivery="message:both")), log.record(row(delivery="message:both"))
        assert one.result(WITHIN)
        assert all(isinstance(answer.result(WITHIN), bool) for answer in both)
    away.end()

    until(lambda: is_back(log) and is_back(other))
    assert sorted(one.delivery for one in stored(engine)) == sorted(
        [*(f"message:{number}" for number in range(20)), "message:both"]
    )
    other.close()
    other_engine.dispose()


def test_where_the_disk_takes_nothing_questions_are_kept_in_memory_and_the_log_says_so(
    engine: Engine, away: LockedFile | HeldServer, tmp_path: Path
) -> None:
    (tmp_path / "no folder").write_text("a file")
    reached = make_engine(away.url)
    log = QuestionLog(reached, Spool(tmp_path / "no folder", "test"), PATIENCE)
    with capture_logs() as told:
        away.begin()
        rows = [row(text=f"{number}") for number in range(5)]
        assert all(results([log.record(one) for one in rows]))
        assert (log.status.in_memory, log.status.on_disk) == (5, 0)
        assert log.status.spool_fault
        away.end()
        until(lambda: is_back(log))
    assert [one["log_level"] for one in told] == ["warning", "error", "warning"]
    assert "kept in memory" in told[1]["event"]
    assert [one.text for one in stored(engine)] == ["0", "1", "2", "3", "4"]
    log.close()
    reached.dispose()


def test_a_disk_that_is_full_takes_all_of_a_group_or_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "test")
    spool.append(["first"])
    assert spool._connection is not None
    spool._connection.execute("PRAGMA max_page_count = 4")

    with pytest.raises(SpoolError, match="full"):
        spool.append(["x" * 3000 for _ in range(20)])
    assert [line for _, line in spool.first(50)] == ["first"]
    spool.append(["second"])
    assert [line for _, line in spool.first(50)] == ["first", "second"]
    spool.drop(1)
    assert spool.waiting == 1
    spool.close()


def test_what_was_written_to_the_spool_is_gone_from_the_disk_with_its_last_line(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "test")
    spool.append(["some words"])
    assert b"some words" in b"".join(file.read_bytes() for file in tmp_path.iterdir())
    spool.drop(1)
    spool.close()

    assert list(tmp_path.iterdir()) == []


def test_a_spool_tells_beforehand_whether_it_can_be_written(tmp_path: Path) -> None:
    assert Spool(tmp_path / "new" / "one", "test").fault() is None
    assert list(tmp_path.iterdir()) == []  # made by whoever looks, it would be another user's
    (tmp_path / "file").write_text("")
    assert "NotADirectory" in str(Spool(tmp_path / "file", "test").fault())
    assert "NotADirectory" in str(Spool(tmp_path / "file" / "below", "test").fault())


def test_spools_are_told_apart_by_their_database_and_tell_no_password() -> None:
    marks = {
        mark_of(url)
        for url in ("sqlite:///a.db", "sqlite:///b.db", "postgresql://u:s3cret@h/d", "postgresql://u:other@h/d")
    }
    assert len(marks) == 3
    assert mark_of(f"sqlite:///{Path('a.db').absolute()}") == mark_of("sqlite:///a.db")


def test_a_change_is_the_same_after_it_waited_on_disk() -> None:
    one = asked(row(text="half a character \ud800", thread="170.1", whole="a\nb"))
    freed = Change("noted", one.key, {"fate": None, "claimed_until": RUN_OUT}, "a process")
    assert [read_change(change.line()) for change in (one, freed)] == [one, freed]


def test_a_stop_during_an_outage_leaves_everything_on_disk(
    engine: Engine, away: LockedFile | HeldServer, tmp_path: Path
) -> None:
    reached = make_engine(away.url)
    log = QuestionLog(reached, Spool(tmp_path / "spool", "test"), PATIENCE)
    away.begin()
    answers = [log.record(row(text=f"{number}")) for number in range(3)]
    log.close()
    assert all(results(answers))
    (file,) = (tmp_path / "spool").glob("*.db")
    with sqlite3.connect(file) as left:
        assert left.execute("SELECT count(*) FROM line").fetchone() == (3,)
    left.close()
    away.end()
    again = QuestionLog(engine, Spool(tmp_path / "spool", "test"))
    until(lambda: len(stored(engine)) == 3)
    again.close()
    reached.dispose()


@pytest.fixture
def bot(index: Index, log: QuestionLog) -> Bot:
    return Bot(index, Writer(index.library.sources), log)


def said(text: str, number: int, **more: Any) -> Question:
    facts: dict[str, Any] = {"door": "direct_message", "workspace": "T1", "place": "D1", "asker": "U1"}
    return Question(text=text, delivery=f"message:D1:{number}", **facts | more)


async def test_a_conversation_goes_on_while_the_database_is_away(
    bot: Bot, away: LockedFile | HeldServer, engine: Engine
) -> None:
    away.begin()
    begun = time.monotonic()
    assert await bot.ask(said("20 min stairs, 15 min manual", 1))
    told = await bot.tell(said("make the manual 18", 2))
    assert time.monotonic() - begun < 3
    assert told
    assert told.answer.kind == "units"
    assert await bot.earlier.again(QuestionKey("T1", "message:D1:1"))
    assert await bot.ask(said("make the manual 18", 2)) is None

    away.end()
    await asyncio.to_thread(until, lambda: is_back(bot.log))
    assert [one.text for one in stored(engine)] == ["20 min stairs, 15 min manual", "make the manual 18"]


async def test_what_cannot_be_looked_up_is_told_in_time(bot: Bot, away: LockedFile | HeldServer) -> None:
    """A file that is locked can still be read; a server that is away cannot."""
    assert await bot.ask(said("what is 97530", 1))
    bot.log._remembered.clear()  # as in another process
    away.begin()
    begun = time.monotonic()
    if isinstance(away, HeldServer):
        with pytest.raises(LogAwayError):
            await bot.earlier.again(QuestionKey("T1", "message:D1:1"))
        reply = await bot.ask(said("make the manual 18", 2))
        assert reply
        assert "ask again in a minute" in reply.text
        with pytest.raises(LogAwayError):
            await bot.earlier.vote(QuestionKey("T1", "message:D1:1"), "U1", 1)
    else:
        assert await bot.earlier.again(QuestionKey("T1", "message:D1:1"))
    assert await bot.earlier.greeting("T1", "U1") is None
    assert time.monotonic() - begun < 3
    away.end()
    await asyncio.to_thread(until, lambda: is_back(bot.log))


def test_the_log_goes_on_where_nobody_takes_its_lines(engine: Engine) -> None:
    """A broken pipe on standard error must stop neither the writing nor the watch."""
    closed = io.StringIO()
    closed.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", closed)
        start_logs("INFO")
        log = QuestionLog(engine)
        log.lose_touch("a fault that is told in a line")
        assert log.record(row(delivery="message:C1:1")).result(WITHIN)
        until(lambda: not log.status.is_away)
        log.close()
    with Session(engine) as session:
        assert [one.delivery for one in read_questions(session, QuestionFilter())] == ["message:C1:1"]


def under_another_name(engine: Engine, table: str, name: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))


def test_a_table_that_is_missing_at_the_start_is_an_outage_and_what_was_left_arrives_when_it_is_back(
    engine: Engine, tmp_path: Path
) -> None:
    left_behind(Spool(tmp_path, "test"), [row(text=f"left {number}") for number in range(3)])
    under_another_name(engine, "question_log", "elsewhere")
    log = QuestionLog(engine, Spool(tmp_path, "test"), PATIENCE)
    until(lambda: log.status.is_away)
    assert log.record(row(text="asked meanwhile")).result(WITHIN)
    assert log.status.in_touch_since is None

    under_another_name(engine, "elsewhere", "question_log")
    until(lambda: is_back(log))
    assert log.status.in_touch_since
    assert sorted(one.text for one in stored(engine)) == ["asked meanwhile", "left 0", "left 1", "left 2"]
    assert log.record(row(text="after")).result(WITHIN)
    log.close()
    assert list(tmp_path.glob("spool-*")) == []


def test_a_database_that_is_away_at_the_start_gets_what_was_left_and_what_is_asked_when_it_is_back(
    engine: Engine, away: LockedFile | HeldServer, tmp_path: Path
) -> None:
    left_behind(Spool(tmp_path, "test"), [row(text="left")])
    away.begin()
    reached = make_engine(away.url)
    log = QuestionLog(reached, Spool(tmp_path, "test"), PATIENCE)
    assert log.record(row(text="asked meanwhile")).result(WITHIN)
    assert (log.status.is_away, log.status.in_touch_since) == (True, None)

    away.end()
    until(lambda: is_back(log))
    assert sorted(one.text for one in stored(engine)) == ["asked meanwhile", "left"]
    assert log.status.in_touch_since
    log.close()
    reached.dispose()


def test_what_was_left_is_in_the_log_before_an_outage_is_over(engine: Engine, tmp_path: Path) -> None:
    """The outage ends with a look for what others left, and not some time after it."""
    log = QuestionLog(engine, Spool(tmp_path, "test"), PATIENCE)
    until(lambda: log.status.in_touch_since is not None)
    left_behind(Spool(tmp_path, "test"), [row(text="left")])
    log.lose_touch("a fault")
    until(lambda: is_back(log))
    assert [one.text for one in stored(engine)] == ["left"]
    log.close()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "no database": lambda whole: b"s3cret words" * (len(whole) // 12),
    "its head is gone": lambda whole: bytes(100) + whole[100:],
    "its pages are gone": lambda whole: whole[:8192] + b"s3cret words" * (len(whole) // 12),
    "cut off": lambda whole: whole[:9000],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_spool_is_set_aside_and_stops_nothing(engine: Engine, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "spool"
    damaged = Spool(folder, "test")
    left_behind(damaged, [row(text=f"s3cret {number}") for number in range(300)])
    assert damaged._file
    damaged._file.write_bytes(DAMAGES[damage](damaged._file.read_bytes()))
    left_behind(Spool(folder, "test"), [row(text="left whole")])

    with capture_logs() as told:
        log = QuestionLog(engine, Spool(folder, "test"))
        until(lambda: any(one.text == "left whole" for one in stored(engine)))
        assert log.record(row(text="asked")).result(WITHIN)
        assert not log.status.is_away
        log.close()
    (fault,) = [one for one in told if one["log_level"] == "error"]
    assert fault["spool"] == damaged._file.name.replace("spool", "damaged")
    assert "s3cret" not in str(told)
    assert [file.name for file in folder.iterdir()] == [fault["spool"]]


def test_a_spool_that_is_damaged_during_an_outage_is_set_aside_and_the_next_questions_are_kept_in_a_new_one(
    engine: Engine, away: LockedFile | HeldServer, log: QuestionLog, spool: Spool
) -> None:
    away.begin()
    assert all(results([log.record(row(text=f"lost {number}")) for number in range(300)]))
    with spool._lock:
        assert spool._connection
        spool._connection.execute("PRAGMA shrink_memory")
        for file in spool.folder.iterdir():
            file.write_bytes(b"nonsense" * (file.stat().st_size // 8))
    with capture_logs() as told:
        assert all(results([log.record(row(text=f"kept {number}")) for number in range(3)]))
        away.end()
        until(lambda: is_back(log))
    assert {"kept 0", "kept 1", "kept 2"} <= {one.text for one in stored(engine)}
    assert [one["changes"] for one in told if "damaged" in one["event"]] == [300]


def test_one_bad_byte_in_a_spool_costs_one_line(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    spool = Spool(folder, "test")
    spool.append([asked(row(text=f"left {number}")).line() for number in range(3)])
    assert spool._connection
    spool._connection.execute("UPDATE line SET text = CAST(x'ff' || text AS TEXT) WHERE id = 2")
    spool._connection.commit()
    spool._connection.close()
    log = QuestionLog(engine, Spool(folder, "test"))
    until(lambda: len(stored(engine)) == 2)
    assert [one.text for one in stored(engine)] == ["left 0", "left 2"]
    log.close()
    assert list(folder.iterdir()) == []
