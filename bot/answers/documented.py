"""What the note must show for a code."""

import re
from dataclasses import dataclass
from typing import ClassVar

from bot.answers.answer import Answer, confidence_of, why_hit
from bot.query import Query
from knowledge.entry import Entry
from knowledge.topic import Topic

_ASKS = re.compile(
    r"(?<!\w)(?:document(?:s|ed|ing|ation)?|chart(?:ing)?|write down|note(?:s)? (?:need|say|show|include|have)"
    r"|(?:in|for) (?:the|my|a) note|soap note|daily note)(?!\w)"
)
_SURE = 0.6


@dataclass(frozen=True, kw_only=True)
class Documented(Answer):
    """The entry whose documentation was asked for, and what every note needs."""

    kind: ClassVar[str] = "documented"
    entry: Entry
    common: Topic | None


def find(query: Query) -> Documented | None:
    """The documentation of one code, named by number or by what it is."""
    if not _ASKS.search(query.low):
        return None
    common = query.library.topics.get("documentation_common")
    if len(query.codes) == 1:
        return Documented(
            entry=query.library.entries[query.codes[0]], common=common, codes=query.codes, confidence=0.95
        )
    hits = query.hits
    if not hits or hits[0].shelf != "entries" or hits[0].score < _SURE:
        return None
    sure = confidence_of(hits[0], hits[1] if len(hits) > 1 else None)
    entry = query.library.entries[hits[0].key]
    return Documented(entry=entry, common=common, codes=(entry.code,), confidence=sure, why=why_hit(hits[0], hits))
