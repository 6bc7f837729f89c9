"""What is still to be told to people who asked earlier: that it is known now, or that what they were told is corrected.

Whoever publishes or corrects leaves it here, the terminal too; a process that serves the workspace takes it and posts
it. One takes each, and what was taken is not told again, also where its post's fate is unknown.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Engine, UniqueConstraint, update
from sqlmodel import Field, Session, SQLModel, col, select

from bot.database import insert_of

MOST_AT_ONCE = 20  # tellings that a process takes at a time

What = Literal["taught", "recall", "digest"]


class TellingRow(SQLModel, table=True):
    """One thing to tell about a question (0 where it is about none); `round` tells repetitions of the same apart.

    `words` are a curator's own, if any. `state` goes from waiting to taken to told.
    """

    __tablename__ = "telling"
    __table_args__ = (UniqueConstraint("workspace", "what", "question", "round", name="one_telling"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace: str = Field(max_length=40)
    what: str = Field(max_length=10)
    question: int
    round: str = Field(default="", max_length=40)
    state: str = Field(default="waiting", max_length=10, index=True)
    words: str | None = None
    made_at: datetime


def leave(
    engine: Engine,
    workspace: str,
    what: What,
    questions: Sequence[int],
    *,
    round_: str = "",
    words: str | None = None,
    state: str = "waiting",
) -> int:
    """Leave something to be told about each of these questions; how many were not left (or told) before."""
    if not questions:
        return 0
    same = {"workspace": workspace, "what": what, "round": round_, "words": words, "state": state}
    rows = [{**same, "question": one, "made_at": datetime.now(UTC)} for one in questions]
    statement = insert_of(engine)(TellingRow).on_conflict_do_nothing().returning(col(TellingRow.id))
    with engine.begin() as connection:
        return len(connection.execute(statement, rows).all())


def claim_digest(engine: Engine, workspace: str, week: str) -> bool:
    """True for the one process that posts a week's digest."""
    return leave(engine, workspace, "digest", [0], round_=week, state="told") == 1


def waiting_workspaces(engine: Engine) -> list[str]:
    """The workspaces for which something waits to be told."""
    with Session(engine) as session:
        return list(session.exec(select(TellingRow.workspace).where(TellingRow.state == "waiting").distinct()))


def take(engine: Engine, workspaces: Sequence[str] | None = None) -> list[TellingRow]:
    """Take what waits for these workspaces (all, if none are named), so that no other process tells it."""
    row = TellingRow
    waiting = select(row.id).where(row.state == "waiting").order_by(col(row.id)).limit(MOST_AT_ONCE)
    if workspaces is not None:
        waiting = waiting.where(col(row.workspace).in_(workspaces))
    with Session(engine) as session:
        ids = [one for one in session.exec(waiting) if one is not None]
    if not ids:
        return []
    taking = update(row).where(col(row.id).in_(ids), col(row.state) == "waiting").values(state="taken")
    with Session(engine, expire_on_commit=False) as session, session.begin():
        taken = session.execute(taking.returning(col(row.id))).scalars().all()
        return list(session.exec(select(row).where(col(row.id).in_(taken)).order_by(col(row.id))))


def give_back(engine: Engine, tellings: Sequence[TellingRow]) -> None:
    """Let others take what was taken and of which nothing was posted."""
    ids = [one.id for one in tellings]
    with engine.begin() as connection:
        connection.execute(update(TellingRow).where(col(TellingRow.id).in_(ids)).values(state="waiting"))


def told(engine: Engine, telling: TellingRow) -> None:
    """It stands."""
    with engine.begin() as connection:
        connection.execute(update(TellingRow).where(col(TellingRow.id) == telling.id).values(state="told"))
