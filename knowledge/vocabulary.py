"""Known words, and which of them a misspelt word was meant to be."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA
from Stemmer import Stemmer

SHORTEST_REPAIRED = 4  # letters; shorter words have too many neighbours
TWO_SLIPS_FROM = 7  # letters; from here on two slips are forgiven, below one

Near = tuple[int, int, str]  # slips, how often it is used (negative), the word: the least is the likeliest


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The word without its ending, by the Snowball stemmer for English.

    >>> stem("walking") == stem("walks")
    True
    """
    found = str(_STEMMER.stemWord(word)) if word.isalpha() else word
    return word if found == word else found  # one and the same text for both


_STEMMER = Stemmer("english", 0)  # its own memory of words left out: `stem` has one


def _without_doubles(word: str) -> str:
    """The word with each run of a letter written once: leaving a double letter out is the commonest slip."""
    return re.sub(r"(.)\1+", r"\1", word)


def may_be_misspelt(word: str) -> bool:
    """Is this a word that can be repaired: long enough, and of plain letters?"""
    return len(word) >= SHORTEST_REPAIRED and word.isascii() and word.isalpha()


class Vocabulary:
    """Words that are read as they are typed. It is immutable in use."""

    def __init__(self, words: Iterable[str], uses: Mapping[str, int], beside: "Vocabulary | None" = None) -> None:
        """Take the words, and how often each of their stems is used: of two near words the commoner one is meant.

        The words of a vocabulary that stands `beside` this one belong to it too.
        """
        self._beside = beside
        self._words = frozenset(words)
        self._stems = frozenset(set(map(stem, self._words)))  # a copy takes half the memory of a set that grew
        self._uses = uses
        self._by_start: dict[str, list[str]] = {}
        for word in sorted(self._words):
            if may_be_misspelt(word):
                for start in (word[0], word[:2]):
                    self._by_start.setdefault(start, []).append(word)
        self._near = lru_cache(maxsize=20_000)(self._nearest)

    def __contains__(self, word: str) -> bool:
        """Is this one of the words, just as it is typed?"""
        return word in self._words or (self._beside is not None and word in self._beside)

    def has(self, word: str) -> bool:
        """Is this one of the words, in whatever form?"""
        is_own = word in self._words or stem(word) in self._stems
        return is_own or (self._beside is not None and self._beside.has(word))

    def near(self, word: str) -> Near | None:
        """The known word that an unknown one was meant to be; None where it is near to none."""
        found = (self._near(word), self._beside.near(word) if self._beside else None)
        return min((one for one in found if one), default=None)

    def _nearest(self, word: str) -> Near | None:
        slips = 2 if len(word) >= TWO_SLIPS_FROM else 1
        plain, swapped = _without_doubles(word), word[1] + word[0]
        candidates = [*self._by_start.get(word[0], ()), *self._by_start.get(swapped, ())]
        near = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=slips, limit=None)
        return min(
            (
                (0 if _without_doubles(known) == plain else int(distance), -self._uses.get(stem(known), 0), known)
                for known, distance, _ in near
            ),
            default=None,
        )
