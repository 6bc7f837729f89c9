"""The unit rules once more, slowly and by other means: every way of billing is tried and the unfair ones thrown out.

Shares nothing with knowledge.rules.timed_units, so that a slip in one shows against the other.
"""

from collections.abc import Mapping
from fractions import Fraction
from itertools import count, product, takewhile

MINUTES_OF_A_DAY = 1440


def slow_cap(total: int) -> int:
    """How many of Medicare's thresholds (8, 23, 38, ...) the total has reached."""
    return sum(1 for threshold in range(8, MINUTES_OF_A_DAY + 1, 15) if total >= threshold)


def slow_ways(minutes: Mapping[str, int]) -> list[dict[str, int]]:
    """All ways to bill a day that Medicare's rule allows, found by trying each code with and without a leftover unit.

    A way is allowed when it bills the whole cap and no code went without that had more left over than one that gained.
    """
    whole = {code: slow_whole_quarters(spent) for code, spent in minutes.items()}
    left_over = {code: spent - 15 * whole[code] for code, spent in minutes.items()}
    cap = slow_cap(sum(minutes.values()))
    ways = []
    for gains in product((1, 0), repeat=len(minutes)):
        gain = dict(zip(minutes, gains, strict=True))
        if sum(whole.values()) + sum(gains) == cap and slow_fair(gain, left_over):
            ways.append({code: whole[code] + gain[code] for code in minutes})
    return ways


def slow_fair(gain: Mapping[str, int], left_over: Mapping[str, int]) -> bool:
    """No code without a leftover unit has more minutes left than a code with one."""
    return not any(
        left_over[without] > left_over[gaining]
        for gaining, gained in gain.items()
        for without, gained_too in gain.items()
        if gained and not gained_too
    )


def slow_whole_quarters(minutes: int) -> int:
    """Quarter hours taken off one after the other."""
    quarters = 0
    while minutes >= 15:
        minutes -= 15
        quarters += 1
    return quarters


def slow_midpoint(minutes: Mapping[str, int]) -> dict[str, int]:
    """Each code alone: unit n is earned past the middle of its own quarter hour."""
    return {code: slow_units(spent, start=0, unit=15) for code, spent in minutes.items()}


def slow_first_and_further(minutes: int, first: int, further: int) -> tuple[int, int]:
    """The first code past the middle of its time, the add-on past the middle of each of its own after that."""
    return min(1, slow_units(minutes, start=0, unit=first)), slow_units(minutes, start=first, unit=further)


def slow_units(minutes: int, start: int, unit: int) -> int:
    """Units whose middle has passed, laid end to end from `start`."""
    middles = (start + unit * n + Fraction(unit, 2) for n in count())
    return len(list(takewhile(lambda middle: minutes > middle, middles)))


def slow_management(minutes: int) -> tuple[int, int, int]:
    """A month of remote monitoring, its minutes spent one at a time: short code, first 20, each 20 more."""
    short = first = further = 0
    for minute in range(1, minutes + 1):
        if minute == 10:
            short = 1
        elif minute == 20:
            short, first = 0, 1
        elif minute > 20 and minute % 20 == 0:
            further += 1
    return short, first, further
