"""Not known: said plainly, with what comes nearest and how to ask better."""

from dataclasses import dataclass
from typing import ClassVar

from bot.answers.answer import Answer
from bot.query import Query
from knowledge.entry import Entry

_WORTH_SHOWING = 0.25  # score from which an entry is near enough to be named
MOST_NEAR = 3


@dataclass(frozen=True, kw_only=True)
class Unknown(Answer):
    """The nearest entries, if any are near."""

    kind: ClassVar[str] = "unknown"
    nearest: tuple[Entry, ...]


def find(query: Query) -> Unknown:
    """The answer when no other kind has one."""
    near = [hit for hit in query.hits if hit.shelf == "entries" and hit.score >= _WORTH_SHOWING][:MOST_NEAR]
    entries = tuple(query.library.entries[hit.key] for hit in near)
    return Unknown(nearest=entries, also=tuple(entry.code for entry in entries), confidence=0.0)
