"""The day of service that a question speaks of: a year, a month, "last December", or the day it was asked."""

import re
from datetime import date

from bot.query import Query

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR = re.compile(
    r"(?<![$\d,])\b(20(?:0[5-9]|[1-4]\d))\b(?!\s*(?:dollars|bucks|(?:in |of |for )?(?:pt|ot|slp)\b))", re.IGNORECASE
)
_DOLLARS = re.compile(r"\$ ?\d|\d,\d{3}\b")
_PLAIN_YEAR = re.compile(r"(?<![$\d,])\b(20(?:0[5-9]|[1-4]\d))\b")
_DATE = re.compile(r"\b(\d{1,2})[/-](\d{1,2})[/-](20\d{2})\b")
_ISO = re.compile(r"\b(20\d{2})-(\d{2})-(\d{2})\b")
_MONTH = re.compile(
    r"\b(last |this |next )?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\b"
    r"(?:\s+(\d{1,2})(?!\d)(?:st|nd|rd|th)?)?(?:,?\s+(20\d{2}))?",
    re.IGNORECASE,
)


def day_of_service(query: Query) -> date:
    """The day that the question speaks of; without one, the day it was asked.

    A year alone stands for its last day, so that what changed within it counts as it ended.
    """
    return _written_date(query.text) or _month(query) or _year(query) or query.asked_on


def says_a_year(query: Query) -> bool:
    """Does the question itself speak of a year or a day?"""
    return bool(_YEAR.search(query.text) or _month(query) or query.says("last year", "next year", "this year"))


def _written_date(text: str) -> date | None:
    if found := _DATE.search(text):
        return _date(int(found[3]), int(found[1]), int(found[2]))
    if found := _ISO.search(text):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    return None


def _month(query: Query) -> date | None:
    for found in _MONTH.finditer(query.low):
        said, name, day, year = found[1], found[2], found[3], found[4]
        if not (said or year) or (name == "may" and not year):
            continue
        month = _MONTHS.index(name) + 1
        if year:
            return _date(int(year), month, int(day or 1))
        asked = query.asked_on
        is_before = month < asked.month
        shift = {"last ": 0 if is_before else -1, "next ": 1 if is_before else 0}.get(said, 0)
        return _date(asked.year + shift, month, int(day or 1))
    return None


def _year(query: Query) -> date | None:
    found = _YEAR.search(query.text)
    if found is None and _DOLLARS.search(query.text):  # "2024 PT at $2,400": the dollars are told, so this is a year
        found = _PLAIN_YEAR.search(query.text)
    if found:
        return date(int(found[1]), 12, 31)
    for words, shift in (("last year", -1), ("next year", 1)):
        if query.says(words):
            return date(query.asked_on.year + shift, 12, 31)
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
