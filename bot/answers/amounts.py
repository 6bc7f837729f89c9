"""Amounts by date: thresholds, the conversion factor, and what Medicare pays nationally for codes."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from bot.answers.answer import Answer
from bot.day_of_service import day_of_service, says_a_year
from bot.query import Query
from knowledge.entry import Entry
from knowledge.parameter import Amount, Parameter, amount_on, amounts_in
from knowledge.rules.payment import DayPayment, day_payment, dollars, reduced_fee

_PARAMETERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("review_threshold", re.compile(r"\b(?:targeted|medical|3k|3,?000) review\b|\breview (?:threshold|amount)\b")),
    ("conversion_factor", re.compile(r"\bconversion factor\b|\bcf\b")),
    (
        "kx_threshold",
        re.compile(r"\bthresholds?\b|\b(?:kx|therapy|yearly|annual|medicare)\s+caps?\b"),
    ),
)
_ASKS_HOW_IT_WORKS = re.compile(r"\b(?:why|how do|when do|explain|what happens|need|over|past|above|rule|modifier)\b")
_PAYS = re.compile(
    r"\b(?:pays?|paid|payment|reimburs\w*|fee|fees|rate|rates|worth|allowed amount|allowable|rvus?|how much|dollars)\b"
)
_ASKS_WHETHER = re.compile(r"^\W*(?:is|are|does|do|did|will|would|can|has)\b")  # paid at all, which its entry tells
_ASKS_HOW_MUCH = re.compile(
    r"\b(?:how much|rates?|fees?|amount|dollars|rvus?|more|less|worth|better|higher|lower|best)\b|\$"
)

MOST_UNITS = 32  # of one code in a day: eight hours


@dataclass(frozen=True, kw_only=True)
class Told:
    """A dated amount with what it is called; `amounts` is empty where the year is unknown."""

    parameter: Parameter
    amounts: tuple[Amount, ...]
    known: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Fee:
    """What Medicare pays nationally for one unit, in full and after the reduction; None where the year is not known."""

    entry: Entry
    full: Decimal | None
    reduced: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Amounts(Answer):
    """Dated amounts, or fees of a year; `together` is a day with the `units` of each code, where there are several."""

    kind: ClassVar[str] = "amounts"
    year: int
    told: tuple[Told, ...]
    fees: tuple[Fee, ...]
    together: DayPayment | None
    units: tuple[tuple[str, int], ...]
    factor: Amount | None
    sources: tuple[str, ...]


def find(query: Query) -> Amounts | None:
    """The amount that is asked for, by the year of service."""
    return _parameters(query) or _fees(query)


def _parameters(query: Query) -> Amounts | None:
    names = [name for name, shape in _PARAMETERS if shape.search(query.low)][:1]
    if not names or query.codes:
        return None
    if _ASKS_HOW_IT_WORKS.search(query.low) and not (says_a_year(query) or query.says("what is", "how much")):
        return None
    day = day_of_service(query)
    told = tuple(_told(query.library.parameters[name], query, day) for name in names)
    return Amounts(year=day.year, told=told, fees=(), together=None, units=(), factor=None, sources=(), confidence=0.9)


def _told(parameter: Parameter, query: Query, day: date) -> Told:
    """The amount of that day, or all of the year where only a year was said."""
    is_a_year = says_a_year(query) and (day.month, day.day) == (12, 31)
    on_the_day = amount_on(parameter, day)
    amounts = amounts_in(parameter, day.year) if is_a_year else (on_the_day,) if on_the_day else ()
    known = tuple(sorted({amount.since.year for amount in parameter.values}))
    return Told(parameter=parameter, amounts=tuple(amounts), known=known)


def _fees(query: Query) -> Amounts | None:
    if not query.codes or not _PAYS.search(query.low_of_money):
        return None
    if _ASKS_WHETHER.search(query.low) and not _ASKS_HOW_MUCH.search(query.low) and not says_a_year(query):
        return None
    library = query.library
    day = day_of_service(query)
    schedule = library.fees.get(str(day.year))
    factor = amount_on(library.parameters["conversion_factor"], day)
    rows = schedule.rows if schedule else {}
    fees = []
    for code in query.codes:
        total = schedule.total(code) if schedule else None
        full = dollars(total, factor.value) if total is not None and factor else None
        is_cut = code in rows and rows[code].therapy_mppr and factor is not None
        reduced = reduced_fee(rows[code], factor.value) if is_cut and factor else None
        fees.append(Fee(entry=library.entries[code], full=full, reduced=reduced))
    units = tuple((code, _units_typed(code, query.text)) for code in query.codes)
    are_several = sum(count for _, count in units) > 1
    together = day_payment(units, rows, factor.value) if are_several and factor else None
    return Amounts(
        year=day.year,
        told=(),
        fees=tuple(fees),
        together=together,
        units=units,
        factor=factor,
        sources=schedule.sources if schedule else (),
        codes=query.codes if len(query.codes) == 1 else (),  # of several none is asserted by its price
        also=query.codes if len(query.codes) > 1 else (),
        confidence=0.9,
    )


def _units_typed(code: str, text: str) -> int:
    """How many units of a code the question tells ("97110 x3", "3 units of 97110"); one where it tells none."""
    shapes = (
        rf"{code}[\s,:(]*x\s?(\d{{1,2}})\b",
        rf"\b(\d{{1,2}})\s*(?:x|units?(?: of)?)\s*{code}",
        rf"{code}\D{{0,40}}?\b(\d{{1,2}})\s*units?\b",
    )
    found = (re.search(shape, text, re.IGNORECASE) for shape in shapes)
    count = next((int(one[1]) for one in found if one), 1)
    return count if 0 < count <= MOST_UNITS else 1
