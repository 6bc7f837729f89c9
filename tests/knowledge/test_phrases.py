"""Phrases found as whole words, with whatever stands around them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.phrases import LooseText, Phrases, loosened


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("can't do it", True),
        ("cant do, it", True),
        ("he can’t do it", True),
        ("can't  do it", True),
        ("cant-do it", True),
        ("scant do it", False),
        ("cant dose it", False),
        ("cant_do", False),
        ("scant do, cant do", True),
        ("", False),
    ],
)
def test_a_phrase_stands_where_its_words_stand_whole(text: str, stands: bool) -> None:
    assert Phrases(["what else", "Can't do"]).stand_in(LooseText(text)) is stands


SHORT = st.text(alphabet="ab c-'?é1_", max_size=6)


@given(st.lists(SHORT.filter(lambda one: bool(loosened(one))), max_size=4), st.text(alphabet="ab c-'?é1_", max_size=14))
def test_phrases_are_found_as_an_expression_of_all_of_them_finds_them(phrases: list[str], text: str) -> None:
    wanted = "|".join(re.escape(loosened(one)) for one in phrases)
    found = bool(phrases) and re.search(rf"(?<!\w)(?:{wanted})(?!\w)", loosened(text)) is not None

    assert Phrases(phrases).stand_in(LooseText(text)) is found
