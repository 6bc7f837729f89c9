"""One code, asked for by its number."""

import re
from dataclasses import dataclass
from typing import ClassVar

from bot.answers.answer import Answer
from bot.query import Query
from knowledge.entry import Entry

_ASKS_WHAT_IT_IS = re.compile(
    r"^\W*wh?ats?(?: is| does)?(?: the| code| cpt| a)*\s+[a-z]?\d{4,5}\W*$|\b(?:mean(?:s|ing)?|def|defin\w*|descri\w*|explain|used for)\b"
)
_ELSEWHERE = 0.8  # score at which the words beside a number are about something else than that number


@dataclass(frozen=True, kw_only=True)
class Described(Answer):
    """The entry, and the modifiers typed beside its number."""

    kind: ClassVar[str] = "described"
    entry: Entry
    modifiers_typed: tuple[str, ...]


def find(query: Query) -> Described | None:
    """The entry of the one code typed, unless the words beside it name something else."""
    if len(query.codes) != 1:
        return None
    code = query.codes[0]
    if not _ASKS_WHAT_IT_IS.search(query.low) and _words_lead_elsewhere(query, code):
        return None
    return Described(entry=query.library.entries[code], modifiers_typed=query.modifiers, codes=(code,), confidence=0.95)


def _words_lead_elsewhere(query: Query, code: str) -> bool:
    if not query.hits or query.hits[0].score < _ELSEWHERE:
        return False
    best = query.hits[0]
    if best.shelf == "entries":
        own = [hit for hit in query.hits if hit.shelf == "entries" and hit.key == code]
        return best.key != code and (not own or own[0].score < best.score - 0.1)
    if best.shelf == "contrasts":
        return not any(code in arm.codes for arm in query.library.contrasts[best.key].arms)
    return True
