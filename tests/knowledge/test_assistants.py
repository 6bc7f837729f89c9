"""CQ and CO: which units carry the assistant modifier, from the minutes of therapist and assistant.

Vectors CQ-1 to CQ-7: CMSCQ, MONCQ.
"""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from knowledge.entry import TimingKind
from knowledge.rules.assistants import SOURCES, AssistantLine, ServiceTime, assistant_lines
from knowledge.rules.modifiers import Discipline

TIMING: dict[str, TimingKind] = {
    "97110": "timed_15",
    "97140": "timed_15",
    "97530": "timed_15",
    "97129": "timed_15_first",
    "G0283": "untimed",
    "97150": "untimed",
    "97161": "untimed",
    "97164": "untimed",
    "97546": "per_60_addon",
}
EVALUATIONS = frozenset({"97161", "97164"})


def lines(*times: ServiceTime, units: dict[str, int], discipline: Discipline = "PT") -> dict[str, AssistantLine]:
    found = assistant_lines(times, units, TIMING, discipline, EVALUATIONS)
    return {line.code: line for line in found}


def counts(line: AssistantLine) -> tuple[str | None, int, int]:
    return line.modifier, line.units_with, line.units_without


def one(time: ServiceTime, units: int, discipline: Discipline = "PT") -> AssistantLine:
    return lines(time, units={time.code: units}, discipline=discipline)[time.code]


def test_cq_1_the_assistants_full_block_carries_cq_and_the_therapists_13_minutes_do_not() -> None:
    """CQ-1; inputs MAPF, answer derived from the rule."""
    found = lines(ServiceTime("97110", 13, 23), ServiceTime("97140", 30, 0), units={"97110": 2, "97140": 2})
    assert counts(found["97110"]) == ("CQ", 1, 1)
    assert counts(found["97140"]) == (None, 0, 2)
    assert found["97110"].reasons == ("whole blocks", "therapist reached eight")


def test_cq_2_ten_minutes_of_the_assistant_against_five_carry_cq() -> None:
    """CQ-2; TC22 example A."""
    assert counts(one(ServiceTime("97110", 5, 10), 1)) == ("CQ", 1, 0)


def test_cq_3_two_units_of_26_shared_minutes_are_one_with_and_one_without() -> None:
    """CQ-3; rule in TC22, derived."""
    line = one(ServiceTime("97110", 12, 14), 2)
    assert counts(line) == ("CQ", 1, 1)
    assert (line.reasons, line.caution) == (("one each",), None)


def test_cq_4_eight_minutes_of_the_therapist_make_the_unit_plain() -> None:
    """CQ-4, derived."""
    line = one(ServiceTime("97110", 8, 7), 1)
    assert (counts(line), line.reasons) == ((None, 0, 1), ("therapist reached eight",))


def test_cq_5_one_minute_of_the_assistant_in_fifteen_makes_no_cq() -> None:
    """CQ-5, derived."""
    assert counts(one(ServiceTime("97140", 14, 1), 1)) == (None, 0, 1)


def test_cq_6_eleven_percent_of_an_untimed_code_carry_cq() -> None:
    """CQ-6, derived."""
    line = one(ServiceTime("G0283", 89, 11), 1)
    assert (counts(line), line.reasons, line.caution) == (("CQ", 1, 0), ("more than a tenth",), None)


def test_cq_7_ten_percent_of_an_untimed_code_carry_none() -> None:
    """CQ-7, derived."""
    line = one(ServiceTime("G0283", 90, 10), 1)
    assert (counts(line), line.reasons) == ((None, 0, 1), ("a tenth or less",))


def test_seven_minutes_of_the_therapist_are_not_enough_for_the_last_unit() -> None:
    """CMSCQ, MONCQ: 8 or more."""
    assert counts(one(ServiceTime("97110", 7, 8), 1)) == ("CQ", 1, 0)


def test_minutes_together_count_as_the_therapists() -> None:
    """MEDICLAIM, MONCQ."""
    assert counts(one(ServiceTime("97110", 0, 7, together_minutes=8), 1)) == (None, 0, 1)
    assert counts(one(ServiceTime("G0283", 0, 0, together_minutes=15), 1)) == (None, 0, 1)


def test_an_occupational_therapy_assistant_gets_co() -> None:
    """CMSCQ."""
    assert counts(one(ServiceTime("97530", 0, 30), 2, "OT")) == ("CO", 2, 0)


def test_a_speech_line_never_carries_an_assistant_modifier_and_an_assistants_minutes_get_a_caution() -> None:
    line = one(ServiceTime("97129", 0, 15), 1, "SLP")
    assert (counts(line), line.reasons, line.caution) == ((None, 0, 1), ("no modifier",), "unverified")
    assert one(ServiceTime("97129", 15, 0), 1, "SLP").caution is None


@pytest.mark.parametrize("code", ["97161", "97164"])
def test_evaluations_and_reevaluations_never_carry_the_modifier(code: str) -> None:
    """CMSCQ, MONCQ."""
    line = one(ServiceTime(code, 20, 20), 1)
    assert (counts(line), line.reasons) == ((None, 0, 1), ("therapist only",))


@pytest.mark.parametrize(("therapist", "assistant"), [(9, 14), (10, 14), (14, 9), (14, 14), (12, 12)])
def test_two_units_of_23_to_28_shared_minutes_are_one_each(therapist: int, assistant: int) -> None:
    """TC22."""
    line = one(ServiceTime("97110", therapist, assistant), 2)
    assert (counts(line), line.reasons) == (("CQ", 1, 1), ("one each",))


def test_the_lower_bound_of_23_minutes_is_marked_because_the_source_says_24() -> None:
    """TC22 states 24-28."""
    assert one(ServiceTime("97110", 9, 14), 2).caution == "unverified"
    assert one(ServiceTime("97110", 10, 14), 2).caution is None


@pytest.mark.parametrize(("therapist", "assistant", "answer"), [(10, 10, ("CQ", 1, 1)), (7, 14, ("CQ", 2, 0))])
def test_two_units_of_fewer_than_23_minutes_are_in_no_source_and_marked_so(
    therapist: int, assistant: int, answer: tuple[str, int, int]
) -> None:
    """Pooled minutes of other codes can give the second unit, as in CMS-2 of MCPM5."""
    line = one(ServiceTime("97110", therapist, assistant), 2)
    assert (counts(line), line.reasons, line.caution) == (answer, ("two units unsettled",), "unverified")


def test_two_remaining_units_come_after_whole_blocks() -> None:
    line = one(ServiceTime("97110", 27, 29), 4)
    assert (counts(line), line.reasons) == (("CQ", 2, 2), ("whole blocks", "one each"))


def test_a_last_unit_that_only_the_assistant_left_over_carries_cq() -> None:
    assert counts(one(ServiceTime("97110", 15, 8), 2)) == ("CQ", 1, 1)


def test_a_unit_that_pooled_minutes_gave_to_a_code_of_seven_goes_by_its_own_minutes() -> None:
    """MCPM5, vector CMS-3: 33 minutes of 97110 and 7 of 97140 give 97140 a unit."""
    found = lines(ServiceTime("97110", 33, 0), ServiceTime("97140", 0, 7), units={"97110": 2, "97140": 1})
    assert counts(found["97110"]) == (None, 0, 2)
    assert counts(found["97140"]) == ("CQ", 1, 0)


def test_a_pooled_unit_of_the_therapists_remainder_is_plain_beside_the_assistants_block() -> None:
    line = one(ServiceTime("97110", 7, 15), 2)
    assert (counts(line), line.reasons) == (("CQ", 1, 1), ("whole blocks", "a tenth or less"))


def test_a_code_with_no_units_has_nothing_to_mark() -> None:
    assert counts(one(ServiceTime("97110", 0, 7), 0)) == (None, 0, 0)


def test_times_of_one_code_are_added_up() -> None:
    split = lines(ServiceTime("97110", 0, 12), ServiceTime("97110", 13, 11), units={"97110": 2})
    assert list(split.values()) == [one(ServiceTime("97110", 13, 23), 2)]


def test_several_units_without_quarter_hours_go_together_and_are_marked() -> None:
    line = one(ServiceTime("97546", 60, 60), 2)
    assert (counts(line), line.caution) == (("CQ", 2, 0), "unverified")


@pytest.mark.parametrize(("therapist", "assistant", "units"), [(15, 15, 1), (15, 15, 3), (5, 5, 2), (10, 14, 3)])
def test_units_that_do_not_follow_from_the_minutes_are_refused(therapist: int, assistant: int, units: int) -> None:
    with pytest.raises(ValueError, match=f"97110: {units} units do not follow"):
        one(ServiceTime("97110", therapist, assistant), units)


@pytest.mark.parametrize("minutes", [(-1, 0, 0), (0, -1, 0), (0, 0, -1)])
def test_negative_minutes_are_refused(minutes: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="zero or more"):
        ServiceTime("97110", *minutes)


MINUTES = st.integers(0, 90)


def own_units(time: ServiceTime) -> int:
    """Units of the code counted alone."""
    return (time.total + 7) // 15


@given(MINUTES, MINUTES, MINUTES, st.booleans())
def test_units_with_and_without_add_up_to_the_units_billed(
    therapist: int, assistant: int, together: int, pooled: bool
) -> None:
    time = ServiceTime("97110", therapist, assistant, together)
    units = time.total // 15 + (1 if pooled and time.total % 15 else 0)
    line = one(time, units)
    assert line.units_with + line.units_without == units
    assert min(line.units_with, line.units_without) >= 0
    assert (line.modifier is None) == (line.units_with == 0)
    assert all(reason in SOURCES for reason in line.reasons)


@given(MINUTES, MINUTES)
def test_without_an_assistants_own_minutes_nothing_carries_the_modifier(therapist: int, together: int) -> None:
    time = ServiceTime("97110", therapist, 0, together)
    assert one(time, own_units(time)).units_with == 0


@given(MINUTES)
def test_what_the_assistant_gave_alone_carries_it_whole(assistant: int) -> None:
    time = ServiceTime("97110", 0, assistant)
    assert one(time, own_units(time)).units_without == 0


@given(MINUTES, MINUTES, MINUTES)
def test_minutes_together_are_worth_as_much_as_the_therapists_own(therapist: int, assistant: int, shared: int) -> None:
    together, alone = (
        ServiceTime("97110", therapist, assistant, shared),
        ServiceTime("97110", therapist + shared, assistant),
    )
    assert one(together, own_units(together)) == one(alone, own_units(alone))


@given(st.integers(0, 60), st.integers(1, 60), st.integers(1, 20))
def test_a_minute_more_by_the_therapist_never_adds_a_marked_unit(therapist: int, assistant: int, more: int) -> None:
    before, after = ServiceTime("97110", therapist, assistant), ServiceTime("97110", therapist + more, assistant)
    assume(own_units(before) == own_units(after))
    assert one(after, own_units(after)).units_with <= one(before, own_units(before)).units_with


@given(st.integers(0, 200), st.integers(0, 200))
def test_an_untimed_code_goes_whole_by_the_assistants_share(therapist: int, assistant: int) -> None:
    line = one(ServiceTime("97150", therapist, assistant), 1)
    assert line.units_with == int(assistant > (therapist + assistant) / 10)
