"""What a question means: the codes typed in it, their modifiers, and the words with meaning."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache

from bot.asking import Features, features_of, odds_of_elsewhere, told_by
from bot.shorthand import written_apart
from knowledge.language import Understood
from knowledge.library import Library
from knowledge.phrases import LooseText, Phrases
from knowledge.search import Hit, Index

# A number that looks like a code: five characters, or six digits where a finger slipped.
_CODE = re.compile(
    r"(?=[a-z]?\d)(?:(?<![\w.$-])|(?<=\d{4}-)|(?<=\bcpt)|(?<=\bcpt-)|(?<=\bhcpcs-))"
    r"(\d{5,6}|[a-z]\d{4}|\d{4}[tu])(?=[^\w]|x\d|[a-z]{2}(?:\d\d)?\b|$)",
    re.IGNORECASE,
)
_OF_A_CODE = re.compile(r"\d{4}")  # which each of them has
_AMOUNT = r"(?:x|units?|u|min|mins|minutes?|m|hours?|hrs?|days?|reps?|sets?|times?|visits?|patients?|pts?|people)\b"
# "97161/2/3" and "97161/62/63"; with a comma or hyphen ("97161-3") only where what follows makes no amount of it.
_SHORT_LIST = re.compile(
    rf"\b(\d{{5}})((?:\s?/\s?\d{{1,2}}){{1,4}}+(?!\.?\d|\s*{_AMOUNT})"
    rf"|(?:\s*[,-]\s*\d){{1,4}}+(?!\.?\d|\s*{_AMOUNT}|[\s,;]*\d{{5}}))",
    re.IGNORECASE,
)
_RANGE = re.compile(
    rf"\b(\d{{5}})\s?(?:[-–—]|to|thru|through)\s?(\d{{5}}|\d{{1,2}})\b(?!\.?\d|\s*{_AMOUNT}|\s*[,/-]\s*\d)",
    re.IGNORECASE,
)
LONGEST_RANGE = 4  # codes; "97110-97140" names two codes and not all that lie between
_MODIFIERS = "GP|GO|GN|KX|CQ|CO|GA|GX|GY|GZ|XE|XS|XP|XU|59|51|52|95|25|22|76|77|GT|RT|LT|96|97"
_MODIFIER = re.compile(rf"(?:{_MODIFIERS})(?=\W|{_MODIFIERS}|$)", re.IGNORECASE)
_BESIDE_A_CODE = re.compile(
    rf"(?:\d{{5}}|[A-Za-z]\d{{4}})"
    rf"((?:[-–—,:/(\s]*(?:modifier\s+)?{_MODIFIER.pattern}(?!\s*{_AMOUNT}|\.\d))+)",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"<(?:[@#!][^>]*|[^|>]+\|([^>]*)|([^>]*))>")
_UNSEEN = re.compile(r"[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")  # they part no words
_MEDICARE_IN_SHORT = re.compile(r"\b(?:mcare|mcr|mdcr|medcare)\b", re.IGNORECASE)
_EMOJI = re.compile(r"(?<![\w:]):[a-z+-][\w+'-]*:(?::skin-tone-\d:)?(?!\w)")  # as Slack writes one
_TAKEN_OUT = re.compile(r"\[[a-z][a-z -]{2,18}\]")  # what the privacy gate left where a detail stood
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # half characters too: no database takes them


def plain_text(text: str) -> str:
    """A text without Slack's markup and invisible characters: mentions go, links keep their words, escapes are undone.

    Emoji go where anything else is said.

    >>> plain_text("<@U123> what&amp;how about *97530*? :wave:")
    'what&how about 97530?'
    """
    text = _MARKUP.sub(lambda found: found[1] or found[2] or " ", text)
    for escaped, meant in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(escaped, meant)
    text = _CONTROL.sub(" ", _UNSEEN.sub("", text))
    without = _EMOJI.sub(" ", text) if ":" in text else text
    text = without if re.search(r"\w", without) else text
    if "*" in text:
        text = re.sub(r"(?<=\d)\*(?=\d)", " x", text)  # "97110*25"
    return " ".join(re.sub(r"[*`~]|(?<!\w)_|_(?!\w)", "", text).split())


_FEES_BEFORE_ITS_CODE = re.compile(r"\bfees (?=9261[2-7]\b)", re.IGNORECASE)
_FEES = re.compile(r"\bFEES\b|\bfees (?=9261[2-7]\b)")


@dataclass(frozen=True)
class Query:
    """A question understood. `text` is scrubbed.

    `codes` are known codes in the order typed, `numbers` look like codes and have no entry, `modifiers` are those
    typed beside codes; `said` are the other words with meaning.
    """

    text: str
    index: Index
    codes: tuple[str, ...]
    numbers: tuple[str, ...]
    modifiers: tuple[str, ...]
    said: Understood
    asked_on: date

    @property
    def library(self) -> Library:
        """The shelves that this question is asked of."""
        return self.index.library

    @cached_property
    def low(self) -> str:
        """The text in lower case, for phrases that are looked for as typed."""
        return self.text.lower()

    @cached_property
    def low_of_money(self) -> str:
        """As `low`, without the swallow examination that is called FEES: in other words "fees" are money."""
        if "fees" not in self.low:
            return self.low
        return (_FEES_BEFORE_ITS_CODE if self.text.isupper() else _FEES).sub(" ", self.text).lower()

    @cached_property
    def hits(self) -> tuple[Hit, ...]:
        """What the shelves hold on the question's words, best first."""
        return tuple(self.index.find(self.said))

    @cached_property
    def features(self) -> Features:
        """What speaks for or against its being ours."""
        return features_of(self.low, self.said, self.hits, self.index)

    @cached_property
    def odds_of_elsewhere(self) -> float:
        """Log odds that this is about something else than therapy codes; a negative number speaks for us."""
        return odds_of_elsewhere(self.features)

    @property
    def asks_rather_for(self) -> tuple[str, ...]:
        """What it asks for that speaks most for its being about something else."""
        return told_by(self.features)

    def says(self, *phrases: str) -> bool:
        """Does one of the phrases stand in the question as whole words? Hyphens and apostrophes do not matter."""
        return bool(phrases) and _any_of(phrases).stand_in(self.loose)

    @cached_property
    def loose(self) -> LooseText:
        """The text as phrases are looked for in it: as typed, and with its spelling repaired."""
        return LooseText(f"{self.low} | {self.said.mended}")


@lru_cache(maxsize=1_000)
def _any_of(phrases: tuple[str, ...]) -> Phrases:
    return Phrases(phrases)


def understand(text: str, index: Index, asked_on: date | None = None) -> Query:
    """The scrubbed text as a Query, asked on a day (today, if none is given)."""
    text = written_apart(_MEDICARE_IN_SHORT.sub("medicare", _TAKEN_OUT.sub(" ", text)), index.library)
    words, typed, modifiers = _numbers_apart(text, index.library) if _OF_A_CODE.search(text) else (text, (), ())
    return Query(
        text=text,
        index=index,
        codes=tuple(one for one in typed if one in index.library.entries),
        numbers=tuple(one for one in typed if one not in index.library.entries),
        modifiers=modifiers,
        said=index.language.read(words),
        asked_on=asked_on or datetime.now(UTC).date(),
    )


def _numbers_apart(text: str, library: Library) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """A text without its codes, the numbers that are or could be codes, and the modifiers typed beside them."""
    spread = _RANGE.sub(lambda found: _spread_range(found, library), text)
    spread = _SHORT_LIST.sub(lambda found: _spread_short_list(found, library), spread)
    typed = (one for one in codes_in(spread) if one in library.entries or _could_be_a_code(one, spread))
    beside = _BESIDE_A_CODE.findall(spread)
    modifiers = (one.upper() for run in beside for one in _MODIFIER.findall(run))
    words = _CODE.sub(" ", _BESIDE_A_CODE.sub(" ", spread))
    return words, tuple(dict.fromkeys(typed)), tuple(dict.fromkeys(modifiers))


def codes_in(text: str) -> list[str]:
    """What looks like a code in a text, in capitals, in the order typed."""
    return [found.upper() for found in _CODE.findall(text)]


def _spread_short_list(found: re.Match[str], library: Library) -> str:
    """Codes of which only the last digits were repeated, written out: "97161/2/3". As typed, unless all are codes."""
    first, lasts = found[1], re.findall(r"\d+", found[2])
    codes = [first, *(first[: -len(last)] + last for last in lasts)]
    are_modifiers = any(re.fullmatch(_MODIFIERS, last) for last in lasts)
    return " ".join(codes) if not are_modifiers and all(code in library.entries for code in codes) else found[0]


def _spread_range(found: re.Match[str], library: Library) -> str:
    """A range of codes written out: "97161-3", "97161 to 97163". As typed, unless every number of it is a code."""
    first, last = found[1], found[2]
    end = int(first[: -len(last)] + last)
    codes = [str(number) for number in range(int(first), end + 1)]
    is_modifier = re.fullmatch(_MODIFIERS, last) is not None
    is_range = 1 < len(codes) <= LONGEST_RANGE and not is_modifier
    return " ".join(codes) if is_range and all(code in library.entries for code in codes) else found[0]


def _could_be_a_code(number: str, text: str) -> bool:
    """A year, a zip code after a state or an amount is no code; what is left may be one that the asker mistyped."""
    return not re.search(rf"[$€]\s?{number}|\b[A-Z]{{2}}\s{number}\b", text)
