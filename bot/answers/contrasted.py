"""Look-alike codes side by side, with the one question that decides between them."""

import re
from dataclasses import dataclass
from typing import ClassVar

from bot.answers.answer import Answer, confidence_of, why_hit
from bot.query import Query
from bot.scope import is_elsewhere
from knowledge.contrast import Arm, Contrast
from knowledge.entry import Entry
from knowledge.search import Hit

_LEAST = 0.47  # score that a contrast's saying must reach
_ASKS_CODE = re.compile(r"\b(?:codes?|cpt|bill\w*|charge\w*)\b")
_NEAR = 0.05  # a contrast wins over an entry whose score is higher by no more than this

_OUR_CALL = 0.6  # the most that a reading of our own, without a source, is sure of


@dataclass(frozen=True, kw_only=True)
class Side:
    """One arm of the contrast with its entries, and whether the question's own words already speak for it."""

    arm: Arm
    entries: tuple[Entry, ...]
    hinted: bool


@dataclass(frozen=True, kw_only=True)
class Contrasted(Answer):
    """The contrast and its sides, the likeliest first.

    `settled`: the question itself already answers it. `apart`: no two of the codes may count the same minutes.
    """

    kind: ClassVar[str] = "contrasted"
    contrast: Contrast
    sides: tuple[Side, ...]
    settled: bool
    apart: bool

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries of all sides."""
        return tuple(entry for side in self.sides for entry in side.entries)

    @property
    def heads(self) -> tuple[str, ...]:
        """The first code of each side."""
        return tuple(dict.fromkeys(side.arm.codes[0] for side in self.sides))

    @property
    def alone(self) -> tuple[str, ...]:
        """Codes with a line of their own, beside one that holds several."""
        return tuple(side.entries[0].code for side in self.sides if len(side.entries) == 1)


def find(query: Query) -> Contrasted | None:
    """The contrast that the question's words call up, if it is the best find or as good as the best."""
    hits = query.hits
    found = next((hit for hit in hits if hit.shelf == "contrasts"), None)
    if found is None:
        return None
    near = _NEAR if hits[0].shelf == "entries" or _ASKS_CODE.search(query.low) else 0
    if found.score < _LEAST or found.score < hits[0].score - near:
        return None
    if is_elsewhere(query):
        return None
    contrast = query.library.contrasts[found.key]
    said = query.said
    strengths = [query.index.hint_strength(arm, said.hinting_stems, said.circumstances) for arm in contrast.arms]
    order = sorted(range(len(contrast.arms)), key=lambda at: (-strengths[at], at))
    sides = tuple(_side(contrast.arms[at], strengths[at] > 0, query) for at in order)
    first, second = strengths[order[0]], strengths[order[1]]
    settled = first > 0 and first > second
    return _answer(found, contrast, sides, settled, query)


def _answer(found: Hit, contrast: Contrast, sides: tuple[Side, ...], settled: bool, query: Query) -> Contrasted:
    codes = [code for side in sides for code in side.arm.codes]
    own = tuple(sides[0].arm.codes) if settled else tuple(dict.fromkeys(codes))
    rival = next((hit for hit in query.hits if hit.shelf != "contrasts"), None)
    return Contrasted(
        contrast=contrast,
        sides=sides,
        settled=settled,
        apart=not any(entry.family == "supervised_modality" for side in sides for entry in side.entries),
        codes=own,
        also=tuple(dict.fromkeys(code for code in codes if code not in own)),
        choice=not settled or len(own) > 1,
        confidence=min(
            _OUR_CALL if contrast.our_call else 0.9, confidence_of(found, rival) + (0.1 if not settled else 0.0)
        ),
        why=why_hit(found, query.hits),
    )


def _side(arm: Arm, hinted: bool, query: Query) -> Side:
    return Side(arm=arm, entries=tuple(query.library.entries[code] for code in arm.codes), hinted=hinted)
