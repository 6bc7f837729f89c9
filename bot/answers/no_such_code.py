"""A number that is no code: a misprint, a code that ended, or one that the shelves do not have."""

from dataclasses import dataclass
from typing import ClassVar

from rapidfuzz.distance import OSA

from bot.answers.answer import Answer
from bot.query import Query
from knowledge.entry import Entry, RetiredCode


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
    if not query.numbers or query.codes:
        return None
    number = query.numbers[0]
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
    return tuple((common or near)[:3])
