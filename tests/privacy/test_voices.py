"""The gate against questions in people's own voices, which no generator made: with patients in them, and without."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.privacy import scrub
from bot.query import plain_text
from tests.privacy.figures import harmed_of, remains_of

HERE = Path(__file__).parent
MISSED = "? "  # before a question in which the gate misses somebody


def lines_of(name: str) -> Iterator[str]:
    text = (HERE / name).read_text("utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))


def left_of(line: str) -> set[str]:
    """What is left of the details in braces."""
    typed, around = re.sub(r"[{}]", "", line), re.sub(r"\{.*?\}", " ", line)
    kept = scrub(plain_text(typed)).text
    return {part for detail in re.findall(r"\{(.*?)\}", line) for part in remains_of(detail, kept, around)}


PEOPLE = list(lines_of("people.txt"))


@pytest.mark.parametrize("line", [line for line in PEOPLE if not line.startswith(MISSED)])
def test_nothing_is_left_of_a_person(line: str) -> None:
    assert left_of(line) == set()


def test_few_people_are_missed_and_who_no_longer_is_stands_among_the_others() -> None:
    missed = [line.removeprefix(MISSED) for line in PEOPLE if line.startswith(MISSED)]
    assert len(missed) <= 0.1 * len(PEOPLE)
    assert [line for line in missed if not left_of(line)] == []


def test_what_a_clinic_types_of_nobody_stays_to_the_letter() -> None:
    typed = list(lines_of("clean.txt"))
    assert len(typed) >= 300
    for form in (str, str.upper, str.lower, str.capitalize):
        assert harmed_of(form(line) for line in typed) == []
