"""The tables of imported pair edits: which quarter of each setting is live, its rows, and looking them up."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import cast

from sqlalchemy import Column, DateTime, Index, and_, text
from sqlmodel import Field, Session, SQLModel, col, select

from knowledge.pair import Indicator, PairEdit, PairTable, Setting, edits_by_pair

STAGING, LIVE, LEAVING = "staging", "live", "leaving"


class PairQuarterRow(SQLModel, table=True):
    """One import of a quarter of one setting: `staging` while its rows come in, then `live`, then `leaving`.

    One quarter of a setting is live at any time. Ids are never given twice, so that an import that was overtaken
    cannot write into its successor. `rows` counts the rows written so far; times are in UTC.
    """

    __tablename__ = "pair_quarter"
    __table_args__ = (
        Index(
            "one_live_quarter_a_setting",
            "setting",
            unique=True,
            sqlite_where=text("state = 'live'"),
            postgresql_where=text("state = 'live'"),
        ),
        {"sqlite_autoincrement": True},
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

    There is no foreign key: checking a million and a half of them doubles an import, and the importer alone writes here.
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
    wanted = sorted(set(codes))
    edit, quarter = CodePairEditRow, PairQuarterRow
    beside = and_(
        col(edit.quarter) == col(quarter.id), col(edit.column_one).in_(wanted), col(edit.column_two).in_(wanted)
    )
    statement = (
        select(quarter, edit).join(edit, beside, isouter=True).where(quarter.setting == setting, quarter.state == LIVE)
    )
    found = session.exec(statement).all()
    if not found:
        return None
    live = found[0][0]
    return PairTable(
        setting=setting,
        quarter=live.quarter,
        as_of=live.as_of,
        edits=edits_by_pair(_edit(row, setting, live.as_of) for _, row in found if row is not None),
    )


def pair_rows(session: Session, codes: Iterable[str], setting: Setting) -> tuple[PairEdit, ...]:
    """The live quarter's edits among these codes, standing and past; none where nothing was imported."""
    table = pair_table(session, codes, setting)
    return tuple(edit for edits in table.edits.values() for edit in edits) if table else ()


def _edit(row: CodePairEditRow, setting: Setting, as_of: date) -> PairEdit:
    return PairEdit(
        column_one=row.column_one,
        column_two=row.column_two,
        setting=setting,
        indicator=cast(Indicator, row.indicator),
        as_of=as_of,
        effective=row.effective,
        deleted=row.deleted,
    )
