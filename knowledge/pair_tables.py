"""The tables of imported pair edits: which quarter of each setting is live, its rows, and looking them up."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import (
    BindParameter,
    Column,
    DateTime,
    Index,
    Row,
    Select,
    and_,
    bindparam,
    literal_column,
    select,
)
from sqlmodel import Field, Session, SQLModel, col

from knowledge.pair import PairEdit, PairTable, Setting, edits_by_pair

STAGING, LIVE, LEAVING = "staging", "live", "leaving"


class PairQuarterRow(SQLModel, table=True):
    """One import of a quarter of one setting: `staging` while its rows come in, then `live`, then `leaving`.

    One quarter of a setting is live at any time. Ids are never given twice, so that an import that was overtaken
    cannot write into its successor. `rows` counts the rows written so far; times are in UTC.
    """

    __tablename__ = "pair_quarter"
    __table_args__ = (
        # The migration limits it to live ones and lets no id come twice: told here, both dialects would be loaded.
        Index("one_live_quarter_a_setting", "setting", unique=True, info={"only": "state = 'live'"}),
    )

    id: int | None = Field(default=None, primary_key=True)
    setting: str = Field(max_length=12)
    quarter: str = Field(max_length=6)
    as_of: date
    state: str = Field(max_length=8)
    rows: int = 0
    started_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class CodePairEditRow(SQLModel, table=True):
    """One row of CMS's table. `quarter` is a PairQuarterRow's id, and with it comes the setting.

    There is no foreign key: to check a million and a half of them would cost more than to write them, and the importer
    alone writes here.
    """

    __tablename__ = "code_pair_edit"
    __table_args__ = (Index("ix_code_pair_edit_pair", "quarter", "column_one", "column_two"),)

    id: int | None = Field(default=None, primary_key=True)
    quarter: int
    column_one: str = Field(max_length=5)
    column_two: str = Field(max_length=5)
    effective: date
    deleted: date | None = None
    indicator: int


def pair_table(session: Session, codes: Iterable[str], setting: Setting) -> PairTable | None:
    """The live quarter's edits among these codes, or None where no quarter of this setting was imported.

    One statement, so that a quarter that goes live meanwhile is seen wholly or not at all.
    """
    found = session.connection().execute(_LIVE_EDITS, {"setting": setting, "codes": sorted(set(codes))}).all()
    if not found:
        return None
    return PairTable(
        setting=setting,
        quarter=found[0].quarter,
        as_of=found[0].as_of,
        edits=edits_by_pair(_edit(row, setting) for row in found if row.column_one is not None),
    )


def pair_rows(session: Session, codes: Iterable[str], setting: Setting) -> tuple[PairEdit, ...]:
    """The live quarter's edits among these codes, standing and past; none where nothing was imported."""
    table = pair_table(session, codes, setting)
    return tuple(edit for edits in table.edits.values() for edit in edits) if table else ()


def _live_edits() -> Select[str, date, str, str, date, date | None, int]:
    """Select a setting's live quarter, beside each of its edits among some codes, or once where there is none."""
    edit, quarter = CodePairEditRow, PairQuarterRow
    codes: BindParameter[list[str]] = bindparam("codes", expanding=True)
    among = and_(col(edit.quarter) == col(quarter.id), col(edit.column_one).in_(codes), col(edit.column_two).in_(codes))
    return (
        select(
            col(quarter.quarter),
            col(quarter.as_of),
            col(edit.column_one),
            col(edit.column_two),
            col(edit.effective),
            col(edit.deleted),
            col(edit.indicator),
        )
        .select_from(quarter)
        .join(edit, among, isouter=True)
        .where(col(quarter.setting) == bindparam("setting"), col(quarter.state) == literal_column(f"'{LIVE}'"))
    )


_LIVE_EDITS = _live_edits()


def _edit(row: Row[str, date, str, str, date, date | None, int], setting: Setting) -> PairEdit:
    return PairEdit(
        column_one=row.column_one,
        column_two=row.column_two,
        setting=setting,
        indicator=row.indicator,
        as_of=row.as_of,
        effective=row.effective,
        deleted=row.deleted,
    )
