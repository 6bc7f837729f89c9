"""What the note must show for a code."""

import re
from dataclasses import dataclass
from typing import ClassVar

from bot.answers.answer import Answer
from bot.query import Query
from bot.scope import is_elsewhere
from bot.visit import name_service
from knowledge.entry import Entry
from knowledge.topic import Topic

_ASKS = re.compile(
    r"(?<!\w)(?:doc+ument\w*|docs?|chart(?:ing|ed)?|notes?|contents?|soap|write[- ]?ups?|records?"
    r"|requirements?|requirments?"
    r"|write down|(?:what|how) (?:do|should|must|to) (?:i |we |you )?(?:write|put)|(?:do|must|should) (?:i|we) write"
    r"|(?:wants?|likes?) to see|looks? for|(?:has|needs?|have) to be in"
    r"|whom? (?:do|should|must) (?:i|we) (?:list|name)"
    r"|goes in(?:to)?|should be (?:there|in)|report (?:say|include|contain|show|have))(?!\w)"
)
_ASKS_OF_A_CODE = re.compile(  # beside a typed code
    r"\b(?:recorded|recording|noted|written|justif\w*|skilled (?:need|care)|supports?|defend\w*|prove|proof"
    r"|audit\w*)\b"
)
_MUST_HAVES = re.compile(
    r"\b(?:must[- ]?haves?|musts?|required|mandatory|needed|needs?|elements?|components?|say|show|have)\b"
)
_OF_A_NOTE_ITSELF = (
    "progress note",
    "progress report",
    "recert",
    "recertification",
    "plan of care",
    "poc",
    "discharge",
    "how long",
    "when",
    "sign",
    "late",
    "time spent",
    "time",
    "times",
    "59",
)
_OF_ANY_NOTE = ("treatment_note", "documentation_common")  # topics that a named code is more exact than,
_RATHER = 0.15  # unless the words fit them better by this
_SURE = 0.5  # score that words must reach to name the code whose documentation is asked for


@dataclass(frozen=True, kw_only=True)
class Documented(Answer):
    """The entry whose documentation was asked for, and what every note needs."""

    kind: ClassVar[str] = "documented"
    entry: Entry
    common: Topic | None


def find(query: Query) -> Documented | None:
    """The documentation of one code, named by number or by what it is."""
    is_of_a_code = len(query.codes) == 1 and _ASKS_OF_A_CODE.search(query.low)
    if not (is_of_a_code or _ASKS.search(query.low)) or query.says(*_OF_A_NOTE_ITSELF):
        return None
    common = query.library.topics.get("documentation_common")
    if len(query.codes) == 1:
        return Documented(
            entry=query.library.entries[query.codes[0]], common=common, codes=query.codes, confidence=0.95
        )
    named = name_service(_MUST_HAVES.sub(" ", _ASKS.sub(" ", query.low)), query)
    hits = query.hits
    topic = hits[0] if hits and hits[0].shelf == "topics" else None
    rather = _RATHER if topic and topic.key in _OF_ANY_NOTE else 0.0
    if named is None or named.score < _SURE or (topic and topic.score > named.score + rather) or is_elsewhere(query):
        return None
    entry = query.library.entries[named.code]
    return Documented(
        entry=entry, common=common, codes=(entry.code,), also=named.alike, confidence=min(0.9, named.score)
    )
