"""What things are called, ready for finding: which of the sayings fit what was asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

# How a saying is scored; found by trying values on the cases of tests/questions and kept where accuracy was flat.
COVERED_POWER = 0.85  # a saying of which only half stands in the question counts for much less than half
OWN_SHARE = 0.12  # what a wholly covered saying gets in any case
WHOLE_SHARE = 0.44  # what it gets besides where it makes up the whole question
WEIGHT_SHARE = 0.1  # what it gets besides where its words weigh enough
ENOUGH = 10.7  # the weight of two rare words
COMMON = 1_000  # sayings; a word that more of them have is not worth going through them all
LIKELY = 24  # documents whose best sayings are looked at more closely

_LIGHTEST_FIRST = attrgetter("weight")
_NOWHERE: frozenset[int] = frozenset()


class Saying(NamedTuple):
    """What a document is called, its stems, and what they weigh together."""

    document: int
    text: str
    stems: tuple[str, ...]
    weight: float


class Fit(NamedTuple):
    """How well the best saying of a document fits: its score, and the share of it that the question covers."""

    score: float
    covered: float
    saying: Saying


@dataclass(frozen=True)
class Asked:
    """What each word of a question weighs, and all of them together; `faint` ones say hardly anything by themselves."""

    weights: Mapping[str, float]
    whole: float
    faint: frozenset[str]


class Sayings:
    """Sayings by their words. It is immutable in use."""

    def __init__(self, sayings: Iterable[Saying]) -> None:
        """Take the sayings; those without a stem are never found."""
        self._sayings = sorted((one for one in sayings if one.stems), key=_LIGHTEST_FIRST)
        self._having: dict[str, set[int]] = {}
        lightest: dict[str, dict[int, int]] = {}
        for position, saying in enumerate(self._sayings):
            for one in saying.stems:
                self._having.setdefault(one, set()).add(position)
                lightest.setdefault(one, {}).setdefault(saying.document, position)
        self._lightest = {one: tuple(by_document.values())[:LIKELY] for one, by_document in lightest.items()}

    def best(self, asked: Asked) -> list[Fit]:
        """The saying that fits best of each of the `LIKELY` documents that fit best, the best first."""
        terms = [(weight, having) for one, weight in asked.weights.items() if (having := self._having.get(one))]
        by_whole = WHOLE_SHARE / asked.whole
        best: dict[int, tuple[float, float, int]] = {}
        for position in sorted(self._worth_a_look(asked)):
            document, _, _, whole = self._sayings[position]
            weight = 0.0
            for one, having in terms:
                if position in having:
                    weight += one
            covered = weight / whole if weight < whole else 1.0
            enough = weight / ENOUGH if weight < ENOUGH else 1.0
            score = covered**COVERED_POWER * (OWN_SHARE + by_whole * weight + WEIGHT_SHARE * enough)
            if document not in best or score > best[document][0]:
                best[document] = (score, covered, position)
        likely = sorted(best.items(), key=lambda one: (-one[1][0], one[0]))[:LIKELY]
        return [Fit(score, covered, self._sayings[position]) for _, (score, covered, position) in likely]

    def _worth_a_look(self, asked: Asked) -> set[int]:
        """Sayings with two of the words asked, and for each word the lightest that have it: of those with one word
        alone the lightest fits best.

        Faint words, and those that very many sayings have, count only beside a word that says something.
        """
        words = [(one, self._having.get(one, _NOWHERE)) for one in asked.weights]
        telling = [(one, having) for one, having in words if one not in asked.faint]
        strong = [(one, having) for one, having in telling if len(having) <= COMMON] or telling or words
        seen: set[int] = set()
        found: set[int] = set()
        for one, having in strong:
            found.update(seen & having, self._lightest.get(one, ()))
            seen |= having
        for one, having in words:
            if (one, having) not in strong:
                found |= seen & having
        return found
