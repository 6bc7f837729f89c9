"""A number that is no code: a misprint, a code that ended, or one that the shelves do not have."""

import re
from dataclasses import dataclass
from typing import ClassVar

from rapidfuzz.distance import OSA

from bot.answers.answer import Answer
from bot.query import Query
from knowledge.entry import Entry, RetiredCode

_TOO_SHORT = re.compile(  # a number by itself that lacks a digit
    r"\W*(?:(?:what(?:'?s| is)?|which|cpt|code|describe|explain)\s+)*(9\d{3})\W*", re.IGNORECASE
)
MOST_MEANT = 3
MOST_COMPLETED = 6  # a digit too few leaves more codes open than another slip does


@dataclass(frozen=True, kw_only=True)
class NoSuchCode(Answer):
    """The number as typed, what is known about it, and the entries that may be meant."""

    kind: ClassVar[str] = "no_such_code"
    number: str
    retired: RetiredCode | None
    meant: tuple[Entry, ...]
    elsewhere: bool


def find(query: Query) -> NoSuchCode | None:
    """What to say of a number without an entry, where no known code stands beside it."""
    too_short = _TOO_SHORT.fullmatch(query.text)
    if query.codes or not (query.numbers or too_short):
        return None
    number = query.numbers[0] if query.numbers else too_short[1] if too_short else ""
    retired = query.library.retired.get(number)
    near = retired.instead if retired else _one_slip_away(number, query)
    meant = tuple(query.library.entries[code] for code in near)
    return NoSuchCode(
        number=number,
        retired=retired,
        meant=meant,
        elsewhere=retired is None and not meant,
        also=tuple(near),
        confidence=0.95 if retired else 0.8,
    )


def _one_slip_away(number: str, query: Query) -> tuple[str, ...]:
    """Codes a slip away: a digit too many, too few or swapped. A digit that differs may be another specialty's code."""
    if len(number) == 5 and number[:2] != "97":  # noqa: PLR2004
        return ()
    near = [code for code in query.library.entries if OSA.distance(number, code) == 1]
    common = [code for code in near if len(number) != len(code) or sorted(code) == sorted(number)]
    return tuple((common or near)[: MOST_COMPLETED if len(number) == 4 else MOST_MEANT])  # noqa: PLR2004
