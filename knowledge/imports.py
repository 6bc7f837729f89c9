"""Imports CMS's own files: pair edits by the million, unit limits and fee schedule values. Whole or not at all."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection, Engine, delete, insert, select, text, update
from sqlmodel import col

from knowledge.cms_files import FileRefusedError
from knowledge.cms_tables import FeeBasis, FeeValueRow, LimitSetting, UnitLimitRow
from knowledge.pair import Setting
from knowledge.pair_files import EditCells, OnProgress, PairRelease, Progress, pair_release, read_edits
from knowledge.pair_tables import LEAVING, LIVE, STAGING, CodePairEditRow, PairQuarterRow
from knowledge.value_files import fee_basis, fee_day, limit_day, limit_setting, one_part, read_fees, read_limits

if TYPE_CHECKING:
    from psycopg import Connection as PostgresConnection

BATCH = 20_000  # rows in one transaction: short enough that SQLite's other writers get their turn
PARTS = 4  # files in which CMS publishes the pair edits of a setting

COLUMNS = "quarter, column_one, column_two, effective, deleted, indicator"
INSERT_PAIRS = f"INSERT INTO code_pair_edit ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"  # noqa: S608  # no value in it
COPY_PAIRS = b"COPY code_pair_edit (" + COLUMNS.encode() + b") FROM STDIN"
NULL = r"\N"  # how COPY writes that there is no value


@dataclass(frozen=True)
class PairImport:
    """What an import of pairs did: rows in all, rows without a deletion date, and the quarter that was live before."""

    setting: Setting
    quarter: str
    as_of: date
    rows: int
    standing: int
    replaced: str | None


@dataclass(frozen=True)
class LimitImport:
    """What an import of unit limits did."""

    setting: LimitSetting
    as_of: date
    rows: int


@dataclass(frozen=True)
class FeeImport:
    """What an import of fee schedule values did; `effective` is the release's first day."""

    effective: date
    basis: FeeBasis
    rows: int


class ImportOvertakenError(Exception):
    """Another import of the same setting began meanwhile and took this one's rows away."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("another import of this setting began meanwhile; wait for it, then run this one again")


def import_pairs(
    engine: Engine,
    file: Path | Sequence[Path],
    on_progress: OnProgress | None = None,
    *,
    setting: Setting | None = None,
    quarter: str | None = None,
    parts: int = PARTS,
) -> PairImport:
    """Bring in a quarter of CMS's pair edits; nobody sees any of it until it is whole, then everybody sees all of it.

    `file` is a path, a folder, or all paths of one quarter and setting. What the names tell (ccipra or ccioph, the
    version, the part) need not be said. Raises FileRefusedError for files that are not what they must be. Whatever
    breaks, the quarter that was live goes on serving, and the import can simply be run again.
    """
    release = pair_release((file,) if isinstance(file, Path) else file, setting, quarter, parts)
    _remove(engine, release.setting, STAGING, LEAVING)
    staged = _stage(engine, release)
    rows = standing = 0
    try:
        for batch in _batches(read_edits(release.parts, on_progress)):
            _write(engine, staged, batch)
            rows += len(batch)
            standing += sum(deleted is None for *_, deleted, _ in batch)
    except FileRefusedError:
        _remove(engine, release.setting, STAGING)
        raise
    replaced = _go_live(engine, staged, release.setting)
    _remove(engine, release.setting, LEAVING)
    return PairImport(release.setting, release.quarter, release.as_of, rows, standing, replaced)


def _batches(edits: Iterator[EditCells]) -> Iterator[list[EditCells]]:
    while batch := list(islice(edits, BATCH)):
        yield batch


def _stage(engine: Engine, release: PairRelease) -> int:
    """Announce a quarter that is to come; its id."""
    values = {
        "setting": release.setting,
        "quarter": release.quarter,
        "as_of": release.as_of,
        "state": STAGING,
        "rows": 0,
        "started_at": datetime.now(UTC),
    }
    with engine.begin() as connection:
        staged = connection.execute(insert(PairQuarterRow).values(values).returning(col(PairQuarterRow.id)))
        return cast(int, staged.scalar_one())


def _write(engine: Engine, staged: int, batch: Sequence[EditCells]) -> None:
    """Write a batch in a transaction of its own, provided that the quarter is still staging."""
    with engine.begin() as connection:
        written = connection.execute(
            update(PairQuarterRow)
            .where(col(PairQuarterRow.id) == staged, col(PairQuarterRow.state) == STAGING)
            .values(rows=col(PairQuarterRow.rows) + len(batch))
        )
        if written.rowcount != 1:
            raise ImportOvertakenError
        if connection.dialect.name == "postgresql":
            _copy(connection, staged, batch)
        else:
            connection.exec_driver_sql(INSERT_PAIRS, [(staged, *edit) for edit in batch])


def _copy(connection: Connection, staged: int, batch: Iterable[EditCells]) -> None:
    """Postgres's fast way in. Every cell was checked, so none needs escaping."""
    driver = cast("PostgresConnection[object]", connection.connection.driver_connection)
    lines = (
        f"{staged}\t{one}\t{two}\t{effective}\t{deleted or NULL}\t{indicator}\n"
        for one, two, effective, deleted, indicator in batch
    )
    with driver.cursor() as cursor, cursor.copy(COPY_PAIRS) as copy:
        copy.write("".join(lines))


def _go_live(engine: Engine, staged: int, setting: Setting) -> str | None:
    """Put the staged quarter in the place of the live one, in one transaction; the quarter that was live before."""
    live = (col(PairQuarterRow.setting) == setting, col(PairQuarterRow.state) == LIVE)
    whole = (col(PairQuarterRow.id) == staged, col(PairQuarterRow.state) == STAGING)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ANALYZE code_pair_edit"))  # else the first look-ups go by old statistics
        replaced = connection.scalar(select(col(PairQuarterRow.quarter)).where(*live))
        connection.execute(update(PairQuarterRow).where(*live).values(state=LEAVING))
        if connection.execute(update(PairQuarterRow).where(*whole).values(state=LIVE)).rowcount != 1:
            raise ImportOvertakenError
    return replaced


def _remove(engine: Engine, setting: Setting, *states: str) -> None:
    """Take away a setting's quarters in these states, rows first: what breaks here is finished by the next import."""
    these = (col(PairQuarterRow.setting) == setting, col(PairQuarterRow.state).in_(states))
    with engine.begin() as connection:
        leaving = connection.scalars(select(col(PairQuarterRow.id)).where(*these)).all()
        connection.execute(update(PairQuarterRow).where(*these).values(state=LEAVING))
    for quarter in leaving:
        while _remove_batch(engine, quarter):
            pass
        with engine.begin() as connection:
            connection.execute(delete(PairQuarterRow).where(col(PairQuarterRow.id) == quarter))


def _remove_batch(engine: Engine, quarter: int | None) -> int:
    """Take away some of a quarter's rows; how many went. Postgres takes all at once: nobody waits for it there."""
    with engine.begin() as connection:
        most = None if connection.dialect.name == "postgresql" else BATCH
        some = select(col(CodePairEditRow.id)).where(col(CodePairEditRow.quarter) == quarter).limit(most)
        return connection.execute(delete(CodePairEditRow).where(col(CodePairEditRow.id).in_(some))).rowcount


def import_mue(
    engine: Engine,
    file: Path,
    on_progress: OnProgress | None = None,
    *,
    setting: LimitSetting | None = None,
    as_of: date | None = None,
) -> LimitImport:
    """Put CMS's unit limits (MUE) of one setting in the place of those that stand, in one transaction.

    Setting and first day are read from a name as CMS gives it, MCR_MUE_PractitionerServices_Eff_10-01-2026.csv.
    Raises FileRefusedError for a file that is not what it must be, and then nothing has changed.
    """
    part = one_part(file, "mue")
    setting = setting or limit_setting(part)
    as_of = as_of or limit_day(part)
    rows = [{"setting": setting, "as_of": as_of, **row} for row in read_limits(part)]
    with engine.begin() as connection:
        connection.execute(delete(UnitLimitRow).where(col(UnitLimitRow.setting) == setting))
        connection.execute(insert(UnitLimitRow), rows)
    if on_progress:
        on_progress(Progress(len(rows), 1.0))
    return LimitImport(setting, as_of, len(rows))


def import_fees(
    engine: Engine,
    file: Path,
    on_progress: OnProgress | None = None,
    *,
    effective: date | None = None,
    basis: FeeBasis | None = None,
) -> FeeImport:
    """Put a release of CMS's relative values (PPRRVU) beside the others, or in the place of itself, in one transaction.

    The release and whom it is for are read from a name as CMS gives it, PPRRVU2026_Jul_nonQPP.csv. Descriptors are not
    stored. Raises FileRefusedError for a file that is not what it must be, and then nothing has changed.
    """
    part = one_part(file, "pprrvu")
    effective = effective or fee_day(part)
    basis = basis or fee_basis(part)
    rows = [{"effective": effective, "basis": basis, **row} for row in read_fees(part)]
    same = (col(FeeValueRow.effective) == effective, col(FeeValueRow.basis) == basis)
    with engine.begin() as connection:
        connection.execute(delete(FeeValueRow).where(*same))
        connection.execute(insert(FeeValueRow), rows)
    if on_progress:
        on_progress(Progress(len(rows), 1.0))
    return FeeImport(effective, basis, len(rows))
