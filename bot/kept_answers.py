"""Answers found before, kept in memory for when the same is asked again: the latest few, and under scrubbed text."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from weakref import ref

from bot.answers.answer import Answer
from bot.privacy import Scrubbed, scrub
from bot.query import plain_text
from bot.reply import Reply

MOST_KEPT = 1_000  # answers; with their words some ten megabytes


@dataclass
class Kept:
    """An answer, its words once they are made, and what it rests on as the log keeps it."""

    answer: Answer
    reply: Reply | None = None
    evidence: str | None = None


class KeptAnswers:
    """Keeps answers by what they depend on: the scrubbed question, the day, and the very shelves they were found on.

    New shelves are other shelves: what was found on the old ones is never told again. Raw text is never kept. A text
    that came out of the gate as it went in holds nothing that may not be kept, and need not go through the gate again.
    """

    def __init__(self, most: int = MOST_KEPT) -> None:
        """Keep so many answers; the one that was asked for longest ago makes room."""
        self._most = most
        self._answers: OrderedDict[tuple[ref[object], str, date], Kept] = OrderedDict()
        self._clean: OrderedDict[str, Scrubbed] = OrderedDict()

    def find(self, text: str, day: date, shelves: object, find: Callable[[], Answer]) -> Kept:
        """What was found for this scrubbed text before, or is found now."""
        key = (ref(shelves), text, day)
        kept = self._answers.get(key)
        if kept is None:
            kept = self._answers[key] = Kept(find())
        _renew(self._answers, key, self._most)
        return kept

    def has_read(self, text: str) -> bool:
        """Has this very text been through the gate, and come out as it went in?"""
        return text in self._clean

    def scrub(self, text: str) -> Scrubbed:
        """What the privacy gate leaves of a text as it was typed, without Slack's markup."""
        scrubbed = self._clean.get(text)
        if scrubbed is None:
            scrubbed = scrub(plain_text(text))
            if scrubbed.removed or scrubbed.text != text:
                return scrubbed
            self._clean[text] = scrubbed
        _renew(self._clean, text, self._most)
        return scrubbed


def _renew(kept: OrderedDict[Any, Any], key: object, most: int) -> None:
    """The latest stands last; the first makes room."""
    kept.move_to_end(key)
    if len(kept) > most:
        kept.popitem(last=False)
