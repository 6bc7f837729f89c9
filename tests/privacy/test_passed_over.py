"""What the gate passes over for want of a sign could have held nothing: looking at all of it finds the same."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot import addresses, identifiers, person_names
from bot.privacy import scrub
from bot.query import plain_text
from knowledge.library import Library
from tests.privacy.figures import SHORT
from tests.privacy.generator import Clinic, clean_questions

ANYTHING = re.compile("")


@pytest.fixture(scope="module")
def texts(library: Library) -> list[str]:
    """Questions of people, invented ones and real voices, and of nobody; in capitals and in small letters too."""
    voices = (Path(__file__).with_name("people.txt").read_text("utf-8")).splitlines()
    typed = [
        *(asked.text for asked in Clinic().questions(SHORT)),
        *(re.sub(r"[{}]", "", line) for line in voices),
        *clean_questions(library)[::4],
    ]
    return [plain_text(form(text)) for text in typed for form in (str, str.upper, str.title)]


def test_nothing_that_is_passed_over_held_a_detail(texts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    scrubbed = [scrub(text) for text in texts]
    shapes = [replace(shape, signs=("",)) for shape in identifiers._SHAPES]
    monkeypatch.setattr(identifiers, "_SHAPES_WITHIN", [shapes] * len(identifiers._SHAPES_WITHIN))
    monkeypatch.setattr(identifiers, "_OLD_AGE", ANYTHING)
    monkeypatch.setattr(identifiers, "_DATE_SIGN", ANYTHING)
    monkeypatch.setattr(addresses, "_STREETS", [(shape, ("",)) for shape, _ in addresses._STREETS])
    monkeypatch.setattr(addresses, "_SHORT_STREETS", [(shape, ANYTHING) for shape, _ in addresses._SHORT_STREETS])
    monkeypatch.setattr(addresses, "_may_end_a_street", bool)
    monkeypatch.setattr(person_names, "_may_name", bool)

    looked_through = [scrub(text) for text in texts]

    assert sum(one.text != text for one, text in zip(scrubbed, texts, strict=True)) > SHORT
    assert [
        (text, one.text, whole.text)
        for text, one, whole in zip(texts, scrubbed, looked_through, strict=True)
        if one != whole
    ] == []
