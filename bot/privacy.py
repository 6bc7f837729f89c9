"""The gate: patient details leave the text before anything is stored, searched or logged."""

import re
from dataclasses import dataclass
from typing import Literal

Detail = Literal["date", "ssn", "record number", "medicare number", "phone", "e-mail", "address", "link"]

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_DATE = (
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})"
    r"|\d{4}[/.-]\d{1,2}[/.-]\d{1,2}"
    rf"|{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}\.?,?\s+\d{{4}})"
)
_STREET = (
    r"(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|way|place|pl|terrace|ter|circle|cir"
    r"|highway|hwy|parkway|pkwy)"
)
_STREET_WORD = (
    r"(?!(?:min|mins|minutes?|units?|days?|sessions?|patients?|pts?|visits?|muscles?|x|of|more)\b)[A-Za-z][\w'.-]*"
)
# Medicare beneficiary identifier: 11 characters, positions by CMS's published format, with or without dashes.
_MBI = (
    r"[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?"
    r"[AC-HJKMNP-RT-Y]{2}\d{2}"
)

# In this order: what has a firm shape comes before what has a loose one.
_SHAPES: tuple[tuple[Detail, str], ...] = (
    ("e-mail", r"[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)+"),
    ("link", r"\bhttps?://\S+|\bwww\.\S+"),
    (
        "ssn",
        r"\b\d{3}-\d{2}-\d{4}\b|\b(?:ssn|social(?: security)?(?: (?:number|no|#))?)\W{0,3}\d{3}\W?\d{2}\W?\d{4}\b",
    ),
    ("medicare number", rf"\b{_MBI}\b|\b(?:mbi|hicn?)\W{{0,3}}[\w-]{{9,14}}\b"),
    (
        "record number",
        r"\b(?:mrn|medical record(?: (?:number|no))?|chart(?: (?:number|no))?|acct|account|member(?: id)?|policy"
        r"|subscriber)"
        r"\s*(?:number|no|num|id)?\.?\s*[:#]?\s*(?=[\w-]*\d)[a-z]{0,4}-?\d[\w-]{3,}",
    ),
    (
        "date",
        rf"\b(?:dob|d\.o\.b\.?|born(?: on)?|birth ?date|date of birth|birthday)\W{{0,3}}(?:is\s+|of\s+)?{_DATE}",
    ),
    ("date", r"\b(?:dob|d\.o\.b\.?|born(?: on| in)?|birth ?date|date of birth)\W{0,3}(?:is\s+)?[\d/.-]{2,10}"),
    ("phone", r"(?<![\w-])(?:\+?1[\s.-]?)?(?:\(\d{3}\)\s?|\d{3}[\s.-])\d{3}[\s.-]\d{4}\b"),
    ("phone", r"\b(?:phone|tel|cell|mobile|fax|call(?: at)?)\W{0,3}\d[\d\s().-]{6,14}\d\b"),
    (
        "address",
        rf"\b\d{{1,5}}\s+(?:[NSEW]\.?\s+)?(?:{_STREET_WORD}\s+){{1,3}}{_STREET}\b\.?(?:,?\s*(?:apt|unit|suite|ste|#)\s*\w+)?",
    ),
    ("date", rf"\b{_DATE}\b"),
)
_COMPILED = tuple((detail, re.compile(pattern, re.IGNORECASE)) for detail, pattern in _SHAPES)

_SERVICE_DAY = re.compile(
    r"(?:\bdos|date of service|service date|\bvisit (?:on|of|from)|\bseen on|\bservices? on)\W{0,3}$", re.IGNORECASE
)


@dataclass(frozen=True)
class Scrubbed:
    """A text that may be kept, and the kinds of detail that were taken out of it."""

    text: str
    removed: tuple[Detail, ...] = ()


def scrub(text: str) -> Scrubbed:
    """The text without what identifies a patient. Codes, modifiers, minutes, years and days of service stay.

    >>> scrub("pt DOB 4/12/1951, 97110 x2 in 2026?")
    Scrubbed(text='pt [date], 97110 x2 in 2026?', removed=('date',))
    """
    removed: list[Detail] = []

    for detail, shape in _COMPILED:

        def take_out(found: re.Match[str], detail: Detail = detail) -> str:
            if detail == "date" and _SERVICE_DAY.search(found.string[: found.start()]):
                return found[0]
            removed.append(detail)
            return f"[{detail}]"

        text = shape.sub(take_out, text)
    return Scrubbed(text, tuple(dict.fromkeys(removed)))
