"""Imports CMS's own files: pair edits by the million, unit limits and fee schedule values. Whole or not at all."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import cast

from psycopg import Connection as PostgresConnection
from sqlalchemy import Connection, Engine, delete, func, insert, select, text, update
from sqlmodel import col

from knowledge.cms_files import CODE, CellError, Cells, Column, FileRefusedError, Part, Sheet, open_sheet, parts_of
from knowledge.cms_tables import FeeBasis, FeeValueRow, LimitSetting, UnitLimitRow
from knowledge.pair import Setting
from knowledge.pair_tables import LEAVING, LIVE, STAGING, CodePairEditRow, PairQuarterRow

BATCH = 20_000  # rows written in one transaction: short enough that SQLite's other writers get their turn
PARTS = 4  # files in which CMS publishes the pair edits of a setting
FIRST_YEAR = 1994  # NCCI's version 32.0 is the first quarter of 2026
CENTURY = 2000
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

INSERT_PAIRS = (
    "INSERT INTO code_pair_edit (quarter, column_one, column_two, effective, deleted, indicator)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)
COPY_PAIRS = "COPY code_pair_edit (quarter, column_one, column_two, effective, deleted, indicator) FROM STDIN"

EditCells = tuple[int, str, str, str, str | None, int]  # as CodePairEditRow has them, dates in ISO format


@dataclass(frozen=True)
class Progress:
    """How far an import is: rows read, and the share of the files' bytes, from 0 to 1."""

    rows: int
    share: float


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class PairImport:
    """What an import of pairs did. `standing` rows have no deletion date; `replaced` is the quarter that was live before."""

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


def import_pairs(
    engine: Engine,
    file: Path | Sequence[Path],
    on_progress: OnProgress | None = None,
    *,
    setting: Setting | None = None,
    quarter: str | None = None,
    parts: int = PARTS,
) -> PairImport:
    """Bring in a quarter of CMS's pair edits; it is seen by nobody until it is whole, and then by everybody at once.

    `file` is one path or all those of one quarter and setting. What the names tell (ccipra or ccioph, the version, the
    part) need not be given. Raises FileRefusedError for a file that is not what it must be; the quarter that was live
    goes on serving then, and the import can simply be run again.
    """
    release = _pair_release(_parts(file), setting, quarter, parts)
    _remove(engine, release.setting, STAGING, LEAVING)
    staged = _stage(engine, release)
    try:
        rows = standing = 0
        for batch in _batches(_read_edits(release.parts, staged, on_progress)):
            _write(engine, staged, batch)
            rows += len(batch)
            standing += sum(cells[4] is None for cells in batch)
        replaced = _go_live(engine, staged, release.setting, rows)
    except FileRefusedError:
        _remove(engine, release.setting, STAGING)
        raise
    _remove(engine, release.setting, LEAVING)
    return PairImport(release.setting, release.quarter, release.as_of, rows, standing, replaced)


# Writing pair edits


def _stage(engine: Engine, release: _PairRelease) -> int:
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
        return connection.execute(insert(PairQuarterRow).values(values).returning(col(PairQuarterRow.id))).scalar_one()


def _write(engine: Engine, staged: int, batch: Sequence[EditCells]) -> None:
    """Write a batch in a transaction of its own, provided that the quarter is still staging."""
    with engine.begin() as connection:
        written = connection.execute(
            update(PairQuarterRow)
            .where(col(PairQuarterRow.id) == staged, col(PairQuarterRow.state) == STAGING)
            .values(rows=col(PairQuarterRow.rows) + len(batch))
        )
        if written.rowcount != 1:
            raise ImportOvertakenError("another import of this setting began meanwhile; run this one again after it")
        if connection.dialect.name == "postgresql":
            _copy(connection, batch)
        else:
            connection.exec_driver_sql(INSERT_PAIRS, list(batch))


def _copy(connection: Connection, batch: Iterable[EditCells]) -> None:
    """Postgres's own way in, three times as fast as INSERT. Every cell was checked, so none needs escaping."""
    driver = cast("PostgresConnection[object]", connection.connection.driver_connection)
    with driver.cursor() as cursor, cursor.copy(COPY_PAIRS) as copy:
        copy.write(
            "".join(
                f"{quarter}\t{one}\t{two}\t{effective}\t{deleted or chr(92) + 'N'}\t{indicator}\n"
                for quarter, one, two, effective, deleted, indicator in batch
            )
        )


def _go_live(engine: Engine, staged: int, setting: Setting, rows: int) -> str | None:
    """Put the staged quarter in the place of the live one, in one transaction; the quarter that was live before."""
    of_setting = col(PairQuarterRow.setting) == setting
    live = col(PairQuarterRow.state) == LIVE
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ANALYZE code_pair_edit"))  # else the first look-ups go by the old statistics
        replaced = connection.execute(select(col(PairQuarterRow.quarter)).where(of_setting, live)).scalar()
        connection.execute(update(PairQuarterRow).where(of_setting, live).values(state=LEAVING))
        went = connection.execute(
            update(PairQuarterRow)
            .where(
                col(PairQuarterRow.id) == staged,
                col(PairQuarterRow.state) == STAGING,
                col(PairQuarterRow.rows) == rows,
            )
            .values(state=LIVE)
        )
        if went.rowcount != 1:
            raise ImportOvertakenError("another import of this setting began meanwhile; run this one again after it")
    return replaced


def _remove(engine: Engine, setting: Setting, *states: str) -> None:
    """Take away the quarters in these states, rows first and in batches: what breaks here is finished by the next run."""
    these = (col(PairQuarterRow.setting) == setting, col(PairQuarterRow.state).in_(states))
    with engine.begin() as connection:
        connection.execute(update(PairQuarterRow).where(*these).values(state=LEAVING))
        leaving = connection.scalars(
            select(col(PairQuarterRow.id)).where(
                col(PairQuarterRow.setting) == setting, col(PairQuarterRow.state) == LEAVING
            )
        ).all()
    for quarter in leaving:
        while _remove_batch(engine, quarter):
            pass
        with engine.begin() as connection:
            connection.execute(delete(PairQuarterRow).where(col(PairQuarterRow.id) == quarter))


def _remove_batch(engine: Engine, quarter: int | None) -> int:
    some = select(col(CodePairEditRow.id)).where(col(CodePairEditRow.quarter) == quarter).limit(BATCH)
    with engine.begin() as connection:
        return connection.execute(delete(CodePairEditRow).where(col(CodePairEditRow.id).in_(some))).rowcount


# Unit limits and fees


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
    part = _only_part(file, "mue")
    setting = setting or _limit_setting(part)
    as_of = as_of or _limit_day(part)
    rows = [{"setting": setting, "as_of": as_of, **row} for row in _read_limits(part)]
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
    """Put a release of CMS's relative values (PPRRVU) beside the others, in the place of the same one, in one transaction.

    The release and whom it is for are read from a name as CMS gives it, PPRRVU2026_Jul_nonQPP.csv. Descriptors are not
    stored. Raises FileRefusedError for a file that is not what it must be, and then nothing has changed.
    """
    part = _only_part(file, "pprrvu")
    effective = effective or _fee_day(part)
    basis = basis or _fee_basis(part)
    rows = [{"effective": effective, "basis": basis, **row} for row in _read_fees(part)]
    same = (col(FeeValueRow.effective) == effective, col(FeeValueRow.basis) == basis)
    with engine.begin() as connection:
        connection.execute(delete(FeeValueRow).where(*same))
        connection.execute(insert(FeeValueRow), rows)
    if on_progress:
        on_progress(Progress(len(rows), 1.0))
    return FeeImport(effective, basis, len(rows))
