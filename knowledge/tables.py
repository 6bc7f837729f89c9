"""The knowledge base in the database: what was loaded, when, and the way back to a Library."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import TypeVar

from sqlalchemy import text
from sqlmodel import Field, Session, SQLModel, delete, select

from knowledge.contrast import Contrast
from knowledge.entry import Entry, RetiredCode
from knowledge.fee import FeeSchedule
from knowledge.library import Library, record_digest
from knowledge.limit import Limit
from knowledge.modifier import Modifier
from knowledge.pair import DayRule, PairShelf
from knowledge.parameter import Parameter
from knowledge.statement import Record, Source
from knowledge.topic import Topic
from knowledge.words import Words

AnyRecord = TypeVar("AnyRecord", bound=Record)

FILES = "files"  # a shelf of one row: from which files the library was read, and in which order things stand in them
ONE = 1  # the only row of a table that holds one thing


class CodeEntryRow(SQLModel, table=True):
    """One code entry; `body` is the whole entry as JSON, the other columns are for those who look with SQL."""

    __tablename__ = "code_entry"

    code: str = Field(primary_key=True, max_length=5)
    title: str
    family: str = Field(index=True)
    timing: str
    one_on_one: str
    medicare_status: str = Field(max_length=1)
    valid_from: date | None = None
    valid_until: date | None = None
    review: str
    digest: str = Field(max_length=64)
    body: str


class ShelfRow(SQLModel, table=True):
    """A record of any other shelf (topics, contrasts, pairs, amounts ...): which shelf, its key, its body as JSON."""

    __tablename__ = "knowledge_shelf"

    shelf: str = Field(primary_key=True, max_length=20)
    key: str = Field(primary_key=True, max_length=80)
    digest: str = Field(max_length=64)
    body: str


class KnowledgeLoadRow(SQLModel, table=True):
    """Which library stands in the tables, and since when (UTC)."""

    __tablename__ = "knowledge_load"

    id: int = Field(default=ONE, primary_key=True)
    digest: str = Field(max_length=64)
    entries: int
    loaded_at: datetime


@dataclass(frozen=True)
class Load:
    """What a load did: nothing where the tables held this library already."""

    changed: bool
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()


def load_library(session: Session, library: Library, files: str | None = None) -> Load:
    """Bring the tables to what the library holds, in the caller's transaction. The same again changes nothing.

    `files` is the digest of the files that it was read from, by which it may be fetched.
    """
    if _standing_digest(session) == library.digest and files in {None, _files_of(session)}:
        return Load(changed=False)
    if session.get_bind().dialect.name == "postgresql":  # SQLite lets one write at a time of itself
        session.execute(text("LOCK TABLE knowledge_load IN EXCLUSIVE MODE"))
    # Another process may have loaded it while we waited.
    load = Load(changed=False) if _standing_digest(session) == library.digest else _replace(session, library)
    if files:
        order = [[shelf, key] for shelf, records in library.shelves.items() for key in records]
        session.merge(ShelfRow(shelf=FILES, key=FILES, digest=files, body=json.dumps(order)))
    return load


def _replace(session: Session, library: Library) -> Load:
    before = {row.code: row.digest for row in session.exec(select(CodeEntryRow)).all()}
    after = {code: record_digest(entry) for code, entry in library.entries.items()}
    session.exec(delete(CodeEntryRow))
    session.exec(delete(ShelfRow))
    session.exec(delete(KnowledgeLoadRow))
    session.expunge_all()
    session.add_all(_entry_row(entry) for entry in library.entries.values())
    session.add_all(_shelf_rows(library))
    session.add(KnowledgeLoadRow(digest=library.digest, entries=len(library.entries), loaded_at=datetime.now(UTC)))
    session.flush()
    return Load(
        changed=True,
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        replaced=tuple(sorted(code for code in after.keys() & before.keys() if after[code] != before[code])),
    )


def _standing_digest(session: Session) -> str | None:
    return session.exec(select(KnowledgeLoadRow.digest)).first()


def _files_of(session: Session) -> str | None:
    return session.exec(select(ShelfRow.digest).where(ShelfRow.shelf == FILES)).first()


def fetch_library_of(session: Session, files: str) -> Library | None:
    """The library that stands in the tables, where it was read from these very files: sooner there than read again."""
    if _files_of(session) != files:
        return None
    library = fetch_library(session)
    return library if library and library.digest == _standing_digest(session) else None


def fetch_library(session: Session) -> Library | None:
    """The library that stands in the tables, or None where none was ever loaded."""
    if session.get(KnowledgeLoadRow, ONE) is None:
        return None
    rows = session.exec(select(ShelfRow).order_by(ShelfRow.key)).all()
    order: list[list[str]] = next((json.loads(row.body) for row in rows if row.shelf == FILES), [])
    places = {(shelf, key): place for place, (shelf, key) in enumerate(order)}
    shelves: dict[str, list[ShelfRow]] = {}
    for row in sorted(rows, key=lambda one: places.get((one.shelf, one.key), 0)):
        shelves.setdefault(row.shelf, []).append(row)
    entries = session.exec(select(CodeEntryRow).order_by(CodeEntryRow.code)).all()
    return Library(
        entries=MappingProxyType({row.code: Entry.model_validate_json(row.body) for row in entries}),
        topics=_records(shelves.get("topics", ()), Topic),
        contrasts=_records(shelves.get("contrasts", ()), Contrast),
        limits=_records(shelves.get("limits", ()), Limit),
        retired=_records(shelves.get("retired", ()), RetiredCode),
        sources=_records(shelves.get("sources", ()), Source),
        words=_records(shelves["words"], Words)["words"],
        pairs=_records(shelves.get("pairs", ()), PairShelf),
        day_rules=_records(shelves.get("day_rules", ()), DayRule),
        parameters=_records(shelves.get("parameters", ()), Parameter),
        fees=_records(shelves.get("fees", ()), FeeSchedule),
        modifiers=_records(shelves.get("modifiers", ()), Modifier),
    )


def _entry_row(entry: Entry) -> CodeEntryRow:
    return CodeEntryRow(
        code=entry.code,
        title=entry.title,
        family=entry.family,
        timing=entry.timing.value,
        one_on_one=entry.one_on_one.value,
        medicare_status=entry.medicare.letter,
        valid_from=entry.valid_from,
        valid_until=entry.valid_until,
        review=entry.review.status,
        digest=record_digest(entry),
        body=entry.model_dump_json(),
    )


def _shelf_rows(library: Library) -> Iterable[ShelfRow]:
    for shelf, records in library.shelves.items():
        for key, record in records.items() if shelf != "entries" else ():
            yield ShelfRow(shelf=shelf, key=key, digest=record_digest(record), body=record.model_dump_json())


def _records(rows: Iterable[ShelfRow], kind: type[AnyRecord]) -> Mapping[str, AnyRecord]:
    return MappingProxyType({row.key: kind.model_validate_json(row.body) for row in rows})
