"""A question that corrects or goes on from the one before it in the same conversation ("make the manual 18")."""

import re
from collections.abc import Sequence

CORRECTION = "⟫"  # stands before what replaces minutes told earlier; nobody types it

_CORRECTS = re.compile(
    r"^\W*(?:(?:no|actually|sorry|oops|wait)[,\s]+)*(?:make|change|set|correct)\s+(?:the |that |it )?(.*?\d.*)$",
    re.IGNORECASE,
)
_SAME_BUT = re.compile(r"^\W*(?:the )?same(?: thing| visit| one)?[,\s]+(?:but|with|except)\s+(.+)$", re.IGNORECASE)
_GOES_ON = re.compile(r"^\W*(?:and|plus|also)\s+(?:with |add |if (?:i|we) (?:add|did) )?(.+)$", re.IGNORECASE)
_WHAT_ABOUT = re.compile(
    r"^\W*(?:(?:and )?what about|how about|and for|for)\s+(?:a )?(medicare|commercial|medicaid)\W*$", re.IGNORECASE
)
_LAST_NUMBER = re.compile(r"(\d{1,3})\s*$")
MOST_WORDS = 12  # a longer text is a question of its own


def is_follow_up(text: str) -> bool:
    """Does this text need the question before it to be understood?"""
    shapes = (_CORRECTS, _SAME_BUT, _GOES_ON, _WHAT_ABOUT)
    return len(text.split()) <= MOST_WORDS and any(shape.match(text.strip().rstrip("?!. ")) for shape in shapes)


def joined(texts: Sequence[str]) -> str:
    """A conversation as one question: the first text, with what the later ones change. All but the first follow up.

    >>> joined(["20 min stairs, 15 min manual", "make the manual 18"])
    '20 min stairs, 15 min manual; ⟫ manual 18 min'
    """
    whole = texts[0].strip().rstrip("?!. ")
    for text in texts[1:]:
        whole = _continued(whole, text.strip().rstrip("?!. "))
    return whole


def _continued(whole: str, text: str) -> str:
    if found := _CORRECTS.match(text):
        words = re.sub(r"\b(?:to|be|into)\s+(?=\d)", "", found[1])
        return f"{whole}; {CORRECTION} {_with_unit(words)}"
    if found := _WHAT_ABOUT.match(text):
        return f"{whole}, {found[1]}"
    if found := _SAME_BUT.match(text):
        return f"{whole}; {CORRECTION} {_with_unit(found[1])}"
    found = _GOES_ON.match(text)
    return f"{whole} and {found[1]}" if found else text


def _with_unit(words: str) -> str:
    return _LAST_NUMBER.sub(r"\1 min", words)
