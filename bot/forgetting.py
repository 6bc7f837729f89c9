"""Deletes all that is kept of one workspace."""

from collections.abc import Mapping

from sqlalchemy import Engine, and_, delete, or_, select
from sqlmodel import SQLModel, col

from bot.clinic_tables import ClinicRow, choose_digest_channel, publish
from bot.installation_tables import BOTS, INSTALLATIONS
from bot.own_knowledge import OwnKnowledge
from bot.question_log import QuestionRow, VoteRow


def forget_workspace(engine: Engine, workspace: str) -> Mapping[str, int]:
    """Delete a workspace's questions, votes, clinic knowledge and tokens; how many rows by table, where there were any.

    Of what a clinic added only the version stays, by which every process sees that it is gone.
    """
    publish(engine, workspace, lambda _: OwnKnowledge())
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
