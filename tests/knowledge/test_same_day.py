"""Same day: which codes are paid together, which column is paid, and what unlocks an edit."""

import json
import time
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from knowledge.library import ONE_SENTENCE, SHELVES, Library, read_library
from knowledge.pair import (
    SETTINGS,
    DayRule,
    Indicator,
    MinuteSharing,
    PairEdit,
    PairShelf,
    PairTable,
    Setting,
    edits_by_pair,
)
from knowledge.rules.same_day import DayFinding, PairFinding, day_findings, edits_between


@cache
def shipped() -> PairShelf:
    data = tomllib.loads((SHELVES / "pairs" / "ncci_2024q3.toml").read_text())
    return PairShelf.model_validate_json(json.dumps(data, default=str))


@cache
def table(setting: Setting = "practitioner") -> PairTable:
    return shipped().table(setting)


@cache
def rules() -> Mapping[str, DayRule]:
    data = tomllib.loads((SHELVES / "day_rules.toml").read_text())
    read = (DayRule.model_validate_json(json.dumps({"name": name, **body}, default=str)) for name, body in data.items())
    return {rule.name: rule for rule in read}


@cache
def known() -> Library:
    return read_library()


def families() -> dict[str, str]:
    return {code: entry.family for code, entry in known().entries.items()}


def letters() -> dict[str, str]:
    return {code: entry.medicare.letter for code, entry in known().entries.items()}


def shares() -> MinuteSharing:
    sharing = rules()["shared_minutes"].shares
    assert sharing is not None
    return sharing


def findings(*codes: str, setting: Setting = "practitioner") -> tuple[PairFinding, ...]:
    return edits_between(codes, table(setting), families(), shares())


def between(one: str, two: str, setting: Setting = "practitioner") -> PairFinding:
    [found] = findings(one, two, setting=setting)
    return found


def met(*codes: str) -> dict[str, DayFinding]:
    return {found.rule.name: found for found in day_findings(codes, rules().values(), letters(), findings(*codes))}


def past(found: PairFinding) -> list[tuple[str, int]]:
    return [(edit.deleted.isoformat(), edit.indicator) for edit in found.past if edit.deleted]


# The shelf


def test_every_row_of_the_facts_is_on_the_shelf() -> None:
    """PTP24Q3 counts: 327 + 292 standing, 105 ended, 73 asked for and found without an edit."""
    standing = [row for row in shipped().rows if (row.practitioner, row.hospital) != (None, None)]
    assert (len(standing), len(shipped().rows) - len(standing)) == (327 + 292, 105)
    assert len(shipped().no_active_edit) == 73


def test_a_pair_file_with_a_pair_twice_or_in_contradiction_is_refused() -> None:
    shelf = shipped().model_dump(mode="json")
    with pytest.raises(ValidationError, match="two rows"):
        PairShelf.model_validate_json(json.dumps({**shelf, "rows": [*shelf["rows"], shelf["rows"][0]]}))
    with pytest.raises(ValidationError, match="listed as having none"):
        PairShelf.model_validate_json(json.dumps({**shelf, "no_active_edit": [["97110", "97150"]]}))


@pytest.mark.parametrize(
    "row",
    [
        {"column_one": "97110", "column_two": "97150"},
        {"column_one": "97110", "column_two": "97110", "practitioner": 1},
        {"column_one": "97110", "column_two": "97150", "practitioner": 9},
        {"column_one": "97110", "column_two": 97150, "practitioner": 1},
        {"column_one": "97110", "column_two": "97150", "practitioner": 1, "because": "misuse"},
    ],
)
def test_a_pair_row_is_read_strictly(row: dict[str, object]) -> None:
    shelf = shipped().model_dump(mode="json")
    with pytest.raises(ValidationError):
        PairShelf.model_validate_json(json.dumps({**shelf, "rows": [row]}))


def test_sentences_of_the_day_rules_are_short_and_their_sources_known() -> None:
    for rule in rules().values():
        assert len(rule.statement.text) <= ONE_SENTENCE
        assert rule.statement.text.endswith(".")
        assert set(rule.statement.sources) <= set(known().sources)
    assert set(shipped().sources) <= set(known().sources)


# Pairs


@pytest.mark.parametrize(
    "individual", ["97110", "97112", "97113", "97116", "97124", "97140", "97530", "97533", "97535"]
)
def test_group_is_column_one_to_individual_treatment_and_a_modifier_unlocks_it(individual: str) -> None:
    """APTAGRP and PTP24Q3, as of 2024 Q3."""
    for found in (between("97150", individual), between(individual, "97150")):
        assert (found.edit, found.allowed, found.indicator) == ("active", True, 1)
        assert (found.column_one, found.column_two) == ("97150", individual)
        assert (found.modifier, found.modifier_on) == ("59", individual)
        assert set(found.modifiers) == {"59", "XE", "XS", "XP", "XU"}


@pytest.mark.parametrize(
    ("one", "two"), [("97140", "97124"), ("97161", "97164"), ("97162", "97161"), ("97113", "97036")]
)
def test_no_modifier_unlocks_an_edit_with_indicator_0(one: str, two: str) -> None:
    """PTP24Q3, as of 2024 Q3."""
    found = between(one, two)
    assert (found.edit, found.allowed, found.indicator) == ("active", False, 0)
    assert (found.modifier, found.modifiers, found.modifier_on) == (None, (), None)


def test_g0283_with_92526_is_barred_in_private_practice_and_may_be_unlocked_in_a_hospital() -> None:
    """NCCI26 ch. XI H.4; the rows of 2024 Q3 agree."""
    assert between("92526", "G0283").allowed is False
    assert between("92526", "97032").allowed is False
    hospital = between("92526", "G0283", "hospital")
    assert (hospital.setting, hospital.allowed, hospital.modifier) == ("hospital", True, "59")


def test_columns_may_change_sides_between_the_settings() -> None:
    """PTP24Q3: 20560/97602 for practitioners, 97602/20560 for hospitals; 98980/97750 likewise."""
    assert between("20560", "97602").column_one == "20560"
    assert between("20560", "97602", "hospital").column_one == "97602"
    assert (between("97750", "98980").column_one, between("97750", "98980").allowed) == ("98980", False)
    assert between("97750", "98980", "hospital").allowed is True


@pytest.mark.parametrize(
    ("one", "two", "ended"),
    [
        ("97530", "97116", [("2020-10-01", 9), ("2019-12-31", 1), ("1996-01-01", 9)]),
        ("97140", "97530", [("2019-12-31", 1)]),
        ("97530", "97535", [("2021-12-31", 1), ("2019-12-31", 1)]),
        ("97140", "97163", [("2020-10-01", 9), ("2020-01-01", 9)]),
    ],
)
def test_an_edit_that_ended_is_no_edit_and_is_told_with_its_last_day(
    one: str, two: str, ended: list[tuple[str, int]]
) -> None:
    """PTP24Q3: pages that still name these pairs."""
    for setting in SETTINGS:
        found = between(one, two, setting)
        assert (found.edit, found.allowed, found.modifier) == ("none", True, None)
        assert past(found) == ended


def test_every_pair_that_was_asked_for_and_found_without_an_edit_may_be_paid() -> None:
    """PTP24Q3: asked for, and no edit stands."""
    for one, two in shipped().no_active_edit:
        assert (between(one, two).edit, between(one, two).allowed) == ("none", True)


def test_a_code_younger_than_the_table_is_unknown_and_not_allowed() -> None:
    """98979 began in 2026; the table is of 2024."""
    found = between("98979", "97110")
    assert (found.edit, found.allowed, found.modifier) == ("unknown", None, None)


def test_the_table_of_a_whole_quarter_knows_every_pair() -> None:
    whole = PairTable(setting="hospital", quarter="2026Q4", as_of=date(2026, 10, 1), edits={})
    [found] = edits_between(["98979", "97110"], whole, {}, shares())
    assert (found.edit, found.allowed, found.quarter, found.as_of) == ("none", True, "2026Q4", date(2026, 10, 1))


def test_an_edit_holds_to_its_last_day() -> None:
    def standing(deleted: date) -> bool:
        return PairEdit(
            column_one="97150",
            column_two="97110",
            setting="hospital",
            indicator=1,
            as_of=date(2026, 10, 1),
            deleted=deleted,
        ).stands

    assert standing(date(2026, 12, 31)) is True
    assert standing(date(2026, 10, 1)) is True
    assert standing(date(2026, 9, 30)) is False


def test_of_two_standing_edits_the_stricter_counts() -> None:
    def edit(one: str, two: str, indicator: Indicator) -> PairEdit:
        return PairEdit(
            column_one=one, column_two=two, setting="hospital", indicator=indicator, as_of=date(2026, 10, 1)
        )

    both = edits_by_pair([edit("97110", "97150", 1), edit("97150", "97110", 0)])
    whole = PairTable(setting="hospital", quarter="2026Q4", as_of=date(2026, 10, 1), edits=both)
    [found] = edits_between(["97110", "97150"], whole, {}, shares())
    assert (found.column_one, found.allowed) == ("97150", False)


def test_the_finding_says_the_quarter_the_setting_and_that_the_first_day_is_unknown() -> None:
    found = between("97150", "97110")
    assert (found.setting, found.quarter, found.as_of) == ("practitioner", "2024Q3", date(2024, 7, 1))
    assert (found.reason, found.effective) == ("mutually_exclusive", None)


# Shared minutes


@pytest.mark.parametrize(
    ("one", "two", "sharing"),
    [
        ("97010", "97035", "yes"),
        ("97014", "97110", "yes"),
        ("97028", "97140", "yes"),
        ("97110", "97112", "no"),
        ("97032", "97035", "no"),
        ("97161", "97110", "no"),
        ("G0283", "97110", "with care"),
        ("97012", "G0283", "yes"),
        ("98941", "97140", "no"),
    ],
)
def test_only_the_supervised_modalities_may_share_minutes(one: str, two: str, sharing: str) -> None:
    """NCCI26 ch. XI P.2; G0283 with care: APTAGRP."""
    assert between(one, two).shared_minutes_allowed == sharing


def test_the_family_decides_who_shares_and_not_the_number() -> None:
    [found] = edits_between(["97012", "97110"], table(), {"97012": "therapeutic_procedure"}, shares())
    assert found.shared_minutes_allowed == "no"


# Rules that are no pair


def test_one_pt_evaluation_a_day_and_one_ot_evaluation_a_day() -> None:
    """NCCI26 ch. XI P.1."""
    assert met("97161", "97164")["one_pt_evaluation"].broken
    assert met("97165", "97165")["one_ot_evaluation"].codes == ("97165",)
    assert "one_pt_evaluation" not in met("97161", "97110")


def test_pt_and_ot_may_evaluate_on_one_day_with_a_practitioner_each() -> None:
    """NCCI26 ch. XI P.1; no active edit as of 2024 Q3."""
    found = met("97161", "97165")
    assert not found["pt_and_ot_evaluation"].broken
    assert not any(one.broken for one in found.values())
    assert between("97161", "97165").allowed is True


def test_a_hot_pack_is_bundled_and_does_not_bar_what_is_beside_it() -> None:
    """RVU26C status B; RVU20, RVU26C."""
    assert between("97010", "97035").allowed is True
    assert met("97010", "97035")["bundled"].codes == ("97010",)
    assert "bundled" not in met("97035", "97110")


@pytest.mark.parametrize(
    ("codes", "rule"),
    [
        (("97164", "97110"), "reevaluation_with_treatment"),
        (("97755",), "adaptive_equipment_assessment"),
        (("97602", "97597"), "nonselective_wound_care"),
        (("97597",), "wound_care_and_surgery"),
        (("93798", "97110"), "heart_and_lung_programs"),
        (("97750", "97161"), "tests_with_an_evaluation"),
        (("97760", "97164"), "orthotics_with_a_reevaluation"),
        (("97610", "97597"), "ultrasound_of_a_wound"),
        (("95992", "97112"), "repositioning_with_treatment"),
        (("95992", "95992"), "repositioning_once"),
        (("98941", "97140"), "chiropractic_region"),
        (("92526", "G0283"), "swallowing_and_stimulation"),
        (("92507", "97129"), "speech_and_cognition"),
        (("29581", "97140"), "compression_wrap_region"),
        (("97163",), "evaluation_in_an_episode"),
        (("97168",), "reevaluation_in_a_day"),
        (("97140", "97530"), "manual_therapy_and_activities"),
        (("97110", "97150"), "blocks_of_time"),
        (("97110", "97150"), "separate_minutes"),
        (("97110", "97112"), "no_edit_no_promise"),
        (("97110", "97112"), "shared_minutes"),
    ],
)
def test_each_statement_of_the_policy_manual_meets_its_codes(codes: tuple[str, ...], rule: str) -> None:
    """NCCI26; MBPM15."""
    assert rule in met(*codes)


def test_a_rule_about_two_codes_is_silent_when_one_is_missing() -> None:
    assert (
        not {"tests_with_an_evaluation", "speech_and_cognition", "chiropractic_region"} & met("97750", "92507").keys()
    )
    assert not met("97110")


def test_the_orthotic_rule_is_about_reevaluations_only() -> None:
    """NCCI26 ch. XI P.8: 97760 and 97761 against re-evaluations only."""
    assert "orthotics_with_a_reevaluation" not in met("97760", "97161")
    assert between("97161", "97760").allowed is True


# Properties and figures

CODES = sorted(file.stem for file in (SHELVES / "entries").glob("*.toml"))
codes_of_a_day = st.lists(st.sampled_from(CODES), max_size=8)


@given(codes_of_a_day, st.sampled_from(SETTINGS))
def test_every_two_distinct_codes_get_one_finding(codes: list[str], setting: Setting) -> None:
    found = findings(*codes, setting=setting)
    distinct = len(set(codes))
    assert len(found) == distinct * (distinct - 1) // 2
    assert len({frozenset(one.codes) for one in found}) == len(found)


@given(codes_of_a_day)
def test_the_order_of_the_codes_does_not_matter(codes: list[str]) -> None:
    def facts(found: PairFinding) -> tuple[object, ...]:
        return found.edit, found.column_one, found.column_two, found.allowed, found.past, found.shared_minutes_allowed

    forward = {frozenset(one.codes): facts(one) for one in findings(*codes)}
    assert forward == {frozenset(one.codes): facts(one) for one in findings(*reversed(codes))}


@given(codes_of_a_day)
def test_what_is_not_allowed_has_no_modifier_and_a_modifier_stands_on_column_two(codes: list[str]) -> None:
    for found in findings(*codes):
        assert (found.allowed is False) == (found.indicator == 0)
        assert bool(found.modifiers) == (found.indicator == 1)
        assert found.modifier_on == (found.column_two if found.modifiers else None)


def test_ten_codes_are_looked_up_in_well_under_a_millisecond() -> None:
    day = ["97161", "97110", "97112", "97140", "97530", "97150", "97035", "G0283", "97010", "97750"]
    known_families, sharing, pairs = families(), shares(), table()
    took = []
    for _ in range(200):
        began = time.perf_counter()
        edits_between(day, pairs, known_families, sharing)
        took.append(time.perf_counter() - began)
    assert median(took) < 0.001
