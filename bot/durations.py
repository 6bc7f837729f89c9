"""Durations as people write them: minutes, hours, clock times, number words."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

MARK = re.compile(r"⟦(\d+)⟧")

_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {
    **{"a": 1, "an": 1, "half": 30},
    **{word: at for at, word in enumerate((*_ONES, *_TEENS), start=1)},
    **{word: 10 * at for at, word in enumerate(_TENS, start=2)},
    **{
        f"{ten}{between}{one}": 10 * tens + ones
        for tens, ten in enumerate(_TENS, start=2)
        for ones, one in enumerate(_ONES, start=1)
        for between in (" ", "-")
    },
}
_PAST_TEN = rf"(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_ONES)}))?|{'|'.join(_TEENS)}"
_NUMBER = rf"(?:\d{{1,3}}(?:\.\d+)?|\.\d+|{_PAST_TEN}|{'|'.join(_ONES)}|half|an?(?=[\s-]))"  # but the a of "AM" is none
_WHOLE = r"(?:(?:full|whole|solid|straight|good) )?"
_MINUTE = r"(?:min(?:ute|uet|tue|nute)?s?|mns?|m)(?![a-z])"
_HOUR = r"(?:hours?|hrs?|hr\.?|h)(?![a-z])"
_CLOCK = r"(\d{1,2})(?::(\d{2}))?\s*([ap]\.?m?\.?(?![a-z]))?"

# What looks like a duration and is none: names of rules and of units.
_NO_DURATION = re.compile(
    r"\b(?:(?:8|eight)[\s-]*(?:min(?:ute)?s?)[\s-]*rule|rule of (?:8|eight)'?s?"
    r"|(?:single|each|per|an?|one|in|of|by|the) 15[\s-]*min(?:ute)?s? (?:unit|increment|block|code)s?"
    r"|15[\s-]*min(?:ute)?s? (?:unit(?!s?\W*$)|increment|block|code)s?"
    r"|30[\s-]*days?(?: period)?|1:1\b|1 on 1\b|(?:mod(?:ifier)?|grade|stage|level|type)\s+\w*\d\w*)",
    re.IGNORECASE,
)

_PARTS_OF_AN_HOUR = re.compile(
    r"\b(?:a )?(?P<part>quarter|half) (?P<side>past|after|to|til|till|before) (?P<hour>1[0-2]|[1-9])\b(?!:)",
    re.IGNORECASE,
)
# "0900-0925", but no two years.
_BY_THE_24_HOURS = re.compile(
    r"\b(?!19|20[0-4])([01]\d|2[0-3])([0-5]\d)\s*(?:-|–|to)\s*([01]\d|2[0-3])([0-5]\d)\b(?!\s*(?:min|units?))"
)
CHAIN = 3  # times of day from which on they may be told one after the other
_TIME = re.compile(r"(?:\b(?:at|from) )?\b(\d{1,2}:\d{2})\b")
_UNTIL = re.compile(
    r"\b(?:and )?(?:till|til|until|to|stopped|stopping|ended|ending|done|finished)(?: at)? (\d{1,2}:\d{2})\b",
    re.IGNORECASE,
)
SMALL = 4  # a count in words up to here is hardly ever one of minutes
# "Fifteen of manual": a number in words that counts minutes though none are named.
_COUNT_IN_WORDS = re.compile(
    rf"\b({_PAST_TEN}|{'|'.join(_ONES[SMALL:])})(?= (?:more |another )?(?:of|on|each)\b)",
    re.IGNORECASE,
)
# What every duration has, in lower case: a digit, a number in words that may count minutes, or a word for either unit.
_MAY_TELL = re.compile(rf"\d|(?<![a-z])(?:h(?:ou)?r|mi?n|[hm](?![a-z])|{'|'.join((*_ONES[SMALL:], *_TEENS, *_TENS))})")
_ENDS_IN_SERVICE = re.compile(  # a code, with its modifiers, or a service's short name; no exercise's
    r"(?:\b[a-z\d]\d{4}(?:[\s-]*[a-z][a-z\d])*|\b(?:te|ta|mt|nmr|nmre|gt|us|(?:ther[\s-]?)(?:ex|act)|manual|neuro|gait))\s*$",
    re.IGNORECASE,
)
# "Two 15-minute sessions of gait", "15 min twice today": the same time more than once.
_TIMES_OVER = re.compile(
    r"\b(?P<times>two|three|four|[2-4])(?:\s*x\s*|\s+)(?P<each>\d{1,2})[\s-]*min(?:ute)?s?"
    r"\s+(?:sessions?|blocks?|bouts?|rounds?|intervals?)\b(?:\s+of\b)?"
    r"|\b(?P<once>\d{1,2})[\s-]*min(?:ute)?s?(?P<what>\s+(?:of\s+)?[a-z]+(?:\s[a-z]+)?)?"
    r"\s+twice\b(?! (?:a|per|every|each) (?:week|month))",
    re.IGNORECASE,
)
_OVER_AND_OVER = ("twice", "session", "block", "bout", "round", "interval")  # of which each of them has one
_HOUR_WITH_POINT = re.compile(
    r"(\b\d(?:\.\d+)? ?(?:hours?|hrs?))\.(?=\s*\d{1,2} ?min\w*\.?"
    r"(?:\s+(?!(?:of|total|in|today|each|and|with|long|units?)\b)(?P<of>[a-z]+))?)",
    re.IGNORECASE,
)
_RESTED_UNDER = re.compile(r"(?:hot|cold|ice|heat|mhp|hp|cp|vaso|paraffin|ifc|tens|e?-?stim)$", re.IGNORECASE)
_BEFORE_A_TIME = re.compile(
    r"\b(?:pt|patient|seen|for|treated|treatment|did|we|i|was|had|visit|session|total|spent|a|the|about|of|medicare)\b",
    re.IGNORECASE,
)
_SPEAKS_OF_MINUTES = re.compile(rf"{MARK.pattern}|\bunits?\b|\b[a-z\d]\d{{4}}\b", re.IGNORECASE)


@dataclass(frozen=True)
class Span:
    """A duration in minutes. `clock` is its beginning and end since midnight, where clock times were given."""

    minutes: int
    clock: tuple[int, int] | None = None
    explicit: bool = True


@dataclass(frozen=True)
class Marked:
    """A text in which each duration has become a mark, and the durations in their order."""

    text: str
    spans: tuple[Span, ...]


@lru_cache(maxsize=8)  # several kinds of answer ask it of one question
def mark_durations(text: str) -> Marked:
    """The text with its durations marked: clock times first, then hours with minutes, hours, minutes, and "x18".

    >>> marked = mark_durations("97110 x18min then 1:00-1:15 group and an hour and ten of gait")
    >>> [span.minutes for span in marked.spans]
    [18, 15, 70]
    """
    low = text.lower()
    if not _MAY_TELL.search(low):
        return Marked(text, ())
    spans: list[Span] = []

    def put(span: Span | None, found: re.Match[str]) -> str:
        if span is None:
            return found[0]
        spans.append(span)
        return f" ⟦{len(spans) - 1}⟧ "

    if any(word in low for word in _OVER_AND_OVER):
        text = _TIMES_OVER.sub(_all_of_them, text)
    text = _BY_THE_24_HOURS.sub(r"\1:\2-\3:\4", text)
    text = _chained_times(_PARTS_OF_AN_HOUR.sub(_clock_in_digits, _NO_DURATION.sub(" ", text)))
    text = _COUNT_IN_WORDS.sub(lambda found: str(_WORDS[found[1].lower()]), text)
    low = text.lower()
    if "r." in low or "rs." in low:
        text = _HOUR_WITH_POINT.sub(_hour_without_point, text)
    for shape, read, signs in _SHAPES:
        if any(map(low.__contains__, signs)):
            text = shape.sub(lambda found, read=read: put(read(found), found), text)  # type: ignore[misc]
    return in_order(text, spans)


def in_order(text: str, spans: list[Span]) -> Marked:
    """The text and its durations with the marks numbered as they stand in the text; a mark is a place in `spans`."""
    order = [int(one) for one in MARK.findall(text)]
    if order == list(range(len(spans))):
        return Marked(text, tuple(spans))
    places = {was: now for now, was in enumerate(order)}
    return Marked(MARK.sub(lambda found: f"⟦{places[int(found[1])]}⟧", text), tuple(spans[one] for one in order))


def number(word: str) -> float:
    """A number typed in digits or as a word."""
    return float(_WORDS[word.lower()]) if word.lower() in _WORDS else float(word)


def _clock_span(found: re.Match[str]) -> Span | None:
    if not (found[2] or found[3] or found[5] or found[6] or found[7]):
        return None
    if found[7]:
        end: int | None = 12 * 60
    else:
        end = _clock_minute(found[4], found[5], found[6])
    start = _clock_minute(found[1], found[2], found[3])
    if start is None or end is None:
        return None
    if end <= start and not found[6]:
        end += 12 * 60
    if found[6] and not found[3] and end - start > 12 * 60:
        start += 12 * 60
    return Span(end - start, (start, end))


def _chained_times(text: str) -> str:
    """ "Gait from 2:05, stopped 2:32, then manual till 2:41": each service begins where the one before it ended."""
    times = list(_TIME.finditer(text)) if ":" in text else []
    if len(times) < CHAIN or len(_UNTIL.findall(text)) != len(times) - 1 or _UNTIL.match(times[0][0]):
        return text
    before = times[0][1]

    def from_before(found: re.Match[str]) -> str:
        nonlocal before
        start, before = before, found[1]
        return f" {start}-{before} "

    return text[: times[0].start()] + _UNTIL.sub(from_before, text[times[0].end() :])


def _clock_in_digits(found: re.Match[str]) -> str:
    """ "Quarter past 2" as 2:15."""
    hour, minutes = int(found["hour"]), 30 if found["part"].lower() == "half" else 15
    if found["side"].lower() in ("to", "til", "till", "before"):
        hour, minutes = (hour - 1) or 12, 60 - minutes
    return f"{hour}:{minutes:02}"


def _clock_minute(hour: str, minute: str | None, half: str | None) -> int | None:
    hours, minutes = int(hour), int(minute or 0)
    if hours > 23 or minutes > 59:  # noqa: PLR2004  # no time of day
        return None
    if half and half[0].lower() == "p" and hours < 12:  # noqa: PLR2004
        hours += 12
    if half and half[0].lower() == "a" and hours == 12:  # noqa: PLR2004
        hours = 0
    return hours * 60 + minutes


def _all_of_them(found: re.Match[str]) -> str:
    """The minutes of all the times together."""
    minutes = 2 * int(found["once"]) if found["once"] else int(number(found["times"])) * int(found["each"])
    return f"{minutes} min{found['what'] or ''}" if found["once"] else f"{minutes} min of"


def _hour_without_point(found: re.Match[str]) -> str:
    """ "1 hr. 15 min" is one time; between two services ("TE 1 hr. 15 min hot pack") the point parts their times."""
    before = _BEFORE_A_TIME.sub(" ", found.string[: found.start()].rpartition(",")[2])
    is_after_a_service = re.search(r"[a-z\d]{2}", before, re.IGNORECASE)
    return found[0] if found["of"] and (is_after_a_service or _RESTED_UNDER.match(found["of"])) else found[1]


def _hours_and_minutes(found: re.Match[str]) -> Span:
    tail = found["more"]
    more = 30.0 if tail and "half" in tail.lower() else number(found["minutes"]) if found["minutes"] else 0.0
    return Span(round(number(found["hours"] or "one") * 60 + more))


def _plain_minutes(found: re.Match[str]) -> Span:
    return Span(round(number(found["minutes"])))


def _times(found: re.Match[str]) -> Span | None:
    """What "x18" says: minutes beside a service or where minutes or units are spoken of, else repetitions."""
    before = found.string[: found.start()]
    if _ENDS_IN_SERVICE.search(before):
        return _plain_minutes(found)
    if before.rstrip()[-1:].isdigit() or not _SPEAKS_OF_MINUTES.search(found.string):
        return None
    return _plain_minutes(found)


def _negative(found: re.Match[str]) -> Span:
    return Span(-round(number(found["minutes"])))


# Expressions in their order, what each reads, and the signs of which one must stand in the text.
_SHAPES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Span | None], tuple[str, ...]], ...] = (
    (
        re.compile(rf"(?:^|(?<=[,;+]))\s*(?:minus |negative |-)(?P<minutes>{_NUMBER})\s*{_MINUTE}", re.IGNORECASE),
        _negative,
        ("minus ", "negative ", "-"),
    ),
    (
        re.compile(
            rf"\b{_CLOCK}\s*(?:-|–|(?:to|til|till|until|done|ended?|ending|finished|out)\b(?: at)?)\s*"
            rf"(?:{_CLOCK}|(noon))",
            re.IGNORECASE,
        ),
        _clock_span,
        ("-", "–", "to", "til", "done", "end", "finished", "out"),
    ),
    (
        re.compile(r"\bhalf (?:an? |a )?(?:hour|hr)\b|\b1/2 (?:hour|hr)\b", re.IGNORECASE),
        lambda _: Span(30),
        ("half ", "1/2 "),
    ),
    (re.compile(r"\bquarter (?:of an )?(?:hour|hr)\b", re.IGNORECASE), lambda _: Span(15), ("quarter ",)),
    (
        re.compile(
            rf"(?:(?<![\w.])(?P<hours>{_NUMBER})\s*{_WHOLE}|\b(?=h(?:ou)?r and ))(?:{_HOUR})"
            rf"(?P<more>\s*(?:and|&)?\s*(?:a half|(?P<minutes>{_NUMBER})(?!\d)\s*(?:{_MINUTE})?(?=\s|$|[,.;?])))?",
            re.IGNORECASE,
        ),
        _hours_and_minutes,
        ("h",),
    ),
    (
        re.compile(
            rf"(?:\bx\s*|(?<![\w.])|(?<=x))(?P<minutes>{_NUMBER})\s*-?\s*"
            rf"{_WHOLE}(?:(?:timed|total|billable|direct|skilled|individual|one[- ]on[- ]one) )?{_MINUTE}",
            re.IGNORECASE,
        ),
        _plain_minutes,
        ("m",),
    ),
    (re.compile(r"\b(?P<minutes>\d{1,3})'(?![\w'])"), _plain_minutes, ("'",)),
    (
        re.compile(r"(?:(?<=\d{5})|(?<=\s))x\s*(?P<minutes>[5-9]|\d{2,3})(?!\d)(?!\s*(?:units?|u\b))", re.IGNORECASE),
        _times,
        ("x",),
    ),
)
