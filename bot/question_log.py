"""The log of the questions asked: kept before they are answered, read again, counted once however often they come."""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, ParamSpec, TypeVar
from uuid import uuid4

from sqlalchemy import Engine, Select, String, bindparam, func, literal, or_
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from bot.changes import FORGOTTEN, Change, asked, asked_with, left
from bot.fates import LEASE
from bot.forgetting import forget_older
from bot.log_writer import (
    PATIENCE,
    ComesAgainError,
    LogAwayError,
    LogClosedError,
    LogStatus,
    LogWriteError,
    LogWriter,
    is_away,
)
from bot.question import LOCAL, SEEN_BY_ALL, Question
from bot.question_row import GreetedRow, QuestionKey, QuestionRow, VoteRow
from bot.readers import Readers
from bot.spool import Spool
from bot.turns import Turns

__all__ = [
    "ComesAgainError",
    "GreetedRow",
    "LogAwayError",
    "LogClosedError",
    "LogStatus",
    "LogWriteError",
    "QuestionFilter",
    "QuestionKey",
    "QuestionLog",
    "QuestionRow",
    "Subject",
    "VoteRow",
    "questions_with_receipt",
    "read_questions",
    "workspaces_of",
]

MOST_RECENT = 10  # questions of a conversation that a follow-up may hang on
# Last questions of this process, known without the database: Slack sends one again for six minutes, and a conversation
# goes on for half an hour. One in two seconds for as long; earlier ones the database knows.
MOST_REMEMBERED = 1_000
READ_WITHIN = 1.0  # seconds that whoever asks waits for the database; Slack waits three for the answer
P = ParamSpec("P")
Found = TypeVar("Found")


@dataclass(frozen=True)
class QuestionFilter:
    """Which questions to read: only unanswered ones, only since a moment (UTC), only those answered with a code."""

    unanswered: bool = False
    since: datetime | None = None
    code: str | None = None
    workspace: str | None = None
    most: int | None = None


UNANSWERED = ("unknown",)


@dataclass
class _Remembered:
    values: dict[str, Any]
    future: Future[bool]

    @property
    def row(self) -> QuestionRow:
        return QuestionRow(**self.values)


class Subject(NamedTuple):
    """What a later question may go on from: of a question's row as much as that takes."""

    delivery: str
    asked_at: datetime
    text: str
    whole: str | None
    kind: str
    codes: str
    picked: str | None


class QuestionLog:
    """Keeps the questions in the database; while that is slow or away, in the spool on this machine's disk."""

    def __init__(
        self,
        engine: Engine,
        spool: Spool | None = None,
        patience: float = PATIENCE,
        ready: Callable[[], None] | None = None,
        lease: timedelta = LEASE,
    ) -> None:
        """Start to write. Close the log when done. For `patience` and `ready` see LogWriter, for `lease` bot.fates."""
        self._engine, self._spool = engine, spool
        self.name, self.lease = uuid4().hex, lease
        self._writer = LogWriter(engine, spool, patience, ready)
        self._turns: Turns | None = None
        self._readers = Readers()
        self._is_elsewhere = engine.dialect.name != "sqlite"  # a file that is locked may still be read
        self._lock = threading.Lock()
        self._remembered: OrderedDict[QuestionKey, _Remembered] = OrderedDict()

    @property
    def engine(self) -> Engine:
        """The database behind the log."""
        return self._engine

    @property
    def status(self) -> LogStatus:
        """How the log stands: is the database away, and how much waits for it."""
        return self._writer.status

    def record(self, row: QuestionRow) -> Future[bool]:
        """Put a question in the log. Once it is safe the result is True, or False where it stood there already."""
        return self._record(asked(row), at_once=True)

    async def keep(self, values: dict[str, Any], *, comes_again: bool = False) -> bool:
        """As `record`, by the columns, in an event loop. What comes in the same turn of the loop is committed together.

        Making a row costs more than keeping it, and a commit for each far more than one for all. Raises
        ComesAgainError for what comes again, while the database cannot tell whether another process took it.
        """
        loop = asyncio.get_running_loop()
        if self._turns is None or self._turns.loop is not loop:
            self._turns = Turns(loop, self._writer.rouse)
        change = asked_with(values)
        is_new = await self._turns.wait(self._record(change, at_once=False, comes_again=comes_again))
        with self._lock:
            if found := self._remembered.get(change.key):
                found.future = _SAFE  # all that went on when it was safe need not be kept with the question
        return is_new

    def _record(self, change: Change, *, at_once: bool, comes_again: bool = False) -> Future[bool]:
        key = change.key
        with self._lock:
            first = self._remembered.get(key)
            if first and not (first.future.done() and first.future.exception()):
                return _repeat_of(first.future)
            future = self._writer.put(change, at_once=at_once, comes_again=comes_again)
            told = {name: value for name, value in change.values.items() if value is not None}  # half of the columns
            self._remembered[key] = _Remembered(told, future)
            if len(self._remembered) > MOST_REMEMBERED:
                self._remembered.popitem(last=False)
        return future

    def claim(self) -> dict[str, Any]:
        """The columns of a question whose reply this process will post."""
        return {"claimed_by": self.name, "claimed_until": datetime.now(UTC) + self.lease}

    def note(
        self, key: QuestionKey, what: Mapping[str, str | datetime | None], *, if_mine: bool = False
    ) -> Future[bool]:
        """Set columns of a question. The result comes when that is safe: False where it was to be mine and is not."""
        self._change_remembered(key, what)
        return self._writer.put(Change("noted", key, dict(what), self.name if if_mine else None))

    def forget(self, key: QuestionKey) -> Future[bool]:
        """Take the words of a question out: its own, and those that people typed about its answer."""
        self._change_remembered(key, FORGOTTEN)
        return self._writer.put(Change("forgotten", key))

    def forget_person(self, workspace: str, person: str) -> Future[bool]:
        """Delete all that a person asked. What this process remembers of it serves only to know repeats."""
        with self._lock:
            for key, one in self._remembered.items():
                if (key.workspace, one.values["asker"]) == (workspace, person):
                    one.values = {**one.values, **FORGOTTEN, "asker": ""}
        return self._writer.put(left(workspace, person))

    def forget_older(self, days: int) -> int:
        """Delete what was asked so many days ago and before, here and where it was set aside; how many questions."""
        count = forget_older(self._engine, days)
        if self._spool:
            self._spool.forget_damaged(days)
        return count

    def remembered(self, key: QuestionKey) -> QuestionRow | None:
        """A question that this process took, not long ago, as it would stand in the table."""
        with self._lock:
            found = self._remembered.get(key)
        return found.row if found else None

    async def find(self, key: QuestionKey) -> QuestionRow | None:
        """The question, or None where none has this key. Raises LogAwayError."""
        if self._writer.is_away and (row := self.remembered(key)):
            return row
        return await self.read(self._find, key)

    async def recent(self, question: Question, since: datetime, *, of_all: bool = False) -> list[Subject]:
        """What this person asked in this conversation since a moment, newest first; a few questions at most.

        `of_all`: also what others asked there in the sight of all. Raises LogAwayError where neither the database nor
        this process can tell.
        """
        kept = self._remembered_of(question, since, of_all) if self._writer.is_away else {}
        try:
            stored = await self.read(self._stored_of, question, since, of_all)
        except LogAwayError:
            if not kept:
                raise
            stored = []
        if not kept:
            return stored
        all_of_them = {**{one.delivery: one for one in stored}, **kept}.values()
        return sorted(all_of_them, key=lambda one: one.asked_at.timestamp(), reverse=True)[:MOST_RECENT]

    async def read(self, work: Callable[P, Found], *args: P.args, **kwargs: P.kwargs) -> Found:
        """Do some reading, or a short writing, for no longer than whoever asks may wait. Raises LogAwayError."""
        if self._is_elsewhere and self._writer.is_away:
            raise LogAwayError
        future = self._readers.start(lambda: work(*args, **kwargs))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), READ_WITHIN)
        except Exception as error:
            if not is_away(error):
                raise
            if self._is_elsewhere:
                self._writer.lose_touch("no answer" if isinstance(error, TimeoutError) else type(error).__name__)
            raise LogAwayError from None

    def lose_touch(self, fault: str) -> None:
        """Take the database for away, until it is heard."""
        self._writer.lose_touch(fault)

    def close(self) -> None:
        """Write what still waits, then stop."""
        self._writer.close()

    def _find(self, key: QuestionKey) -> QuestionRow | None:
        row = QuestionRow
        named = (row.workspace == key.workspace, row.delivery == key.delivery)
        with Session(self._engine) as session:
            return session.exec(select(row).where(*named)).first()

    def _stored_of(self, question: Question, since: datetime, of_all: bool) -> list[Subject]:
        statement = _subjects(is_in_thread=question.thread is not None, of_all=of_all)
        where = {one: getattr(question, one) for one in ("workspace", "place", "asker", "thread", "delivery")}
        with self._engine.connect() as connection:
            if self._is_elsewhere:  # a reading by itself needs no transaction to be begun and ended
                connection.execution_options(isolation_level="AUTOCOMMIT")
            rows = connection.execute(statement, {**where, "since": since, "until": question.asked_at})
            return [Subject(*row) for row in rows.all()]

    def _remembered_of(self, question: Question, since: datetime, of_all: bool) -> dict[str, Subject]:
        """As `_stored_of`, among what this process remembers."""
        where = (question.workspace, question.place)
        with self._lock:
            there = [
                row
                for row in (one.values for one in self._remembered.values())
                if (row["workspace"], row["place"]) == where
            ]
        return {
            row["delivery"]: Subject(
                row["delivery"],
                row["asked_at"],
                row["text"],
                row.get("whole"),
                row["kind"],
                row["codes"],
                row.get("picked"),
            )
            for row in there
            if (row["asker"] == question.asker or (of_all and row["door"] == SEEN_BY_ALL))
            and row["text"]
            and row["delivery"] != question.delivery
            and since <= row["asked_at"] <= question.asked_at
            and _is_in_thread(row, question.thread)
        }

    def _change_remembered(self, key: QuestionKey, what: Mapping[str, Any]) -> None:
        with self._lock:
            if found := self._remembered.get(key):
                found.values = {**found.values, **what}


_SAFE: Future[bool] = Future()
_SAFE.set_result(True)


def _repeat_of(first: Future[bool]) -> Future[bool]:
    """False once the first delivery is safe: until then a repeat must not be acknowledged either."""
    repeat: Future[bool] = Future()
    repeat.set_running_or_notify_cancel()

    def tell(done: Future[bool]) -> None:
        error = done.exception()
        if error:
            repeat.set_exception(error)
        else:
            repeat.set_result(False)

    first.add_done_callback(tell)
    return repeat


def _is_in_thread(row: Mapping[str, Any], thread: str | None) -> bool:
    if thread is None:
        return row.get("thread") is None
    return thread in (row.get("thread"), row.get("reply")) or str(row["delivery"]).endswith(f":{thread}")


@cache
def _subjects(*, is_in_thread: bool, of_all: bool) -> Select[Any]:
    """Reads what a question may go on from, newest first. As columns: making rows of them took most of the time."""
    row, thread = QuestionRow, bindparam("thread", type_=String)
    # In the same thread; what a thread hangs on belongs to it too, be it the question or the reply to one.
    in_thread = or_(col(row.thread) == thread, col(row.reply) == thread, col(row.delivery).endswith(":" + thread))
    mine, seen_by_all = col(row.asker) == bindparam("asker"), col(row.door) == SEEN_BY_ALL
    # By the time alone: a workspace's index would lead SQLite through all that was ever asked there.
    in_workspace = col(row.workspace) + "" == bindparam("workspace")
    return (
        sa_select(*(col(getattr(row, one)) for one in Subject._fields))
        .where(in_workspace, col(row.place) == bindparam("place"), or_(mine, seen_by_all) if of_all else mine)
        .where(in_thread if is_in_thread else col(row.thread).is_(None))
        .where(col(row.asked_at) >= bindparam("since"), col(row.asked_at) <= bindparam("until"), col(row.text) != "")
        .where(col(row.delivery) != bindparam("delivery"))
        .order_by(col(row.asked_at).desc(), col(row.id).desc())
        .limit(MOST_RECENT)
    )


def workspaces_of(engine: Engine) -> tuple[str, ...]:
    """The workspaces in which anything was asked, by id; the terminal's where nothing was.

    From one to the next in the index, so that a million questions need not be gone through.
    """
    found: list[str] = []
    with engine.connect() as connection:
        while following := connection.scalar(
            sa_select(func.min(QuestionRow.workspace)).where(col(QuestionRow.workspace) > (found or [""])[-1])
        ):
            found.append(following)
    return tuple(found) or (LOCAL,)


def questions_with_receipt(session: Session, receipt: str) -> Sequence[QuestionRow]:
    """The question whose answer has this receipt; very rarely two share one."""
    return session.exec(select(QuestionRow).where(QuestionRow.receipt == receipt)).all()


def read_questions(session: Session, wanted: QuestionFilter) -> Iterable[QuestionRow]:
    """Questions of the log, newest first."""
    statement = select(QuestionRow).order_by(col(QuestionRow.asked_at).desc(), col(QuestionRow.id).desc())
    if wanted.unanswered:
        statement = statement.where(col(QuestionRow.kind).in_(UNANSWERED))
    if wanted.since:
        statement = statement.where(col(QuestionRow.asked_at) >= wanted.since)
    if wanted.workspace:
        statement = statement.where(QuestionRow.workspace == wanted.workspace)
    if wanted.code:
        padded = literal(" ") + col(QuestionRow.codes) + literal(" ")
        statement = statement.where(padded.contains(f" {wanted.code} ", autoescape=True))
    if wanted.most:
        statement = statement.limit(wanted.most)
    return session.exec(statement)
