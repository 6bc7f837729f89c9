"""Not known: said plainly, with what comes nearest and how to ask better."""

from dataclasses import dataclass
from typing import ClassVar

from bot.answers.answer import Answer
from bot.query import Query
from bot.scope import is_elsewhere, is_surely_elsewhere
from knowledge.entry import Entry

_WORTH_SHOWING = 0.25  # score from which an entry is near enough to be named
MOST_NEAR = 3


@dataclass(frozen=True, kw_only=True)
class Unknown(Answer):
    """The nearest entries, if any are near. `elsewhere`: the question does not read like one about therapy codes.

    `asks_for` is what it asks for instead, as far as its words tell.
    """

    kind: ClassVar[str] = "unknown"
    nearest: tuple[Entry, ...]
    elsewhere: bool = False
    asks_for: tuple[str, ...] = ()


def find(query: Query) -> Unknown:
    """The answer when no other kind has one."""
    elsewhere = is_elsewhere(query)
    hits = () if is_surely_elsewhere(query) else query.hits
    near = [hit for hit in hits if hit.shelf == "entries" and hit.score >= _WORTH_SHOWING][:MOST_NEAR]
    entries = tuple(query.library.entries[hit.key] for hit in near)
    return Unknown(
        nearest=entries,
        elsewhere=elsewhere,
        asks_for=query.asks_rather_for if elsewhere else (),
        also=tuple(entry.code for entry in entries),
        confidence=0.0,
    )
