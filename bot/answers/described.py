"""One code, asked for by its number."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from bot.answers.answer import Answer
from bot.query import Query
from knowledge.entry import Entry, NotWhen
from knowledge.rules.area import area_units
from knowledge.topic import Topic

Asked = Literal["limit", "timing", "who", "medicare"]
_ASKS_WHAT_IT_IS = re.compile(
    r"^\W*wh?ats?(?: is| does)?(?: the| code| cpt| a)*\s+[a-z]?\d{4,5}\W*$"
    r"|\b(?:mean(?:s|ing)?|def|defin\w*|descri\w*|explain|used for|stands? for|que es|significa)\b"
)
_SQUARE = r"(?:(?:sq\w*\.?|square)\s*(?:cm|cent\w+)|cm2|cm\s?sq\w*|cm\^2)(?!\w)"
_OF_AN_AREA = ("cm", "cent")  # one of which every area has
_OF_THE_CODES = "".join(  # these tell how much a code stands for, and not how large the wound was
    f"(?<!\\b{word} )"
    for word in ("first", "1st", "each", "additional", "addl", "every", "per", "next", "further", "extra")
)
_AREA = re.compile(rf"{_OF_THE_CODES}\b(\d{{1,4}}(?:\.\d+)?)\s*{_SQUARE}")
_AREA_IN_ALL = re.compile(
    rf"\b(?:total\w*|in all|altogether|sum)(?: area)?(?: of| is| was|:)*\s*(\d{{1,4}}(?:\.\d+)?)\s*{_SQUARE}"
    rf"|\b(\d{{1,4}}(?:\.\d+)?)\s*{_SQUARE}\s*(?:total|in all|altogether)\b"
)
_SIDES = re.compile(r"\b(\d{1,2}(?:\.\d+)?)\s*(?:cm)?\s*(?:x|by)\s*(\d{1,2}(?:\.\d+)?)\s*(?:cm|cent\w+)\b")
# Topics on facts that every entry has: beside a number they ask for that entry's own.
_ON_EVERY_ENTRY = (
    *("direct_contact", "discipline_modifiers", "documentation_common", "maximum_units", "untimed_and_timed"),
    "what_is_a_cpt_code",
)
_ASKS_WHO = re.compile(r"\b(?:can|may|do|does) (?:an? )?(?:pts?|ots?|slps?|speech|physical|occupational|therapists?)\b")
_ON_TOP = re.compile(
    r"\b(?:after|past|beyond|on top of|beside|add(?:ed|[- ]?ons?)? (?:to|after|for|with|of))"
    r"\s+(?:the )?(?:first )?[a-z]?\d{4,5}\b"
)
_ASKS_WHETHER_ADDED = re.compile(r"\b(?:is|an?)\b[^.;]*\badd[- ]?on(?: codes?)?\W*$")
_ASKS_WHO_ALONE = re.compile(rf"^\W*{_ASKS_WHO.pattern}(?!.*\b(?:and|both|with)\b)")
# What may be asked of a code by itself, which is told first then. The first that fits is meant.
_ASKED: Mapping[Asked, re.Pattern[str]] = {
    "limit": re.compile(
        r"\bmues?\b|\b(?:units?|max\w*) (?:limit|a day|per day|allowed)\b|\bmax(?:imum)?(?: of)? units\b"
        r"|\bhow many units\b[^.;]*\b(?:days?|max\w*|allowed|limit)\b"
    ),
    "timing": re.compile(
        r"\b(?:un)?timed\b|\b(?:min\w*|long) (?:is|are|in|per) (?:a|one|each) unit\b"
        r"|\bone[- ]on[- ]one\b|\b1[ -]?(?::|on)[ -]?1\b|\bdirect contact\b"
    ),
    "who": re.compile(rf"\bwho (?:can|may|bills?|uses?)\b|{_ASKS_WHO.pattern}"),
    "medicare": re.compile(
        r"\bmedicare\b[^.;]*\b(?:pays?|paid|cover(?:s|ed)?|takes?|accepts?|allows?|ok(?:ay)?|valid)\b"
        r"|\b(?:pays?|paid|covered|ok(?:ay)?|valid|allowed|good)\b[^.;]*\bmedicare\b"
        r"|^\W*is \S+ (?:paid|covered)\b"
    ),
}
# Who pays, beside a code: what differs from Medicare is told with it.
_PAYER = re.compile(
    r"(?:\b(?:for|with|in|under|on|at|by) )?(?:\b(?:an?|my|the) )?"
    r"\b(?:(?P<advantage>medicare advantage|advantage|ma plans?|part c|medicare replacement)|medicaid|commercial"
    r"|private insurance|tricare|humana|aetna|cigna|bcbs|blue cross|uhc|united(?: ?healthcare)?"
    r"|work(?:ers'?|man'?s)? comp)"
    r"\b(?: (?:plans?|patients?|pts?|insurance|payers?))?"
)
_ELSEWHERE = 0.8  # score at which the words beside a number are about something else than that number


@dataclass(frozen=True, kw_only=True)
class Described(Answer):
    """The entry, and the modifiers typed beside its number.

    `warned` is the case of the entry's own "not when" that the question describes: the codes for it come first.
    `area` are the units by the square centimetres told, for a code that counts by them. `asked` is the one fact of the
    code that was asked for; None where all of it was. `payer` tells what differs where another payer than Medicare was
    named.
    """

    kind: ClassVar[str] = "described"
    entry: Entry
    modifiers_typed: tuple[str, ...]
    warned: NotWhen | None = None
    instead: tuple[Entry, ...] = ()
    area: tuple[tuple[str, int], ...] = ()
    asked: Asked | None = None
    payer: Topic | None = None


def find(query: Query) -> Described | None:
    """The entry of the one code typed, unless the words beside it name something else."""
    if len(query.codes) != 1:
        return None
    code = query.codes[0]
    entry = query.library.entries[code]
    further = _further(query, entry)
    if not further and not _asks_what_it_is(query) and _words_lead_elsewhere(query, code):
        return None
    warned = further or _warned(query, entry)
    instead = warned.instead if warned else ()
    return Described(
        entry=entry,
        modifiers_typed=query.modifiers,
        warned=warned,
        instead=tuple(query.library.entries[one] for one in instead),
        area=() if warned else units_by_area(query, entry),
        asked=next((what for what, shape in _ASKED.items() if shape.search(query.low)), None),
        payer=_payer(query),
        codes=(*instead, code) if warned else (code,),
        choice=warned is not None,
        confidence=0.8 if warned else 0.95,
    )


def _asks_what_it_is(query: Query) -> bool:
    """Is the code itself asked about, whoever pays for it?"""
    without = _PAYER.sub(" ", query.low)
    return bool(_ASKS_WHAT_IT_IS.search(query.low) or _ASKS_WHAT_IT_IS.search(without))


def _payer(query: Query) -> Topic | None:
    """What differs from Medicare for the payer named; None where none is named."""
    found = _PAYER.search(query.low)
    if found is None:
        return None
    return query.library.topics.get("medicare_advantage" if found["advantage"] else "medicare_payment_vs_others")


def _further(query: Query, entry: Entry) -> NotWhen | None:
    """The case that leads to the code added to this one, where more than this one stands for is told or asked about."""
    asks = "further_time" in query.said.circumstances or _ON_TOP.search(query.low)
    if not asks or _ASKS_WHETHER_ADDED.search(query.low):
        return None
    entries = query.library.entries
    return next(
        (case for case in entry.not_when if any(entries[one].add_on_to == entry.code for one in case.instead)), None
    )


def _warned(query: Query, entry: Entry) -> NotWhen | None:
    """The case in which this code is the wrong one: the question tells it in words that the code's names lack."""
    if _ASKS_WHO.search(query.low):
        return None  # its words name who asks, not what was done
    stems = query.index.language.stems
    beyond = set(query.said.strong_stems) - _own_stems(query, entry.code)
    for case in entry.not_when:
        if case.instead and beyond & set(stems(case.text)):
            return case
    return None


def tells_area(query: Query) -> bool:
    """Are square centimetres told?"""
    return _area(query) > 0


def _area(query: Query) -> float:
    """The square centimetres told, of all wounds together; 0 where none are."""
    if not any(sign in query.low for sign in _OF_AN_AREA):
        return 0.0
    told = sum(float(one) for one in _AREA.findall(query.low))
    in_all = _AREA_IN_ALL.search(query.low)
    whole = float(in_all[1] or in_all[2]) if in_all else 0.0
    if whole and 2 * whole >= told:  # of "30 sq cm and 25 sq cm total" it is one part, else its parts stand beside it
        return whole
    return told or sum(float(one) * float(other) for one, other in _SIDES.findall(query.low))


def units_by_area(query: Query, entry: Entry) -> tuple[tuple[str, int], ...]:
    """The day's units of a code that counts by area, and of the one added to it, where the question tells the area."""
    area = _area(query)
    first = entry.add_on_to or entry.code
    added = next((one.code for one in query.library.entries.values() if one.add_on_to == first), None)
    if not area or query.library.entries[first].timing.value != "first_20_sqcm" or added is None:
        return ()
    one, more = area_units(area)
    return ((first, one), (added, more)) if more else ((first, one),)


def _own_stems(query: Query, code: str) -> set[str]:
    """What the code is called, in stems."""
    entry = query.library.entries[code]
    return {one for name in (entry.title, *entry.names) for one in query.index.language.stems(name)}


def _telling(stems: tuple[str, ...]) -> set[str]:
    return {one for one in stems if not one.isdigit()}


def _words_lead_elsewhere(query: Query, code: str) -> bool:
    if not query.hits or query.hits[0].score < _ELSEWHERE:
        return False
    best = query.hits[0]
    beyond = _telling(best.matched) - _own_stems(query, code)
    if not beyond or query.index.leaning.of(beyond) > 0:
        return False  # numbers and measures, which many codes have, or words of no activity ("the deal with")
    if (
        _ASKS_WHO_ALONE.search(query.low)
        or _ASKS_WHETHER_ADDED.search(query.low)
        or (best.shelf == "topics" and best.key in _ON_EVERY_ENTRY)
    ):
        return False
    if best.shelf == "entries":
        own = [hit for hit in query.hits if hit.shelf == "entries" and hit.key == code]
        return best.key != code and (not own or own[0].score < best.score - 0.1)
    if best.shelf == "contrasts":
        return not any(code in arm.codes for arm in query.library.contrasts[best.key].arms)
    return True
