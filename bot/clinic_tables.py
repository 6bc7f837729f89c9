"""The tables of what clinics add, and how it is read and published: one transaction, one new version."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import Engine, delete, insert
from sqlmodel import Field, Session, SQLModel, col, select

from bot.database import DatabaseError, insert_of
from bot.own_knowledge import (
    LONGEST_PAYER,
    LONGEST_SAYING,
    NOTHING_OWN,
    HouseRule,
    OwnKnowledge,
    OwnSaying,
    OwnTopic,
)


class ClinicRow(SQLModel, table=True):
    """One clinic: the version of what it added, by which every process sees a change, and where its digest goes."""

    __tablename__ = "clinic"

    workspace: str = Field(primary_key=True, max_length=40)
    version: int = 0
    digest_channel: str | None = Field(default=None, max_length=40)


class ClinicSayingRow(SQLModel, table=True):
    """A saying of a clinic; `key` is a code or a topic's name, by its shelf."""

    __tablename__ = "clinic_saying"

    workspace: str = Field(primary_key=True, max_length=40)
    text: str = Field(primary_key=True, max_length=LONGEST_SAYING)
    shelf: str = Field(max_length=20)
    key: str = Field(max_length=80)


class ClinicRuleRow(SQLModel, table=True):
    """A house rule; an empty code or payer means any."""

    __tablename__ = "clinic_rule"

    workspace: str = Field(primary_key=True, max_length=40)
    code: str = Field(primary_key=True, max_length=5)
    payer: str = Field(primary_key=True, max_length=LONGEST_PAYER)
    text: str = Field(primary_key=True)


class ClinicTopicRow(SQLModel, table=True):
    """A topic of a clinic's own; `body` is the whole topic as JSON."""

    __tablename__ = "clinic_topic"

    workspace: str = Field(primary_key=True, max_length=40)
    name: str = Field(primary_key=True, max_length=80)
    body: str


class UnreadableClinicError(DatabaseError):
    """What a clinic added cannot be read. The message names the workspace and the table, and no words of the row."""

    def __init__(self, workspace: str, fault: ValidationError) -> None:
        """`fault` is that of the row."""
        where = ".".join(str(one) for one in fault.errors()[0]["loc"]) or "as a whole"
        table = _TABLES.get(fault.title, fault.title)
        told = "run the release that wrote it, or mend the row or delete it"
        super().__init__(f"clinic {workspace}: a row of {table} cannot be read ({where}); {told}")


_TABLES = {"OwnSaying": "clinic_saying", "HouseRule": "clinic_rule", "OwnTopic": "clinic_topic"}


@dataclass(frozen=True)
class Published:
    """What a publishing made: the clinic's knowledge, and its version."""

    own: OwnKnowledge
    version: int


def versions(engine: Engine) -> Mapping[str, int]:
    """The version of every clinic that added anything."""
    with Session(engine) as session:
        return {row.workspace: row.version for row in session.exec(select(ClinicRow)) if row.version}


def read_own(session: Session, workspace: str) -> OwnKnowledge:
    """What a clinic added; what a later release put into a topic beside it is passed over.

    Raises UnreadableClinicError.
    """
    sayings = session.exec(
        select(ClinicSayingRow).where(ClinicSayingRow.workspace == workspace).order_by(ClinicSayingRow.text)
    )
    rules = session.exec(
        select(ClinicRuleRow)
        .where(ClinicRuleRow.workspace == workspace)
        .order_by(ClinicRuleRow.code, ClinicRuleRow.payer, ClinicRuleRow.text)
    )
    topics = session.exec(
        select(ClinicTopicRow).where(ClinicTopicRow.workspace == workspace).order_by(ClinicTopicRow.name)
    )
    try:
        return OwnKnowledge(
            sayings=tuple(_saying(row) for row in sayings),
            rules=tuple(HouseRule(text=row.text, code=row.code or None, payer=row.payer or None) for row in rules),
            topics=tuple(OwnTopic.model_validate_json(row.body, extra="ignore") for row in topics),
        )
    except ValidationError as error:
        raise UnreadableClinicError(workspace, error) from None


def unreadable_clinics(engine: Engine) -> Iterator[UnreadableClinicError]:
    """The clinics whose own knowledge cannot be read."""
    for workspace in versions(engine):
        with Session(engine) as session:
            try:
                read_own(session, workspace)
            except UnreadableClinicError as error:
                yield error


def publish(engine: Engine, workspace: str, change: Callable[[OwnKnowledge], OwnKnowledge]) -> Published:
    """Change what a clinic added. Whoever publishes at the same time waits, and changes what this one made.

    Raises UnreadableClinicError.
    """
    with Session(engine) as session, session.begin():
        version = _next_version(session, workspace)
        own = change(read_own(session, workspace))
        _replace(session, workspace, own)
        return Published(own, version)


def withdraw(engine: Engine, workspace: str) -> None:
    """Take away all that a clinic added, also what cannot be read."""
    with Session(engine) as session, session.begin():
        _next_version(session, workspace)
        _replace(session, workspace, NOTHING_OWN)


def _replace(session: Session, workspace: str, own: OwnKnowledge) -> None:
    for table in (ClinicSayingRow, ClinicRuleRow, ClinicTopicRow):
        session.execute(delete(table).where(col(table.workspace) == workspace))
    for named, rows in _rows(workspace, own).items():
        if rows:
            session.execute(insert(named), rows)


def choose_digest_channel(engine: Engine, workspace: str, channel: str | None) -> None:
    """Where the weekly digest of a workspace goes; None for nowhere."""
    statement = insert_of(engine)(ClinicRow).values(workspace=workspace, version=0, digest_channel=channel)
    changed = statement.on_conflict_do_update(index_elements=["workspace"], set_={"digest_channel": channel})
    with engine.begin() as connection:
        connection.execute(changed)


def digest_channels(engine: Engine) -> Mapping[str, str]:
    """The channels that were chosen, by workspace."""
    with Session(engine) as session:
        rows = session.exec(select(ClinicRow).where(col(ClinicRow.digest_channel).is_not(None)))
        return {row.workspace: row.digest_channel for row in rows if row.digest_channel}


def _next_version(session: Session, workspace: str) -> int:
    """One more than before. Writing it first makes others wait, on Postgres by the row, on SQLite by the file."""
    statement = insert_of(session.get_bind())(ClinicRow).values(workspace=workspace, version=1)
    changed = statement.on_conflict_do_update(index_elements=["workspace"], set_={"version": ClinicRow.version + 1})
    return int(session.execute(changed.returning(col(ClinicRow.version))).scalar_one())


def _saying(row: ClinicSayingRow) -> OwnSaying:
    if row.shelf == "entries":
        return OwnSaying(text=row.text, code=row.key)
    return OwnSaying(text=row.text, topic=row.key)


def _rows(workspace: str, own: OwnKnowledge) -> dict[type[SQLModel], list[dict[str, str]]]:
    return {
        ClinicSayingRow: [
            {"workspace": workspace, "text": one.text, "shelf": one.shelf, "key": one.key} for one in own.sayings
        ],
        ClinicRuleRow: [
            {"workspace": workspace, "code": one.code or "", "payer": one.payer or "", "text": one.text}
            for one in own.rules
        ],
        ClinicTopicRow: [
            {"workspace": workspace, "name": one.name, "body": one.model_dump_json()} for one in own.topics
        ],
    }
