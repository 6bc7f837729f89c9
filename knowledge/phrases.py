"""Phrases that are looked for in a text as whole words. Hyphens and apostrophes do not matter."""

import re
from collections.abc import Iterable
from sys import intern

_WORD = re.compile(r"\w+")


def loosened(text: str) -> str:
    """The text without apostrophes, its hyphens as spaces, and one space between its words."""
    found = " ".join(text.replace("’", "'").replace("'", "").replace("-", " ").split())
    return text if found == text else found  # one and the same text for both


def telling_word(phrase: str) -> str:
    """The longest word of a phrase, empty where it has none. A text that has the phrase has this word."""
    return max(_WORD.findall(loosened(phrase.lower())), key=len, default="")


class LooseText:
    """A text in lower case, made ready for looking for phrases in it."""

    def __init__(self, text: str) -> None:
        """Loosen the text as phrases are."""
        self.text = loosened(text)
        self.words = frozenset(("", *_WORD.findall(self.text)))

    def has(self, phrase: str) -> bool:
        """Does a loosened phrase stand here as whole words?"""
        at = self.text.find(phrase)
        while at >= 0:
            if not (_is_of_a_word(self.text[at - 1 : at]) or _is_of_a_word(self.text[at + len(phrase) :][:1])):
                return True
            at = self.text.find(phrase, at + 1)
        return False


def _is_of_a_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


class Phrases:
    """Phrases any of which is looked for."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """Sort them by their telling words: only those whose word stands in a text are looked for in it."""
        by_word: dict[str, list[str]] = {}
        for phrase in phrases:  # many of which are looked for beside others too: each text of them is there once
            by_word.setdefault(intern(telling_word(phrase)), []).append(intern(loosened(phrase.lower())))
        self._by_word = {word: tuple(same) for word, same in by_word.items()}

    def stand_in(self, text: LooseText) -> bool:
        """Does one of the phrases stand in the text as whole words?"""
        near = self._by_word.keys() & text.words
        return any(text.has(phrase) for word in near for phrase in self._by_word[word])
