"""The tables of CMS's unit limits and fee schedule values, as imported. Descriptors are never stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

from sqlmodel import Field, Session, SQLModel, col, func, select

from knowledge.fee import RelativeValues

LimitSetting = Literal["practitioner", "hospital", "supplier"]
FeeBasis = Literal["nonqp", "qp", "all"]  # 2026 brought a file each for QPs and for all others; before there was one

THERAPY_REDUCTION = "5"  # the multiple-procedure indicator of the therapy MPPR
LETTERS = get_args(RelativeValues.model_fields["status"].annotation)


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


@dataclass(frozen=True)
class FeeRelease:
    """One release of relative values, given outside a facility: its first day, its dollars per RVU, and each code's."""

    effective: date
    basis: FeeBasis
    conversion_factor: Decimal
    rows: Mapping[str, RelativeValues]


def unit_limits(session: Session, codes: Iterable[str], setting: LimitSetting) -> Mapping[str, UnitLimitRow]:
    """The imported unit limits of these codes; a code that CMS publishes none for is not in it."""
    statement = select(UnitLimitRow).where(UnitLimitRow.setting == setting, col(UnitLimitRow.code).in_(set(codes)))
    return {row.code: row for row in session.exec(statement)}


def fee_release(session: Session, codes: Iterable[str], day: date, basis: FeeBasis) -> FeeRelease | None:
    """The release that counts on a day of service with the values of these codes, without a modifier; None if unknown.

    That is the newest release of the same year that began by then: nothing is carried over from another year. Where a
    year has one file for everybody, `basis` does not matter. A code that is not in it is unknown.
    """
    row = FeeValueRow
    of_year = (col(row.basis).in_((basis, "all")), row.effective >= date(day.year, 1, 1), row.effective <= day)
    newest = select(func.max(row.effective)).where(*of_year).scalar_subquery()
    wanted = (row.modifier == "", col(row.code).in_(set(codes)), col(row.status).in_(LETTERS))
    found = session.exec(select(row).where(*of_year, row.effective == newest, *wanted)).all()
    if not found:
        return None
    return FeeRelease(
        effective=found[0].effective,
        basis=basis,
        conversion_factor=Decimal(found[0].conversion_factor),
        rows={one.code: _relative_values(one) for one in found},
    )


def _relative_values(row: FeeValueRow) -> RelativeValues:
    return RelativeValues.model_validate(
        {
            "status": row.status,
            "work": row.work,
            "practice_expense": row.practice_nonfacility,
            "malpractice": row.malpractice,
            "therapy_mppr": row.multiple_procedure == THERAPY_REDUCTION,
        }
    )
