"""The gate in figures: what goes of invented people's details, and what stays of clean questions."""

import os

import pytest

from knowledge.library import Library
from tests.privacy.figures import FULL, SHORT, Figure, figures_of, harmed_of, typical_ms
from tests.privacy.generator import Clinic, clean_questions

SLOWEST = 0.15  # ms that the gate may take for a typical question
SLOW_MACHINE = 4  # times slower than that, a busy machine may be
IS_FULL = bool(os.environ.get("CODING_HELPER_SLOW_TESTS"))


@pytest.fixture(scope="module")
def figures() -> list[Figure]:
    return figures_of(Clinic().questions(FULL if IS_FULL else SHORT))


def test_invented_people_leave_nothing_of_themselves(figures: list[Figure]) -> None:
    """99 % of all details, 90 % of names in lower case, and all of what has a firm shape."""
    low = [one for one in figures if one.share < one.wanted]

    assert not low, "\n".join(
        f"{one.kind}: {one.gone} of {one.typed} gone\n  " + "\n  ".join(one.kept_in) for one in low
    )


def test_every_kind_of_detail_is_among_them(figures: list[Figure]) -> None:
    assert len(figures) == 16
    assert all(one.typed >= 8 for one in figures)


def test_no_clean_question_is_harmed(library: Library) -> None:
    """All cases, and the names of all codes, topics and contrasts. A word taken for a name: bot/clinic_names.txt."""
    clean = clean_questions(library)
    assert len(clean) >= FULL

    harmed = harmed_of(clean if IS_FULL else clean[::3])

    assert not harmed, "\n".join(harmed)


def test_the_gate_is_quick(library: Library) -> None:
    median, _ = typical_ms(clean_questions(library)[:300])

    assert median < SLOWEST * SLOW_MACHINE
