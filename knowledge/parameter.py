"""A dated amount: a threshold, a factor or a share, what it was on which days, and who says so."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from knowledge.statement import Caution, Name, Record, SourceKey, Text


def _exact(value: object) -> object:
    """A number as it was written; without its quotes it would come through binary fractions."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?", value, re.ASCII):
        return Decimal(value)
    raise ValueError('write it as a plain number in quotes, "33.4009"')


Exact = Annotated[Decimal, BeforeValidator(_exact)]

Unit = Literal["dollars", "dollars per relative value unit", "share"]


class Amount(Record):
    """One value and the days on which it holds, both ends included. `until` None: it stands until a rule ends it.

    In the files the first day is called `from`, a word that Python keeps for itself.
    """

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    value: Annotated[Exact, Field(gt=0)]
    since: date = Field(alias="from")
    until: date | None = None
    sources: tuple[SourceKey, ...] = ()
    caution: Caution | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "Amount":
        if self.until is not None and self.until < self.since:
            raise ValueError(f"it ends on {self.until}, before it begins on {self.since}")
        return self

    def holds_on(self, day: date) -> bool:
        """Whether the value holds on that day of service."""
        return self.since <= day and (self.until is None or day <= self.until)


class Parameter(Record):
    """An amount that changes with the date of service. A day that no value covers is unknown."""

    name: Name
    title: Text
    unit: Unit
    values: tuple[Amount, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_value_a_day(self) -> "Parameter":
        for earlier, later in zip(self.values, self.values[1:], strict=False):
            if earlier.until is None or later.since <= earlier.until:
                raise ValueError(f"the values from {earlier.since} and from {later.since} overlap or are out of order")
        return self


def amount_on(parameter: Parameter, day: date) -> Amount | None:
    """What the amount was on a day of service. None: unknown, for nothing is carried forward from another year."""
    return next((amount for amount in parameter.values if amount.holds_on(day)), None)


def amounts_in(parameter: Parameter, year: int) -> tuple[Amount, ...]:
    """Every value that held in a calendar year, oldest first: two where it changed in between, none where unknown."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    return tuple(
        amount
        for amount in parameter.values
        if amount.since <= last and (amount.until is None or first <= amount.until)
    )
