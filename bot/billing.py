"""From a visit's units to its lines: modifiers on each, pairs of the day checked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.visit import Discipline, Service
from knowledge.entry import Entry
from knowledge.rules.assistants import ServiceTime, assistant_lines
from knowledge.rules.modifiers import discipline_modifier
from knowledge.rules.same_day import PairFinding


@dataclass(frozen=True)
class BilledLine:
    """A line of a claim: units by Medicare's rule and by the midpoint, and its modifiers in order."""

    code: str
    medicare: int
    midpoint: int
    modifiers: tuple[str, ...]

    def text(self, units: int) -> str:
        """The line as it is typed into a record: code, modifiers, units."""
        return " ".join((self.code, *self.modifiers, f"x{units}"))


def billed_lines(
    units: Mapping[str, tuple[int, int]],
    services: Sequence[Service],
    entries: Mapping[str, Entry],
    findings: Sequence[PairFinding],
    discipline: Discipline | None,
) -> tuple[BilledLine, ...]:
    """The lines of a visit. `units` are (Medicare's, midpoint's) for each code.

    59 stands on column two of each pair that a modifier unlocks; the assistant's units have a line of their own.
    """
    distinct = {one.modifier_on for one in findings if one.modifier_on}
    own = (discipline_modifier(discipline),) if discipline else ()
    lines: list[BilledLine] = []
    for code, (medicare, midpoint) in units.items():
        last = ("59",) if code in distinct else ()
        plain = BilledLine(code, medicare, midpoint, (*own, *last))
        assisted = _assisted_units(code, medicare, services, entries, discipline)
        lines.extend(_parted(plain, assisted[1], (*own, assisted[0], *last)) if assisted else (plain,))
    return tuple(lines)


def _parted(whole: BilledLine, count: int, modifiers: tuple[str, ...]) -> Iterator[BilledLine]:
    """A code's units as the assistant's line, and the therapist's where any are left."""
    yield BilledLine(whole.code, count, min(count, whole.midpoint), modifiers)
    if whole.medicare > count:
        yield BilledLine(whole.code, whole.medicare - count, max(whole.midpoint - count, 0), whole.modifiers)


def _assisted_units(
    code: str, units: int, services: Sequence[Service], entries: Mapping[str, Entry], discipline: Discipline | None
) -> tuple[str, int] | None:
    """The assistant's modifier and how many of the code's units carry it; None where none does."""
    given = [one for one in services if one.code == code and one.minutes is not None]
    minutes = {who: sum(one.minutes or 0 for one in given if one.giver == who) for who in ("therapist", "assistant")}
    if discipline is None or not minutes["assistant"] or not units or entries[code].family == "evaluation":
        return None
    time = ServiceTime(code, minutes["therapist"], minutes["assistant"])
    (line,) = assistant_lines([time], {code: units}, {code: entries[code].timing.value}, discipline)
    return (line.modifier, line.units_with) if line.modifier and line.units_with else None
