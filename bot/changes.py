"""What is written to the log: a question asked, a note on one, a forgetting. Each may wait on disk as a line."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Dialect, inspect, update
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
        return json.dumps([self.kind, self.key.workspace, self.key.delivery, values, self.owner])

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
    return Change(kind, QuestionKey(workspace, delivery), values, owner)


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
    columns = _columns_of(connection.dialect)
    values = tuple(read(row[name]) if read else row[name] for row in rows for name, read in columns)
    blank = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    row_of_blanks = f"({', '.join([blank] * len(columns))})"
    statement = (
        f"INSERT INTO {QuestionRow.__tablename__} ({', '.join(name for name, _ in columns)}) "  # noqa: S608  # our names
        f"VALUES {', '.join([row_of_blanks] * len(rows))} ON CONFLICT DO NOTHING RETURNING workspace, delivery"
    )
    return {(workspace, delivery) for workspace, delivery in connection.exec_driver_sql(statement, values)}


@lru_cache(maxsize=4)
def _columns_of(dialect: Dialect) -> list[tuple[str, Callable[[Any], Any] | None]]:
    """The columns of a new row, each with what makes its values such as the driver takes."""
    columns = [one for one in inspect(QuestionRow).columns if one.name != "id"]
    return [(one.name, one.type.dialect_impl(dialect).bind_processor(dialect)) for one in columns]


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
