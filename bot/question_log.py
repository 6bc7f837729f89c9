"""The log of the questions asked: its table, writing in groups, reading."""

import queue
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, Engine, UniqueConstraint, func, literal, or_
from sqlalchemy import select as sa_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlmodel import Field, Session, SQLModel, col, select

from bot.question import LOCAL, Question

LARGEST_GROUP = 256  # questions committed together
MOST_RECENT = 10  # questions of a conversation that a follow-up may hang on
CLOSE_WITHIN = 10.0  # seconds that a stop waits for what is still to be written


class QuestionRow(SQLModel, table=True):
    """One question asked. `text` is scrubbed; `asker` is Slack's user id, never a name; times are in UTC.

    `whole` is the text joined to what it goes on from; `reply` names the posted reply, None until it stands; `edit` the
    asker's last edit; `picked` is the code chosen among several; `feedback` the sum of the votes.
    """

    __tablename__ = "question_log"
    __table_args__ = (UniqueConstraint("workspace", "delivery", name="one_row_a_delivery"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace: str = Field(max_length=40)
    delivery: str = Field(max_length=120)
    asked_at: datetime = Field(index=True)
    door: str = Field(max_length=20)
    place: str = Field(max_length=40)
    thread: str | None = Field(default=None, max_length=40)
    asker: str = Field(max_length=40)
    text: str
    removed: str = Field(default="", max_length=200)
    kind: str = Field(max_length=20, index=True)
    codes: str = Field(default="", max_length=200)
    confidence: float
    took_ms: float
    feedback: int | None = None
    whole: str | None = None
    reply: str | None = Field(default=None, max_length=40)
    edit: str | None = Field(default=None, max_length=40)
    picked: str | None = Field(default=None, max_length=10)


class VoteRow(SQLModel, table=True):
    """A person's last vote on an answer, +1 or -1, with what was expected instead (scrubbed)."""

    __tablename__ = "question_vote"

    question: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    person: str = Field(primary_key=True, max_length=40)
    vote: int
    expected: str | None = None


class GreetedRow(SQLModel, table=True):
    """A person who was greeted, once."""

    __tablename__ = "person_greeted"

    workspace: str = Field(primary_key=True, max_length=40)
    person: str = Field(primary_key=True, max_length=40)


@dataclass(frozen=True)
class QuestionFilter:
    """Which questions to read: only unanswered ones, only since a moment (UTC), only those answered with a code."""

    unanswered: bool = False
    since: datetime | None = None
    code: str | None = None
    workspace: str | None = None
    most: int | None = None


UNANSWERED = ("unknown",)


class LogClosedError(Exception):
    """The log takes no more questions: the process is stopping."""


class QuestionLog:
    """Writes questions in groups: what waits together is committed together, and each waits for its own commit."""

    def __init__(self, engine: Engine) -> None:
        """Start the one thread that writes. Close the log when done."""
        self._engine = engine
        self._waiting: queue.SimpleQueue[tuple[dict[str, object], Future[bool]] | None] = queue.SimpleQueue()
        self._closed = False
        self._lock = threading.Lock()
        self._writer = threading.Thread(target=self._write, name="question-log", daemon=True)
        self._writer.start()

    @property
    def engine(self) -> Engine:
        """The database behind the log."""
        return self._engine

    def record(self, row: QuestionRow) -> Future[bool]:
        """Put a question in the log. Once committed the result is True, or False where it stood there already."""
        future: Future[bool] = Future()
        future.set_running_or_notify_cancel()  # whoever stops waiting does not take the question out
        with self._lock:
            if self._closed:
                raise LogClosedError("the question log is closed")
            self._waiting.put((row.model_dump(exclude={"id"}), future))
        return future

    def recent_texts(self, question: Question, since: datetime) -> list[str]:
        """What this person asked in this conversation since a moment, newest first; a few questions at most."""
        row = QuestionRow
        statement = (
            select(col(row.text))
            .where(row.workspace == question.workspace, row.place == question.place, row.asker == question.asker)
            .where(_in_thread(question.thread), col(row.asked_at) >= since, row.text != "")
            .where(row.delivery != question.delivery, col(row.asked_at) <= question.asked_at)
            .order_by(col(row.asked_at).desc(), col(row.id).desc())
            .limit(MOST_RECENT)
        )
        with Session(self._engine) as session:
            return list(session.exec(statement))

    def close(self) -> None:
        """Write what still waits, then stop."""
        with self._lock:
            already, self._closed = self._closed, True
            if not already:
                self._waiting.put(None)
        self._writer.join(CLOSE_WITHIN)

    def _write(self) -> None:
        while True:
            group = self._next_group()
            asked = [one for one in group if one is not None]
            if asked:
                self._commit(asked)
            if len(asked) < len(group):
                return

    def _next_group(self) -> list[tuple[dict[str, object], Future[bool]] | None]:
        group = [self._waiting.get()]
        while group[-1] is not None and len(group) < LARGEST_GROUP:
            try:
                group.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return group

    def _commit(self, asked: Sequence[tuple[dict[str, object], Future[bool]]]) -> None:
        try:
            fresh = self._insert([row for row, _ in asked])
        except Exception as error:  # noqa: BLE001  # the one thread that writes outlives whatever a row does to the driver
            if len(asked) > 1 and not isinstance(error, OperationalError):
                for one in asked:  # one row may be at fault: the others are written without it
                    self._commit([one])
                return
            structlog.get_logger().error(
                "the question log could not be written", fault=type(error).__name__, questions=len(asked)
            )
            for _, future in asked:
                future.set_exception(LogWriteError(f"the question log could not be written ({type(error).__name__})"))
            return
        for row, future in asked:
            key = (str(row["workspace"]), str(row["delivery"]))
            future.set_result(key in fresh)
            fresh.discard(key)

    def _insert(self, rows: list[dict[str, object]]) -> set[tuple[str, str]]:
        """Insert what is not there yet, in one transaction; which (workspace, delivery) were new."""
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        statement = (
            dialect.insert(QuestionRow)
            .on_conflict_do_nothing()
            .returning(col(QuestionRow.workspace), col(QuestionRow.delivery))
        )
        with self._engine.begin() as connection:
            return {(workspace, delivery) for workspace, delivery in connection.execute(statement, rows)}


def _in_thread(thread: str | None) -> ColumnElement[bool]:
    """In the same thread; what a thread hangs on belongs to it too, be it the question or the reply to one."""
    row = QuestionRow
    if thread is None:
        return col(row.thread).is_(None)
    return or_(col(row.thread) == thread, col(row.reply) == thread, col(row.delivery).endswith(f":{thread}"))


class LogWriteError(Exception):
    """A question could not be put in the log."""


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
