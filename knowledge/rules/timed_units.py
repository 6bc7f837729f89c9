"""Minutes to units: Medicare's 8-minute rule, the midpoint method, first-and-further pairs, months of monitoring."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType

QUARTER_HOUR = 15  # minutes; the unit of a timed code
DAY = 24 * 60  # minutes
LONGEST_MONTH = 31 * DAY  # minutes
MANAGEMENT = 20  # minutes in the month; the unit of remote monitoring management
SHORT_MANAGEMENT = 10  # minutes in the month; from here on the short code, up to the first 20


class MinutesError(ValueError):
    """Minutes that cannot be: fewer than none, or more than the day (or month) has. The message says how to mend it."""


@dataclass(frozen=True)
class Tie:
    """Units that equal leftover minutes compete for: the clinician picks, at most one unit for each code of `among`."""

    units: int
    among: tuple[str, ...]


@dataclass(frozen=True)
class Allocation:
    """Units for each code of a day, with the working that led there; codes stand in the order given.

    `full_units` are whole quarter hours and `remainders` the minutes left of each code. `cap` is the most units that
    the total allows; under the midpoint method, which has no cap, it is the sum of the units. `ties` is empty when
    nothing competes and never longer than one. Tied units stand in `units` with the codes given first.
    """

    units: Mapping[str, int]
    minutes: Mapping[str, int]
    total_minutes: int
    cap: int
    full_units: Mapping[str, int]
    remainders: Mapping[str, int]
    ties: tuple[Tie, ...] = ()

    def alternatives(self) -> Iterator[Mapping[str, int]]:
        """Every way to bill that is equally right: `units` first, then the others that a tie leaves open.

        >>> [dict(way) for way in medicare_allocation({"97112": 20, "97110": 20}).alternatives()]
        [{'97112': 2, '97110': 1}, {'97112': 1, '97110': 2}]
        """
        tie = self.ties[0] if self.ties else Tie(0, ())
        given = tie.among[: tie.units]
        settled = {code: units - (code in given) for code, units in self.units.items()}
        for chosen in combinations(tie.among, tie.units):
            yield {code: units + (code in chosen) for code, units in settled.items()}


def medicare_units(timed_minutes: int) -> int:
    """Units that Medicare pays at most for a day's minutes of all timed codes of one discipline together.

    Untimed minutes are not in it. Raises MinutesError for minutes that a day cannot have.

    Source: Medicare Claims Processing Manual (Pub. 100-04), chapter 5, section 20.2.

    >>> [medicare_units(minutes) for minutes in (7, 8, 22, 23, 127)]
    [0, 1, 1, 2, 8]
    """
    _check_minutes(timed_minutes)
    return _units_past_midpoint(timed_minutes, QUARTER_HOUR)


def medicare_allocation(minutes: Mapping[str, int]) -> Allocation:
    """Units for each 15-minute code of one discipline and day under Medicare's 8-minute rule.

    All minutes together set the cap. Each code gets its whole quarter hours; units still left go to the codes with the
    most minutes left over, one each, codes of under 8 minutes too. Equal leftovers are a tie. Raises MinutesError.

    Source: Medicare Claims Processing Manual (Pub. 100-04), chapter 5, section 20.2.

    >>> dict(medicare_allocation({"97110": 33, "97140": 7}).units)
    {'97110': 2, '97140': 1}
    >>> medicare_allocation({"97112": 20, "97110": 20}).ties
    (Tie(units=1, among=('97112', '97110')),)
    """
    total = _total_minutes(minutes)
    remainders = {code: spent % QUARTER_HOUR for code, spent in minutes.items()}
    full = {code: spent // QUARTER_HOUR for code, spent in minutes.items()}
    cap = medicare_units(total)
    left = cap - sum(full.values())
    gaining = sorted(remainders, key=remainders.__getitem__, reverse=True)[:left]  # equals stay in the order given
    return Allocation(
        units=MappingProxyType({code: units + (code in gaining) for code, units in full.items()}),
        minutes=MappingProxyType(dict(minutes)),
        total_minutes=total,
        cap=cap,
        full_units=MappingProxyType(full),
        remainders=MappingProxyType(remainders),
        ties=_ties(remainders, gaining),
    )


def midpoint_units(minutes: int) -> int:
    """Units of one 15-minute code by the midpoint method (rule of eights), whatever else was done that day.

    Raises MinutesError for minutes that a day cannot have.

    Source: WebPT, Prompt and Therapy Comply on the AMA method. Which payer uses it is a question of the contract.

    >>> [midpoint_units(minutes) for minutes in (7, 8, 22, 23)]
    [0, 1, 1, 2]
    """
    _check_minutes(minutes)
    return _units_past_midpoint(minutes, QUARTER_HOUR)


def midpoint_allocation(minutes: Mapping[str, int]) -> Allocation:
    """Units for each 15-minute code of a day by the midpoint method: each code alone, leftovers never pool, no tie.

    `cap` is the sum of the units. Raises MinutesError.

    Source: WebPT, Prompt and Therapy Comply on the AMA method.

    >>> dict(midpoint_allocation({"97110": 33, "97140": 7}).units)
    {'97110': 2, '97140': 0}
    """
    total = _total_minutes(minutes)
    units = {code: midpoint_units(spent) for code, spent in minutes.items()}
    return Allocation(
        units=MappingProxyType(units),
        minutes=MappingProxyType(dict(minutes)),
        total_minutes=total,
        cap=sum(units.values()),
        full_units=MappingProxyType({code: spent // QUARTER_HOUR for code, spent in minutes.items()}),
        remainders=MappingProxyType({code: spent % QUARTER_HOUR for code, spent in minutes.items()}),
    )


def untimed_units(codes: Iterable[str]) -> Mapping[str, int]:
    """Untimed codes of a day: one unit each, however many minutes they took.

    Source: Medicare Claims Processing Manual (Pub. 100-04), chapter 5, section 20.2.

    >>> dict(untimed_units(["97161", "97010"]))
    {'97161': 1, '97010': 1}
    """
    return MappingProxyType(dict.fromkeys(codes, 1))


def total_treatment_minutes(timed_minutes: int, untimed_minutes: int) -> int:
    """Minutes of treatment that Medicare wants in the note beside the timed minutes: timed and untimed together.

    Billable minutes only: rest and waiting stay out. Raises MinutesError.

    Source: Medicare Benefit Policy Manual (Pub. 100-02), chapter 15, section 220.3.E, read in an older copy.

    >>> total_treatment_minutes(35, 20)
    55
    """
    return _total_minutes({"timed": timed_minutes, "untimed": untimed_minutes})


def first_and_further_units(minutes: int, first: int, further: int) -> tuple[int, int]:
    """Units of a code for the first `first` minutes of a day and of its add-on for each `further` minutes after them.

    A unit counts from more than half of its time, the add-on's from the end of the first code's whole time.
    Raises MinutesError for minutes that a day cannot have.

    Source: CPT's midpoint convention. That payers hold these pairs to it is unverified: ask the payer.

    >>> [first_and_further_units(minutes, first=30, further=15) for minutes in (15, 16, 37, 38)]
    [(0, 0), (1, 0), (1, 0), (1, 1)]
    """
    _check_minutes(minutes)
    return int(2 * minutes > first), _units_past_midpoint(max(minutes - first, 0), further)


@dataclass(frozen=True)
class ManagementUnits:
    """Units of a calendar month of remote monitoring management: under 20 minutes, the first 20, each 20 more."""

    first_10: int
    first_20: int
    further_20: int


def monthly_management_units(minutes: int) -> ManagementUnits:
    """Units for a calendar month's management of remote therapeutic monitoring: 10 to 19 minutes, 20, each 20 more.

    Whole times count here, not midpoints. The code for 10 to 19 minutes (`first_10`) is new in 2026, and the month
    needs a live contact: both are the caller's to check. Raises MinutesError for minutes that a month cannot have.

    Source: FairPath and Orva on RTM in 2026. Recalled: that each further 20 minutes must be whole. Of medium
    confidence: that the short code and the 20-minute code exclude each other in a month.

    >>> monthly_management_units(19)
    ManagementUnits(first_10=1, first_20=0, further_20=0)
    >>> monthly_management_units(45)
    ManagementUnits(first_10=0, first_20=1, further_20=1)
    """
    _check_minutes(minutes, most=LONGEST_MONTH, span="month")
    twenties = minutes // MANAGEMENT
    if twenties == 0:
        return ManagementUnits(first_10=int(minutes >= SHORT_MANAGEMENT), first_20=0, further_20=0)
    return ManagementUnits(first_10=0, first_20=1, further_20=twenties - 1)


def over_limit(units: int, limit: int) -> int:
    """Units beyond a code's medically unlikely limit for the day, 0 when within it; minutes do not come into it.

    Source: CMS's table of medically unlikely edits (MUE).

    >>> over_limit(8, limit=6), over_limit(6, limit=6)
    (2, 0)
    """
    return max(units - limit, 0)


def _units_past_midpoint(minutes: int, unit_minutes: int) -> int:
    """Whole units, and one more when over half of another was reached: over 7.5 of 15 minutes, over 30 of 60."""
    return (minutes + (unit_minutes - 1) // 2) // unit_minutes


def _ties(remainders: Mapping[str, int], gaining: list[str]) -> tuple[Tie, ...]:
    """The tie at the cut, if a code that gains no unit has as many minutes left as the last that does."""
    if not gaining:
        return ()
    cut = remainders[gaining[-1]]
    among = tuple(code for code, minutes in remainders.items() if minutes == cut)
    units = sum(remainders[code] == cut for code in gaining)
    return (Tie(units, among),) if units < len(among) else ()


def _total_minutes(minutes: Mapping[str, int]) -> int:
    for code, spent in minutes.items():
        _check_minutes(spent, of=f"{code}: ")
    total = sum(minutes.values())
    _check_minutes(total, of="all together: ")
    return total


def _check_minutes(minutes: int, *, of: str = "", most: int = DAY, span: str = "day") -> None:
    if minutes < 0:
        raise MinutesError(f"{of}{minutes} minutes cannot be; write 0 or more")
    if minutes > most:
        raise MinutesError(
            f"{of}{minutes:,} minutes are more than a {span} has ({most:,}); write the minutes of one {span}"
        )
