"""What is written to the log: a question asked, a note on one, a forgetting. Each may wait on disk as a line."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Dialect, Engine, inspect, update
from sqlmodel import col, select

from bot.forgetting import forget_person
from bot.question_row import QuestionKey, QuestionRow, VoteRow

GOES_ON_WITHIN = timedelta(days=1)  # how long a conversation may last, from one question to the next


FORGOTTEN: dict[str, Any] = {"text": "", "whole": None, "evidence": None}  # the words that fitted stand in the evidence


@dataclass(frozen=True)
class Change:
    """One thing to write, about one question. Written twice it is as if it was written once.

    `values` are the columns of a new row or of a note; `owner` makes a note only where that process is at the reply.
    What a person leaves ("left") has the person's id in the place of the question's.
    """

    kind: Literal["asked", "noted", "forgotten", "left"]
    key: QuestionKey
    values: dict[str, Any] = field(default_factory=dict)
    owner: str | None = None

    def line(self) -> str:
        """The change as it waits on disk."""
        values = QuestionRow(**self.values).model_dump(mode="json", exclude={"id"}) if self.is_new else self.values
        return json.dumps([self.kind, self.key.workspace, self.key.delivery, values, self.owner], default=str)

    @property
    def is_new(self) -> bool:
        """Is it a question, and no note on one?"""
        return self.kind == "asked"


def asked(row: QuestionRow) -> Change:
    """A question that was asked."""
    return asked_with(row.model_dump(exclude={"id"}))


def asked_with(values: dict[str, Any]) -> Change:
    """As `asked`, by the columns. Those that are left out are empty."""
    return Change("asked", QuestionKey(values["workspace"], values["delivery"]), {**_EMPTY, **values})


_EMPTY = {
    name: field.default for name, field in QuestionRow.model_fields.items() if not field.is_required() and name != "id"
}


def left(workspace: str, person: str) -> Change:
    """All that a person asked is to be deleted."""
    return Change("left", QuestionKey(workspace, person))


def read_change(line: str) -> Change:
    """A change as it was before it waited on disk."""
    kind, workspace, delivery, values, owner = json.loads(line)
    if kind == "asked":
        values = QuestionRow.model_validate(values).model_dump(exclude={"id"})
    elif until := values.get("claimed_until"):
        values["claimed_until"] = datetime.fromisoformat(until)
    return Change(kind, QuestionKey(workspace, delivery), values, owner)


def commit_changes(engine: Engine, changes: Sequence[Change]) -> list[bool]:
    """As `write_changes`, in a transaction of their own."""
    is_one_statement = engine.dialect.name != "sqlite" and all(one.is_new for one in changes)
    if is_one_statement:  # which is a transaction by itself: two times less to and fro
        with engine.connect() as connection:
            return write_changes(connection.execution_options(isolation_level="AUTOCOMMIT"), changes)
    with engine.begin() as connection:
        return write_changes(connection, changes)


def write_changes(connection: Connection, changes: Sequence[Change]) -> list[bool]:
    """Write all, each after what came before it; for each, did it change anything? A known question does not."""
    leaving = next((at for at, one in enumerate(changes) if one.kind == "left" and len(changes) > 1), None)
    if leaving is not None:  # who leaves may ask again, and keeps what is asked after that
        parts = (changes[:leaving], changes[leaving : leaving + 1], changes[leaving + 1 :])
        return [one for part in parts for one in write_changes(connection, part)]
    fresh = _insert(connection, [one.values for one in changes if one.is_new])
    done = []
    for one in changes:
        key = (one.key.workspace, one.key.delivery)
        done.append(key in fresh if one.is_new else _note(connection, one))
        if one.is_new:
            fresh.discard(key)
    return done


def named(key: QuestionKey) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The conditions that find a question."""
    return col(QuestionRow.workspace) == key.workspace, col(QuestionRow.delivery) == key.delivery


def _insert(connection: Connection, rows: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Insert what is not there yet; which (workspace, delivery) were new.

    One statement of the driver's own: SQLAlchemy takes twice the time to put the same together.
    """
    if not rows:
        return set()
    return (
        _insert_in_sqlite(connection, rows)
        if connection.dialect.name == "sqlite"
        else _insert_at_once(connection, rows)
    )


def _insert_at_once(connection: Connection, rows: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """All rows as one value, in JSON: the same statement for any number of them, and a third of the time that the
    driver takes over a value for each column.
    """
    given = (datetime.now(UTC), json.dumps(rows, default=str))
    told = connection.exec_driver_sql(_insert_from_json(connection.dialect), given)
    return {(workspace, delivery) for workspace, delivery in told.all()}


def _insert_in_sqlite(connection: Connection, rows: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """SQLite tells how many were new; which, it need not tell unless some were known."""
    names, dated = _columns_of(connection.dialect)
    read = itemgetter(*names)
    values = [[*read(row)] for row in rows]
    for at, bound in dated:
        for one in values:
            one[at] = bound(one[at])
    statement = (
        f"INSERT INTO {QuestionRow.__tablename__} ({', '.join(names)}) "  # noqa: S608  # our names
        f"VALUES ({', '.join('?' * len(names))}) ON CONFLICT DO NOTHING"
    )
    count = connection.exec_driver_sql(statement, [tuple(one) for one in values]).rowcount
    if count == len(rows):
        return {(row["workspace"], row["delivery"]) for row in rows}
    # Nobody else writes before the commit, and an id is one more than the largest.
    newest = select(QuestionRow.workspace, QuestionRow.delivery).order_by(col(QuestionRow.id).desc()).limit(count)
    return {(workspace, delivery) for workspace, delivery in connection.execute(newest)}


@lru_cache(maxsize=4)
def _insert_from_json(dialect: Dialect) -> str:
    table = QuestionRow.__tablename__
    columns = [one for one in inspect(QuestionRow).columns if one.name != "id"]
    names = ", ".join(one.name for one in columns)
    # What is left of a claim by this machine's clock is left of it by the database's, which tells when it has run out.
    values = names.replace("claimed_until", "now() + (claimed_until - %s)")
    # Without their lengths: a text that is too long is refused where it goes, and not cut in silence.
    typed = ", ".join(f"{one.name} {one.type.compile(dialect).partition('(')[0]}" for one in columns)
    return (
        f"INSERT INTO {table} ({names}) SELECT {values} FROM json_to_recordset(%s::json) AS told ({typed}) "  # noqa: S608
        "ON CONFLICT DO NOTHING RETURNING workspace, delivery"
    )


@lru_cache(maxsize=4)
def _columns_of(dialect: Dialect) -> tuple[list[str], list[tuple[int, Callable[[Any], Any]]]]:
    """The columns of a new row, and by their place those whose values must be made such as the driver takes."""
    columns = [one for one in inspect(QuestionRow).columns if one.name != "id"]
    bound = ((at, one.type.dialect_impl(dialect).bind_processor(dialect)) for at, one in enumerate(columns))
    return [one.name for one in columns], [(at, one) for at, one in bound if one]


def _forget_in_follow_ups(connection: Connection, key: QuestionKey) -> None:
    """What went on from a question has its words too, joined to its own: it keeps its own alone."""
    row = QuestionRow
    first = connection.execute(select(col(row.place), col(row.asker), col(row.asked_at)).where(*named(key))).first()
    if first is None:
        return
    place, asker, asked_at = first
    later = (col(row.asked_at) >= asked_at, col(row.asked_at) <= asked_at + GOES_ON_WITHIN)
    same = (col(row.workspace) == key.workspace, col(row.place) == place, col(row.asker) == asker)
    connection.execute(update(row).where(*same, *later).values(whole=None, evidence=None))


def _note(connection: Connection, change: Change) -> bool:
    if change.kind == "left":
        return bool(forget_person(connection, change.key.delivery, change.key.workspace))
    if change.kind == "forgotten":
        ours = select(col(QuestionRow.id)).where(*named(change.key)).scalar_subquery()
        connection.execute(update(VoteRow).where(col(VoteRow.question) == ours).values(expected=None))
        _forget_in_follow_ups(connection, change.key)
    values = FORGOTTEN if change.kind == "forgotten" else change.values
    statement = update(QuestionRow).where(*named(change.key)).values(**values)
    if change.owner:
        is_open = col(QuestionRow.claimed_until).is_not(None)
        statement = statement.where(col(QuestionRow.claimed_by) == change.owner, is_open)
    return bool(connection.execute(statement).rowcount)
