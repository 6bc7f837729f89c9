"""Units of a visit's minutes, by Medicare's 8-minute rule and by the midpoint method side by side."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from bot.answers.answer import Answer
from bot.answers.described import tells_area, units_by_area
from bot.answers.same_day import standing_findings
from bot.billing import AssistantShare, BilledLine, assistant_shares, billed_lines
from bot.day_of_service import day_of_service
from bot.durations import mark_durations
from bot.query import Query
from bot.scope import is_plainly_elsewhere
from bot.visit import (
    Named,
    Service,
    Visit,
    discipline_said,
    name_service,
    named_in_all,
    only_minutes,
    read_visit,
    units_told,
)
from knowledge.entry import Entry
from knowledge.rules.same_day import PairFinding
from knowledge.rules.timed_units import (
    QUARTER_HOUR,
    Allocation,
    ManagementUnits,
    MinutesError,
    Tie,
    first_and_further_units,
    medicare_allocation,
    midpoint_allocation,
    midpoint_units,
    monthly_management_units,
)

_MAY_TELL_MINUTES = re.compile(r"\d|h(?:ou)?r|half|minutes")
_ASKS_UNITS = re.compile(
    r"\b(?:units?|unitd|untis|unts|8[- ]?min(?:ute)?s? rule|eight[- ]?minute rule|rule of (?:8|eight)'?s?|midpoint"
    r"|how many (?:of|to|can|do)|bill\w*|what(?:'?s| is) billable|split)\b",
)
_ASKS_COUNT = re.compile(r"\bhow many\b|\bx\s?\?|\b(?:what|how) (?:do|can|should|would) (?:i|we|you) (?:bill|charge)\b")
_ASKS_CODE = re.compile(r"\b(?:codes?|cpt|which|what do (?:i|we|you) (?:use|call))\b")
_BY_VIDEO = re.compile(r"\b(?:telehealth|telerehab|tele visit|(?:by|over|on|via) (?:live )?video|video visit)\b")
_SAYS_UNITS = re.compile(r"\b(?:units?|unitd|untis|unts)\b")
_ASKS_MODIFIERS = re.compile(r"\b(?:modif\w*|modifer\w*|mods|(?:which|what) mod|cq|co(?! ?-?treat)|kx|59|x[espu])\b")
_TYPED_WITH_ITS_CODE = re.compile(
    r"(?<=\d)(?:-(?:g[pon]|kx|c[qo]|59|x[espu]|95))+\b"
    r"|(?<=\d)(?:[- ](?:g[pon]|kx|c[qo]|59|x[espu]|95))+(?=\s*[:x(-]?\s*\d)"
)
_ASKS_BOTH = re.compile(
    r"\bunits?\b[^.?\d]{0,8}\b(?:and|&|\+|/|with)\W{0,2}(?:the )?mod|\bmod\w*\W{1,3}(?:and|&|\+|/)\W{0,2}units?\b"
)
_MINUTES_OF = re.compile(r"\b\d{1,3}\s*min\w*\s+(?:of|on)\s+([\w-]+)(?:\s+([\w-]+))?")
# A part of a service's time picks a code of a family ("the second 15 minutes") rather than asking for units.
_PART_OF_TIME = re.compile(
    r"\b(?:1st|2nd|3rd|first|second|third|another|extra|additional|further|next|past|beyond|after)"
    r" (?:the )?(?:1st |first )?(?:\d+|half|hour|hr|quarter)",
)
_ASKS_ELSE = re.compile(
    r"\b(?:document(?!ed\b)\w*|(?<!min )(?<!minutes )(?<!min,  )documented|same day|same (?:\d+ )?min\w*"
    r"|rest(?:ing)? time|maximum|limit|threshold)\b"
)
NAMED_WELL = 0.5  # score of the words that name the one service told
PLAINLY = 0.6  # score of words that name a service by themselves
SURELY = 0.85  # score, and share of a saying, of words that name a service and nothing else
MOSTLY = 0.7  # share of a saying below which words that have it name it hardly
LEAST_BARE = 8  # a smaller number alone may count units, or anything
MOST_BARE_WORDS = 4
SHORT = 9  # words; a longer question with minutes in it asks for something else unless it says units

# How units follow where they are no plain quarter hours: minutes of the first unit, and of each further one.
_FIRST_AND_FURTHER: Mapping[str, tuple[int, int]] = {
    "timed_15_first": (15, 15),
    "first_30": (30, 15),
    "first_60": (60, 30),
    "per_60": (60, 60),
    "first_2_hours": (120, 60),
}
_MONTHLY = ("per_month_first_10", "per_month_first_20", "per_month_20_addon")
_OF_A_MONTH = re.compile(
    r"\bmo?nths?\b|\b(?:january|february|march|april|june|july|august|september|october|november|december)\b|\b20\d\d\b"
)
_BEYOND_WHAT_IS_BILLED = re.compile(r"\balready\b|\b(?:the )?rest\b|\bone for\b|\bremain\w*")
_NOT_PAID_ALONE = ("B", "I")  # Medicare's letters: bundled, and not valid for Medicare


@dataclass(frozen=True, kw_only=True)
class UnitLine:
    """One code's units. `working` says in words how they follow; `alike` are codes that the same words may mean.

    `is_a_guess`: the words hardly name the code.
    """

    entry: Entry
    minutes: int | None
    medicare: int
    midpoint: int
    typed: str
    working: str
    alike: tuple[str, ...] = ()
    is_a_guess: bool = False


@dataclass(frozen=True, kw_only=True)
class Units(Answer):
    """Units by both methods. `pooled` is Medicare's allocation of the 15-minute codes, one for each discipline.

    `over` names codes whose units pass Medicare's unit limit; `unpooled` codes whose minutes were counted by themselves
    because no source says whether they pool; `uncounted` timed codes without minutes; `left_out` minutes that count for
    nothing; `unnamed` minutes whose words name no service; `unpicked` typed codes that the minutes do not pick;
    `is_by_video` a visit by telehealth; `shares` what an assistant gave; `is_of_a_month` a month's management.
    """

    kind: ClassVar[str] = "units"
    lines: tuple[UnitLine, ...]
    pooled: tuple[Allocation, ...]
    over: tuple[tuple[Entry, int], ...]
    unpooled: tuple[str, ...]
    uncounted: tuple[str, ...]
    left_out: tuple[tuple[str, int], ...]
    unnamed: tuple[tuple[str, int], ...]
    unpicked: tuple[str, ...]
    total_minutes: int
    billed: tuple[BilledLine, ...]
    locked: tuple[PairFinding, ...]
    unlocked: tuple[PairFinding, ...]
    discipline: str | None
    is_by_video: bool
    shares: tuple[AssistantShare, ...]
    is_of_a_month: bool

    def for_scripts(self) -> dict[str, Any]:
        """Units and ties by method."""
        return {
            "units": {
                "medicare": {line.entry.code: line.medicare for line in self.lines if line.medicare},
                "midpoint": {line.entry.code: line.midpoint for line in self.lines if line.midpoint},
            },
            "ties": {
                "medicare": [{"units": tie.units, "among": list(tie.among)} for tie in self.ties],
                "midpoint": [],
            },
            "modifiers": list(dict.fromkeys(name for line in self.billed for name in line.modifiers)),
            "lines": [
                {
                    "code": line.code,
                    "units": {"medicare": line.medicare, "midpoint": line.midpoint},
                    "modifiers": list(line.modifiers),
                }
                for line in self.billed
            ],
        }

    @property
    def to_copy(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The lines as they are typed into a record: by Medicare's rule, and by the midpoint."""
        medicare = tuple(line.text(line.medicare) for line in self.billed if line.medicare)
        return medicare, tuple(line.text(line.midpoint) for line in self.billed if line.midpoint)

    @property
    def alike_by_both(self) -> bool:
        """Do both methods give each line the same units?"""
        return all(line.medicare == line.midpoint for line in self.billed)

    @property
    def ties(self) -> tuple[Tie, ...]:
        """Last units that may go to another code as well."""
        return tuple(tie for allocation in self.pooled for tie in allocation.ties)


@dataclass(frozen=True, kw_only=True)
class Impossible(Answer):
    """Minutes that cannot be, and why."""

    kind: ClassVar[str] = "impossible"
    why_not: str


@dataclass(frozen=True, kw_only=True)
class OfWhat(Answer):
    """Minutes beside which nothing is named that was done, and the units that they are of one 15-minute code.

    `told` are the units that were asked about for them; 0 where none were. `among` are the codes that have
    them together.
    """

    kind: ClassVar[str] = "of_what"
    minutes: int
    units: int
    told: int = 0
    among: tuple[Entry, ...] = ()

    @property
    def least_for_told(self) -> int:
        """The fewest timed minutes in all for the units asked about."""
        return QUARTER_HOUR * self.told - QUARTER_HOUR // 2


def find(query: Query) -> Units | Impossible | OfWhat | None:
    """The units of the minutes that the question tells, where it asks for them or gives nothing but a visit."""
    if not _MAY_TELL_MINUTES.search(query.low):
        return None
    says_units = bool(_SAYS_UNITS.search(query.low))
    asks_modifiers = bool(_ASKS_MODIFIERS.search(_TYPED_WITH_ITS_CODE.sub(" ", query.low)))
    is_of_sessions = _is_of_sessions(query)
    if (asks_modifiers or (_ASKS_ELSE.search(query.low) and not is_of_sessions)) and not says_units:
        return None
    of_area = _of_area(query) if says_units or _ASKS_COUNT.search(query.low) or len(query.codes) > 1 else None
    if of_area:
        return of_area
    visit = read_visit(query)
    is_of_a_line = asks_modifiers and not _ASKS_BOTH.search(query.low)
    if is_of_a_line and len({one.code for one in visit.with_minutes}) < 2:  # noqa: PLR2004
        return None
    if is_of_sessions and not says_units and len({one.code for one in visit.services}) > 1:
        return None  # whether they go together is asked
    return _of_what(query, visit) or _of_visit(query, visit, says_units=says_units)


def _of_area(query: Query) -> Units | None:
    """The units of a service that counts by square centimetres, where these are told."""
    if not tells_area(query):
        return None
    named = next((Named(code) for code in query.codes), None) or name_service(query.text, query)
    if named is None or not units_by_area(query, query.library.entries[named.code]):
        return None
    service = Service(query.text, named.code, None, score=named.score, covered=named.covered)
    return _count(query, Visit((service,)))


def _is_of_sessions(query: Query) -> bool:
    """Are the times of several sessions of one day told?"""
    if "same day" not in query.low:
        return False
    asked = {found[0] for found in _ASKS_ELSE.finditer(query.low)}
    return asked == {"same day"} and len(mark_durations(query.text).spans) > 1


def _of_visit(query: Query, visit: Visit, *, says_units: bool) -> Units | Impossible | OfWhat | None:
    """The units of what was done, where they are asked for."""
    if not visit.with_minutes or (not says_units and _is_of_a_part(query, visit)) or not _is_asked(query, visit):
        return None
    plain = {one.code for one in visit.with_minutes if one.score >= SURELY and one.covered >= SURELY}
    is_of_units = says_units and visit.explicit and any(_is_named(one) for one in visit.with_minutes)
    is_plain = len(plain) > 1 or is_of_units  # two services told make it ours, and cost no search
    if not is_plain and is_plainly_elsewhere(query):
        return None
    if visit.together:
        return _of_several(query, visit)
    if not visit.is_clear:
        return Impossible(why_not="Several services have minutes, and I cannot tell which to change.", confidence=0.9)
    try:
        counted = _refused(visit) or _count(query, visit)
    except MinutesError as error:
        return Impossible(why_not=str(error), codes=(), confidence=0.9)
    return None if isinstance(counted, Units) and not counted.lines else counted  # too few minutes of a month


def _of_what(query: Query, visit: Visit) -> OfWhat | None:
    """Minutes of nothing named, or of several codes together for which units are told."""
    told = units_told(query)
    spans = mark_durations(query.text).spans if len(told) > 1 else ()
    minutes = spans[0].minutes if len(spans) == 1 else None
    if not visit.with_minutes:
        minutes = minutes or only_minutes(query)
    return OfWhat(minutes=minutes, units=midpoint_units(minutes), told=sum(told), confidence=0.9) if minutes else None


def _is_named(service: Service) -> bool:
    """Do its words name the service wholly, whatever stands beside them?"""
    return service.typed or (service.score >= NAMED_WELL and service.covered >= SURELY)


def _of_several(query: Query, visit: Visit) -> OfWhat:
    """Minutes of several services of which nobody tells how they were divided."""
    minutes = max(one.minutes or 0 for one in visit.with_minutes)
    among = tuple(query.library.entries[code] for code in visit.together)
    return OfWhat(
        minutes=minutes,
        units=midpoint_units(minutes),
        among=among,
        codes=visit.together,
        choice=True,
        confidence=0.9,
    )


def _is_of_a_part(query: Query, visit: Visit) -> bool:
    """Is a part of one service's time spoken of, which picks its code?"""
    plain = {one.code for one in visit.with_minutes if one.typed or one.score >= PLAINLY}
    return len(plain) < 2 and speaks_of_a_part(query)  # noqa: PLR2004  # one service's


def speaks_of_a_part(query: Query) -> bool:
    """Is a part of a time spoken of ("the second 15 minutes")?"""
    return bool(_PART_OF_TIME.search(query.low))


def _is_asked(query: Query, visit: Visit) -> bool:
    counted = visit.with_minutes
    if not visit.explicit and len(counted) == 1 and not _SAYS_UNITS.search(query.low):
        return _is_nothing_else(query, counted[0])
    is_a_visit = visit.told > 1 or counted[0].giver != "therapist" or _SAYS_UNITS.search(query.low)
    if not is_a_visit and not _is_the_matter(query, counted[0]):
        return False
    if _ASKS_UNITS.search(query.low):
        return visit.explicit or all((one.minutes or 0) <= 180 for one in counted)  # noqa: PLR2004
    if visit.told > 1:
        return True
    if visit.explicit and counted[0].giver != "therapist" and not _ASKS_CODE.search(query.low):
        return True
    entry = query.library.entries[counted[0].code]
    if visit.explicit and entry.timing.value in _MONTHLY and _OF_A_MONTH.search(query.low):
        return not (_ASKS_CODE.search(query.low) or _BEYOND_WHAT_IS_BILLED.search(query.low))
    is_plain = entry.timing.value == "timed_15" or entry.timing.value in _FIRST_AND_FURTHER
    if visit.explicit and not _ASKS_CODE.search(query.low) and _minutes_of_a_short_name(query):
        return True
    is_short = len(query.text.split()) <= SHORT and is_plain and counted[0].score >= NAMED_WELL
    return visit.explicit and not _ASKS_CODE.search(query.low) and (counted[0].typed or is_short)


def _is_nothing_else(query: Query, service: Service) -> bool:
    """Is a question nothing but a timed service and a number that can only be its minutes ("neuro re-ed 38")?"""
    minutes = service.minutes or 0
    is_short_name = service.typed or service.text.lower() in query.library.words.services
    is_timed = query.library.entries[service.code].timing.value == "timed_15"
    return is_short_name and is_timed and minutes >= LEAST_BARE and len(query.text.split()) <= MOST_BARE_WORDS


def _is_the_matter(query: Query, service: Service) -> bool:
    """Is the one service with minutes what the whole question names? If not, its code is to be looked up first."""
    named = None if service.typed else name_service(query.text, query)
    if named is not None and named.covered < MOSTLY:
        named = named_in_all(query)
    if named is None or (named.score < NAMED_WELL and _ASKS_UNITS.search(query.low)):
        return service.typed or named is not None
    return service.code in (named.code, query.library.entries[named.code].add_on_to)


def _minutes_of_a_short_name(query: Query) -> bool:
    """Does the question say "7 minutes of ultrasound": minutes of a service by its short name?"""
    found = _MINUTES_OF.search(query.low)
    names = query.library.words.services
    return found is not None and any(" ".join(one or "" for one in found.groups()[:count]) in names for count in (1, 2))


def _refused(visit: Visit) -> Impossible | None:
    """Clock times that overlap: the same minutes cannot count twice."""
    clocks = sorted(visit.clocks)
    for (_, end), (start, _) in itertools.pairwise(clocks):
        if start < end:
            overlap = f"{_clock(start)} to {_clock(end)}"
            return Impossible(
                why_not=f"The clock times overlap: {overlap} stands in two of them. A minute counts once.",
                confidence=0.9,
            )
    return None


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def _count(query: Query, visit: Visit) -> Units:
    known = query.library.entries
    timed = [one for one in visit.with_minutes if known[one.code].timing.value == "timed_15"]
    groups = _by_discipline(timed)
    medicare = tuple(medicare_allocation(group) for group in groups)
    midpoint = tuple(midpoint_allocation(group) for group in groups)
    lines = tuple(_merge_lines([*_timed_lines(query, timed, medicare, midpoint), *_other_lines(query, visit)]))
    findings = standing_findings(query, [line.entry.code for line in lines if line.midpoint])
    discipline = discipline_said(query)
    is_by_video = bool(_BY_VIDEO.search(query.low))
    units = {line.entry.code: (line.medicare, line.midpoint) for line in lines}
    paid = {code: medicare for code, (medicare, _) in units.items()}
    shares = assistant_shares(paid, visit.services, known, discipline)
    monthly = {line.entry.family for line in lines if line.entry.timing.value in _MONTHLY}
    unpicked = tuple(code for code in query.codes if known[code].family in monthly and code not in units)
    order = [one.text for one in visit.services]
    lines = tuple(sorted(lines, key=lambda line: order.index(line.typed)))
    return Units(
        lines=lines,
        pooled=medicare,
        over=tuple(_over(lines)),
        uncounted=tuple(_uncounted(query, visit, lines)),
        unpooled=tuple(line.entry.code for line in lines if line.entry.timing.value == "timed_15_first"),
        left_out=visit.left_out,
        unnamed=visit.unnamed,
        unpicked=unpicked,
        total_minutes=sum(one.minutes or 0 for one in visit.services),
        billed=billed_lines(
            {line.entry.code: units[line.entry.code] for line in lines},
            shares,
            findings,
            discipline,
            also=("95",) if is_by_video else (),
        ),
        locked=tuple(one for one in findings if one.allowed is False),
        unlocked=tuple(one for one in findings if one.modifier),
        discipline=discipline,
        is_by_video=is_by_video,
        is_of_a_month=bool(monthly),
        shares=tuple(one for one in shares if one.line is None or one.minutes < one.total),
        codes=tuple(line.entry.code for line in lines),
        also=tuple(dict.fromkeys((*unpicked, *(code for line in lines for code in line.alike)))),
        confidence=0.7 if any(line.alike for line in lines) else 0.9,
    )


def _by_discipline(timed: Sequence[Service]) -> list[dict[str, int]]:
    """Minutes of one discipline pool; where two are named, each has a day of its own."""
    groups: dict[str | None, dict[str, int]] = {}
    are_several = len({one.discipline for one in timed if one.discipline}) > 1
    for one in timed:
        group = groups.setdefault(one.discipline if are_several else None, {})
        group[one.code] = group.get(one.code, 0) + (one.minutes or 0)
    return list(groups.values())


def _timed_lines(
    query: Query, timed: Sequence[Service], medicare: Sequence[Allocation], midpoint: Sequence[Allocation]
) -> Iterator[UnitLine]:
    for pooled, alone in zip(medicare, midpoint, strict=True):
        for code, minutes in pooled.minutes.items():
            services = [one for one in timed if one.code == code]
            full, rest = pooled.full_units[code], pooled.remainders[code]
            yield UnitLine(
                entry=query.library.entries[code],
                minutes=minutes,
                medicare=pooled.units[code],
                midpoint=alone.units[code],
                typed=services[0].text,
                alike=services[0].alike,
                is_a_guess=services[0].covered < MOSTLY,
                working=f"{minutes} min = {full} × 15 + {rest}",
            )


def _other_lines(query: Query, visit: Visit) -> Iterator[UnitLine]:
    """Codes that are no plain quarter hours: untimed ones, first-and-further pairs, months of monitoring."""
    known = query.library.entries
    for service in _of_all_givers(visit.services):
        entry = known[service.code]
        kind = entry.timing.value
        if kind == "timed_15":
            continue
        if kind in _FIRST_AND_FURTHER and service.minutes is not None:
            yield from _first_and_further(query, entry, service)
        elif by_area := units_by_area(query, entry):
            for code, units in by_area:
                yield _line(
                    known[code], service, units, units, "by the area: the first 20 sq cm, each further 20 or part"
                )
        elif kind in _MONTHLY and service.minutes is not None:
            yield from _monthly(query, entry, service)
        else:
            if kind.endswith("_addon") and service.minutes is None:
                continue  # counted with its first code
            paid = 0 if entry.medicare.letter in _NOT_PAID_ALONE else 1
            yield _line(entry, service, paid, 1, "untimed: one unit whatever the minutes")


def _of_all_givers(services: Sequence[Service]) -> Iterator[Service]:
    """Each code once, with the minutes of all who gave it."""
    for code in dict.fromkeys(one.code for one in services):
        its = [one for one in services if one.code == code]
        told = [one.minutes for one in its if one.minutes is not None]
        yield replace(its[0], minutes=sum(told) if told else None)


def _first_and_further(query: Query, entry: Entry, service: Service) -> Iterator[UnitLine]:
    first, further = _FIRST_AND_FURTHER[entry.timing.value]
    one, more = first_and_further_units(service.minutes or 0, first, further)
    added = next((other for other in query.library.entries.values() if other.add_on_to == entry.code), None)
    if added is None:
        yield _line(entry, service, one + more, one + more, f"{service.minutes} min, {first} minutes a unit")
        return
    yield _line(entry, service, one, one, f"the first {first} of {service.minutes} min")
    if more:
        yield _line(added, service, more, more, f"each further {further} min, counted from half of it on")


def _monthly(query: Query, entry: Entry, service: Service) -> Iterator[UnitLine]:
    units: ManagementUnits = monthly_management_units(service.minutes or 0)
    day = day_of_service(query)
    own = {one.code for one in query.library.entries.values() if one.timing.value in _MONTHLY}
    picked = replace(
        service, alike=tuple(code for code in service.alike if code not in own)
    )  # the minutes pick among them
    by_kind = dict(zip(_MONTHLY, (units.first_10, units.first_20, units.further_20), strict=True))
    for other in query.library.entries.values():
        count = by_kind.get(other.timing.value, 0)
        is_valid = other.valid_from is None or other.valid_from <= day
        if other.family == entry.family and count and is_valid:
            yield _line(other, picked, count, count, f"{service.minutes} min in the calendar month")


def _line(entry: Entry, service: Service, medicare: int, midpoint: int, working: str) -> UnitLine:
    return UnitLine(
        entry=entry,
        minutes=service.minutes,
        medicare=medicare,
        midpoint=midpoint,
        typed=service.text,
        alike=service.alike,
        is_a_guess=service.covered < MOSTLY,
        working=working,
    )


def _merge_lines(lines: Sequence[UnitLine]) -> Iterator[UnitLine]:
    """A code once, though two of those named lead to it: a code and its add-on, or two codes of a month."""
    seen: set[str] = set()
    for line in lines:
        if line.entry.code not in seen:
            seen.add(line.entry.code)
            yield line


def _uncounted(query: Query, visit: Visit, lines: Sequence[UnitLine]) -> Iterator[str]:
    """Timed codes of which no minutes were told."""
    counted = {line.entry.code for line in lines}
    named = dict.fromkeys(one.code for one in visit.services if one.minutes is None and one.code not in counted)
    yield from (code for code in named if query.library.entries[code].timing.value == "timed_15")
    yield from (code for code in visit.unread if code not in counted and code not in named)


def _over(lines: Sequence[UnitLine]) -> Iterator[tuple[Entry, int]]:
    for line in lines:
        limit = line.entry.unit_limit
        if limit is not None and line.medicare > limit.units > 0:
            yield line.entry, line.medicare
