"""Phrases that are looked for in a text as whole words. Hyphens and apostrophes do not matter."""

import re
from collections.abc import Iterable
from functools import cached_property

_WORD = re.compile(r"\w+")


def loosened(text: str) -> str:
    """The text without apostrophes, its hyphens as spaces, and one space between its words."""
    return " ".join(text.replace("’", "'").replace("'", "").replace("-", " ").split())


def telling_word(phrase: str) -> str:
    """The longest word of a phrase, empty where it has none. A text that has the phrase has this word."""
    return max(_WORD.findall(loosened(phrase.lower())), key=len, default="")


class LooseText:
    """A text in lower case, made ready for looking for phrases in it."""

    def __init__(self, text: str) -> None:
        """Loosen the text as phrases are."""
        self.text = loosened(text)
        self.words = frozenset(("", *_WORD.findall(self.text)))


class Phrases:
    """Phrases any of which is looked for."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """An expression is made of them when a text has the telling word of one."""
        self._phrases = tuple(phrases)
        self._telling = frozenset(map(telling_word, self._phrases))

    def stand_in(self, text: LooseText) -> bool:
        """Does one of the phrases stand in the text as whole words?"""
        return not self._telling.isdisjoint(text.words) and self._any.search(text.text) is not None

    @cached_property
    def _any(self) -> re.Pattern[str]:
        wanted = "|".join(re.escape(loosened(phrase.lower())) for phrase in self._phrases)
        return re.compile(rf"(?<!\w)(?:{wanted})(?!\w)")
