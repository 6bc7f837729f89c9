"""Same day, modifiers and amounts: the rules reached through questions as they are typed."""

from datetime import date

import pytest

from bot.answers import find_answer
from bot.answers.amounts import Amounts
from bot.answers.answer import Answer
from bot.answers.modifiers import Modifiers
from bot.answers.same_day import SameDay
from bot.bot import Bot
from bot.day_of_service import day_of_service
from bot.query import understand
from knowledge.search import Index

TODAY = date(2026, 11, 23)


def answer(index: Index, text: str) -> Answer:
    return find_answer(understand(text, index, TODAY))


def same_day(index: Index, text: str) -> SameDay:
    found = answer(index, text)
    assert isinstance(found, SameDay), found.kind
    return found


@pytest.mark.parametrize(
    ("text", "allowed", "modifier"),
    [
        ("97150 + 97110", True, "59"),
        ("97110 and 97140 same day ok?", True, None),
        ("massage and manual therapy same visit", False, None),
        ("massage and manual ok if diff body parts", False, None),
        ("can we do 97750 with eval", False, None),
        ("97022 97110 hospital outpatient", True, None),
        ("97161 and 97164 same day", False, None),
        ("97760 w/ an L code", True, None),
    ],
)
def test_a_pair_is_allowed_locked_or_unlocked(index: Index, text: str, allowed: bool, modifier: str | None) -> None:
    """NCCI pair edits, 2024 Q3; L codes: AOTA."""
    told = same_day(index, text).for_scripts()["same_day"]
    assert (told["allowed"], told["modifier"]) == (allowed, modifier)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("97140 and 97530 and a hot pack", {"97140", "97530", "97010"}),
        ("eval + group same day 97163 97150", {"97163", "97150"}),
        ("97140 97530 same day medicare ok", {"97140", "97530"}),
    ],
)
def test_a_service_named_beside_typed_codes_is_not_dropped(index: Index, text: str, codes: set[str]) -> None:
    assert set(same_day(index, text).codes) == codes


def test_a_code_that_medicare_does_not_take_is_no_plain_yes(answering: Bot) -> None:
    assert "yes" not in answering.answer("G0283 and 97014 same day?").reply.title


def test_a_hospitals_table_is_asked_where_a_hospital_is_said(index: Index) -> None:
    """97162 with 97750: indicator 0 in private practice, 1 in outpatient hospitals (PTP24Q3)."""
    assert same_day(index, "97162 and 97750 same day").allowed is False
    assert same_day(index, "97162 and 97750 same day outpatient hospital").allowed is True


def test_a_pair_that_the_table_was_not_read_for_is_not_known(index: Index) -> None:
    assert same_day(index, "98985 and 97110 same day").allowed is None


def modifiers(index: Index, text: str) -> list[str]:
    found = answer(index, text)
    assert isinstance(found, Modifiers), found.kind
    told: list[str] = found.for_scripts()["modifiers"]
    return told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PTA did the whole ther ex session, medicare. what modifiers?", ["GP", "CQ"]),
        ("COTA ran all 30 min of 97535. modifiers?", ["GO", "CO"]),
        ("15 min 97110 one unit: PT 8, PTA 7. does CQ go on it", ["GP"]),
        ("PTA took vitals during the PT eval. put CQ on 97161?", ["GP"]),
        ("OT allowed total is at 2100 for 2026, do i put KX on", []),
        ("voluntary ABN on file, which modifier", ["GX"]),
        ("nobody signed an ABN and we expect a not necessary denial, which modifier", ["GZ"]),
        ("DO I NEED 51 ON 97110", []),
        ("patient passed the kx threshold, PT treating, still necessary, 97140", ["GP", "KX"]),
        ("OT over the threshold and the OT did everything herself", ["GO", "KX"]),
        ("cota did the whole adl session", ["GO", "CO"]),
        ("PTA did exactly 10% of the G0283", ["GP"]),
        ("need CQ if PTA just did setup", ["GP"]),
        ("GA or GZ no abn signed", ["GZ"]),
        ("patient hit 2480 exactly, kx?", []),
        ("pta 8 min pt 8 min manual one unit which mod", ["GP"]),
        ("COTA ran the whole session for my OT patient, what do I add to the lines", ["GO", "CO"]),
        ("hot pack and estim unattended, PTA did all of the set up and check", ["GP", "CQ"]),
        ("which X modifier if a different practitioner did the other service", ["XP"]),
        ("97140 and 97530 different body part, need 59?", []),
        ("pta put on g0283 and did 11 percent of it, do i add CQ", ["GP", "CQ"]),
    ],
)
def test_a_line_gets_the_modifiers_that_its_case_needs(index: Index, text: str, expected: list[str]) -> None:
    """NORKX, CMSCQ, MONCQ, WEBPTFAQ."""
    assert modifiers(index, text) == expected


def test_an_unknown_code_beside_an_assistant_is_told_to_be_unknown(index: Index) -> None:
    assert answer(index, "PTA did the gait 99999").kind == "no_such_code"


def test_kx_is_needed_above_the_years_threshold_and_not_below(index: Index) -> None:
    """NORKX: 2,330 in 2024; ALS, MCW, PAT: 2,480 in 2026."""
    assert "KX" in modifiers(index, "2024 claims, PT was at 2400 allowed, therapy necessary, what modifier")
    assert "KX" not in modifiers(index, "PT at 2400 allowed in 2026, KX needed?")


def amounts(index: Index, text: str) -> Amounts:
    found = answer(index, text)
    assert isinstance(found, Amounts), found.kind
    return found


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("kx threshold 2024", ["2330"]),
        ("what is the kx threshold for a visit last December", ["2410"]),
        ("conversion factor 2024", ["32.7442", "33.2875"]),
        ("conversion factor for a visit on 3/1/2024", ["32.7442"]),
        ("kx threshold 2027", []),
    ],
)
def test_amounts_are_told_by_the_day_of_service_and_never_carried_forward(
    index: Index, text: str, values: list[str]
) -> None:
    (told,) = amounts(index, text).told
    assert [str(amount.value) for amount in told.amounts] == values


def test_fees_are_worked_out_with_the_reduction(index: Index) -> None:
    """RVU26C, RVU25D: 35.07 and 29.06 in 2026."""
    found = amounts(index, "which pays more, 97530 or 97110?")
    assert [(one.entry.code, str(one.full), str(one.reduced)) for one in found.fees] == [
        ("97530", "35.07", "25.05"),
        ("97110", "29.06", "22.21"),
    ]
    assert found.codes == (), "a question of price asserts no code"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("kx 2024", date(2024, 12, 31)),
        ("last december", date(2025, 12, 1)),
        ("last march", date(2026, 3, 1)),
        ("march 2024", date(2024, 3, 1)),
        ("3/8/2024", date(2024, 3, 8)),
        ("2024-03-09", date(2024, 3, 9)),
        ("last year", date(2025, 12, 31)),
        ("13/45/2024", date(2024, 12, 31)),
        ("may i bill it", TODAY),
        ("nothing", TODAY),
    ],
)
def test_the_day_of_service_is_read_from_the_question(index: Index, text: str, day: date) -> None:
    assert day_of_service(understand(text, index, TODAY)) == day


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("what does 97110 pay for 3 units 2026", "73.48"),
        ("97110 x2 and 97140 x1 how much does medicare pay 2026", "72.48"),
        ("fee for 97112 2026", None),
    ],
)
def test_a_day_of_several_units_is_worked_out_with_the_reduction(index: Index, text: str, total: str | None) -> None:
    """RVU26C: one therapy unit of the day in full, the others reduced."""
    together = amounts(index, text).together
    assert (str(together.total) if together else None) == total


def test_dollars_of_a_year_are_not_taken_for_the_year(index: Index) -> None:
    assert day_of_service(understand("used 2010 pt and 600 slp, kx?", index, TODAY)) == TODAY
