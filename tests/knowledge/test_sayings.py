"""Looking only at sayings that may fit best finds what looking at all of them finds."""

import math

from hypothesis import given
from hypothesis import strategies as st

from knowledge.sayings import (
    COVERED_POWER,
    ENOUGH,
    LIKELY,
    OWN_SHARE,
    WEIGHT_SHARE,
    WHOLE_SHARE,
    Asked,
    Saying,
    Sayings,
)

WEIGHTS = {f"rare{number}": 3.0 + number / 7 for number in range(9)} | {f"common{number}": 1.0 for number in range(3)}
FAINT = {f"faint{number}": 0.8 for number in range(3)}
WORDS = sorted(WEIGHTS | FAINT)
STEMS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True)
CALLED = st.lists(st.tuples(st.integers(0, 60), STEMS), min_size=1, max_size=150)


def sayings_of(called: list[tuple[int, list[str]]]) -> list[Saying]:
    weights = WEIGHTS | FAINT
    return [
        Saying(document, " ".join(stems), tuple(stems), math.fsum(weights[one] for one in stems))
        for document, stems in called
    ]


def asked_for(words: list[str]) -> Asked:
    weights = {one: (WEIGHTS | FAINT)[one] for one in words}
    return Asked(weights, sum(weights.values()), frozenset(FAINT))


def best_of_all(sayings: list[Saying], asked: Asked) -> dict[int, float]:
    """Each document's best score, every saying looked at. Faint words count only beside a telling one."""
    telling = [one for one in asked.weights if one not in asked.faint] or list(asked.weights)
    best: dict[int, float] = {}
    for saying in sayings:
        if not set(telling) & set(saying.stems):
            continue
        weight = sum(asked.weights[one] for one in asked.weights if one in saying.stems)
        covered, enough = min(1.0, weight / saying.weight), min(1.0, weight / ENOUGH)
        score = covered**COVERED_POWER * (OWN_SHARE + WHOLE_SHARE * weight / asked.whole + WEIGHT_SHARE * enough)
        best[saying.document] = max(best.get(saying.document, 0.0), score)
    return best


@given(CALLED, st.lists(st.sampled_from(WORDS), min_size=1, max_size=6, unique=True))
def test_the_likely_documents_are_the_best_of_all_with_their_best_scores(
    called: list[tuple[int, list[str]]], words: list[str]
) -> None:
    sayings, asked = sayings_of(called), asked_for(words)
    fits, everything = Sayings(sayings).best(asked), best_of_all(sayings, asked)

    scores = [round(-score, 9) for score, _, _, _ in fits]
    assert scores == [round(one, 9) for one in sorted(everything.values(), reverse=True)[:LIKELY]]
    assert all(round(everything[document], 9) == round(-score, 9) for score, document, _, _ in fits)


@given(CALLED, st.lists(st.sampled_from(WORDS), min_size=1, max_size=6, unique=True))
def test_the_order_in_which_sayings_stand_does_not_matter(
    called: list[tuple[int, list[str]]], words: list[str]
) -> None:
    there, back = Sayings(sayings_of(called)), Sayings(sayings_of(called[::-1]))
    asked = asked_for(words)

    assert [(document, score) for score, document, _, _ in there.best(asked)] == [
        (document, score) for score, document, _, _ in back.best(asked)
    ]
