"""A topic: guidance that belongs to no single code."""

from dataclasses import dataclass
from typing import ClassVar

from bot.answers.answer import UNSURE, Answer, confidence_of, why_hit
from bot.query import Query
from bot.scope import is_elsewhere
from knowledge.search import Hit
from knowledge.topic import Topic

_LEAST = 0.55  # score that a topic's saying must reach
_LEAST_AT_LAST = 0.4  # and where no other kind has an answer; told with little confidence


@dataclass(frozen=True, kw_only=True)
class Explained(Answer):
    """The topic."""

    kind: ClassVar[str] = "explained"
    topic: Topic


def find(query: Query) -> Explained | None:
    """The topic that the question's words call up, where no code fits better."""
    hits = query.hits
    if not hits or hits[0].shelf != "topics" or hits[0].score < _LEAST:
        return None
    rival = hits[1] if len(hits) > 1 else None
    sure = confidence_of(hits[0], rival)
    if sure < UNSURE:
        return None
    return _explained(hits[0], query, sure)


def find_at_last(query: Query) -> Explained | None:
    """The topic that comes nearest, where a question of ours has no answer of another kind."""
    hits = query.hits
    if not hits or hits[0].shelf != "topics" or hits[0].score < _LEAST_AT_LAST or is_elsewhere(query):
        return None
    return _explained(hits[0], query, UNSURE)


def _explained(hit: Hit, query: Query, sure: float) -> Explained:
    topic = query.library.topics[hit.key]
    return Explained(topic=topic, also=topic.codes, confidence=sure, why=why_hit(hit, query.hits))
