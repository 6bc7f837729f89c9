"""How far a word leans to what is declined, against what the shelves are called by."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from copy import copy

MOST = 2.0  # a word leans no further than this: one word alone decides nothing


class Leaning:
    """Says of words whether they belong to questions that are declined (above 0) or to our sayings (below 0)."""

    def __init__(self, sayings: Iterable[Collection[str]], declined: Iterable[Collection[str]]) -> None:
        """Take the stems of everything the shelves are called by, and of every phrase that is declined."""
        ours, theirs = Counter[str](), Counter[str]()
        our_count = sum(_count(ours, stems) for stems in sayings)
        their_count = sum(_count(theirs, stems) for stems in declined)
        self.unheard = _capped(math.log((our_count + 1) / (their_count + 1)))
        self._of: Mapping[str, float] = {
            one: _capped(self.unheard + math.log((theirs[one] + 1) / (ours[one] + 1)))
            for one in ours.keys() | theirs.keys()
        }

    def knowing(self, stems: Iterable[str]) -> "Leaning":
        """This leaning where these words are ours as well, whatever they were before."""
        other = copy(self)
        other._of = {**self._of, **dict.fromkeys(stems, -MOST)}
        return other

    def of(self, stems: Collection[str]) -> float:
        """How far these words lean together: the mean over them, 0 where there are none.

        >>> leaning = Leaning([["gait", "train"], ["gait"]], [["paycheck"], ["train", "ticket"]])
        >>> leaning.of(["gait"]) < leaning.of(["train"]) < leaning.of(["paycheck"])
        True
        """
        return sum(self._of.get(one, self.unheard) for one in stems) / len(stems) if stems else 0.0


def _count(counter: Counter[str], stems: Collection[str]) -> int:
    counter.update(set(stems))
    return 1


def _capped(leaning: float) -> float:
    return max(-MOST, min(MOST, leaning))
