"""Modifiers: whose plan of care, which contradict, and what the shelf says of each."""

import json
import tomllib
from itertools import combinations
from pathlib import Path

import pytest
from pydantic import ValidationError

import knowledge
from knowledge.modifier import Modifier
from knowledge.rules.modifiers import Discipline, assistant_modifier, contradictions, discipline_modifier

TABLE = tomllib.loads((Path(knowledge.__file__).parent / "modifiers.toml").read_text(encoding="utf-8"))


def record(key: str, body: dict[str, object]) -> Modifier:
    return Modifier.model_validate_json(json.dumps({"modifier": key, **body}, default=str))


MODIFIERS = {key: record(key, body) for key, body in TABLE.items()}


def test_gp_go_and_gn_say_whose_plan_of_care_it_is() -> None:
    """CMSCQ, MONCQ."""
    disciplines: tuple[Discipline, ...] = ("PT", "OT", "SLP")
    assert [discipline_modifier(discipline) for discipline in disciplines] == ["GP", "GO", "GN"]


def test_cq_goes_with_physical_and_co_with_occupational_therapy_and_speech_has_none() -> None:
    """CMSCQ, MONCQ."""
    assert (assistant_modifier("PT"), assistant_modifier("OT"), assistant_modifier("SLP")) == ("CQ", "CO", None)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (["GP", "KX", "GA"], [("not_together", ("KX", "GA"), None)]),
        (["CQ"], [("needs", ("CQ",), "GP")]),
        (["GO", "CQ"], [("needs", ("CQ",), "GP")]),
        (["GP", "CO"], [("needs", ("CO",), "GO")]),
        (["GP", "GO"], [("not_together", ("GP", "GO"), None)]),
        (["GP", "51"], [("not_for_therapy", ("51",), None)]),
        (["GP", "52"], [("not_for_therapy", ("52",), None)]),
        (["GP", "GA", "GZ"], [("not_together", ("GA", "GZ"), None)]),
    ],
)
def test_modifiers_that_contradict_are_told(line: list[str], wrong: list[tuple[str, tuple[str, ...], str]]) -> None:
    """NORKX, CMSCQ, MONCQ; GA, GY and GZ: RCMGA; 51 and 52: recalled."""
    assert [(one.kind, one.modifiers, one.missing) for one in contradictions(line)] == wrong


@pytest.mark.parametrize(
    "line", [[], ["GP"], ["GP", "CQ"], ["GO", "CO", "KX"], ["GP", "CQ", "59"], ["GP", "GY"], ["GP", "GX"], ["95", "GN"]]
)
def test_modifiers_that_go_together_are_left_alone(line: list[str]) -> None:
    """GP with GY: dev question MD010."""
    assert contradictions(line) == ()


def test_ga_with_gx_is_not_called_a_contradiction_because_no_source_here_says_so() -> None:
    assert contradictions(["GA", "GX"]) == ()


def test_all_contradictions_of_a_line_are_told_and_letters_may_be_small() -> None:
    found = contradictions(["kx", "ga", "cq", "52"])
    assert [one.modifiers for one in found] == [("KX", "GA"), ("CQ",), ("52",)]


def test_51_and_52_are_marked_recalled() -> None:
    assert {one.caution for one in contradictions(["51", "52"])} == {"recalled"}


@pytest.mark.parametrize("key", sorted(MODIFIERS))
def test_a_modifier_comes_back_from_its_own_json(key: str) -> None:
    assert Modifier.model_validate_json(MODIFIERS[key].model_dump_json()) == MODIFIERS[key]


@pytest.mark.parametrize("key", sorted(MODIFIERS))
def test_what_a_modifier_means_has_a_source_or_a_caution(key: str) -> None:
    meaning = MODIFIERS[key].meaning
    assert meaning.sources or meaning.caution


def test_every_modifier_of_the_rules_is_on_the_shelf() -> None:
    contradicting = {
        name for pair in combinations(MODIFIERS, 2) for one in contradictions(pair) for name in one.modifiers
    }
    assert contradicting == {"KX", "GA", "GY", "GZ", "GP", "GO", "GN", "CQ", "CO", "51", "52"}
    assert {"59", "XE", "XS", "XP", "XU", "GX", "95"} <= MODIFIERS.keys()


@pytest.mark.parametrize("key", ["51", "52"])
def test_what_does_not_belong_on_therapy_has_no_case_for_use(key: str) -> None:
    assert MODIFIERS[key].use_when == ()


def test_a_modifier_has_two_characters() -> None:
    with pytest.raises(ValidationError, match="modifier"):
        record("KXX", TABLE["KX"])
