"""What is asked of a server: questions as people type them, and made other ones by two words more."""

import random
from collections.abc import Sequence
from itertools import cycle, islice

FEW = 300  # different questions that are asked again and again
OFTEN = 3  # times as many of these: one takes a third of the time of one that was never seen


class Asked:
    """Questions that were never seen, and questions seen before, as many of each as a figure takes."""

    def __init__(self, questions: Sequence[str], count: int) -> None:
        """Made from these questions."""
        self._questions, self._count = questions, count
        self._words = sorted({word for one in questions for word in one.split() if word.isalpha()})
        self.few = self.new()[:FEW]

    def new(self) -> list[str]:
        """Questions that were never asked, each with two words more that were drawn at random."""
        drawn, words = random.choices(self._questions, k=self._count), self._words  # noqa: S311  # not a secret
        return [f"{one} {random.choice(words)} {random.choice(words)}" for one in drawn]  # noqa: S311

    def as_typed(self, part: int, parts: int) -> list[str]:
        """One of so many parts of the questions, in any order: none is in two parts, or twice in one."""
        mixed = list(dict.fromkeys(self._questions))
        random.Random(parts).shuffle(mixed)  # noqa: S311  # not a secret
        return mixed[part::parts][: self._count]

    def again(self) -> list[str]:
        """A few questions, each many times."""
        return list(islice(cycle(self.few), OFTEN * self._count))
