"""Which units of a visit carry CQ or CO because an assistant gave them, worked out from everybody's minutes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from knowledge.entry import TimingKind
from knowledge.rules.modifiers import AssistantModifier, Discipline, assistant_modifier
from knowledge.statement import Caution, SourceKey

BLOCK = 15  # minutes of one unit of a timed code
ENOUGH = 8  # minutes by the therapist that make the last unit the therapist's
TWO_UNITS = 23  # minutes left to two units; CMS's case ends at 28, for each gave fewer than 15
TWO_UNITS_READ = 24  # the lower bound as Therapy Comply has it (TC22)

QUARTER_HOUR: TimingKind = "timed_15"  # whose units follow from its own minutes alone

Reason = Literal[
    "no assistant",  # the assistant gave no minutes apart from the therapist
    "therapist only",  # evaluations and re-evaluations
    "no modifier",  # speech-language pathology has no assistant modifier
    "whole blocks",  # fifteen minutes or more by one of them: that unit is theirs
    "therapist reached eight",  # the last unit is the therapist's
    "more than a tenth",  # the assistant gave more than 10 percent of the unit or service
    "a tenth or less",
    "one each",  # two units left, shared: one with, one without
    "two units unsettled",  # two units left for fewer than 23 minutes: no source has this case
]

SOURCES: Mapping[Reason, tuple[SourceKey, ...]] = MappingProxyType(
    {
        "no assistant": ("CMSCQ",),
        "therapist only": (),
        "no modifier": ("CMSCQ",),
        "whole blocks": ("PTMCQ",),
        "therapist reached eight": ("MCWCQ", "MONCQ"),
        "more than a tenth": ("MEDICLAIM", "MONCQ"),
        "a tenth or less": ("MEDICLAIM", "MONCQ"),
        "one each": ("TC22",),
        "two units unsettled": (),
    }
)


@dataclass(frozen=True)
class ServiceTime:
    """Minutes of one code by the therapist alone, by the assistant alone, and by both together.

    Raises ValueError for negative minutes.
    """

    code: str
    therapist_minutes: int
    assistant_minutes: int
    together_minutes: int = 0

    def __post_init__(self) -> None:
        """Refuse minutes that cannot be."""
        if min(self.therapist_minutes, self.assistant_minutes, self.together_minutes) < 0:
            raise ValueError(f"{self.code}: minutes are zero or more")

    @property
    def as_therapist(self) -> int:
        """Minutes that count as the therapist's: alone, and together with the assistant."""
        return self.therapist_minutes + self.together_minutes

    @property
    def total(self) -> int:
        """All minutes of the code, those of both together counted once."""
        return self.as_therapist + self.assistant_minutes


@dataclass(frozen=True)
class AssistantLine:
    """A code's units with the assistant modifier and without, and why; the two kinds stand on lines of their own.

    `modifier` is None where none applies. `reasons` are in the order in which units were given out.
    """

    code: str
    modifier: AssistantModifier | None
    units_with: int
    units_without: int
    reasons: tuple[Reason, ...]
    caution: Caution | None = None


def assistant_lines(
    times: Iterable[ServiceTime],
    units: Mapping[str, int],
    timing: Mapping[str, TimingKind],
    discipline: Discipline,
    evaluations: Collection[str] = (),
) -> tuple[AssistantLine, ...]:
    """How many units of each code carry CQ (PTA) or CO (OTA), and how many do not, for visits since 2022-01-01.

    `units` are those billed for the day, `timing` each code's kind from its entry, `evaluations` the codes that only
    a therapist may give. Times of one code are added up. Where a tie leaves the clinician a choice of code, ask
    once for each choice. Raises ValueError where the units do not follow from the minutes, KeyError where a code
    lacks its units or timing.
    Source: CMSCQ, of which only the opening could be read; MONCQ, MEDICLAIM, MCWCQ, PTMCQ and TC22 for the rules.

    >>> lines = assistant_lines([ServiceTime("97110", 13, 23)], {"97110": 2}, {"97110": "timed_15"}, "PT")
    >>> [(line.modifier, line.units_with, line.units_without) for line in lines]
    [('CQ', 1, 1)]
    """
    modifier = assistant_modifier(discipline)
    return tuple(
        _line(time, units[time.code], timing[time.code], modifier, time.code in evaluations) for time in _by_code(times)
    )


def more_than_a_tenth(assistant_minutes: int, total_minutes: int) -> bool:
    """Whether the assistant gave more than 10 percent of a unit or service: the de minimis rule.

    Exact tenths, nothing rounded. Source: MediClaim (MEDICLAIM), Montero (MONCQ).

    >>> more_than_a_tenth(11, 100), more_than_a_tenth(10, 100)
    (True, False)
    """
    return assistant_minutes * 10 > total_minutes


def _by_code(times: Iterable[ServiceTime]) -> Iterable[ServiceTime]:
    """One time a code, in the order in which the codes came first."""
    sums: dict[str, ServiceTime] = {}
    for time in times:
        before = sums.get(time.code, ServiceTime(time.code, 0, 0))
        sums[time.code] = ServiceTime(
            time.code,
            before.therapist_minutes + time.therapist_minutes,
            before.assistant_minutes + time.assistant_minutes,
            before.together_minutes + time.together_minutes,
        )
    return sums.values()


def _line(
    time: ServiceTime, units: int, kind: TimingKind, modifier: AssistantModifier | None, evaluation: bool
) -> AssistantLine:
    if modifier is None:
        return _plain(time, units, "no modifier", "unverified" if time.assistant_minutes else None)
    if evaluation:
        return _plain(time, units, "therapist only")
    if not time.assistant_minutes:
        return _plain(time, units, "no assistant")
    if kind == QUARTER_HOUR:
        return _timed_line(time, units, modifier)
    return _line_by_share(time, units, modifier)


def _plain(time: ServiceTime, units: int, reason: Reason, caution: Caution | None = None) -> AssistantLine:
    return AssistantLine(time.code, None, 0, units, (reason,), caution)


def _line_by_share(time: ServiceTime, units: int, modifier: AssistantModifier) -> AssistantLine:
    """A code without quarter hours goes whole: the assistant's share of all its minutes decides.

    For one unit that is the rule; that several such units go together is our reading, as is that a code for the first
    minutes and its add-on, which have their minutes in common, go by the share of all of these.
    """
    caution: Caution | None = "unverified" if units > 1 else None
    if more_than_a_tenth(time.assistant_minutes, time.total):
        return AssistantLine(time.code, modifier, units, 0, ("more than a tenth",), caution)
    return _plain(time, units, "a tenth or less", caution)


def _timed_line(time: ServiceTime, units: int, modifier: AssistantModifier) -> AssistantLine:
    """Whole blocks first, each to the one who gave them; then what is left of the code's units."""
    plain, therapist_left = divmod(time.as_therapist, BLOCK)
    assisted, assistant_left = divmod(time.assistant_minutes, BLOCK)
    left = units - plain - assisted
    minutes_left = therapist_left + assistant_left
    if not 0 <= left <= -(-minutes_left // BLOCK):  # rounded up: a part of a block may be a unit
        raise ValueError(f"{time.code}: {units} units do not follow from its {time.total} minutes")
    reasons: tuple[Reason, ...] = ("whole blocks",) if plain or assisted else ()
    if left:
        plain_left, reason = _last_units(left, therapist_left, assistant_left)
        plain, assisted, reasons = plain + plain_left, assisted + left - plain_left, (*reasons, reason)
    unsettled = left > 1 and minutes_left < TWO_UNITS_READ
    return AssistantLine(
        time.code, modifier if assisted else None, assisted, plain, reasons, "unverified" if unsettled else None
    )


def _last_units(left: int, therapist_left: int, assistant_left: int) -> tuple[int, Reason]:
    """How many of the one or two units left go without the modifier, and why.

    Two units for fewer than 23 minutes are not in any source: there the therapist's eight minutes decide, so that no
    unit goes without the modifier for less.
    """
    reached = therapist_left >= ENOUGH
    if left > 1:
        return int(reached), "one each" if therapist_left + assistant_left >= TWO_UNITS else "two units unsettled"
    if reached:
        return 1, "therapist reached eight"
    if more_than_a_tenth(assistant_left, therapist_left + assistant_left):
        return 0, "more than a tenth"
    return 1, "a tenth or less"
