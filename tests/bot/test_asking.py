"""What a question asks for, and what was learned of it."""

import json
import tomllib
from importlib import resources

from bot.query import understand
from knowledge.search import Index
from tests.scope.train import WEIGHTS, Asked, learn, odds, read_asked, told_apart


def _features(text: str, index: Index) -> dict[str, float]:
    return understand(text, index).features


def test_what_is_asked_for_is_told_by_words_in_any_form(index: Index) -> None:
    assert "asks doses" in _features("what are the parameters of estim", index)
    assert "only norms" in _features("norms of the berg", index)
    assert "only norms" not in _features("which code for the berg with norms", index)


def test_beside_its_neighbours_any_word_of_the_shelves_is_as_good_as_another(index: Index) -> None:
    found = _features("is paraffin safe", index)
    assert "word paraffin" in found and "pair is *" in found
    assert found["hit score"] > 0


def test_in_a_story_the_end_is_told_apart_from_the_rest(index: Index) -> None:
    found = _features("She did stairs and gait training. Should I call her doctor?", index)
    assert "end begins else" in found and "end pair should i" in found
    assert not any(name.startswith("end ") for name in _features("stairs and gait training", index))


def test_spelling_is_repaired_before_words_are_weighed(index: Index) -> None:
    assert "asks code" in _features("which coode for paraffin", index)


def test_the_weights_are_of_what_can_be_asked_for() -> None:
    text = resources.files("knowledge").joinpath("asking.toml").read_text(encoding="utf-8")
    names = {name.split(" ")[1] for name in json.loads(WEIGHTS.read_text("utf-8")) if name.startswith("asks ")}
    assert names <= set(tomllib.loads(text))


def test_the_questions_that_were_learned_from_are_told_apart_still(index: Index) -> None:
    weights = json.loads(WEIGHTS.read_text("utf-8"))
    asked = read_asked(index)
    right = [(odds(weights, one) > 0) == one.is_elsewhere for one in asked if not one.is_filled]
    told = told_apart(asked, [odds(weights, one) for one in asked])
    assert sum(right) > 0.95 * len(right), f"learn anew: python -m tests.scope.train ({told})"


def test_the_same_questions_give_the_same_weights() -> None:
    asked = [
        Asked("which code", "ours", False, False, {"asks code": 1.0}),
        Asked("where is the key", "elsewhere", True, False, {"asks places": 1.0}),
    ] * 5
    weights = learn(asked)
    assert weights == learn(asked)
    assert odds(weights, asked[0]) < 0 < odds(weights, asked[1])
