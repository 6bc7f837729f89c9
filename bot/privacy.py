"""The gate: patient details leave the text before anything is stored, searched or logged."""

import re
from dataclasses import dataclass
from typing import Literal

Detail = Literal["date", "ssn", "record number", "medicare number", "phone", "e-mail", "address", "link"]

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"  # a month, too: both orders are written
_YEAR = r"(?:\d{4}|\d{2})"
_NUMBERS_DATE = (
    rf"(?:{_DAY}[/.-]{_DAY}[/.-]{_YEAR}|{_DAY} ?/ ?{_DAY} ?/ ?{_YEAR}|\d{{4}}[/.-]{_DAY}[/.-]{_DAY})"
    r"(?!\s*(?:min|mins|minutes?|secs?|seconds?|units?|reps?|sets?|x)\b|/?\d)"  # "10-20-30 min" is no day
)
_DATE = (
    rf"(?:{_NUMBERS_DATE}"
    rf"|{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?:\d{{4}}|['’]\d{{2}})"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?[\s-]{_MONTH}\.?,?[\s-](?:\d{{4}}|['’]\d{{2}})"
    rf"|\d{{1,2}}-{_MONTH}-\d{{2}})(?!\d)"
)
_LOOSE_DATE = rf"(?:{_DATE}|\d{{1,2}}\s+{_MONTH}\.?\s+\d{{2}}\b|{_MONTH}\.?\s+\d{{1,2}},?\s+\d{{2}}\b)"
_A_CODE = r"(?:(?:\d{4}[0-9TU]|[A-Z]\d{4})(?![A-WYZ\d]|-\d{4}))"  # "97110", "97110x2", "97110-59"
_A_YEAR = r"(?:(?:19|20)\d\d(?!\d))"
_IS = r"\W{0,3}(?:(?:is|was|of)\W{1,3})?"
_NUMBER_WORD = r"(?:number|no|num|id|#)"

# A street's own name, of words that neither count something nor bind a sentence: "30 min of ST" is no address.
_NO_STREET_WORD = (
    r"(?:a|an|the|this|that|and|or|of|for|to|in|into|on|at|by|with|w|from|per|as|than|then|vs|if|not|no|is|are|be|was"
    r"|can|do|did|codes?|coded|bill|billed|billing|billable|charged?|charges|right|best|only|same|each|every|more|most"
    r"|less|other|another|better|wrong|different|good|one|two|new|min|mins|minutes?|hours?|hrs?|seconds?|secs?|days?"
    r"|weeks?|wks?|months?|years?|yrs?|yo|units?|sessions?|visits?|times?|x|reps?|sets?|feet|foot|ft|meters?|m|yards?"
    r"|blocks?|miles?|steps?|stairs?|laps?|trips?|degrees?|lbs?|pounds?|kg|cm|sq|percent|patients?|pts?|people|kids?"
    r"|muscles?|joints?|areas?|regions?|body|needles?|evals?|evaluations?|therapy|therapists?|tx|treatments?|pt|ot"
    r"|st(?!\.)|slp|pta|cota|group|individual|medicare|total|timed|untimed|additional|extra|down|up|across|around)"
)
_STREET_WORD = rf"(?!{_NO_STREET_WORD}\b)(?:[a-z][\w'’-]*\.?|\d{{1,3}}(?:st|nd|rd|th))"
_STREET_NAME = rf"(?:[nsew]\.?\s+|(?:north|south|east|west)\s+)?(?:{_STREET_WORD}\s+){{1,3}}"
_CLEAR_STREET = r"(?:street|avenue|ave|boulevard|blvd|road|rd|lane|ln|highway|hwy|parkway|pkwy)"
_SHORT_STREET = r"(?:st|dr|ct|pl|ter|cir)"
_ANY_STREET = rf"(?:{_CLEAR_STREET}|{_SHORT_STREET}|drive|court|way|place|terrace|circle)"
_WRITTEN_NAME = (
    rf"(?-i:(?:[NSEW]\.?\s+)?(?:(?!(?i:{_NO_STREET_WORD})\b)(?:[A-Z][a-z][\w'’-]*\.?|\d{{1,3}}(?:st|nd|rd|th))\s+){{1,3}}"
    r"(?:St|Dr|Drive|Ct|Court|Way|Pl|Place|Ter|Terrace|Cir|Circle|Street|Avenue|Ave|Road|Rd|Lane|Ln))"
)
_DOOR = r"\b\.?(?:,?\s*(?:apt|apartment|unit|suite|ste|#)\.?\s*#?\w*\d\w*)?"
_ADDRESSES = (
    r"\bp\.?\s?o\.?\s?box\s+\d+",
    rf"\b(?:lives? (?:at|on)|living (?:at|on)|address|addr){_IS}"
    rf"\d{{1,6}}[a-z]?\s+(?:[\w'’.-]+\s+){{1,4}}?{_ANY_STREET}{_DOOR}",
    rf"\b\d{{1,4}}[a-z]?\s+{_STREET_NAME}{_CLEAR_STREET}{_DOOR}",
    rf"\b(?!{_A_YEAR})\d{{1,4}}[a-z]?\s+{_STREET_NAME}{_SHORT_STREET}{_DOOR}",
    rf"\b\d{{1,5}}[a-z]?\s+{_WRITTEN_NAME}{_DOOR}",
)
# Medicare beneficiary identifier: 11 characters, positions by CMS's published format, with or without dashes.
_MBI = (
    r"[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d[- ]?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d[- ]?"
    r"[AC-HJKMNP-RT-Y]{2}\d{2}"
)
_ACCOUNT = "chart|acct|account|member|policy|subscriber"
_LONG_NUMBER = r"(?=[\w-]*\d)[a-z]{0,4}-?\d[\w-]{3,}"

# In this order: what has a firm shape comes before what has a loose one.
_SHAPES: tuple[tuple[Detail, str], ...] = (
    ("e-mail", r"[\w.+-]+\s?@\s?(?:[\w-]+\.)+[a-z]{2,}\b"),
    ("link", r"\b(?:https?://|www\.)\S*[^\s.,;:!?)\]]"),
    (
        "medicare number",
        rf"\b(?:(?:mbi|hicn?|medicare (?:number|no\.?|id|#)){_IS})?{_MBI}\b"
        rf"|\b(?:mbi|hicn?|medicare (?:number|no\.?|id|#)){_IS}(?=[\w-]*\d[\w-]*\d[\w-]*\d)[\w-]{{9,14}}\b",
    ),
    (
        "ssn",
        rf"\b\d{{3}}([- ])\d{{2}}\1\d{{4}}\b"
        rf"|\b(?:ssn|social(?: security)?(?: (?:number|no|#))?\.?){_IS}\d{{3}}\W?\d{{2}}\W?\d{{4}}\b",
    ),
    (
        "record number",
        rf"\b(?:mrn|med(?:ical)? rec(?:ord)?)\s*{_NUMBER_WORD}?\.?{_IS}#?\s*{_LONG_NUMBER}"
        rf"|\b(?:patient|pt)\s?(?:id|number|num|#){_IS}(?!{_A_CODE}){_LONG_NUMBER}",
    ),
    (
        "record number",
        rf"\b(?:{_ACCOUNT})\s*(?:{_NUMBER_WORD}\b\.?|#|:)\s*{_IS}#?\s*{_LONG_NUMBER}"
        rf"|\b(?:{_ACCOUNT})\s+(?!{_A_CODE}|{_A_YEAR}){_LONG_NUMBER}",
    ),
    ("date", rf"\b(?:dob|d\.o\.b\.?|born(?: on)?|birth ?date|date of birth|birthday){_IS}{_LOOSE_DATE}"),
    ("date", rf"\b(?:dob|d\.o\.b\.?|birth ?date|date of birth){_IS}(?!{_A_CODE})\d[\d/.-]{{1,10}}"),
    ("date", rf"\bborn(?: on| in)?{_IS}{_A_YEAR}"),
    ("phone", r"(?<![\w-])(?:\+?1[\s.-]?)?(?:\(\d{3}\)\s?|\d{3}[\s.-])\d{3}[\s.-]\d{4}\b"),
    ("phone", r"(?<![\w.-])(?!9\d{4}9\d{4}\b)(?:\+?1)?[2-9]\d{9}(?![\w-])"),  # but no two codes run together
    (
        "phone",
        r"\b(?:(?:tele)?phone|ph|tel|cell|mobile|fax|(?:call|text|reach)(?: \w+)?(?: at)?)\W{0,3}"
        r"(?:(?:number|no|is|at)\W{1,3}){0,2}"
        r"(?:\+?1[\s.-]?)?(?:\(?\d{3}\)?[\s.-]?)?\d{3}[\s.-]?\d{4}(?![\w-])",
    ),
    *(("address", shape) for shape in _ADDRESSES),
    ("date", rf"(?<!\w)(?<!\d[/.-]){_DATE}"),
)
_COMPILED = tuple((detail, re.compile(pattern, re.IGNORECASE)) for detail, pattern in _SHAPES)
_BARE_DATE = _COMPILED[-1][1]

_SERVICE_DAY = re.compile(
    r"(?:\bdos|dates? of service|service dates?|\bvisits? (?:on|of|from)|\bseen on|\bservices? on)\W{0,3}"
    rf"(?:{_DATE}\W{{0,3}}(?:(?:and|to|through|thru|or)\W{{1,3}})?)*$",
    re.IGNORECASE,
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

        def take_out(found: re.Match[str], detail: Detail = detail, is_bare_date: bool = shape is _BARE_DATE) -> str:
            if is_bare_date and _SERVICE_DAY.search(found.string[: found.start()]):
                return found[0]
            removed.append(detail)
            return f"[{detail}]"

        text = shape.sub(take_out, text)
    return Scrubbed(text, tuple(dict.fromkeys(removed)))
