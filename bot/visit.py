"""A visit as it was typed: which services, for how long, by whom, for which payer."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple
from weakref import ref

from bot.durations import MARK, Marked, Span, in_order, mark_durations
from bot.follow_up import CORRECTION
from bot.givers import (
    ASSISTANT,
    ASSISTANTS,
    GIVER,
    PART,
    THERAPIST,
    is_only_a_giver,
    parted,
    without_givers,
    worked_together,
)
from bot.query import Query, codes_in
from knowledge.language import Understood
from knowledge.rules.modifiers import Discipline
from knowledge.search import Hit, Index

Giver = Literal["therapist", "assistant", "together"]

_CLAUSE = re.compile(
    r"[,;+\n]|\s[-–]\s|:\s(?!\s*\d{1,3}\s*(?:$|[,;+&?]))|(?<=[^\d])\.\s|\.\s(?=[a-z])|\.{2,}|…|\?|&|\bw/(?!\w)|(?<=⟧)\.?\s*(?:with\b|\.|/)|(?<=\))\s*(?:/|with\b)"
    r"|\b(?:and then|then|plus|and|after that|afterwards|followed by|later)\b",
    re.IGNORECASE,
)
_SIDES = re.compile(
    r"[,;+&?\n]|\bw/(?!c\b)|(?<=\bday )as\b|(?<=\bdos )as\b|\bto (?:an?|the|my|our)\b"
    r"|\bon (?:the |that )?(?:day|date|dos) of\b"
    r"|\b(?:and|plus|with|w|then|on top of|as well as|alongside|after|before|n)\b",
    re.IGNORECASE,
)
_SAME_DAY_WORDS = re.compile(
    r"\b(?:(?:on |at |in )?(?:the |teh |one |a |same )*(?:same )?"
    r"(?:day|date(?: of service)?|dos|visit|session|claim|appointment|time)"
    r"|together|both|allowed|alowed|ok|paid|pay|deny|modif\w*|modifer\w*|edit|separate minutes|different times?"
    r"|private practi[cs]e)\b|\bif\b.*$",
    re.IGNORECASE,
)
_PREPARED = re.compile(  # what an assistant does before and after a service, which is none by itself
    rf"(?<=\b)(?:{ASSISTANTS})\b[^.,;]{{0,30}}?\bset ?up (?:and|&|\+) (?:checks?|checking|monitoring|clean ?up)\b",
    re.IGNORECASE,
)
_EACH = re.compile(r"⟧\s*(?:of\s+)?(?:each|apiece)\b|\beach\s*⟦", re.IGNORECASE)
_MY = re.compile(r"\b(?:my|me|i|we|you|your|is|are|the|a|for|of|in|to|so|all)\b", re.IGNORECASE)
_EACH_WORD = re.compile(r"\b(?:each|apiece)(?: of)?\b", re.IGNORECASE)
_WHOSE = re.compile(r"^\W*(?:pt|ot|slp|st|speech)\s*:", re.IGNORECASE)  # visit it is, before its services
_BY_THE_CLINIC = re.compile(rf"\b(?:{ASSISTANTS}|therapist|i)\b", re.IGNORECASE)  # who did it by herself
_UNATTENDED = re.compile(
    r"\b(?:by (?:him|her|them)sel(?:f|ves)|on (?:his|her|their) own|unsupervised)\b", re.IGNORECASE
)
_NOT_TREATMENT = re.compile(
    r"\b(?:rest(?:ed|ing)?|break|chatt(?:ed|ing)"
    r"|insurance|paperwork|schedul(?:ed|ing)|vitals?(?: signs?)?(?! ?stim)"
    r"|aides?|techs?|technicians?|chang(?:ed|ing) clothes|document(?:ing|ation)|charting"
    r"|set ?up time|wait(?:ed|ing)?|bathroom|no[- ]?show|late(?=\s*$))\b",
    re.IGNORECASE,
)
_OF_A_PAUSE = re.compile(r"\b(?:given|needed|taken|took|between|allowed|required|provided|long)\b", re.IGNORECASE)
_TOTAL = re.compile(r"\b(?:total|in all|altogether|visit|session|treatment time|appointment|time)\b", re.IGNORECASE)
# What a question says beside the services: who pays, who asks, what is asked.
_NOISE = re.compile(
    r"\b(?:(?:is|are|equals?|makes?) \d{1,2} units?"
    r"|(?:what|which|wats?)(?: \w+)? (?:do|should|would) (?:i|we|you) (?:put|hang|add|append|attach|stick|use)"
    r"|unitd?s?|unts?|untis|medicare|part b|how m[an]{2}y|what(?:'?s)?|do i|can i|bill(?:able|ed)?"
    r"|charges?|(?:can )?go(?:es)? on(?: the)? claim|whole|full|only|got|did|spent|about|like|split|count|today"
    r"|please|pls|straight|flat|compare"
    r"|(?:which|what) mods?(?:ifiers?)?|mods|modifiers?"
    r"|individual(?:ly)?|seen|saw|same (?:day|visit|session|appointment)"
    r"|pt clinic|(?:pt|ot|slp|biller|therapist|im an? \w+) here|chiro office biller|commercial|bcbs|aetna|cigna|uhc"
    r"|(?:wc|work(?:ers'?|man'?s)? comp(?:ensation)?) (?:claim|case|patient|pt|payer|insurance|adjuster)"
    r"|work(?:ers'?|man'?s)? comp(?:ensation)?"
    r"|ama|midpoint|rule of eights?|(?:8|eight)[- ]?minute rule"
    r"|(?:(?:our|my|the|your|a) )?(?:\w+ )?(?:lead|boss|supervisor|director|manager|biller|coder|owner|coworker"
    r"|colleague|mentor|desk)(?: \w+)?"
    r" (?:says?|said|thinks?|thought|claim(?:s|ed)|(?:told|tells) (?:me|us)|insists|swears)(?: that)?)\b",
    re.IGNORECASE,
)
WHOLE_VISIT = re.compile(
    r"\b(?:everything|it all|all of it|(?:whole|entire) (?:visit|session|treatment))\b", re.IGNORECASE
)
BY_TITLE: Mapping[str, Discipline] = {"PT": "PT", "OT": "OT", "SLP": "SLP", "SPEECH": "SLP"}
_THERAPIST_DID = re.compile(r"\b(PT|OT|SLP)\s+(?:did|does|gave|spent|treated|saw|ran|:)", re.IGNORECASE)
_THE_REST = re.compile(
    r"\b(?:for )?(?:(?:all )?the (?:rest|remainder|remaining (?:time|minutes))|remaining"
    r"|(?<=, )rest(?= (?!break|period|time|between|due|for|and)[a-z])"
    r"|(?:the )?balance of (?:it|that|the time)|(?<!the )rest(?= (?:was|were|is|on|in)\b))"
    r"(?: of (?:it|that|the time))?\b(?: was)?",
    re.IGNORECASE,
)
_PARTS_OF_IT = re.compile(r"\b(?:half |⟧ ?)of (?:it|that|them)\b", re.IGNORECASE)
# "Timed was 50 (35 ther ex, 15 manual)": a time that is called the visit's, and its parts in brackets behind it.
_IN_BRACKETS = re.compile(
    r"(?P<what>(?:\b(?:(?:total|timed|direct|skilled|billable|treatment|tx|therapy)(?: min(?:ute)?s?)?|treated|session"
    r"|visit|time|codes?|was|were|is|of|for|the|one-on-one|1:1)\b[\s:=,]*)*)\b(?P<whole>\d{2,3})\s*(?:'|min(?:ute)?s?\b|m\b)?\s*"
    r"(?:(?:timed|total|in all|direct|skilled|min(?:ute)?s?)\s*){0,2}[(\[](?P<parts>[^()\[\]]*\d[^()\[\]]*)[)\]]",
    re.IGNORECASE,
)
_BARE_TOTAL = re.compile(
    r"\btotal(?: (?:time|treatment|tx|session|visit))*(?: (?:was|is|of))?[\s:=]*\d{2,3}(?=\s*(?:[.,;:(]|$))",
    re.IGNORECASE,
)
_FIRST_TIME = re.compile(
    r"[^⟦]*?(?:for |of )?⟦0⟧(?!\s*of (?:it|that|them))(?:\s*(?:of )?(?:timed|one[- ]on[- ]one|treatment|total)\b)*"
)
_NOTHING_DONE = re.compile(
    r"\b(?:can|could|may|do|does|with|have|has|enough|need|if|get|gets|exactly|equal|therapy|treatments?|tx|rehab|patients?|pts?|clients?|spent|spend|that|it|be|would|will|at|an|and|worth|equals?|long|direct|skilled"
    r"|timed|billable|one|on|1:1|enough|make|makes|come|comes|out|ok|okay|right|correct|this|or|mins?|minutes?|hours?|hrs?)\b",
    re.IGNORECASE,
)
_HALF = re.compile(r"\b(?:the other )?half(?: of (?:it|that|them))?\b", re.IGNORECASE)
_BESIDE = re.compile(r"\bwith\b|/", re.IGNORECASE)
_SMALL_WORDS = re.compile(
    r"\b(?:is|are|was|were|did|do|does|if|i|we|also|can|could|should|had|have|has|got|he|she|they|so|ok|then|the|my|a"
    r"|patients?|pts?|gave|spent|with|for|about|medicare|bill(?:able)?|treated|today|only|timed|direct|skilled|treatment|tx|time|total)\b",
    re.IGNORECASE,
)
_SEEN = re.compile(
    r"\b(?:(?:i|we|pts?|patients?|he|she) )?(?:(?:was|were) )?(?:treated|seen|saw|worked|here|in)"
    r"(?: (?:him|her|them|pt))?(?: (?:from|for))?\b",
    re.IGNORECASE,
)
_LOOSE_NUMBER = re.compile(r"(?<![\w⟦])\d{1,3}(?![\w⟧])")
_BETWEEN_WORDS = re.compile(r"(?<=\w\w)\s?/\s?(?=\w\w)")
_OF_THESE = re.compile(
    r"\s*(?:min\w*\s*)?(?:(?:evenly|equally)\s+)?"
    r"(?::|(?:of|on|total|in all|altogether|between|for|together|split|doing)\b)",
    re.IGNORECASE,
)
_DIVIDED = re.compile(rf"\b(?:rest|remaining|balance of|each|apiece|half|same|{ASSISTANTS})\b", re.IGNORECASE)
_THE_SAME = re.compile(
    r"\b(?:(?:more|another) )?of (?:it|that|the same)\b|\b(?:more|another|again)\b"
    r"|\b(?:(?:in|at) )?(?:the )?(?:[ap]m|morning|afternoon|evening)\b",
    re.IGNORECASE,
)
_SESSIONS = re.compile(
    r"\b(?:two|three|2|3|both|split) (?:\w+ )?(?:sessions?|visits?|treatments?)\b|\btwice\b", re.IGNORECASE
)
_OF_THE = re.compile(r"\bof (?:the|that|my)\b", re.IGNORECASE)
_COUNTED_THINGS = (
    "units?|u\\b|patients?|pts?|people|muscles?|days?|lbs?|reps?|sets?|x\\b|yo\\b|y/o|codes?|visits?|times?|weeks?|months?|folks"
    "|sq|cm|different|others?|or more|or\\b|kids?|wives|women|men|percent|%|years?|and older"
)
_IN_ANOTHER_UNIT = re.compile(
    r"\s*(?:[mk]?hz|ma|w/cm\w*|watts?|volts?|psi|lbs?|pounds?|kg|ft|feet|reps?|sets?)\b", re.IGNORECASE
)
_NO_MINUTES_AFTER = "".join(
    f"(?<!{word} )"
    for word in ("thats", "that's", "=", "total", "equals", "units", "unit", "age", "grade", "stage", "level")
)
_AT_THE_EDGE = re.compile(r"\W*\d{1,3}\W*$|^\W*\d{1,3}\W*")
_MAY_BE_MINUTES = re.compile(r"(?<!\d)\d{1,3}(?!\d)")
_BARE_MINUTES = r"(?:[5-9]|[1-9]\d|1[01]\d)"  # a number without its unit that may be a service's time
_LISTED = (  # words and their minutes, or minutes and their words
    re.compile(
        rf"(?P<words>[^\d]*[a-z)])\s*(?:(?:[:=@/x-]|\bfor\b)\s*)?\(?(?P<minutes>{_BARE_MINUTES})\)?", re.IGNORECASE
    ),
    re.compile(
        rf"(?P<minutes>{_BARE_MINUTES})(?!\s*(?:{_COUNTED_THINGS}|ft|feet|foot|deg))\s+(?P<words>[a-z][^\d]*)",
        re.IGNORECASE,
    ),
)
_WORDS = r"[a-z][a-z' /-]{1,30}"
_IN_MINUTES = rf"{_BARE_MINUTES}(?:\s?min(?:ute)?s?\b)?"
_ALL_OF_IT = r"[\s,;.?!]*(?:(?:how many |what )?units?(?: medicare)?|medicare)?[\s?.!]*"
_PAIRS = (  # a question that is nothing but services and minutes, parted by spaces or commas
    re.compile(rf"\W*(?:{_WORDS}?[ :=-]+x?{_IN_MINUTES}(?:[ ,;/+]+|(?=[?.!]|$))){{2,}}{_ALL_OF_IT}", re.IGNORECASE),
    re.compile(rf"\W*(?:{_IN_MINUTES} {_WORDS}?(?:[ ,;]+(?=\d)|(?={_ALL_OF_IT}$))){{2,}}{_ALL_OF_IT}", re.IGNORECASE),
)
_PAIR = (
    re.compile(rf"(?P<words>{_WORDS}?)[ :=-]+x?(?P<minutes>{_IN_MINUTES})", re.IGNORECASE),
    re.compile(rf"(?P<minutes>{_IN_MINUTES}) (?P<words>{_WORDS}?)(?=[ ,;]+\d|{_ALL_OF_IT}$)", re.IGNORECASE),
)
_TIED_TO_MINUTES = re.compile(rf"(?P<minutes>{_BARE_MINUTES})(?P<words>[a-z]{{3,}})", re.IGNORECASE)
MOST_WORDS_UNNAMED = 2
_NO_SERVICE = re.compile(
    r"\b(?:age|aged|pain|weeks?|wk|visits?|bp|hr|pulse|spo2|grade|level|stage|phase|room|sessions?|days?|reps?|sets?|icd|dx"
    r"|total|units?|minutes?|min|times?|mod(?:ifier)?s?|cap|threshold|year|yrs?|score|berg|tug|dash|odi|rom|flexion|extension"
    r"|abduction|degrees?|post ?op|pod|feet|ft|lbs?|kg|codes?|patients?|pts?|people|medicare"
    r"|rule|est|limit|max|least|under|over|thats?|that's|makes?|equals|so|only|was|is|are)\b",
    re.IGNORECASE,
)
_UNITS_TOLD = re.compile(r"\b(\d{1,2})\s*(?:units?|u)\b|(?<![\d.:-])\b([1-9])\s+(?=\d{5}\b)", re.IGNORECASE)
_MODIFIER_NUMBER = re.compile(r"(?<=\d{5})[- ](?:51|52|59|76|77|95)(?=\s*[:x(,-]?\s*(?:⟦|\d{1,3}\b))")
_COUNTS_UNITS = re.compile(r"\b\d{1,2}\s*(?:units?|u)\b|\bx\s*[1-4]\b(?!\s*(?:min|m\b|'))", re.IGNORECASE)
_AT_A_TIME = re.compile(r"\bat (?:1[0-2]|[1-9])\b(?!\s*(?:[:%]|min|m\b|h(?:ou)?rs?\b))", re.IGNORECASE)  # of day
# What goes on as a correction of what was typed just before it ("... sorry, make that 25 ther ex").
_CORRECTING = ("make ", "change ", "scratch", "correction", "mean", "sorry", "oops")  # of which each of them has one
_CORRECTS = re.compile(
    r"(?<=\w)[\s.,;:…-]{1,9}(?:(?:no|actually|sorry|oops|wait|hold on)[,.\s]{1,9}){0,4}"
    r"(?:(?:make|change) (?:that|it)(?: to)?|scratch that|correction|i meant?|sorry|oops)[,:.\s]{1,9}(?=[^.;]{0,60}\d)",
    re.IGNORECASE,
)
_BARE = re.compile(
    rf"(?<![\w.$/⟦#-]){_NO_MINUTES_AFTER}(\d{{1,3}})(?![\w⟧%/]|\.\d|\s*(?:{_COUNTED_THINGS}))",
    re.IGNORECASE,
)
_PLAINLY = 0.85  # score at which words without minutes name a service plainly
_FAIRLY = 0.42  # score at which words name one of the services of a day
_FEW = 5  # below which a bare number may count units rather than minutes
_A_LIST = 3  # services with bare numbers beside them that make a list of minutes without any unit
_EXERCISE = "97110"  # whose minutes are those of all its exercises
_RATHER = 0.5  # score at which words in a list of services name one
_WELL = 0.7  # score at which words name a service well
_MOSTLY = 0.6  # share of a saying from which on it was said rather than met by chance
_WHOLE, _NO_WORSE = 0.95, 0.9  # share of a saying that is all of it, and of a score that is as good
_BARELY = 0.4  # and below which it was
_AS_WELL = 0.8  # share of its score from which on something else fits the words as well
_NEAR = 0.3  # how much worse words may do together with their subject than alone
_FAMILIES_OF_PARTS = ("remote_monitoring", "caregiver_training")  # whose codes are parts of one service
_OF_PARTS = re.compile(
    r"\b(?:rtm|remote|monitor\w*|caregiver|training|wife|husband|family|daughter|son)\b", re.IGNORECASE
)
_PICKED_BY_MINUTES = (
    *("per_call_band", "per_7_days_band", "per_month_first_10", "per_month_first_20", "per_month_20_addon"),
)
_WITHOUT_MINUTES = ("untimed", "per_30_days")  # kinds of timing of a service that is one without any minutes told
_SURE = 0.30  # score that words must reach to name a service
MOST_SERVICES = 30
MOST_TOTALS = 2  # durations from which on one may be the whole visit's beside its services'
_OF_THE_VISIT = re.compile(
    r"⟦\d+⟧\s*(?:min\w* )?(?:total|in all|altogether|all (?:one[- ]on[- ]one|direct|skilled))\b[:,]?"
    r"|\b(?:total|in all|altogether)(?: time| minutes| treatment| tx| session| visit)*(?: was| is| of)?[\s:=]*⟦\d+⟧",
    re.IGNORECASE,
)


class Named(NamedTuple):
    """The code that words name, codes that they may mean as well, how well they name it, and how much of its saying."""

    code: str
    alike: tuple[str, ...] = ()
    score: float = 1.0
    covered: float = 1.0


@dataclass(frozen=True)
class Service:
    """One thing done: the code it was taken for, and its minutes (None where none were given).

    `alike` are codes that the same words may mean; `typed` tells that the code itself was typed, `score` how well its
    words name it, and `covered` the share that they have of what the code is called.
    """

    text: str
    code: str
    minutes: int | None
    alike: tuple[str, ...] = ()
    typed: bool = False
    score: float = 1.0
    covered: float = 1.0
    replaces: bool = False
    giver: Giver = "therapist"
    discipline: Discipline | None = None


@dataclass(frozen=True)
class Visit:
    """What was done. `left_out` are minutes that count for nothing (rest, aides); `clocks` the clock times.

    `is_clear`: no correction leaves open which service it changes. `unnamed` are minutes beside words that name no
    service, `explicit` tells whether any were given with their unit. `told` is how many things were told. `together`
    are the timed codes of which only the minutes of all of them together are, `unread` those beside whose words a
    number stands that was not read as minutes.
    """

    services: tuple[Service, ...]
    left_out: tuple[tuple[str, int], ...] = ()
    clocks: tuple[tuple[int, int], ...] = ()
    explicit: bool = True
    is_clear: bool = True
    unnamed: tuple[tuple[str, int], ...] = ()
    told: int = 0
    together: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def with_minutes(self) -> tuple[Service, ...]:
        """The services whose minutes were given."""
        return tuple(one for one in self.services if one.minutes is not None)


Each = Literal["", "before", "after"]


@dataclass(frozen=True)
class _Clause:
    """Words with at most one duration; `each`: the duration holds for each of the things named before or after it;
    `replaces`: it takes the place of minutes told earlier; `is_part`: it may be a part of what was told before it."""

    text: str
    span: Span | None
    each: Each = ""
    replaces: bool = False
    is_part: bool = False


class _Said:
    """What the words of a clause say by themselves, each fact read when it is first asked for."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def plain(self) -> str:
        """The words with one space between them."""
        return " ".join(self.text.split())

    @cached_property
    def has_words(self) -> bool:
        """Are there words besides "each", who pays and what is asked?"""
        return bool(re.search(r"[A-Za-z0-9]{2,}", _NOISE.sub(" ", _SEEN.sub(" ", self.without_each))))

    @cached_property
    def is_no_treatment(self) -> bool:
        """Is it rest, an aide's time, or waiting?"""
        is_unattended = _UNATTENDED.search(self.text) and not _BY_THE_CLINIC.search(self.text)
        left = _without_rest(self.text)  # "the rest was gait" is gait, and "the rest was 5 min" is none
        is_of_treatment = re.search(
            r"[a-z]{2,}", _SMALL_WORDS.sub(" ", left), re.IGNORECASE
        ) and not _OF_A_PAUSE.search(left)
        words = left if is_of_treatment else self.text
        return bool(_NOT_TREATMENT.search(words) or is_unattended)

    @cached_property
    def is_only_a_giver(self) -> bool:
        """Is it said who gave a service, and not which?"""
        return is_only_a_giver(self.text)

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """What looks like a code."""
        return tuple(codes_in(self.text))

    @cached_property
    def named(self) -> str:
        """What may name a service: neither who gave it nor who pays."""
        return _NOISE.sub(" ", without_givers(_without_rest(self.text))).strip()

    @cached_property
    def without_each(self) -> str:
        """The words without "each"."""
        return _EACH_WORD.sub(" ", self.text)

    @cached_property
    def names_something(self) -> bool:
        """Is there a word that may name a service?"""
        return bool(re.search(r"\w", self.named))

    @cached_property
    def is_of_the_same(self) -> bool:
        """Does it go on about what was named before it ("12 more of it")?"""
        return bool(_THE_SAME.search(self.text)) and not re.search(r"\w", _THE_SAME.sub(" ", GIVER.sub(" ", self.text)))

    @cached_property
    def noiseless(self) -> str:
        """The words without who pays and what is asked."""
        return _NOISE.sub(" ", self.text)

    @cached_property
    def is_of_parts(self) -> bool:
        """May it be of a service that has several parts?"""
        return bool(_OF_PARTS.search(self.text))

    @cached_property
    def is_total(self) -> bool:
        """Is nothing named but the time of the whole visit?"""
        return not re.search(r"\w", _TOTAL.sub(" ", self.named))

    @cached_property
    def giver(self) -> Giver:
        """Who gave the service."""
        if worked_together(self.text):
            return "together"
        return "assistant" if ASSISTANT.search(self.text) else "therapist"

    @cached_property
    def who(self) -> str:
        """Who is said to have given it, in the words typed; empty where nobody is."""
        return " ".join(GIVER.findall(self.text))

    @cached_property
    def discipline(self) -> Discipline | None:
        """Whose the service was, where a therapist's title is told."""
        who = _THERAPIST_DID.search(self.text)
        return BY_TITLE[who[1].upper()] if who else None


@lru_cache(maxsize=1_000)
def _said(text: str) -> _Said:
    """Visits say the same few hundred clauses over and over; the minutes stand beside them."""
    return _Said(text)


def read_visit(query: Query) -> Visit:
    """The services and minutes that a question tells; none where it tells no minutes."""
    text = _WHOSE.sub(" ", query.text)
    if any(sign in query.low for sign in _CORRECTING):
        text = _CORRECTS.sub(f"; {CORRECTION} ", text)
    marked = mark_durations(parted(_with_parts_alone(_as_pairs(text, query))))
    if len(marked.spans) > MOST_SERVICES:
        return Visit(())
    explicit = bool(marked.spans)
    marked = _mark_bare_numbers(marked, query)
    if not (marked.spans or _MAY_BE_MINUTES.search(marked.text)):
        return Visit(())
    together = _sharing_minutes(marked, query)
    marked, whole = _without_total(marked, query)
    clauses = list(_clauses(marked))
    for step in (_with_parts, _join_loose, _spread_each, _with_unattended, _of_the_same, _of_givers):
        clauses = list(step(clauses))
    clauses = list(_with_rest(clauses, whole))
    clauses = list(_with_listed_numbers(clauses, query))
    if not any(one.span for one in clauses):
        return Visit(())
    clauses = list(_of_those_who_gave(_without_the_whole(clauses, query)))
    left_out = tuple(
        (_said(one.text).plain, one.span.minutes) for one in clauses if one.span and _said(one.text).is_no_treatment
    )
    services = _with_assistant(_without_parts(list(_all_services(clauses, query))), clauses, query)
    clocks = tuple(one.span.clock for one in clauses if one.span and one.span.clock)
    merged, is_clear = _with_bare_correction(tuple(_merged(_told_apart(services, query))), clauses)
    unnamed = tuple(_unnamed(clauses, services, query))
    told = len(services) + len(left_out) + len(unnamed)
    unread = tuple(_unread(clauses, services, query))
    unnamed += tuple(_unnamed_beside_numbers(clauses, services, query))
    return Visit(merged, left_out, clocks, explicit, is_clear, unnamed, told, together, unread)


def _as_pairs(text: str, query: Query) -> str:
    """ "Paraffin 10 iontophoresis 16" as a list, where it is nothing but services with numbers beside them."""
    is_a_list = "min" in query.low and any(sign in text for sign in ",;+")  # which is read as it stands
    if is_a_list or len(_MAY_BE_MINUTES.findall(text)) < MOST_TOTALS or query.codes:
        return text
    pair = next((pair for whole, pair in zip(_PAIRS, _PAIR, strict=True) if whole.fullmatch(text)), None)
    pairs = [(one["words"].strip(), re.sub(r"\D", "", one["minutes"])) for one in pair.finditer(text)] if pair else []
    named = [name_service(words, query) for words, _ in pairs]
    plain = {one.code for one in named if one and one.score >= _WELL and one.covered >= _MOSTLY}
    tells_else = any(one is None and _NO_SERVICE.search(words) for one, (words, _) in zip(named, pairs, strict=True))
    if len(plain) < MOST_TOTALS or tells_else or sum(one is None for one in named) > 1:
        return text
    return ", ".join(f"{words} {minutes} min" for words, minutes in pairs)


def _with_parts_alone(text: str) -> str:
    """ "Timed was 50 (35 ther ex, 15 manual)" without the 50, and "total 65" as minutes where others are told."""
    if "(" not in text and "[" not in text and "otal" not in text.lower():
        return text

    def parts(found: re.Match[str]) -> str:
        told = [int(one) for one in _MAY_BE_MINUTES.findall(found["parts"])]
        is_of_all = re.search(r"[a-z]", found["what"]) or not re.search(r"\w\W*$", text[: found.start()])
        is_sum = len(told) > 1 and sum(told) == int(found["whole"])
        return f", {found['parts']}, " if is_sum and is_of_all else found[0]

    text = _IN_BRACKETS.sub(parts, text)
    return _BARE_TOTAL.sub(r"\g<0> min", text) if len(_MAY_BE_MINUTES.findall(text)) > MOST_TOTALS else text


def named_in_all(query: Query) -> Named | None:
    """What the words of the whole question name, without who gave it, who pays, and what is asked."""
    return name_service(_said(query.text).named, query)


def units_told(query: Query) -> tuple[int, ...]:
    """The units that a question tells of each service ("3 units of 97110 and 1 97140")."""
    found = _UNITS_TOLD.findall(query.text) if _COUNTS_UNITS.search(query.text) else ()
    return tuple(int(one or other) for one, other in found)


def only_minutes(query: Query) -> int | None:
    """The minutes that a question tells beside nothing that could have been done; None where it names something."""
    marked = mark_durations(query.text)
    if not marked.spans:
        return None
    text = _UNITS_TOLD.sub(" ", MARK.sub(" ", marked.text))
    words = _NOTHING_DONE.sub(" ", _TOTAL.sub(" ", _NOISE.sub(" ", _MY.sub(" ", text))))
    return None if re.search(r"\w", words) else sum(one.minutes for one in marked.spans)


def _unnamed(clauses: Sequence[_Clause], services: Sequence[Service], query: Query) -> Iterator[tuple[str, int]]:
    """Minutes with words of their own that name no service, save where they are the time of all the others."""
    told = {text for one in services for text in (one.text, one.text.removesuffix(f" {one.code}"))}
    counted = sum(one.span.minutes for one in clauses if one.span)
    for clause in clauses:
        said = _said(clause.text)
        if clause.span is None or said.plain in told or said.is_no_treatment or said.is_total:
            continue
        is_the_whole = 2 * clause.span.minutes == counted
        if not is_the_whole and query.index.language.read(said.named).strong_stems:
            yield said.plain, clause.span.minutes


def _unnamed_beside_numbers(
    clauses: Sequence[_Clause], services: Sequence[Service], query: Query
) -> Iterator[tuple[str, int]]:
    """Few words with a bare number that name nothing, in a list of services: they may be one that nobody knows here."""
    for clause in clauses if services else ():
        if clause.span is not None or not _MAY_BE_MINUTES.search(clause.text) or _said(clause.text).is_no_treatment:
            continue
        text = _SMALL_WORDS.sub(" ", _said(clause.text).named).strip(" ?.()")
        found = next((one for shape in (*_LISTED, _TIED_TO_MINUTES) if (one := shape.fullmatch(text))), None)
        words = found["words"].strip(" ():=-") if found else ""
        is_short = 0 < len(words.split()) <= MOST_WORDS_UNNAMED and re.search(r"[a-z]{3,}", words, re.IGNORECASE)
        if found and is_short and not _NO_SERVICE.search(words) and name_service(words, query) is None:
            yield words, int(found["minutes"])


def _unread(clauses: Sequence[_Clause], services: Sequence[Service], query: Query) -> Iterator[str]:
    """The timed codes that words with a number, or "the rest was", name plainly, and no service has."""
    told = {code for one in services for code in (one.code, *one.alike)}
    for clause in clauses if services else ():
        said = _said(clause.text)
        is_told = _MAY_BE_MINUTES.search(clause.text) or _without_rest(clause.text) != clause.text
        if clause.span is not None or said.codes or not is_told:
            continue
        named = name_service(_AT_THE_EDGE.sub(" ", said.named), query)
        is_plain = named is not None and named.score > _PLAINLY and named.covered > _WHOLE and not named.alike
        if named and is_plain and query.library.entries[named.code].timing.value == "timed_15":
            yield from () if named.code in told else (named.code,)


def _told_apart(services: Sequence[Service], query: Query) -> list[Service]:
    """Words that may mean several codes mean no untimed one that is named beside them ("Epley, vestibular rehab")."""
    if not any(one.alike for one in services):
        return list(services)
    known = query.library.entries
    plain = {one.code for one in services if not one.alike and one.score > _PLAINLY}
    plain = {code for code in plain if known[code].timing.value == "untimed"}

    def other(one: Service) -> Service:
        left = [code for code in one.alike if code not in plain]
        return replace(one, code=left[0], alike=tuple(left[1:])) if one.code in plain and left else one

    return [other(one) for one in services]


def _with_bare_correction(
    services: tuple[Service, ...], clauses: Sequence[_Clause]
) -> tuple[tuple[Service, ...], bool]:
    """ "Same but 25 minutes" changes the one service that has minutes; among several nobody can tell which is meant."""
    told = [one.span.minutes for one in clauses if one.replaces and one.span and not re.search(r"\w", one.text)]
    counted = [one for one in services if one.minutes is not None]
    if not told or len(counted) != 1:
        return services, not told
    return tuple(replace(one, minutes=told[-1]) if one is counted[0] else one for one in services), True


def _without_total(marked: Marked, query: Query) -> tuple[Marked, int | None]:
    """Without the time of the whole visit, where the times of its services are told as well; and that time.

    It is called so ("in all"), or what follows is said to be parts of it ("20 of it", "the rest", "half").
    """
    text, spans = marked.text, list(marked.spans)
    found = _OF_THE_VISIT.search(text) if len(spans) >= MOST_TOTALS else None
    if found is None and spans and (_speaks_of_parts(text) or (_THE_REST.search(text) and len(spans) > 1)):
        found = _FIRST_TIME.match(text)
        is_longest = spans[0].minutes >= max(one.minutes for one in spans)
        is_part = not _speaks_of_parts(text) and (not is_longest or _names_a_part(text, query))
        if found and (codes_in(found[0]) or is_part):
            found = None
    if found is None:
        return marked, None
    whole = spans[int(next(MARK.finditer(found[0]))[1])].minutes
    text = text.replace(found[0], " ", 1)

    def put_half(_: re.Match[str]) -> str:
        spans.append(Span(whole // 2))
        return f" ⟦{len(spans) - 1}⟧ "

    return in_order(_HALF.sub(put_half, text), spans), whole


def _names_a_part(text: str, query: Query) -> bool:
    """Does the first time of a text stand beside "the rest", or beside nothing but a service's short name?"""
    first = next(iter(part for part in _CLAUSE.split(text) if MARK.search(part)), "")
    words = _said(MARK.sub(" ", first)).named.strip(" ()").lower()
    before = MARK.split(text)[0]
    is_rest = _without_rest(before) != before
    return is_rest or _SMALL_WORDS_BEFORE.sub("", words) in query.library.words.services


def _without_the_whole(clauses: Sequence[_Clause], query: Query) -> Sequence[_Clause]:
    """Without the time of the whole visit where it is told beside the times of its parts, whatever it is called."""
    counted = [one for one in clauses if one.span]
    told = sum(one.span.minutes for one in counted if one.span)
    for one in counted if len(counted) > MOST_TOTALS else ():
        others = [other.span.clock for other in counted if other is not one and other.span]
        holds_them = one.span is not None and _holds(one.span.clock, others)
        if _said(one.text).codes or not one.span or not (holds_them or 2 * one.span.minutes == told):
            continue
        named = name_service(_said(one.text).named, query)
        if named is None or (holds_them and named.score <= _PLAINLY):
            return [other for other in clauses if other is not one]
    return clauses


def _holds(clock: tuple[int, int] | None, others: Sequence[tuple[int, int] | None]) -> bool:
    """Do all the other clock times lie within this one?"""
    return clock is not None and all(one and clock[0] <= one[0] and one[1] <= clock[1] for one in others)


def _of_those_who_gave(clauses: Sequence[_Clause]) -> Iterator[_Clause]:
    """ "PTA did A, B, and I did C": what stands between is the assistant's too."""
    givers = [_said(one.text).who if one.span else "" for one in clauses]
    if not any(givers):
        yield from clauses
        return
    carried = ""
    for at, clause in enumerate(clauses):
        carried = givers[at] or carried
        is_between = carried and not givers[at] and clause.span and THERAPIST.search(" ".join(givers[at + 1 :]))
        if is_between and ASSISTANT.search(carried):
            yield replace(clause, text=f"{carried} {clause.text}")
        else:
            yield clause


def _with_listed_numbers(clauses: Sequence[_Clause], query: Query) -> Iterator[_Clause]:
    """ "Gait 12 min, core stability 18": in a list of minutes a bare number in the same place counts minutes too.

    So it does where several services stand so. Beside therapeutic exercise numbers of exercises are repetitions.
    """
    if not any(one.span is None and _MAY_BE_MINUTES.search(one.text) for one in clauses):
        yield from clauses
        return
    names = [name_service(_said(one.text).named, query) for one in clauses if one.span]
    typed = {code for one in clauses if one.span for code in _said(one.text).codes if code in query.library.entries}
    counted = {*typed, *(one.code for one in names if one)}
    listed = {at: one for at, clause in enumerate(clauses) if (one := _listed(clause, query))}
    least = _A_LIST - 1 if "unit" in query.low else _A_LIST
    if not counted and len({named.code for named, _ in listed.values()}) < least:
        listed = {}
    for at, clause in enumerate(clauses):
        named, found = listed.get(at, (None, None))
        if named and found and not (_EXERCISE in counted and _EXERCISE in (named.code, *named.alike)):
            yield replace(clause, text=found["words"], span=Span(int(found["minutes"]), explicit=False))
        else:
            yield clause


def _listed(clause: _Clause, query: Query) -> tuple[Named, re.Match[str]] | None:
    """The service that a clause without minutes names beside a bare number."""
    text = _SMALL_WORDS_BEFORE.sub("", _NOISE.sub(" ", clause.text).strip())
    found = next((one for shape in _LISTED if (one := shape.fullmatch(text))), None) if clause.span is None else None
    if found is None or _said(clause.text).codes:
        return None
    named = name_service(_said(found["words"]).named, query)
    return (named, found) if named and named.score >= _RATHER else None


def _speaks_of_parts(text: str) -> bool:
    """Are parts of a whole told ("20 of it", "half NMR half TE")?"""
    return bool(_PARTS_OF_IT.search(text)) or len(_HALF.findall(text)) > 1


def _with_rest(clauses: Sequence[_Clause], whole: int | None) -> Iterator[_Clause]:
    """ "Balance the rest": what the visit's time leaves over is that service's."""
    told = sum(one.span.minutes for one in clauses if one.span)
    for clause in clauses:
        is_left_over = whole is not None and whole > told and clause.span is None
        text = f", {clause.text.strip()}"  # as it stood behind the clause before
        if is_left_over and _THE_REST.search(text):
            yield replace(clause, text=_without_rest(clause.text), span=Span((whole or 0) - told))
        else:
            yield clause


def _without_rest(text: str) -> str:
    """The words of a clause without "the rest was"."""
    return _THE_REST.sub(" ", f", {text.strip()}").lstrip(", ") if _says_rest(text) else text


def _says_rest(text: str) -> bool:
    """May the rest of a time be spoken of?"""
    low = text.lower()
    return any(word in low for word in ("rest", "remain", "balance of"))


def _of_the_same(clauses: Sequence[_Clause]) -> Iterator[_Clause]:
    """ "12 more of it", "two sessions of gait, 20 min and 15 min": minutes of the service named before."""
    before = ""
    for clause in clauses:
        is_next = not clause.replaces and not _said(clause.text).has_words and _SESSIONS.search(before)
        if clause.span and before and (is_next or _said(clause.text).is_of_the_same):
            who = " ".join(GIVER.findall(clause.text))
            yield replace(clause, text=f"{who} {GIVER.sub(' ', before)}")
        else:
            yield clause
            before = clause.text if _said(clause.text).has_words else before


def _of_givers(clauses: Sequence[_Clause]) -> Iterator[_Clause]:
    """ "PT 10 min and PTA 12 min of gait": who stands alone gave the service that is named beside it.

    Their minutes are parts of it where they add up to its own.
    """
    givers = [one for one in clauses if one.span and _said(one.text).is_only_a_giver]
    named = next((one for one in clauses if one.span and one not in givers), None)
    named = named or next((one for one in clauses if _said(one.text).has_words and one not in givers), None)
    if not givers:
        yield from clauses
        return
    told = sum(one.span.minutes for one in givers if one.span)
    for clause in clauses:
        if clause in givers and named is not None:
            yield replace(clause, text=f"{clause.text} {GIVER.sub(' ', named.text)}")
        elif clause not in givers and not (clause is named and _is_all_that(clause, told)):
            yield clause


def _is_all_that(clause: _Clause, minutes: int) -> bool:
    """Are a service's minutes those of several givers together, and no further giver's own?"""
    return clause.span is not None and clause.span.minutes == minutes and not _said(clause.text).who


def _without_parts(services: Sequence[Service]) -> list[Service]:
    """Services without the minutes that are told again as an assistant's part ("..., PTA did 10 of the manual")."""
    found = list(services)
    for part in services:
        if part.giver != "assistant" or part.minutes is None or not _OF_THE.search(part.text):
            continue
        for at, whole in enumerate(found):
            if whole.code == part.code and whole.giver == "therapist" and (whole.minutes or 0) > part.minutes:
                found[at] = replace(whole, minutes=(whole.minutes or 0) - part.minutes)
                break
    return found


def _with_assistant(services: list[Service], clauses: Sequence[_Clause], query: Query) -> list[Service]:
    """The services, with those the assistant's that a clause of its own says so of ("PTA did the manual")."""
    told = [one.text for one in clauses if one.span is None and ASSISTANT.search(one.text)]
    if any(WHOLE_VISIT.search(text) for text in told):
        return [replace(one, giver="assistant") for one in services]
    named = [one for text in told if (one := name_service(_said(text).named, query)) and one.score >= _FAIRLY]
    giver: Giver = "together" if any(map(worked_together, told)) else "assistant"
    codes = {code for one in named for code in (one.code, *one.alike)}
    own = {one.code for one in services}
    if told and len(own) == 1 and not codes & own and all(one.score < _PLAINLY for one in named):
        codes = own  # "PTA did all of the set up"
    return [replace(one, giver=giver) if one.code in codes else one for one in services]


def _sharing_minutes(marked: Marked, query: Query) -> tuple[str, ...]:
    """The timed codes of which nothing but their minutes together are told ("30 min of TE and manual").

    Empty where the minutes are one service's, where each has them, or where it is said how they were divided.
    """
    if len(marked.spans) != 1 or _DIVIDED.search(marked.text) or _LOOSE_NUMBER.search(marked.text):
        return ()
    before, after = MARK.split(marked.text)[::2]
    told = (_timed_named_in(side, query) for side in ((before, after) if _OF_THESE.match(after) else (before,)))
    return next((codes for codes in told if len(codes) > 1), ())


def _timed_named_in(text: str, query: Query) -> tuple[str, ...]:
    """The 15-minute codes that a text types or plainly names."""
    parts = _SIDES.split(_BETWEEN_WORDS.sub(", ", text))
    named = (one for part in parts for one in _service_without_minutes(_said(part).named, query))
    plain = (one.code for one in named if one.typed or (one.score > _PLAINLY and one.covered > _WHOLE))
    entries = query.library.entries
    return tuple(dict.fromkeys(one for one in plain if one in entries and entries[one].timing.value == "timed_15"))


def services_named(query: Query) -> tuple[Service, ...]:
    """The services that a question names side by side, with no thought of minutes."""
    text = MARK.sub(" ", mark_durations(_PREPARED.sub(" ", query.text)).text)
    found: list[Service] = []
    for part in _SIDES.split(text):
        words = _NOISE.sub(" ", _SAME_DAY_WORDS.sub(" ", part)).strip()
        if not re.search(r"\w", words) or is_only_a_giver(words):
            continue
        found.extend(_service_without_minutes(words, query))
    return tuple(_merged(found))


def _service_without_minutes(words: str, query: Query) -> Iterator[Service]:
    typed = codes_in(words)
    if typed:
        yield from (Service(words, code, None, typed=True) for code in typed)
        return
    named = name_service(words, query)
    if named is not None and named.score > _FAIRLY:
        yield Service(words, named.code, None, named.alike, score=named.score, covered=named.covered)


def _mark_bare_numbers(marked: Marked, query: Query) -> Marked:
    """Bare numbers beside a code or a service's short name are minutes too ("18 MT + 15 TE")."""
    text = _AT_A_TIME.sub(" ", marked.text) if len(_AT_A_TIME.findall(marked.text)) > 1 else marked.text
    least = _FEW if _COUNTS_UNITS.search(text) else 1  # a smaller number may count units
    if not _BARE.search(text):
        return Marked(text, marked.spans)
    spans = list(marked.spans)

    def put(found: re.Match[str]) -> str:
        in_brackets = found.string[: found.start()].endswith("(")  # "97110 (2)" counts units
        if int(found[1]) < (_FEW if in_brackets else least):
            return found[0]
        spans.append(Span(int(found[1]), explicit=False))
        return f"⟦{len(spans) - 1}⟧"

    beside = _beside_a_service(tuple(query.library.words.services))
    text = beside.sub(
        lambda run: run[0] if _IN_ANOTHER_UNIT.match(run.string, run.end()) else _BARE.sub(put, run[0]),
        _MODIFIER_NUMBER.sub(" ", text),
    )
    return in_order(text, spans)


@cache
def _beside_a_service(names: tuple[str, ...]) -> re.Pattern[str]:
    """A number right before or after a code or a short name."""
    name = "|".join(re.escape(one) for one in sorted(names, key=len, reverse=True))
    name = rf"(?:\d{{5}}|[A-Z]\d{{4}}|{name})"
    number = r"(?<![\w.$/⟦#-])\d{1,3}(?![\w⟧%/])"
    between = r"\s*(?:(?:more|another|extra|of|on|for|in|doing|it|that|them|was|were|the)\s+){0,3}"
    before = r"\s*(?:[:x=@(-]|for|at|took|was|got|about)?\s*"
    again = r"(?=\s+(?:each(?: of)?|(?:more |another )?of (?:it|that|the same))\b)"
    return re.compile(
        rf"(?<!\w){name}{before}{number}|{number}{between}(?={name}(?!\w))|{number}{again}", re.IGNORECASE
    )


def _clauses(marked: Marked) -> Iterator[_Clause]:
    says_each = bool(_EACH_WORD.search(marked.text))
    for part in _CLAUSE.split(marked.text):
        found = list(MARK.finditer(part))
        if len(found) <= 1:
            span = marked.spans[int(found[0][1])] if found else None
            text = MARK.sub(" ", part).replace(CORRECTION, " ").replace(PART, " ")
            is_each = says_each and bool(_EACH.search(part))
            each: Each = "" if not is_each else "before" if re.search(r"\w", part[: found[0].start()]) else "after"
            yield _Clause(text, span, each=each, replaces=CORRECTION in part, is_part=PART in part)
            continue
        pieces = _BESIDE.split(part)
        if len(pieces) == len(found) and all(len(MARK.findall(one)) == 1 and _has_name(one) for one in pieces):
            for one, mark in zip(pieces, found, strict=True):
                yield _Clause(MARK.sub(" ", one), marked.spans[int(mark[1])])
        else:
            yield from _several_in(part, found, marked.spans)


def _has_name(piece: str) -> bool:
    """Are there words that may name a service beside the minutes?"""
    return _said(MARK.sub(" ", piece)).has_words


def _several_in(part: str, found: Sequence[re.Match[str]], spans: Sequence[Span]) -> Iterator[_Clause]:
    """A clause with several durations: each belongs to the words after it, or before it where words come first."""
    before = _SMALL_WORDS.sub(" ", _NOISE.sub(" ", part[: found[0].start()]))
    is_after = not re.search(r"\w", before)
    for position, mark in enumerate(found):
        if is_after:
            end = found[position + 1].start() if position + 1 < len(found) else len(part)
            words = part[mark.end() : end]
        else:
            start = found[position - 1].end() if position else 0
            words = part[start : mark.start()]
            words += part[mark.end() :] if position + 1 == len(found) else ""
        yield _Clause(words, spans[int(mark[1])])


def _with_parts(clauses: Sequence[_Clause]) -> Iterator[_Clause]:
    """ "45 min of gait, PTA did 20 of it": what is left of the service that was told just before is the therapist's."""
    told = [one for one in clauses if one.is_part or _said(one.text).has_words]
    parts = {id(whole): part for whole, part in pairwise(told) if _is_part_of(part, whole)}
    taken = {id(part) for part in parts.values()}
    for clause in clauses:
        part = parts.get(id(clause))
        if part and part.span and clause.span:
            yield replace(clause, span=Span(clause.span.minutes - part.span.minutes))
            yield replace(part, text=f"{_THE_SAME.sub(' ', part.text)} {GIVER.sub(' ', clause.text)}")
        elif id(clause) not in taken:
            yield clause


def _is_part_of(part: _Clause, whole: _Clause) -> bool:
    """Are these an assistant's minutes among those of a service? Not where another giver is told of the service."""
    if not part.is_part or whole.is_part or part.span is None or whole.span is None:
        return False
    is_free = not ASSISTANT.search(whole.text) if _THE_SAME.search(part.text) else not _said(whole.text).who
    return is_free and part.span.minutes < whole.span.minutes


def _with_unattended(clauses: Sequence[_Clause]) -> Iterator[_Clause]:
    """ "NuStep and bike unsupervised": what is said so without minutes is said of the words before it too."""
    for at, clause in enumerate(clauses):
        after = clauses[at + 1] if at + 1 < len(clauses) else None
        if clause.span and after and after.span is None and _UNATTENDED.search(after.text):
            yield replace(clause, text=f"{clause.text} {after.text}")
        elif not (clause.span is None and at and clauses[at - 1].span and _UNATTENDED.search(clause.text)):
            yield clause


def _join_loose(clauses: list[_Clause]) -> Iterator[_Clause]:
    """A duration that stands alone belongs to the words of the clause before it, else of the one after it."""
    waiting: _Clause | None = None
    for position, clause in enumerate(clauses):
        if clause.span is not None and not clause.replaces and not _said(clause.text).has_words:
            if waiting is not None and waiting.span is None and _said(waiting.text).has_words:
                waiting = replace(
                    waiting, span=clause.span, text=f"{waiting.text} {clause.text}", each=clause.each and "before"
                )
                continue
            after = clauses[position + 1] if position + 1 < len(clauses) else None
            if after is not None and after.span is None:
                clauses[position + 1] = replace(after, span=clause.span, each=clause.each and "after")
                continue
        if waiting is not None:
            yield waiting
        waiting = clause
    if waiting is not None:
        yield waiting


def _spread_each(clauses: Sequence[_Clause]) -> Iterator[_Clause]:
    """ "20 min each of a, b and c" gives its minutes to all three."""
    each = [at for at, one in enumerate(clauses) if one.each]
    for at, clause in enumerate(clauses):
        text = _said(clause.text).without_each
        source = next((one for one in each if clause.span is None and _is_for(clauses[one].each, one, at)), None)
        if source is not None and re.search(r"\w", _NOISE.sub(" ", _MY.sub(" ", text))):
            yield replace(clause, text=text, span=clauses[source].span)
        else:
            yield clause if text == clause.text else replace(clause, text=text)


def _is_for(each: Each, source: int, at: int) -> bool:
    return at < source if each == "before" else at > source


def discipline_said(query: Query) -> Discipline | None:
    """Whose visit it is, where the question says so: by discipline, or by an assistant's title."""
    for name, shape in _SAID:
        if shape.search(query.text):
            return name
    return None


_SAID: tuple[tuple[Discipline, re.Pattern[str]], ...] = (
    ("PT", re.compile(r"\b(?:PTAs?|ptas?)\b|\bphysical therap|\b(?:im a|as a|by the|by) PT\b|\bGP\b")),
    ("OT", re.compile(r"\b(?:COTAs?|cotas?|OTAs?)\b|\boccupational\b|\bOT\b|\bGO\b")),
    ("SLP", re.compile(r"\bSLP\b|\bspeech\b|\bGN\b")),
)


def _all_services(clauses: Sequence[_Clause], query: Query) -> Iterator[Service]:
    """The services of all clauses. One duration and one code typed somewhere in the question belong together."""
    counted = [one for one in clauses if one.span and not _said(one.text).is_no_treatment]
    bases = _bases(query.codes, query)
    is_of_one = len(counted) == 1 and len(bases) == 1
    if is_of_one and bases[0] not in _said(counted[0].text).codes and not _names_another(counted[0], bases[0], query):
        yield _service(counted[0], Named(bases[0]), typed=True)
        return
    if len(clauses) == 1 and counted and not bases:
        yield from _only_service(counted[0], query)
        return
    if bases and not any(code in _said(one.text).codes for one in counted for code in bases):
        clauses = [_with_typed_code(one, bases, query) if one.span else one for one in clauses]
    for at, clause in enumerate(clauses):
        if clause.span is None or not _said(clause.text).is_no_treatment:
            named = _services_in(clause, clauses[:at], query)
            yield from (
                one for one in named if one.typed or one.minutes is not None or not _is_typed(one, bases, query)
            )


def _names_another(clause: _Clause, code: str, query: Query) -> bool:
    """Do words with minutes plainly name another service than a code that has minutes of its own?"""
    named = name_service(_said(clause.text).named, query)
    is_another = named is not None and named.score >= _PLAINLY and code not in (named.code, *named.alike)
    return is_another and re.search(rf"{code}\W{{1,3}}\d{{1,3}}\b(?!\s*(?:units?|u\b))", query.text) is not None


def _is_typed(service: Service, codes: Sequence[str], query: Query) -> bool:
    """Was the evaluation that words speak of typed as a code ("eval and treat, 97161")?"""
    families = {query.library.entries[code].family for code in codes}
    family = query.library.entries[service.code].family
    return family == "evaluation" and family in families


def _only_service(clause: _Clause, query: Query) -> Iterator[Service]:
    """The one service of a question. Where its minutes pick the code of a family, they are read with its words."""
    named = name_service(_said(clause.text).named, query)
    if named is None:
        return
    if query.library.entries[named.code].timing.value in _PICKED_BY_MINUTES:
        named = name_service(query.text, query) or named
    yield _service(clause, _with_its_minutes(named, query))


def _with_its_minutes(named: Named, query: Query) -> Named:
    """Words with minutes that may mean a part without any or one that counts them ("RTM 40 min") mean the latter."""
    entries = query.library.entries
    counting = [code for code in named.alike if entries[code].timing.value in _PICKED_BY_MINUTES]
    if not counting or entries[named.code].timing.value not in ("once_per_episode", *_WITHOUT_MINUTES):
        return named
    return named._replace(code=counting[0], alike=tuple(counting[1:]))


def _with_typed_code(clause: _Clause, codes: Sequence[str], query: Query) -> _Clause:
    """A clause whose words name one of the codes that were typed elsewhere, with that code in it."""
    named = name_service(_NOISE.sub(" ", clause.text), query)
    return replace(clause, text=f"{clause.text} {named.code}") if named and named.code in codes else clause


def _bases(codes: Sequence[str], query: Query) -> list[str]:
    """The codes without those that are only added to another, and one of those among which the minutes pick."""
    entries = query.library.entries
    found: dict[str, str] = {}
    for code in dict.fromkeys(codes):
        is_picked = entries[code].timing.value in _PICKED_BY_MINUTES
        found.setdefault(entries[code].family if is_picked else code, code)
    return [code for code in found.values() if entries[code].add_on_to not in codes]


def _services_in(clause: _Clause, before: Sequence[_Clause], query: Query) -> Iterator[Service]:
    said = _said(clause.text)
    typed = [code for code in said.codes if code in query.library.entries]
    if typed:
        yield from (_service(clause, Named(code), typed=True) for code in _bases(typed, query))
        return
    if not said.names_something or (clause.span and said.is_total):
        return
    named = _named_with_subject(clause, before, query) if clause.span else name_service(said.named, query)
    if named is None or (clause.span is None and not _is_sure_without_minutes(named, query)):
        return
    yield _service(clause, _with_its_minutes(named, query) if clause.span else named)


def _service(clause: _Clause, named: Named, *, typed: bool = False) -> Service:
    said = _said(clause.text)
    return Service(
        text=said.plain,
        code=named.code,
        minutes=clause.span.minutes if clause.span else None,
        alike=named.alike,
        typed=typed,
        score=named.score,
        covered=named.covered,
        replaces=clause.replaces,
        giver=said.giver,
        discipline=said.discipline,
    )


def _named_with_subject(clause: _Clause, before: Sequence[_Clause], query: Query) -> Named | None:
    """What words with minutes name; after a service of several parts they may go on about it ("15 min management").

    Words that name nothing may be the end of what stands before them without minutes ("wheelchair eval and fitting").
    """
    words = _said(clause.text).named
    alone = name_service(words, query)
    if alone is not None and alone.score > _PLAINLY:
        return alone
    of_parts = next((_said(one.text).noiseless for one in reversed(before) if _said(one.text).is_of_parts), "")
    subject = name_service(of_parts, query) if of_parts else None
    if alone is None and subject is None and before and before[-1].span is None and not _said(before[-1].text).codes:
        return name_service(f"{_said(before[-1].text).named} {words}", query)
    if subject is None or query.library.entries[subject.code].family not in _FAMILIES_OF_PARTS:
        return alone
    together = name_service(f"{of_parts} {words}", query)
    if together is None or (alone and alone.score > together.score + _NEAR):
        return alone
    is_same_matter = query.library.entries[together.code].family in _FAMILIES_OF_PARTS
    return together if is_same_matter or alone is None else alone


def _is_sure_without_minutes(named: Named, query: Query) -> bool:
    """Words without minutes are a service only where they surely name one that needs none."""
    entry = query.library.entries[named.code]
    is_clear = not named.alike or entry.family == "evaluation"
    enough = _WELL if entry.timing.value == "per_30_days" else _PLAINLY
    return named.score > enough and is_clear and entry.timing.value in _WITHOUT_MINUTES


def name_service(text: str, query: Query) -> Named | None:
    """The code that words name, codes that they may mean as well, and the score; None where they name none."""
    return _named(ref(query.index), text, query.said.circumstances & _OF_THE_WHOLE)


@lru_cache(maxsize=1_000)
def _named(shelves: "ref[Index]", text: str, of_the_whole: frozenset[str]) -> Named | None:
    """As `name_service`; visits name the same few hundred services over and over. Shelves that changed are let go."""
    index = shelves()
    assert index is not None  # noqa: S101  # the asking query holds it
    if "land" in text.lower():
        text = _land_before(tuple(index.library.words.services)).sub(" ", text)
    words = " ".join(re.findall(r"[a-z0-9+/-]+", text.lower()))
    short = index.library.words.services.get(_SMALL_WORDS_BEFORE.sub("", " ".join(_ON_LAND.sub("", words).split())))
    if short is not None:
        return Named(short)
    said = index.language.read(text)
    circumstances = said.circumstances | of_the_whole
    found = index.find(replace(said, circumstances=circumstances))
    best = next((hit for hit in found if hit.shelf != "topics" and hit.score >= _SURE), None)
    if best is not None and best.covered < _WELL:  # a whole name goes before a part of one that scores no better
        whole = (
            hit
            for hit in found
            if hit.shelf != "topics" and hit.covered > _WHOLE and hit.score > _NO_WORSE * best.score
        )
        best = next(whole, best)
    if best is None or _is_by_chance(best, found, said, index):
        return None
    if best.shelf == "entries":
        return Named(best.key, (), best.score, best.covered)
    return _of_contrast(best, index, said.hinting_stems, circumstances)


_ON_LAND = re.compile(r"\b(?:(?:on|dry)[ -])*land(?:[ -]based)?\b|^(?:mat|gym)\b", re.IGNORECASE)
_SMALL_WORDS_BEFORE = re.compile(r"^(?:(?:of|on|for|in|with|doing|the|some)\s)+")
_OF_THE_WHOLE = frozenset({"medicare", "commercial_payer", "patient_absent", "water", "by_ot", "by_pt", "by_slp"})


@cache
def _land_before(names: tuple[str, ...]) -> re.Pattern[str]:
    """ "Land based" before a service's short name, which says nothing but that it was not in the pool."""
    name = "|".join(re.escape(one) for one in sorted(names, key=len, reverse=True))
    return re.compile(rf"{_ON_LAND.pattern}(?=\s+(?:{name})(?!\w))", re.IGNORECASE)


def _is_by_chance(hit: Hit, found: Sequence[Hit], said: Understood, index: Index) -> bool:
    """Did one ordinary word lead to a saying of which most was not said ("the doctor": "doctor office trip")?

    It did not where it belongs to hardly anything else ("crystal").
    """
    if hit.shelf == "entries" and index.library.entries[hit.key].family == _FAMILIES_OF_PARTS[0]:
        return False
    words = {one.word for one in said.tokens if one.stem in hit.matched and not one.faint}
    if hit.covered >= _MOSTLY or len(words) > 1 or not all(map(index.language.is_ordinary, words)):
        return False
    rival = max((one.score for one in found if one.key != hit.key), default=0.0)
    return hit.covered < _BARELY or rival > _AS_WELL * hit.score


def _of_contrast(hit: Hit, index: Index, stems: tuple[str, ...], circumstances: frozenset[str]) -> Named:
    """The likeliest arm of a contrast, the others as what the words may mean as well."""
    arms = index.library.contrasts[hit.key].arms
    strengths = [index.hint_strength(arm, stems, circumstances) for arm in arms]
    first = max(range(len(arms)), key=lambda at: (strengths[at], -at))
    others = [code for at, arm in enumerate(arms) if at != first for code in arm.codes]
    settled = strengths[first] > 0
    return Named(arms[first].codes[0], () if settled else tuple(others), hit.score, hit.covered)


def _merged(services: Sequence[Service]) -> Iterator[Service]:
    """The same code twice in a visit is one service with the minutes of both, where the same person gave it.

    A correction puts its minutes in the place of those told before; its words may name any code that those may mean.
    One to no minutes takes the service out.
    """
    merged: dict[_Key, Service] = {}
    for one in services:
        key = _key_of(one, merged) if one.replaces else (one.code, one.giver, one.discipline)
        before = merged.get(key)
        if before is None:
            merged[key] = one
        elif one.replaces and one.minutes == 0:
            del merged[key]
        elif one.minutes is not None:
            minutes = one.minutes if one.replaces else (before.minutes or 0) + one.minutes
            merged[key] = replace(before, minutes=minutes)
    yield from merged.values()


_Key = tuple[str, Giver, Discipline | None]


def _key_of(correction: Service, merged: Mapping[_Key, Service]) -> _Key:
    named = {correction.code, *correction.alike}
    for key, service in merged.items():
        if named & {service.code, *service.alike}:
            return key
    return (correction.code, correction.giver, correction.discipline)
