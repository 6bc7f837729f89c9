"""What things are called, ready for finding: which of the sayings fit what was asked."""

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
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
FEW = 9  # sayings, which are gone through as fast as a set is

_LIGHTEST_FIRST = attrgetter("weight")
_NOWHERE: tuple[int, ...] = ()
_Word = tuple[str, float, Collection[int]]  # a word asked, what it weighs, and the sayings that have it


class Saying(NamedTuple):
    """What a document is called, its stems, and what they weigh together."""

    document: int
    text: str
    stems: tuple[str, ...]
    weight: float


@dataclass(frozen=True)
class Asked:
    """What each word of a question weighs, and all of them together; `faint` ones say hardly anything by themselves."""

    weights: Mapping[str, float]
    whole: float
    faint: frozenset[str]


# How well the best saying of a document fits: its score (negative, so that the best sorts first), the document, the
# saying's place, and the share of it that the question covers.
Fit = tuple[float, int, int, float]


class Sayings:
    """Sayings by their words. It is immutable in use."""

    def __init__(self, sayings: Iterable[Saying]) -> None:
        """Take the sayings; those without a stem are never found."""
        ordered = sorted((one for one in sayings if one.stems), key=_LIGHTEST_FIRST)
        self._documents = [one.document for one in ordered]
        self._texts = [one.text for one in ordered]
        self._stems = [one.stems for one in ordered]
        self._weights = array("d", (one.weight for one in ordered))
        having: dict[str, list[int]] = {}
        for position, saying in enumerate(ordered):
            for one in saying.stems:
                having.setdefault(one, []).append(position)
        self._lightest = {one: self._lightest_of(positions) for one, positions in having.items()}
        # Most stems stand in a few sayings, for which a set takes ten times as much memory; and a set that grew one by
        # one takes more than one made of another.
        self._having: dict[str, Collection[int]] = {
            one: tuple(at) if len(at) <= FEW else frozenset(set(at)) for one, at in having.items()
        }

    def _lightest_of(self, positions: Iterable[int]) -> tuple[int, ...]:
        """The first saying of each document, of as many documents as are likely."""
        by_document: dict[int, int] = {}
        for position in positions:
            by_document.setdefault(self._documents[position], position)
        return tuple(by_document.values())[:LIKELY]

    def best(self, asked: Asked) -> list[Fit]:
        """The saying that fits best of each of the `LIKELY` documents that fit best, the best first.

        Faint words, and those that very many sayings have, count only beside a word that says something. Of the sayings
        with one word alone the lightest fits best.
        """
        words = [(one, weight, self._having.get(one, _NOWHERE)) for one, weight in asked.weights.items()]
        telling = [word for word in words if word[0] not in asked.faint]
        strong = [word for word in telling if len(word[2]) <= COMMON] or telling or words
        weights = {position: weight for one, weight, _ in strong for position in self._lightest.get(one, ())}
        weights.update(self._with_several(words, strong))
        by_whole = WHOLE_SHARE / asked.whole
        documents, wholes = self._documents, self._weights
        best: dict[int, Fit] = {}
        for position, weight in weights.items():
            document, whole = documents[position], wholes[position]
            covered = weight / whole if weight < whole else 1.0
            enough = weight / ENOUGH if weight < ENOUGH else 1.0
            score = -(covered**COVERED_POWER) * (OWN_SHARE + by_whole * weight + WEIGHT_SHARE * enough)
            fit = (score, document, position, covered)
            if document not in best or fit < best[document]:
                best[document] = fit
        return sorted(best.values())[:LIKELY]

    def at(self, position: int) -> tuple[str, tuple[str, ...]]:
        """The saying at a place, and its stems."""
        return self._texts[position], self._stems[position]

    def _with_several(self, words: Sequence[_Word], strong: Sequence[_Word]) -> dict[int, float]:
        """Sayings with two or more of the words, at least one of them a strong one, and what those weigh together."""
        seen: set[int] = set()
        several: set[int] = set()
        for _, _, having in strong:
            several.update(seen.intersection(having))
            seen.update(having)
        for word in words:
            if word not in strong:
                several.update(seen.intersection(word[2]))
        said = dict.fromkeys(several, 0.0)
        for _, weight, having in words:
            for position in several.intersection(having):
                said[position] += weight
        return said
