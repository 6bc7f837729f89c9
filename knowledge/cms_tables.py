"""The tables of CMS's unit limits and fee schedule values, as imported. Descriptors are never stored."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from sqlmodel import Field, Session, SQLModel, col, func, select

from knowledge.pair import ClaimCode
from knowledge.statement import Record

LimitSetting = Literal["practitioner", "hospital", "supplier"]
FeeBasis = Literal["nonqp", "qp", "all"]  # 2026 brought a file each for QPs and for all others; before there was one


class UnitLimitRow(SQLModel, table=True):
    """The most units of one day that Medicare takes without question (MUE), with CMS's indicator of how it is judged:
    1 by line, 2 by day and absolute, 3 by day and open to appeal with records."""

    __tablename__ = "unit_limit"

    setting: str = Field(primary_key=True, max_length=12)
    code: str = Field(primary_key=True, max_length=5)
    units: int
    adjudication: int
    as_of: date


class FeeValueRow(SQLModel, table=True):
    """A code's line of a fee schedule release. Numbers are kept as CMS prints them, in text, and so stay exact."""

    __tablename__ = "fee_value"

    effective: date = Field(primary_key=True)
    basis: str = Field(primary_key=True, max_length=5)
    code: str = Field(primary_key=True, max_length=5)
    modifier: str = Field(primary_key=True, max_length=2)
    status: str = Field(max_length=1)
    work: str = Field(max_length=12)
    practice_nonfacility: str = Field(max_length=12)
    practice_facility: str = Field(max_length=12)
    malpractice: str = Field(max_length=12)
    multiple_procedure: str = Field(max_length=1)
    conversion_factor: str = Field(max_length=12)


class FeeValue(Record):
    """Relative values of a code in one release: `effective` is its first day, amounts are in RVU, the factor in dollars.

    `multiple_procedure` is CMS's indicator; 5 is the therapy reduction of practice expense.
    """

    code: ClaimCode
    modifier: str
    effective: date
    basis: FeeBasis
    status: str
    work: Decimal
    practice_nonfacility: Decimal
    practice_facility: Decimal
    malpractice: Decimal
    multiple_procedure: str
    conversion_factor: Decimal


def unit_limits(session: Session, codes: Iterable[str], setting: LimitSetting) -> Mapping[str, UnitLimitRow]:
    """The imported unit limits of these codes; a code that CMS publishes none for is not in it."""
    statement = select(UnitLimitRow).where(UnitLimitRow.setting == setting, col(UnitLimitRow.code).in_(set(codes)))
    return {row.code: row for row in session.exec(statement)}


def fee_values(session: Session, codes: Iterable[str], day: date, basis: FeeBasis) -> Mapping[str, FeeValue]:
    """The values of these codes, without a modifier, in the release that counts on a day of service.

    That is the newest release of the same year that began by then. A year without one is unknown: nothing is carried
    over from another year. Where a year has one file for everybody, `basis` does not matter.
    """
    fits = (col(FeeValueRow.basis).in_((basis, "all")), FeeValueRow.effective >= date(day.year, 1, 1))
    release = session.exec(select(func.max(FeeValueRow.effective)).where(*fits, FeeValueRow.effective <= day)).one()
    if release is None:
        return {}
    statement = select(FeeValueRow).where(
        *fits, FeeValueRow.effective == release, FeeValueRow.modifier == "", col(FeeValueRow.code).in_(set(codes))
    )
    return {row.code: _fee_value(row) for row in session.exec(statement)}


def _fee_value(row: FeeValueRow) -> FeeValue:
    return FeeValue.model_validate(row.model_dump(), strict=False)
