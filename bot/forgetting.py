"""Deletes what is kept: of a person, of questions that are old, of a whole workspace."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, func, or_, select
from sqlmodel import SQLModel, col

from bot.clinic_tables import ClinicRow, choose_digest_channel, withdraw
from bot.installation_tables import BOTS, INSTALLATIONS
from bot.question_row import GreetedRow, QuestionRow, VoteRow
from bot.tellings import TellingRow

AT_ONCE = 1_000  # questions that are deleted in one transaction; others may write in between


def forget_person(connection: Connection, person: str, workspace: str | None = None) -> int:
    """Delete a person's questions, with all that hangs on them, and votes; how many questions.

    In one workspace, or in all where none is named.
    """
    row, vote, greeted = QuestionRow, VoteRow, GreetedRow
    here = (col(row.workspace) == workspace,) if workspace else ()
    elsewhere = select(col(row.id)).where(*here)
    connection.execute(delete(vote).where(col(vote.person) == person, col(vote.question).in_(elsewhere)))
    met = (col(greeted.workspace) == workspace,) if workspace else ()
    connection.execute(delete(greeted).where(col(greeted.person) == person, *met))
    return _forget_questions(connection, col(row.asker) == person, *here)


def forget_older(engine: Engine, days: int, workspace: str | None = None) -> int:
    """Delete the questions asked so many days ago and before, with all that hangs on them; how many."""
    count = 0
    with_id = select(col(QuestionRow.id)).where(*_older(days, workspace)).limit(AT_ONCE)
    while True:
        with engine.begin() as connection:
            ids = connection.execute(with_id).scalars().all()
            count += _forget_questions(connection, col(QuestionRow.id).in_(ids)) if ids else 0
        if len(ids) < AT_ONCE:
            return count


def count_to_forget(engine: Engine, person: str | None, days: int | None, workspace: str | None = None) -> int:
    """How many questions `forget_person` or `forget_older` would delete."""
    of_person = [col(QuestionRow.asker) == person] if person else []
    of_place = [col(QuestionRow.workspace) == workspace] if workspace else []
    wanted = of_person + of_place if person else _older(days or 0, workspace)
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(QuestionRow).where(*wanted)).scalar_one()


def _older(days: int, workspace: str | None) -> Sequence[ColumnElement[bool]]:
    asked_before = col(QuestionRow.asked_at) < datetime.now(UTC) - timedelta(days=days)
    return [asked_before, *([col(QuestionRow.workspace) == workspace] if workspace else [])]


def _forget_questions(connection: Connection, *wanted: ColumnElement[bool]) -> int:
    """Delete questions and what hangs on them by their number, which a database may give to a later question again."""
    ids = select(col(QuestionRow.id)).where(*wanted)
    connection.execute(delete(VoteRow).where(col(VoteRow.question).in_(ids)))
    connection.execute(delete(TellingRow).where(col(TellingRow.question).in_(ids)))
    return connection.execute(delete(QuestionRow).where(*wanted)).rowcount


def forget_workspace(engine: Engine, workspace: str) -> Mapping[str, int]:
    """Delete a workspace's questions, votes, clinic knowledge and tokens; how many rows by table, where there were any.

    Of what a clinic added only the version stays, by which every process sees that it is gone.
    """
    withdraw(engine, workspace)
    choose_digest_channel(engine, workspace, None)
    ours = select(col(QuestionRow.id)).where(col(QuestionRow.workspace) == workspace).scalar_subquery()
    gone: dict[str, int] = {}
    with engine.begin() as connection:
        gone[VoteRow.__tablename__] = connection.execute(
            delete(VoteRow).where(col(VoteRow.question).in_(ours))
        ).rowcount
        for name, table in sorted(SQLModel.metadata.tables.items()):
            if "workspace" in table.c and name != ClinicRow.__tablename__:
                gone[name] = connection.execute(delete(table).where(table.c.workspace == workspace)).rowcount
        for table in (BOTS, INSTALLATIONS):
            whole = and_(table.c.team_id.is_(None), table.c.enterprise_id == workspace)
            gone[table.name] = connection.execute(
                delete(table).where(or_(table.c.team_id == workspace, whole))
            ).rowcount
    return {name: rows for name, rows in gone.items() if rows}
