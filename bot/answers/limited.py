"""A question that this product does not answer: a fitting short word, and no code."""

from dataclasses import dataclass
from typing import ClassVar

from bot.answers.answer import Answer
from bot.query import Query
from bot.scope import is_clearly_ours
from knowledge.limit import Limit

_ORDER = {"urgent": 0, "decline": 1, "friendly": 2}


@dataclass(frozen=True, kw_only=True)
class Limited(Answer):
    """A limit met, what to say about it, and three questions that do work."""

    kind: ClassVar[str] = "limited"
    limit: Limit
    examples: tuple[str, ...] = ()


def find(query: Query) -> Limited | None:
    """The limit that the question meets; the urgent ones first, small talk last."""
    met = [limit for limit in query.library.limits.values() if _meets(query, limit)]
    for limit in sorted(met, key=lambda one: (_ORDER[one.tone], one.name)):
        if limit.tone == "friendly" and (query.codes or _is_about_something(query)):
            continue
        if limit.tone != "urgent" and is_clearly_ours(query):
            continue
        return Limited(limit=limit, confidence=0.9)
    return None


def _meets(query: Query, limit: Limit) -> bool:
    if (query.codes or query.numbers) and limit.tone != "urgent" and not limit.even_with_a_code:
        return False
    return query.says(*limit.phrases) and not query.says(*limit.unless)


def _is_about_something(query: Query) -> bool:
    """Is there a coding question beside the greeting?"""
    return bool(query.hits) and query.hits[0].covered > 0.7 and query.hits[0].score > 0.5  # noqa: PLR2004
