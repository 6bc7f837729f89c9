"""Units from minutes: the published examples, the derived vectors, and what must hold for every visit.

`CODING_HELPER_VISITS=100000` makes the comparison with the slow implementation the long one.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.rules.timed_units import (
    Allocation,
    ManagementUnits,
    MinutesError,
    Tie,
    first_and_further_units,
    medicare_allocation,
    medicare_units,
    midpoint_allocation,
    midpoint_units,
    monthly_management_units,
    over_limit,
    total_treatment_minutes,
    untimed_units,
)
from tests.knowledge.slow_units import (
    slow_cap,
    slow_first_and_further,
    slow_management,
    slow_midpoint,
    slow_ways,
)

VISITS = int(os.environ.get("CODING_HELPER_VISITS", "2000"))

MCPM5 = "Medicare Claims Processing Manual, ch. 5 §20.2"
DERIVED = "derived from the algorithm, not from CMS"


@dataclass(frozen=True)
class Vector:
    """A visit with its units under both methods, where it comes from, and whether that page was read."""

    id: str
    minutes: Mapping[str, int]
    cap: int
    medicare: Mapping[str, int]
    midpoint: Mapping[str, int]
    choice: tuple[str, ...] = ()
    source: str = DERIVED
    read: str = "derived"


VECTORS = (
    Vector(
        "CMS-1",
        {"97112": 24, "97110": 23},
        3,
        {"97112": 2, "97110": 1},
        {"97112": 2, "97110": 2},
        source=f"{MCPM5}, example 1",
        read="read",
    ),
    Vector(
        "CMS-2",
        {"97112": 20, "97110": 20},
        3,
        {"97112": 2, "97110": 1},
        {"97112": 1, "97110": 1},
        choice=("97112", "97110"),
        source=f"{MCPM5}, example 2",
        read="read",
    ),
    Vector(
        "CMS-3",
        {"97110": 33, "97140": 7},
        3,
        {"97110": 2, "97140": 1},
        {"97110": 2, "97140": 0},
        source=f"{MCPM5}, example 3",
        read="read",
    ),
    Vector(
        "CMS-4",
        {"97110": 18, "97140": 13, "97116": 10, "97035": 8},
        3,
        {"97110": 1, "97140": 1, "97116": 1, "97035": 0},
        {"97110": 1, "97140": 1, "97116": 1, "97035": 1},
        source=f"{MCPM5}, example 4",
        read="inputs partly read, result read in a second page",
    ),
    Vector(
        "CMS-5",
        {"97112": 7, "97110": 7, "97140": 7},
        1,
        {"97112": 1, "97110": 0, "97140": 0},
        {"97112": 0, "97110": 0, "97140": 0},
        choice=("97112", "97110", "97140"),
        source=f"{MCPM5}, example 5",
        read="not read, recalled",
    ),
    Vector("D-1", {"97110": 7}, 0, {"97110": 0}, {"97110": 0}),
    Vector("D-2", {"97110": 8}, 1, {"97110": 1}, {"97110": 1}),
    Vector("D-3", {"97110": 22}, 1, {"97110": 1}, {"97110": 1}),
    Vector("D-4", {"97110": 23}, 2, {"97110": 2}, {"97110": 2}),
    Vector("D-5", {"97110": 38}, 3, {"97110": 3}, {"97110": 3}),
    Vector("D-6", {"97110": 15, "97140": 8}, 2, {"97110": 1, "97140": 1}, {"97110": 1, "97140": 1}),
    Vector("D-7", {"97110": 10, "97140": 5}, 1, {"97110": 1, "97140": 0}, {"97110": 1, "97140": 0}),
    Vector(
        "D-8",
        {"97110": 25, "97140": 15, "97112": 10},
        3,
        {"97110": 2, "97140": 1, "97112": 0},
        {"97110": 2, "97140": 1, "97112": 1},
        choice=("97110", "97112"),
    ),
    Vector(
        "D-9",
        {"97110": 4, "97140": 4},
        1,
        {"97110": 1, "97140": 0},
        {"97110": 0, "97140": 0},
        choice=("97110", "97140"),
    ),
    Vector("D-10", {"97110": 4, "97140": 3}, 0, {"97110": 0, "97140": 0}, {"97110": 0, "97140": 0}),
    Vector(
        "D-11",
        {"97110": 22, "97530": 22, "97140": 8},
        3,
        {"97110": 1, "97530": 1, "97140": 1},
        {"97110": 1, "97530": 1, "97140": 1},
    ),
    Vector(
        "D-12",
        {"97110": 8, "97112": 8, "97140": 8},
        2,
        {"97110": 1, "97112": 1, "97140": 0},
        {"97110": 1, "97112": 1, "97140": 1},
        choice=("97110", "97112", "97140"),
    ),
    Vector(
        "D-13",
        {"97110": 45, "97140": 7, "97530": 1},
        4,
        {"97110": 3, "97140": 1, "97530": 0},
        {"97110": 3, "97140": 0, "97530": 0},
    ),
    Vector("D-14", {"97110": 37, "97140": 1}, 3, {"97110": 3, "97140": 0}, {"97110": 2, "97140": 0}),
    Vector("D-15", {"97110": 127}, 8, {"97110": 8}, {"97110": 8}),
    Vector("D-16", {"97110": 128}, 9, {"97110": 9}, {"97110": 9}),
)

every_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.id)


@every_vector
def test_medicare_units_of_a_vector_are_as_its_source_has_them(vector: Vector) -> None:
    allocation = medicare_allocation(vector.minutes)
    assert (allocation.cap, dict(allocation.units)) == (vector.cap, vector.medicare), f"{vector.source} ({vector.read})"


@every_vector
def test_midpoint_units_of_a_vector_are_as_its_source_has_them(vector: Vector) -> None:
    allocation = midpoint_allocation(vector.minutes)
    assert dict(allocation.units) == vector.midpoint, f"{vector.source} ({vector.read})"
    assert allocation.cap == sum(vector.midpoint.values())
    assert allocation.ties == ()


@every_vector
def test_a_tie_is_shown_as_a_choice_exactly_where_a_vector_has_one(vector: Vector) -> None:
    ties = medicare_allocation(vector.minutes).ties
    assert tuple(tie.among for tie in ties) == ((vector.choice,) if vector.choice else ())


def test_aapc_1_untimed_minutes_count_toward_treatment_time_and_never_toward_timed_units() -> None:
    """AAPC on treatment notes (read): 35 minutes timed, 20 untimed: 2 timed units, 1 untimed, 55 minutes in all."""
    assert medicare_units(35) == 2
    assert midpoint_units(35) == 2
    assert untimed_units(["97161"]) == {"97161": 1}
    assert total_treatment_minutes(35, 20) == 55


@pytest.mark.parametrize(
    ("units", "least", "most"),
    [
        (0, 0, 7),
        (1, 8, 22),
        (2, 23, 37),
        (3, 38, 52),
        (4, 53, 67),
        (5, 68, 82),
        (6, 83, 97),
        (7, 98, 112),
        (8, 113, 127),
    ],
)
def test_the_chart_of_the_manual_holds_at_both_ends_of_each_row(units: int, least: int, most: int) -> None:
    """Medicare Claims Processing Manual, chapter 5, section 20.2 (read)."""
    assert [medicare_units(least), medicare_units(most)] == [units, units]
    assert [midpoint_units(least), midpoint_units(most)] == [units, units]


@pytest.mark.parametrize("units", range(1, 96))
def test_beyond_the_chart_n_units_run_from_15n_less_7_to_15n_and_7(units: int) -> None:
    least, most = 15 * units - 7, 15 * units + 7
    assert [medicare_units(minutes) for minutes in (least - 1, least, most, most + 1)] == [
        units - 1,
        units,
        units,
        units + 1,
    ]


@pytest.mark.parametrize(("id_", "medicare", "midpoint"), [("CMS-1", 3, 4), ("CMS-2", 3, 2), ("CMS-5", 1, 0)])
def test_neither_method_always_gives_more(id_: str, medicare: int, midpoint: int) -> None:
    minutes = next(vector.minutes for vector in VECTORS if vector.id == id_)
    assert (medicare_allocation(minutes).cap, midpoint_allocation(minutes).cap) == (medicare, midpoint)


def test_thirteen_minutes_of_a_code_can_go_unbilled_when_the_pool_is_short() -> None:
    """Derived: four times 13 minutes are 52, so 3 units for 4 codes."""
    allocation = medicare_allocation({"97110": 13, "97112": 13, "97140": 13, "97530": 13})
    assert list(allocation.units.values()) == [1, 1, 1, 0]
    assert allocation.ties == (Tie(3, ("97110", "97112", "97140", "97530")),)


def test_the_working_is_shown_with_the_result() -> None:
    """CMS example 3: 33 minutes are two quarter hours and 3 minutes, and the 7 of the other code are more."""
    assert medicare_allocation({"97110": 33, "97140": 7}) == Allocation(
        units={"97110": 2, "97140": 1},
        minutes={"97110": 33, "97140": 7},
        total_minutes=40,
        cap=3,
        full_units={"97110": 2, "97140": 0},
        remainders={"97110": 3, "97140": 7},
        ties=(),
    )


def test_a_code_above_the_tie_has_its_unit_and_is_no_part_of_the_choice() -> None:
    allocation = medicare_allocation({"97140": 9, "97110": 12, "97112": 9})
    assert dict(allocation.units) == {"97140": 1, "97110": 1, "97112": 0}
    assert allocation.ties == (Tie(1, ("97140", "97112")),)


def test_the_alternatives_of_two_tied_units_among_three_codes_are_three_ways_to_bill() -> None:
    allocation = medicare_allocation({"97110": 8, "97112": 8, "97140": 8})
    assert list(allocation.alternatives()) == [
        {"97110": 1, "97112": 1, "97140": 0},
        {"97110": 1, "97112": 0, "97140": 1},
        {"97110": 0, "97112": 1, "97140": 1},
    ]


def test_without_a_tie_there_is_one_way_to_bill() -> None:
    assert list(midpoint_allocation({"97110": 8, "97112": 8}).alternatives()) == [{"97110": 1, "97112": 1}]


def test_a_day_without_timed_codes_has_no_units() -> None:
    for allocation in (medicare_allocation({}), midpoint_allocation({})):
        assert (dict(allocation.units), allocation.cap, allocation.total_minutes) == ({}, 0, 0)


def test_an_allocation_keeps_its_figures_when_the_caller_changes_his() -> None:
    minutes = {"97110": 33}
    allocation = medicare_allocation(minutes)
    minutes["97110"] = 0
    assert allocation.minutes == {"97110": 33}


@pytest.mark.parametrize(
    ("minutes", "units"),
    [(15, (0, 0)), (16, (1, 0)), (30, (1, 0)), (37, (1, 0)), (38, (1, 1)), (45, (1, 1)), (53, (1, 2))],
)
def test_caregiver_training_has_30_minutes_first_and_15_more_for_each_further_unit(
    minutes: int, units: tuple[int, int]
) -> None:
    """97550 and 97551; lengths from NGS Medicare (read), that 16 minutes earn the first unit is unverified."""
    assert first_and_further_units(minutes, first=30, further=15) == units


@pytest.mark.parametrize(
    ("minutes", "units"), [(60, (0, 0)), (61, (1, 0)), (120, (1, 0)), (150, (1, 0)), (151, (1, 1)), (240, (1, 2))]
)
def test_work_hardening_has_two_hours_first_and_an_hour_for_each_further_unit(
    minutes: int, units: tuple[int, int]
) -> None:
    """97545 and 97546; recalled."""
    assert first_and_further_units(minutes, first=120, further=60) == units


@pytest.mark.parametrize(
    ("minutes", "units"), [(30, (0, 0)), (31, (1, 0)), (75, (1, 0)), (76, (1, 1)), (90, (1, 1)), (106, (1, 2))]
)
def test_a_speech_device_evaluation_has_an_hour_first_and_half_an_hour_for_each_further_unit(
    minutes: int, units: tuple[int, int]
) -> None:
    """92607 and 92608; recalled."""
    assert first_and_further_units(minutes, first=60, further=30) == units


def test_pairs_of_15_and_15_minutes_have_together_the_units_of_one_timed_code() -> None:
    """97129 and 97130, 90912 and 90913; whether their minutes pool with other codes the facts do not say."""
    for minutes in range(1441):
        assert sum(first_and_further_units(minutes, first=15, further=15)) == midpoint_units(minutes)


@pytest.mark.parametrize(
    ("minutes", "units"),
    [
        (0, ManagementUnits(0, 0, 0)),
        (9, ManagementUnits(0, 0, 0)),
        (10, ManagementUnits(1, 0, 0)),
        (19, ManagementUnits(1, 0, 0)),
        (20, ManagementUnits(0, 1, 0)),
        (39, ManagementUnits(0, 1, 0)),
        (40, ManagementUnits(0, 1, 1)),
        (60, ManagementUnits(0, 1, 2)),
    ],
)
def test_a_month_of_remote_monitoring_counts_whole_times_only(minutes: int, units: ManagementUnits) -> None:
    """98979, 98980, 98981: FairPath and Orva (read) for 10 to 19 and 20; whole further 20s are recalled."""
    assert monthly_management_units(minutes) == units


@pytest.mark.parametrize(("minutes", "over"), [(127, 2), (128, 3)], ids=["D-15", "D-16"])
def test_more_units_than_the_limit_are_still_right_by_the_minutes(minutes: int, over: int) -> None:
    """The limit of 97110 is 6 (CMS table of 2024-07-01): a check of its own."""
    units = medicare_allocation({"97110": minutes}).units["97110"]
    assert over_limit(units, limit=6) == over


def test_units_up_to_the_limit_are_not_over_it() -> None:
    assert [over_limit(units, limit=6) for units in (0, 5, 6, 7)] == [0, 0, 0, 1]


@pytest.mark.parametrize("allocate", [medicare_allocation, midpoint_allocation])
@pytest.mark.parametrize(
    ("minutes", "message"),
    [
        ({"97110": 20, "97140": -5}, "97140: -5 minutes cannot be; write 0 or more"),
        ({"97110": 1441}, "97110: 1,441 minutes are more than a day has (1,440); write the minutes of one day"),
        (
            {"97110": 1440, "97140": 1},
            "all together: 1,441 minutes are more than a day has (1,440); write the minutes of one day",
        ),
    ],
)
def test_impossible_minutes_are_refused_with_the_code_and_how_to_mend_them(
    allocate: Callable[[Mapping[str, int]], Allocation], minutes: Mapping[str, int], message: str
) -> None:
    with pytest.raises(MinutesError) as refused:
        allocate(minutes)
    assert str(refused.value) == message


@pytest.mark.parametrize("minutes", [-1, 25 * 60])
def test_minus_one_minute_and_25_hours_are_refused_by_every_rule_of_the_day(minutes: int) -> None:
    for rule in (medicare_units, midpoint_units, lambda spent: first_and_further_units(spent, first=30, further=15)):
        with pytest.raises(MinutesError):
            rule(minutes)
    with pytest.raises(MinutesError):
        total_treatment_minutes(20, minutes)


@pytest.mark.parametrize("minutes", [-1, 31 * 24 * 60 + 1])
def test_a_month_has_no_fewer_than_no_minutes_and_no_more_than_31_days(minutes: int) -> None:
    with pytest.raises(MinutesError):
        monthly_management_units(minutes)


def test_a_whole_day_of_one_code_is_possible_by_the_minutes() -> None:
    assert medicare_units(24 * 60) == 96


CODES = ("97110", "97112", "97116", "97140", "97530", "97535", "97035")
a_time = st.one_of(st.integers(0, 200), st.integers(0, 22), st.sampled_from((7, 8, 10, 13, 15, 20, 23)))
visits = st.dictionaries(st.sampled_from(CODES), a_time, max_size=len(CODES))
visits_of_some_codes = st.dictionaries(st.sampled_from(CODES), a_time, min_size=1, max_size=len(CODES))


@given(visits)
def test_units_add_up_to_the_cap(minutes: dict[str, int]) -> None:
    for allocation in (medicare_allocation(minutes), midpoint_allocation(minutes)):
        assert sum(allocation.units.values()) == allocation.cap


@given(visits)
def test_no_code_gains_more_than_one_leftover_unit(minutes: dict[str, int]) -> None:
    for allocation in (medicare_allocation(minutes), midpoint_allocation(minutes)):
        assert all(allocation.units[code] - allocation.full_units[code] in (0, 1) for code in minutes)


@given(visits)
def test_a_code_without_leftover_minutes_gains_no_unit(minutes: dict[str, int]) -> None:
    allocation = medicare_allocation(minutes)
    assert all(allocation.units[code] == minutes[code] // 15 for code in minutes if minutes[code] % 15 == 0)


@given(visits, st.data())
def test_the_order_of_the_codes_changes_neither_totals_nor_ties(minutes: dict[str, int], data: st.DataObject) -> None:
    shuffled = {code: minutes[code] for code in data.draw(st.permutations(list(minutes)))}
    one, other = medicare_allocation(minutes), medicare_allocation(shuffled)
    assert (one.total_minutes, one.cap, one.full_units, one.remainders) == (
        other.total_minutes,
        other.cap,
        other.full_units,
        other.remainders,
    )
    assert {(tie.units, frozenset(tie.among)) for tie in one.ties} == {
        (tie.units, frozenset(tie.among)) for tie in other.ties
    }
    assert as_set(one.alternatives()) == as_set(other.alternatives())
    assert midpoint_allocation(minutes) == midpoint_allocation(shuffled)


@given(visits)
def test_a_tied_unit_goes_to_the_codes_given_first(minutes: dict[str, int]) -> None:
    allocation = medicare_allocation(minutes)
    for tie in allocation.ties:
        assert 0 < tie.units < len(tie.among)
        assert tie.among == tuple(code for code in minutes if code in tie.among)
        gains = [allocation.units[code] - allocation.full_units[code] for code in tie.among]
        assert gains == [1] * tie.units + [0] * (len(tie.among) - tie.units)


@given(visits_of_some_codes, st.data())
def test_one_more_minute_never_lowers_the_total_and_adds_one_unit_at_most(
    minutes: dict[str, int], data: st.DataObject
) -> None:
    code = data.draw(st.sampled_from(sorted(minutes)))
    longer = minutes | {code: minutes[code] + 1}
    for allocate in (medicare_allocation, midpoint_allocation):
        assert allocate(longer).cap - allocate(minutes).cap in (0, 1)


@given(a_time)
def test_a_code_alone_has_the_same_units_under_both_methods(minutes: int) -> None:
    assert medicare_allocation({"97110": minutes}) == midpoint_allocation({"97110": minutes})


@settings(max_examples=VISITS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(visits)
def test_a_visit_has_the_units_and_the_choice_that_trying_every_way_finds(minutes: dict[str, int]) -> None:
    allocation, ways = medicare_allocation(minutes), slow_ways(minutes)
    assert allocation.cap == slow_cap(sum(minutes.values()))
    assert dict(allocation.units) == ways[0]
    assert list(allocation.alternatives()) == ways
    assert {code for tie in allocation.ties for code in tie.among} == {
        code for code in minutes if len({way[code] for way in ways}) > 1
    }
    assert dict(midpoint_allocation(minutes).units) == slow_midpoint(minutes)


@pytest.mark.parametrize(("first", "further"), [(30, 15), (120, 60), (15, 15), (60, 30)])
def test_first_and_further_units_of_every_minute_of_the_day_agree_with_the_slow_count(first: int, further: int) -> None:
    for minutes in range(1441):
        assert first_and_further_units(minutes, first, further) == slow_first_and_further(minutes, first, further)


def test_management_units_of_every_minute_of_ten_hours_agree_with_the_slow_count() -> None:
    for minutes in range(601):
        units = monthly_management_units(minutes)
        assert (units.first_10, units.first_20, units.further_20) == slow_management(minutes)


def as_set(ways: Iterable[Mapping[str, int]]) -> set[frozenset[tuple[str, int]]]:
    return {frozenset(way.items()) for way in ways}
