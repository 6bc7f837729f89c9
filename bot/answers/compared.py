"""Two or more codes side by side."""

import re
from dataclasses import dataclass
from typing import ClassVar

from bot.answers.answer import Answer
from bot.query import Query
from bot.scope import is_elsewhere
from knowledge.contrast import Contrast
from knowledge.entry import Entry
from knowledge.statement import Statement

MOST_UNCALLED = 2  # contrasts of the same codes among which the narrowest is still likely what is asked about
MOST = 4  # codes that fit side by side on a phone
_BETWEEN = re.compile(r"(?<!\w)(?:vs\.?|versus|v\.?|or|compared? (?:to|with)|difference between|and)(?!\w)")
_COMPARES = re.compile(r"(?<!\w)(?:vs\.?|versus|or|compared?|comparison|difference|differ|instead of|which)(?!\w)")
_WHOLLY = 0.999  # a saying that the question covers, as far as floating point tells
_SURE_SIDE = 0.55  # score that the words on one side of a "vs" must reach to name a code


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the codes compared, and what must be true for it."""

    entry: Entry
    when: Statement


@dataclass(frozen=True, kw_only=True)
class Compared(Answer):
    """The codes side by side, with the contrast that holds the question deciding between them, if there is one."""

    kind: ClassVar[str] = "compared"
    sides: tuple[Side, ...]
    contrast: Contrast | None


def find(query: Query) -> Compared | None:
    """A comparison where two codes are typed, or words that name two codes stand on the sides of "vs" or "or"."""
    codes = query.codes if len(query.codes) > 1 else _named_on_both_sides(query)
    if len(codes) < 2 or is_elsewhere(query):  # noqa: PLR2004
        return None
    codes = tuple(codes[:MOST])
    contrast = contrast_between(query, codes)
    return Compared(
        codes=codes,
        sides=tuple(_side(query.library.entries[code], contrast) for code in codes),
        contrast=contrast,
        confidence=0.9,
    )


def _side(entry: Entry, contrast: Contrast | None) -> Side:
    arms = [arm for arm in contrast.arms if entry.code in arm.codes] if contrast else []
    return Side(entry=entry, when=arms[0].when if arms else entry.use_when[0])


def contrast_between(query: Query, codes: tuple[str, ...]) -> Contrast | None:
    """The contrast that tells these codes apart: the one that the words call up, else the one with the fewest others.

    None where several do and no word tells which: a question about sport or tape would mislead.
    """
    fitting = [
        contrast
        for contrast in query.index.contrasts_of.get(codes[0], ())
        if sum(any(code in arm.codes for arm in contrast.arms) for code in codes) == len(codes)
        and len({at for at, arm in enumerate(contrast.arms) for code in codes if code in arm.codes}) == len(codes)
    ]
    called = [hit.key for hit in query.hits if hit.shelf == "contrasts"]
    known = [contrast for contrast in fitting if contrast.name in called]
    if known:
        return min(known, key=lambda one: called.index(one.name))
    if len(fitting) > MOST_UNCALLED:
        return None
    return min(fitting, key=lambda one: (sum(len(arm.codes) for arm in one.arms), one.name), default=None)


def _is_one_thing(query: Query) -> bool:
    """Do the words on both sides together name one contrast ("eval or re-eval") or topic?"""
    best = query.hits[0] if query.hits else None
    return best is not None and best.shelf != "entries" and best.covered > _WHOLLY and len(best.matched) > 1


def _named_on_both_sides(query: Query) -> tuple[str, ...]:
    if not _COMPARES.search(query.low) or _is_one_thing(query):
        return ()
    found: list[str] = []
    sides = _BETWEEN.split(query.text.lower() if query.text.isupper() else query.text)
    for side in sides:
        code = _code_named(side, query, sides[-1])
        if code and code not in found:
            found.append(code)
    return tuple(found)


def _code_named(side: str, query: Query, last: str) -> str | None:
    """The code that one side names, by itself or with the last side's noun ("wet or dry needling")."""
    for code in query.codes:
        if code.lower() in side.lower():
            return code
    noun = last.split()[-1:] if side is not last and len(side.split()) == 1 else []
    texts = dict.fromkeys((side, " ".join([side, *noun])))
    best = max((_best_entry(words, query) for words in texts), key=lambda one: one[1])
    return best[0] if best[1] >= _SURE_SIDE else None


def _best_entry(words: str, query: Query) -> tuple[str | None, float]:
    hits = query.index.find(query.index.language.read(words))
    return next(((hit.key, hit.score) for hit in hits if hit.shelf == "entries"), (None, 0.0))
