"""A year's relative values: what Medicare's fee schedule multiplies by the conversion factor, code by code."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from knowledge.parameter import Exact
from knowledge.statement import Code, Record, SourceKey

Rvu = Annotated[Exact, Field(ge=0)]


class RelativeValues(Record):
    """The three relative values of one unit of a code, given outside a facility, before any locality adjustment.

    `therapy_mppr` says that the file marks the code for the therapy reduction (multiple-procedure indicator 5).
    Status A (active) is no promise of coverage.
    """

    status: Literal["A", "B", "C", "I", "N", "R", "X"]
    work: Rvu
    practice_expense: Rvu
    malpractice: Rvu
    therapy_mppr: bool

    @property
    def total(self) -> Decimal:
        """All three together."""
        return self.work + self.practice_expense + self.malpractice


class FeeSchedule(Record):
    """The relative values of one calendar year, and the file they were read from.

    `totals` holds codes of which only the total is known: they have a price for one unit, but nothing can be said of
    the reduction. A code that stands in neither is unknown for that year.
    """

    year: int = Field(ge=2015, le=2100)
    sources: tuple[SourceKey, ...] = Field(min_length=1)
    rows: dict[Code, RelativeValues]
    totals: dict[Code, Rvu] = Field(default_factory=dict)

    @property
    def name(self) -> str:
        """What its file is called."""
        return str(self.year)

    def total(self, code: Code) -> Decimal | None:
        """The total relative value of one unit of a code, or None where this year's file was not read for it."""
        return self.rows[code].total if code in self.rows else self.totals.get(code)
