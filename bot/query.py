"""What a question means: the codes typed in it, their modifiers, and the words with meaning."""

import re
from dataclasses import dataclass
from functools import cached_property

from knowledge.language import Understood
from knowledge.library import Library
from knowledge.search import Hit, Index

# A number that looks like a code: five characters, or six digits where a finger slipped.
_CODE = re.compile(r"(?<![\w.$/-])(\d{5,6}|[A-Za-z]\d{4}|\d{4}[TtUu])(?=[^\w]|x\d|[A-Za-z]{2}\b|$)")
_SHORT_LIST = re.compile(r"\b(\d{4})(\d)((?:\s*[/,-]\s*\d){1,4})(?!\d)")
_MODIFIERS = "GP|GO|GN|KX|CQ|CO|GA|GX|GY|GZ|XE|XS|XP|XU|59|51|52|95|25|22|76|77|GT|RT|LT|96|97"
_BESIDE_A_CODE = re.compile(
    rf"(?:\d{{5}}|[A-Za-z]\d{{4}})((?:[-,\s]*(?:modifier\s+)?(?:{_MODIFIERS})\b(?!\s*(?:min|m\b|x)))+)", re.IGNORECASE
)
_MODIFIER = re.compile(rf"\b(?:{_MODIFIERS})\b", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:[@#!][^>]*|[^|>]+\|([^>]*)|([^>]*))>")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def plain_text(text: str) -> str:
    """A text without Slack's markup and invisible characters: mentions go, links keep their words, escapes are undone.

    >>> plain_text("<@U123> what&amp;how about *97530*?")
    'what&how about 97530?'
    """
    text = _MARKUP.sub(lambda found: found[1] or found[2] or " ", text)
    for escaped, meant in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(escaped, meant)
    return " ".join(re.sub(r"[*`~]|(?<!\w)_|_(?!\w)", "", _CONTROL.sub(" ", text)).split())


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

    @property
    def library(self) -> Library:
        """The shelves that this question is asked of."""
        return self.index.library

    @property
    def low(self) -> str:
        """The text in lower case, for phrases that are looked for as typed."""
        return self.text.lower()

    @cached_property
    def hits(self) -> tuple[Hit, ...]:
        """What the shelves hold on the question's words, best first."""
        return tuple(self.index.find(self.said))

    def says(self, *phrases: str) -> bool:
        """Does one of the phrases stand in the question as whole words?"""
        return any(re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", self.low) for phrase in phrases)


def understand(text: str, index: Index) -> Query:
    """The scrubbed text as a Query."""
    spread = _SHORT_LIST.sub(_spread_short_list, text)
    typed = [found.upper() for found in _CODE.findall(spread)]
    library = index.library
    codes = [one for one in typed if one in library.entries]
    numbers = [one for one in typed if one not in library.entries and _could_be_a_code(one, spread)]
    beside = _BESIDE_A_CODE.findall(spread)
    words = _CODE.sub(" ", _BESIDE_A_CODE.sub(" ", spread))
    return Query(
        text=text,
        index=index,
        codes=tuple(dict.fromkeys(codes)),
        numbers=tuple(dict.fromkeys(numbers)),
        modifiers=tuple(dict.fromkeys(one.upper() for run in beside for one in _MODIFIER.findall(run))),
        said=index.language.read(words),
    )


def _spread_short_list(found: re.Match[str]) -> str:
    """Codes of which only the last digit was repeated, written out: "97161/2/3"."""
    lasts = re.findall(r"\d", found[3])
    return " ".join(found[1] + last for last in (found[2], *lasts))


def _could_be_a_code(number: str, text: str) -> bool:
    """A year, a zip code after a state or an amount is no code; what is left may be one that the asker mistyped."""
    return not re.search(rf"[$€]\s?{number}|\b[A-Z]{{2}}\s{number}\b", text)
