"""A question that this product does not answer: a fitting short word, and no code."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from bot.answers.answer import Answer
from bot.query import Query
from bot.scope import is_clearly_ours, is_likely_ours
from knowledge.limit import Limit

_ORDER = {"urgent": 0, "decline": 1, "parting": 2, "friendly": 3}
_SMALL_TALK = ("parting", "friendly")


@dataclass(frozen=True, kw_only=True)
class Limited(Answer):
    """A limit met, what to say about it, and three questions that do work."""

    kind: ClassVar[str] = "limited"
    limit: Limit
    examples: tuple[str, ...] = ()


def find(query: Query) -> Limited | None:
    """The limit that the question meets; the urgent ones first, small talk last."""
    alone = next((one for one in query.index.limits_alone if _is_nothing_but(one.alone, query.low)), None)
    if alone:
        return Limited(limit=alone, confidence=0.9)
    met = [limit for limit in _said(query) if _holds(query, limit)]
    for limit in sorted(met, key=lambda one: (_ORDER[one.tone], one.name)):
        if limit.tone in _SMALL_TALK and (query.codes or _is_about_something(query) or is_likely_ours(query)):
            continue
        if limit.tone != "urgent" and is_clearly_ours(query):
            continue
        return Limited(limit=limit, confidence=0.9)
    return None


def _said(query: Query) -> Collection[Limit]:
    """The limits of which a phrase stands in the question."""
    loose, by_word = query.loose, query.index.limits_by_word
    near = (one for word in loose.words if word in by_word for one in by_word[word])
    return {limit.name: limit for phrase, limit in near if phrase in loose.text and loose.has(phrase)}.values()


def _holds(query: Query, limit: Limit) -> bool:
    """Does a limit that the question speaks of hold, whatever else stands in it?"""
    if (query.codes or query.numbers) and limit.tone != "urgent" and not limit.even_with_a_code:
        return False
    return not query.says(*limit.unless)


def _is_about_something(query: Query) -> bool:
    """Is there a coding question beside the greeting?"""
    return bool(query.hits) and query.hits[0].covered > 0.7 and query.hits[0].score > 0.5  # noqa: PLR2004


def _is_nothing_but(words: tuple[str, ...], text: str) -> bool:
    """Does a text consist of these words and signs, and of marks that say nothing?"""
    wanted, beginning = _any_of(words)
    return beginning.match(text) is not None and not re.search(r"\w", wanted.sub(" ", text))


@lru_cache(maxsize=100)
def _any_of(words: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """One of the words anywhere; and one of them after nothing but signs, as a text begins that has nothing else."""
    wanted = "|".join(re.escape(one) for one in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?:{wanted})(?::skin-tone-\d:)?"), re.compile(rf"\W*?(?:{wanted})")
