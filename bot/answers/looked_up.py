"""A code found by what was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from bot.answers.answer import UNSURE, Answer, confidence_of, why_hit
from bot.answers.compared import contrast_between
from bot.answers.units import speaks_of_a_part
from bot.durations import mark_durations
from bot.query import Query
from bot.scope import is_elsewhere
from knowledge.contrast import Contrast
from knowledge.entry import Entry
from knowledge.rules.timed_units import DAY, midpoint_units
from knowledge.search import Hit

_LEAST = 0.3  # score that a saying must reach to be told as an answer
_CLOSE = 0.13  # two codes nearer to each other than this are a choice, not a guess
_NEAR = 0.72  # share of the best score from which another code is worth showing
_WELL_BELOW = 0.15  # so far below guidance that fits, a code is no answer
MOST_ALIKE = 3


@dataclass(frozen=True, kw_only=True)
class LookedUp(Answer):
    """The entries that fit, best first; more than one only when they stand too close to call.

    `counted` are the minutes told, and the units that they are of any of the entries.
    """

    kind: ClassVar[str] = "looked_up"
    entries: tuple[Entry, ...]
    alike: tuple[Entry, ...]
    contrast: Contrast | None
    number_typed: str | None
    counted: tuple[int, int] | None


def find(query: Query) -> LookedUp | None:
    """The code whose sayings fit the question best, or the two between which the asker must decide."""
    entries = [hit for hit in query.hits if hit.shelf == "entries"]
    if not entries or entries[0].score < _LEAST:
        return None
    best = query.hits[0]
    if best.shelf == "topics" and best.score - entries[0].score > _WELL_BELOW:
        return None
    rival = entries[1] if len(entries) > 1 else None
    sure = confidence_of(entries[0], rival)
    if sure < UNSURE or is_elsewhere(query):
        return None
    close = rival is not None and entries[0].score - rival.score < _CLOSE
    asserted = tuple(hit.key for hit in entries[: 2 if close else 1])
    alike = _alike(query, entries, asserted)
    known = query.library.entries
    return LookedUp(
        codes=asserted,
        also=alike,
        choice=close,
        confidence=sure,
        why=why_hit(entries[0], query.hits),
        entries=tuple(known[code] for code in asserted),
        alike=tuple(known[code] for code in alike),
        contrast=contrast_between(query, asserted) if close else None,
        number_typed=next((code for code in query.codes if code not in asserted), None),
        counted=_counted(query, tuple(known[code] for code in asserted)),
    )


def _counted(query: Query, entries: Sequence[Entry]) -> tuple[int, int] | None:
    """The minutes told and their units, where one duration was told and all the entries count alike."""
    timing = {entry.timing.value for entry in entries}
    spans = mark_durations(query.text).spans if timing in ({"timed_15"}, {"untimed"}) else ()
    if len(spans) != 1 or not 0 < spans[0].minutes <= DAY or speaks_of_a_part(query):
        return None
    return spans[0].minutes, midpoint_units(spans[0].minutes) if timing == {"timed_15"} else 1


def _alike(query: Query, hits: list[Hit], asserted: tuple[str, ...]) -> tuple[str, ...]:
    """Codes worth a look beside the asserted ones: those that came near, then those that the entry itself points to."""
    near = [hit.key for hit in hits if hit.score >= _NEAR * hits[0].score]
    pointed = [code for case in query.library.entries[asserted[0]].not_when for code in case.instead]
    return tuple(dict.fromkeys(code for code in (*near, *pointed) if code not in asserted))[:MOST_ALIKE]
