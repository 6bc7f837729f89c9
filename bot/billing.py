"""From a visit's units to its lines: modifiers on each, pairs of the day checked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.visit import Giver, Service
from knowledge.entry import Entry
from knowledge.rules.assistants import SOURCES, AssistantLine, Reason, ServiceTime, assistant_lines
from knowledge.rules.modifiers import Discipline, discipline_modifier
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


WHY: Mapping[Reason, str] = {
    "therapist reached eight": "the therapist alone gave 8 minutes or more of the last unit",
    "more than a tenth": "the assistant gave more than a tenth",
    "a tenth or less": "the assistant gave a tenth or less",
    "whole blocks": "each whole 15 minutes go to who gave them",
    "one each": "the last two units are shared, one each",
    "two units unsettled": "no source settles the last two units: look at them yourself",
}


@dataclass(frozen=True)
class AssistantShare:
    """What an assistant gave of a code, in minutes, and how its units go; no `line` where the plan is nobody's."""

    code: str
    minutes: int
    total: int
    line: AssistantLine | None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the units go as they do, in words."""
        return tuple(WHY[one] for one in (self.line.reasons if self.line else ()) if one in WHY)

    @property
    def sources(self) -> tuple[str, ...]:
        """The keys of the sources that say so."""
        reasons = self.line.reasons if self.line else ()
        return tuple(dict.fromkeys(key for one in reasons if one in WHY for key in SOURCES[one]))


def assistant_shares(
    units: Mapping[str, int], services: Sequence[Service], entries: Mapping[str, Entry], discipline: Discipline | None
) -> tuple[AssistantShare, ...]:
    """The codes of which an assistant gave minutes; evaluations are the therapist's alone. `units` are Medicare's."""
    shares = (_share(code, count, services, entries, discipline) for code, count in units.items() if count)
    return tuple(one for one in shares if one is not None)


def billed_lines(
    units: Mapping[str, tuple[int, int]],
    shares: Sequence[AssistantShare],
    findings: Sequence[PairFinding],
    discipline: Discipline | None,
    *,
    also: tuple[str, ...] = (),
) -> tuple[BilledLine, ...]:
    """The lines of a visit. `units` are (Medicare's, midpoint's) for each code, `shares` what an assistant gave.

    59 stands on column two of each pair that a modifier unlocks, `also` at the end of every line; the assistant's units
    have a line of their own.
    """
    distinct = {one.modifier_on for one in findings if one.modifier_on}
    own = (discipline_modifier(discipline),) if discipline else ()
    carrying = {one.code: one.line for one in shares if one.line and one.line.units_with}
    lines: list[BilledLine] = []
    for code, (medicare, midpoint) in units.items():
        last = (*(("59",) if code in distinct else ()), *also)
        plain = BilledLine(code, medicare, midpoint, (*own, *last))
        assisted = carrying.get(code)
        if assisted is None or assisted.modifier is None:
            lines.append(plain)
        else:
            lines.extend(_parted(plain, assisted.units_with, (*own, assisted.modifier, *last)))
    return tuple(lines)


def _parted(whole: BilledLine, count: int, modifiers: tuple[str, ...]) -> Iterator[BilledLine]:
    """A code's units as the assistant's line, and the therapist's where any are left."""
    yield BilledLine(whole.code, count, min(count, whole.midpoint), modifiers)
    if whole.medicare > count:
        yield BilledLine(whole.code, whole.medicare - count, max(whole.midpoint - count, 0), whole.modifiers)


def _share(
    code: str, units: int, services: Sequence[Service], entries: Mapping[str, Entry], discipline: Discipline | None
) -> AssistantShare | None:
    own = (code, entries[code].add_on_to)  # an add-on has its minutes in common with the code that it is added to
    given = [one for one in services if one.code in own and one.minutes is not None]
    givers: tuple[Giver, ...] = ("therapist", "assistant", "together")
    minutes = {who: sum(one.minutes or 0 for one in given if one.giver == who) for who in givers}
    if not minutes["assistant"] or entries[code].family == "evaluation":
        return None
    time = ServiceTime(code, minutes["therapist"], minutes["assistant"], minutes["together"])
    timing = {code: entries[code].timing.value}
    line = assistant_lines([time], {code: units}, timing, discipline)[0] if discipline else None
    return AssistantShare(code, time.assistant_minutes, time.total, line)
