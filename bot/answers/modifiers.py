"""Which modifiers a line needs, and which it does not, from what the question tells."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from bot.answers.answer import Answer
from bot.answers.same_day import is_about_a_day, pair_findings
from bot.day_of_service import day_of_service
from bot.givers import ASSISTANTS, worked_together
from bot.query import Query
from bot.visit import BY_TITLE, WHOLE_VISIT, Service, services_named
from knowledge.entry import Entry
from knowledge.modifier import Modifier
from knowledge.parameter import amount_on
from knowledge.rules.assistants import AssistantLine, ServiceTime, assistant_lines
from knowledge.rules.modifiers import Discipline, assistant_modifier, discipline_modifier
from knowledge.rules.thresholds import kx_needed, sharing_disciplines
from knowledge.rules.timed_units import medicare_units
from knowledge.statement import Statement

_NAMED = re.compile(r"\b(?:G[PONAXYZ]|KX|C[QO]|X[ESPU])\b")
_ASKS = re.compile(
    r"\b(?:(?:which|what) (?:x|mod|letters?)|mods|modif(?:y?iers?|ers?|iyers?)|modifers?|append|kx|cq|abn"
    r"|letters? (?:go|goes)|get anything|anything (?:else )?(?:on|beyond)|gets? (?:the |a )?(?:59|x[espu])"
    r"|wh?ats? (?:else )?(?:goes|do i (?:put|hang|add|append|stick|attach)|(?:is |are )?need(?:s|ed)?)\b[^.?]*\bon)\b"
)
_NUMBER = re.compile(r"5[129]|95")  # of a modifier that is asked about so
_ASKS_OF_A_NUMBER = re.compile(
    r"\b(?:59|51|52|95)(?:\s*\?|\s+(?:on|for)\b)|(?:need|add|put|use|a|is|the|take)\s+(?:a\s+)?(?:59|51|52|95)\b"
)
_IN_GENERAL = (
    *("what does", "mean", "difference", "pay", "cut", "percent", "how much", "justify", "before", "when do"),
    *("compared",),
)
_ASKS_ONE = re.compile(r"\b(?:GP|GO|GN|KX|CQ|CO|GA|GX|GY|GZ|XE|XS|XP|XU|kx|cq|51|52|95|(?i:abn))\b")
_OF_A_LINE = re.compile(
    r"(?i:\bwh?ats? (?:else )?(?:goes|do i (?:put|hang|add)|(?:is |are )?need(?:s|ed)?)\b[^.?]*\bon\b"
    r"|\bmod(?:ifier)?s?\b[^.?]{0,24}\bon (?:the )?(?:\d{5}|[a-z]\d{4}|(?:second |that |this )?line))"
)
_TREATS = re.compile(
    r"\b(?:by (?:the |an? )?|next |the )?(?P<who>PT|OTR?|SLP|[Ss]peech)\b"
    r"(?=\s+(?:treat|visit|plan|poc|did|does|gave|saw|line|side|eval|tx|bill|doing|session|is treating))"
    r"|\bby (?:the |an? )?(?P<by>PT|OTR?|SLP)\b"
)
_DISCIPLINES: tuple[tuple[Discipline, re.Pattern[str]], ...] = (
    ("OT", re.compile(r"\bOT[AR]?s?\b|\bCOTAs?\b|\bcotas?\b|oc+upational|\bot\b", re.IGNORECASE)),
    ("SLP", re.compile(r"\bslps?\b|\bspeech\b|\bst\b", re.IGNORECASE)),
    (
        "PT",
        re.compile(
            r"\bPTAs?\b|\bptas?\b|physical therap|\bPT\b(?! (?:left|had|sat|was|is|still|used|sign))"
            r"|\bpt(?= (?:plan|poc|line|claim|total|allowed|charges|dollars|amount|services?|side|year|ytd)\b)"
        ),
    ),
)
_ASSISTANT = re.compile(rf"\b(?:{ASSISTANTS}|asistant)\b", re.IGNORECASE)
_MINUTES_OF = r"\D{0,24}?(\d{1,3})(?!\d)"
_BY_ASSISTANT = re.compile(rf"\b(?:{ASSISTANTS})\b{_MINUTES_OF}", re.IGNORECASE)
_PART_BY_ASSISTANT = re.compile(
    rf"\b(?:{ASSISTANTS})\b\D{{0,24}}?(?P<part>\d{{1,3}})(?: ?min\w*)? (?:out )?of "
    r"(?:the |a |her |his |my |our |their )?(?P<whole>\d{1,3})\b",
    re.IGNORECASE,
)
_BY_THERAPIST = re.compile(rf"\b(?:PTs?|OTs?|[Tt]herapist|I did|[po]ts?(?= \d))\b(?!A){_MINUTES_OF}")
_TOTAL = re.compile(r"\b(\d{1,3})\s*min\w* (?:total|in all)|\btotal (?:of |was )?(\d{1,3})\b")
NAMED_WELL = 0.5  # score at which words name a service well
MOSTLY = 0.6  # and share of what the service is called that they have, below which they met it by chance
_PERCENT = re.compile(r"\b(\d{1,3})\s*(?:%|percent\b)", re.IGNORECASE)
# What is told rather than asked: an assistant gave a service.
_ASSISTANT_GAVE = re.compile(
    rf"\b(?:{ASSISTANTS})\s+(?:\w+\s+){{0,2}}?(?:did|gave|ran|treated|saw|helped|put|performed|provided)\b"
    rf"|\bby (?:the |a |my |our )?(?:{ASSISTANTS})\b",
    re.IGNORECASE,
)
_IS_A_QUESTION = re.compile(
    r"(?:^|[.;!]\s)\W*(?:can|could|may|is|are|who|does|do|when|how|what|which|why|should|whats)\b", re.IGNORECASE
)
_IS_YES_OR_NO = re.compile(r"(?:^|[.,;:!?]\s*|\bso )\W*(?:do|does|should|is|are|can|must|need|gotta|have to)\b")
_IS_A_CHOICE = re.compile(r"\b(?:which|what|whats|or|how|why|when)\b")
_AMOUNT = re.compile(r"\$?\b(\d{1,2},\d{3}|\d{3,5})\b(?!\s*(?:min|unit))")
_YEAR = re.compile(r"\b(20[12]\d)\b")
_OF_DISCIPLINE = (
    (("PT",), re.compile(r"\bPT\b|physical", re.IGNORECASE)),
    (("OT",), re.compile(r"\bOT\b|occupational", re.IGNORECASE)),
    (("SLP",), re.compile(r"\bSLP\b|\bspeech\b|\bST\b", re.IGNORECASE)),
)
_OF_THE_THRESHOLD = re.compile(
    r"\bkx\b|threshold|allowed|\bcap\b|went over|past the"
    r"|(?<![\d,])\$?\d[\d,]{2,9}\b(?!\s*min)[^.;?]{0,80}?\b(?:this year|so far|year to date|ytd)\b"
    r"|\b(?:pt|ot|slp|speech|therapy) (?:dollars|money)\b"
    r"|\b(?:used|spent)\b[^.;?]{0,80}?\$?\d,?\d{3}\b"
)
_DOLLARS = re.compile(r"(?<![\d,.])(?:\$ ?[1-9],?\d{3}|[1-9],\d{3})(?!,?\d)")  # hardly any but a year's allowed amounts
_ATTESTS = re.compile(r"\b(?:attest\w*|vouch\w*)\b")
_LANGUAGE_ALONE = re.compile(
    r"\blanguage\b[^.;?]*\b(?:only|alone)\b|\bonly\b[^.;?]*\blanguage\b"
    r"|\b(?:no|without|not|skipped|didn.?t) [^.;?]{0,20}(?:speech sounds?|artic\w*|phonolog\w*|sounds?)\b"
)
_SPEECH_AND_LANGUAGE = "92523"  # the evaluation of both
_THRESHOLDS: tuple[Discipline, ...] = ("PT", "OT")  # each stands for those that share one
_IN_DISCIPLINE = re.compile(r"\b(?:in|of|for|on) (?:PT|OT|SLP|ST|speech)\b", re.IGNORECASE)
_OF_A_PLAN = re.compile(r"discipline|therapy modif|plan of care|\bpoc\b")
_NO_ABN = re.compile(r"\b(?:no|nobody|without|didn.?t|not)\b[^.?]*\b(?:abn|signed)\b")
_UNSIGNED = re.compile(
    r"\b(?:no|without(?: an?)?|(?:didn.?t|never) (?:get|got|sign|signed)(?: an?| the)?) (?:signed )?abn\b"
    r"|\babn (?:was |is )?(?:not|never|un) ?signed"
)
_ONLY_PREPARED = re.compile(
    rf"\b(?:{ASSISTANTS})\b[^.,;]{{0,12}}\b(?:just|only) [^.,;]{{0,16}}"
    r"\b(?:set[- ]?up|clean(?:ed|ing)?[- ]?up|vitals|transport)",
    re.IGNORECASE,
)
_EXACTLY = re.compile(r"\b(?:exactly|right at)\b")
_OF_ANY = re.compile(r"\b(?:which|what|list|line|any)\b[^.?]*\bmod(?:ifier)?s?\b|\bmod(?:ifier)?s\W*$")
_ASKS_DISTINCT = re.compile(r"\bx[espu]?\b|\b59\b")
_DISTINCT = (  # what makes a service distinct, and the modifier that says so
    (
        "XE",
        re.compile(r"\bsep[ae]rate encounter|\bcame back\b|\btwice (?:that|the same|in one) day|\bsecond visit\b"),
        "it was another encounter of the same day",
    ),
    (
        "XS",
        re.compile(
            r"\b(?:sep[ae]rate|different|another|other|second) (?:body )?"
            r"(?:structure|part|site|region|area|organ|limb|joint)"
        ),
        "it was another part of the body",
    ),
    (
        "XP",
        re.compile(r"\b(?:sep[ae]rate|different|another|other|second) (?:practitioner|therapist|provider|clinician)"),
        "another practitioner gave it",
    ),
    ("XU", re.compile(r"\bnon-? ?overlap\w*|\bnot overlap\w*"), "it does not overlap the other service"),
)
_HAS_IT = re.compile(r"\bG[PON]\b[^.;?]*\b(?:already|there|on it)\b|\balready\b[^.;?]*\bG[PON]\b")
_OVER = re.compile(
    r"\b(?:over|past|above|exceed\w*|beyond|hit|met|passed|through|crossed|topped|surpassed|reached)"
    r" (?:the |her |his |their |our )?(?:20\d\d )?"
    r"(?:(?:yearly|annual|kx|therapy|ot|pt|slp|speech|medicare|dollar|amount|cap) )*"
    r"(?:\$?2,?\d{3}|threshold|cap|limit|amount)\b"
)


@dataclass(frozen=True, kw_only=True)
class Needed:
    """A modifier that a line needs, why here, and what it says in general; `on` is the line of a pair that has it."""

    modifier: Modifier
    why: str
    sources: tuple[str, ...] = ()
    on: str = ""

    @property
    def says_whose_plan(self) -> bool:
        """Does it say no more than whose plan of care it is?"""
        return self.modifier.modifier in ("GP", "GO", "GN")

    @property
    def is_counted(self) -> bool:
        """Does the reason tell more than the modifier's own meaning: minutes, dollars, or which line?"""
        return self.modifier.modifier in ("CQ", "CO", "KX", "52", "59")


@dataclass(frozen=True, kw_only=True)
class NotNeeded:
    """A modifier that was asked about, or lies near, and is not needed, and why."""

    name: str
    why: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Modifiers(Answer):
    """The modifiers needed, those not needed, and how an assistant's minutes were counted.

    `asked` are the needed ones of which it was asked whether they are.
    """

    kind: ClassVar[str] = "modifiers"
    needed: tuple[Needed, ...]
    not_needed: tuple[NotNeeded, ...]
    entries: tuple[Entry, ...]
    assistant: tuple[AssistantLine, ...]
    asked: tuple[str, ...] = ()

    @property
    def beside(self) -> tuple[str, ...]:
        """Those that are needed and were not asked about."""
        return tuple(one.modifier.modifier for one in self.needed if one.modifier.modifier not in self.asked)

    @property
    def line(self) -> str:
        """The needed ones as they stand on the line; one of CQ and CO, where it is not said which."""
        names = " ".join(one.modifier.modifier for one in self.needed)
        return names.replace("CQ CO", "CQ or CO")

    @property
    def on(self) -> tuple[str, ...]:
        """The codes whose lines they stand on: column two alone, where nothing but a pair asks for any."""
        lines = tuple(dict.fromkeys(one.on for one in self.needed))
        return lines if lines and all(lines) else self.codes

    def for_scripts(self) -> dict[str, Any]:
        """The modifiers needed, in the order of the line."""
        return {"modifiers": [one.modifier.modifier for one in self.needed]}


def find(query: Query) -> Modifiers | None:
    """The modifiers for what the question tells; None where it asks in general, which a topic answers."""
    case = _Case(query)
    if not case.is_told and (not _asks(query) or query.says(*_IN_GENERAL)):
        return None
    if is_about_a_day(query) and not _is_of_a_line(query):
        return None
    needed = list(_needed(case))
    not_needed = list(_not_needed(case))
    if not needed and not not_needed:
        return None
    codes = query.codes or tuple(dict.fromkeys(one.code for one in case.services))
    return Modifiers(
        needed=tuple(needed),
        not_needed=tuple(not_needed),
        entries=tuple(query.library.entries[code] for code in codes),
        assistant=case.assistant_lines,
        asked=tuple(_asked(case, needed)),
        codes=codes,
        confidence=0.85,
    )


def _asks(query: Query) -> bool:
    """Is a modifier asked about?"""
    asks_of_a_number = _NUMBER.search(query.low) and _ASKS_OF_A_NUMBER.search(query.low)
    asks_in_short = "mod" in query.low and "statut" in query.low  # "mod" alone may stand for moderate
    return bool(_NAMED.search(query.text) or _ASKS.search(query.low) or asks_of_a_number or asks_in_short)


def _is_of_a_line(query: Query) -> bool:
    """Is one line's modifier asked about, rather than whether the codes of a day go together?"""
    is_of_a_plan = _OF_A_PLAN.search(query.low) and "mod" in query.low
    asks_one = _ASKS_ONE.search(query.text) or _ASSISTANT.search(query.text) or _OF_A_LINE.search(query.text)
    return bool(asks_one or is_of_a_plan)


class _Case:
    """What a question tells that matters for modifiers; each fact is read when it is first asked for."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self.text = query.text
        self.low = query.low

    @cached_property
    def is_told(self) -> bool:
        """Does the question tell what calls for modifiers: an assistant's service, or a threshold that was passed?"""
        if _IS_A_QUESTION.search(self.text):
            return False
        if _OVER.search(self.low):
            return True
        if (self.query.codes or _TREATS.search(self.text)) and self.is_about_the_threshold:
            return True
        if not _ASSISTANT_GAVE.search(self.text):
            return False
        return bool(self.query.codes or WHOLE_VISIT.search(self.text) or self._named_well)

    @cached_property
    def _named_well(self) -> tuple[Service, ...]:
        """The services that words name well. An evaluation is one only where it is said."""
        known = self.query.library.entries
        services = (one for one in services_named(self.query) if one.code in known)
        named = (one for one in services if one.score >= NAMED_WELL and one.covered >= MOSTLY)
        return tuple(one for one in named if known[one.code].family != "evaluation" or "eval" in self.low)

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """The services that are spoken of. A threshold's words name none, though a door has a threshold too."""
        return () if self.is_about_the_threshold else self._named_well

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes typed, else those of the services."""
        return self.query.codes or tuple(one.code for one in self.services)

    @cached_property
    def is_evaluation(self) -> bool:
        """Is it an evaluation that is spoken of?"""
        is_code_of_one = any(self.query.library.entries[code].family == "evaluation" for code in self.codes)
        return is_code_of_one or bool(re.search(r"\bre-?eval\w*|\beval\w*", self.low))

    @cached_property
    def has_assistant(self) -> bool:
        """Is an assistant spoken of?"""
        return bool(_ASSISTANT.search(self.text))

    @cached_property
    def year(self) -> int:
        """The year of service."""
        return day_of_service(self.query).year

    @cached_property
    def assistant_lines(self) -> tuple[AssistantLine, ...]:
        """How the units go between assistant and therapist; none where nothing is an assistant's."""
        return tuple(self._assistant_lines())

    @cached_property
    def discipline(self) -> Discipline | None:
        """Whose plan of care it is: said, told by an assistant's title, or by a code of one discipline alone."""
        if re.search(r"\bptas?\b", self.low):
            return "PT"
        if re.search(r"\b(?:cotas?|otas?)\b", self.low):
            return "OT"
        treats = _TREATS.search(self.text)
        if treats:
            return BY_TITLE[(treats["who"] or treats["by"]).upper().removesuffix("R")]
        said = next((name for name, shape in _DISCIPLINES if shape.search(self.text)), None)
        if said:
            return said
        only = {self.query.library.entries[code].disciplines for code in self.codes}
        one = next(iter(only), ())
        return one[0] if len(only) == 1 and len(one) == 1 else None

    def asks(self, *names: str) -> bool:
        """Is one of these modifiers named in the question?"""
        return any(re.search(rf"\b{name}\b", self.text, re.IGNORECASE) for name in names)

    @cached_property
    def is_about_the_threshold(self) -> bool:
        """Is the year's threshold spoken of?"""
        tells_dollars = _DOLLARS.search(self.low) and _asks(self.query)
        return bool(tells_dollars or _ATTESTS.search(self.low) or _OF_THE_THRESHOLD.search(self.low))

    @cached_property
    def is_exactly_at_it(self) -> bool:
        """Are the allowed amounts told to be the threshold itself?"""
        return bool(_EXACTLY.search(self.low)) and self.used is not None and self.used == self.threshold

    @cached_property
    def is_over(self) -> bool:
        """Are the year's allowed amounts above the threshold, as said or by the dollars told?"""
        if not self.is_about_the_threshold or self.is_exactly_at_it:
            return False
        is_past = self.used is not None and bool(kx_needed(self.used, self.threshold))
        return is_past or bool(_OVER.search(self.low))

    @cached_property
    def threshold(self) -> Decimal | None:
        """The year's KX threshold in dollars; None where it is unknown."""
        amount = amount_on(self.query.library.parameters["kx_threshold"], date(self.year, 12, 31))
        return amount.value if amount else None

    @cached_property
    def used(self) -> Decimal | None:
        """Allowed amounts of the year as told, in dollars: the discipline's and of those that share its threshold.

        Where nobody says whose plan it is, the larger of PT with SLP, and OT.
        """
        text = re.sub(r"charges?[^.;?]*?(?:but|allowed)", "allowed", self.text, flags=re.IGNORECASE)
        sums: dict[str, Decimal] = {}
        for clause in re.split(r",(?!\d{3}\b)|;|\band\b|\bplus\b|\+", _YEAR.sub(" ", text)):
            found = [Decimal(one.replace(",", "")) for one in _AMOUNT.findall(clause)]
            amounts = [one for one in found if one >= 100 and f"{one}" not in self.codes]  # noqa: PLR2004  # dollars
            if not amounts:
                continue
            said = _IN_DISCIPLINE.search(clause)
            clause = said[0] if said else clause  # noqa: PLW2901  # "a patient at 2,700 in OT dollars"
            who = next((names[0] for names, shape in _OF_DISCIPLINE if shape.search(clause)), self.discipline or "PT")
            sums[who] = sums.get(who, Decimal(0)) + amounts[-1]
        if not sums:
            return None
        whose = (self.discipline,) if self.discipline else _THRESHOLDS
        return max(sum((sums.get(one, Decimal(0)) for one in sharing_disciplines(who)), Decimal(0)) for who in whose)

    def _assistant_lines(self) -> Iterator[AssistantLine]:
        discipline = self.discipline or "PT"  # where nobody says whose assistant it is, the minutes count alike
        if not self.has_assistant or discipline == "SLP" or self.is_evaluation:
            return
        code = self.codes[0] if self.codes else "97110"
        entry = self.query.library.entries[code]
        share = _PERCENT.search(self.text)
        if share and int(share[1]) <= 100:  # noqa: PLR2004  # percent
            time = ServiceTime(code, 100 - int(share[1]), int(share[1]))
            yield from assistant_lines([time], {code: 1}, {code: "untimed"}, discipline)
            return
        time = self._service_time(code)
        units = medicare_units(time.total) if entry.timing.value.startswith("timed_15") else 1
        yield from assistant_lines([time], {code: max(units, 1)}, {code: entry.timing.value}, discipline)

    def _service_time(self, code: str) -> ServiceTime:
        by_assistant, by_therapist = _BY_ASSISTANT.search(self.text), _BY_THERAPIST.search(self.text)
        if worked_together(self.text):
            return ServiceTime(code, 0, 0, 15)
        if _ONLY_PREPARED.search(self.text):
            return ServiceTime(code, 15, 0)
        total = _TOTAL.search(self.low)
        if by_therapist and total and WHOLE_VISIT.search(self.text):
            own = int(by_therapist[1])
            return ServiceTime(code, own, max(int(total[1] or total[2]) - own, 0))
        part = _PART_BY_ASSISTANT.search(self.text)
        if part and int(part["part"]) < int(part["whole"]):
            return ServiceTime(code, int(part["whole"]) - int(part["part"]), int(part["part"]))
        if by_assistant and by_therapist:
            return ServiceTime(code, int(by_therapist[1]), int(by_assistant[1]))
        return ServiceTime(code, 0, 15)


def _asked(case: _Case, needed: Sequence[Needed]) -> Iterator[str]:
    """The modifiers of a question that yes or no answers: "do I need KX?"."""
    if _IS_YES_OR_NO.search(case.low) and not _IS_A_CHOICE.search(case.low):
        yield from (one.modifier.modifier for one in needed if case.asks(one.modifier.modifier))


def _needed(case: _Case) -> Iterator[Needed]:
    yield from _discipline_and_assistant(case)
    yield from _threshold(case)
    yield from _pairs(case)
    yield from _notices(case)
    if _is_language_alone(case):
        yield _one(case, "52", "the code stands for speech sounds and language, and language alone was evaluated")
    if re.search(r"\btelehealth\b|\bvideo\b|\btelerehab\b", case.low):
        yield _one(case, "95", "the visit was by live video")


def _discipline_and_assistant(case: _Case) -> Iterator[Needed]:
    discipline = case.discipline
    is_about = case.is_told or case.asks("GP", "GO", "GN", "CQ", "CO") or _OF_A_PLAN.search(case.low) or case.is_over
    is_about = is_about or bool(_OF_ANY.search(case.low))
    if discipline is None:
        yield from _of_either_assistant(case)
        return
    if not (is_about or case.has_assistant or _only_discipline_asked(case)):
        return
    if _HAS_IT.search(case.text):
        return
    yield _one(case, discipline_modifier(discipline), f"the plan of care is {discipline}'s")
    title = assistant_modifier(discipline)
    for line in case.assistant_lines:
        if line.units_with and title:
            yield _one(case, title, f"the assistant gave {_share_words(case, line)}")


def _of_either_assistant(case: _Case) -> Iterator[Needed]:
    """CQ and CO, where nobody says whose assistant it was."""
    line = next((one for one in case.assistant_lines if one.units_with), None)
    if line and case.has_assistant:
        yield _one(case, "CQ", f"a PTA gave {_share_words(case, line)}; GP stands beside it")
        yield _one(case, "CO", f"an OTA gave {_share_words(case, line)}; GO stands beside it")


def _is_language_alone(case: _Case) -> bool:
    """Was of a speech sound and language evaluation only the second half done?"""
    return _SPEECH_AND_LANGUAGE in case.codes and bool(_LANGUAGE_ALONE.search(case.low))


def _only_discipline_asked(case: _Case) -> bool:
    return not re.search(r"\b(?:kx|threshold|59|5[12]|abn|telehealth|x[espu]|same day|excluded)\b", case.low)


def _share_words(case: _Case, line: AssistantLine) -> str:
    if not case.codes:
        return "the service"
    if line.units_without:
        whole = line.units_with + line.units_without
        return f"{line.units_with} of {whole} units of {line.code}; the rest goes without it"
    return f"more than a tenth of it ({line.code})" if "more than a tenth" in line.reasons else f"all of {line.code}"


def _threshold(case: _Case) -> Iterator[Needed]:
    threshold = case.threshold
    if case.is_over:
        amount = f"${threshold:,} in {case.year}" if threshold else f"I do not know that of {case.year}"
        yield _one(case, "KX", f"the year's allowed amounts are above the threshold ({amount}), and care is necessary")
    elif case.used is None and _ATTESTS.search(case.low):
        yield _one(case, "KX", "it vouches that care above the year's threshold is necessary")


def _pairs(case: _Case) -> Iterator[Needed]:
    distinct = next(((name, why) for name, shape, why in _DISTINCT if shape.search(case.low)), None)
    unlocked = [one for one in pair_findings(case.query, case.codes) if one.modifier]
    is_asked = _ASKS_DISTINCT.search(case.low) and (unlocked or len(case.codes) < 2)  # noqa: PLR2004  # no pair
    if distinct and (distinct[0] == "XE" or is_asked):
        yield _one(case, *distinct, on=(unlocked[0].modifier_on if unlocked else None) or "")
    elif unlocked:
        one = unlocked[0]
        why = f"{one.column_one} is column one; {one.column_two} carries it where its minutes were separate"
        yield _one(case, "59", why, on=one.modifier_on or "")


def _notices(case: _Case) -> Iterator[Needed]:
    low = case.low
    if re.search(r"\bvolunt\w*|\bvolent\w*", low) and "abn" in low:
        yield _one(case, "GX", "the ABN was voluntary")
    elif re.search(r"statut\w*|excluded|not a (?:medicare )?benefit|never covered|by law\b", low):
        yield _one(case, "GY", "Medicare's law leaves the service out")
    elif _UNSIGNED.search(low) or (_NO_ABN.search(low) and re.search(r"deni|not necessary", low)):
        yield _one(case, "GZ", "a denial is expected and there is no ABN")
    elif "abn" in low and re.search(r"requir\w*|signed|on file|not (?:medically )?necessary", low):
        yield _one(case, "GA", "the required ABN is on file")


def _not_needed(case: _Case) -> Iterator[NotNeeded]:
    if case.is_evaluation and (case.has_assistant or case.asks("CQ", "CO")):
        yield NotNeeded(name="CQ or CO", why="evaluations and re-evaluations are the therapist's alone")
    elif case.has_assistant and case.assistant_lines and not any(line.units_with for line in case.assistant_lines):
        yield _no_assistant(case)
    yield from _no_threshold(case)
    if case.asks("51"):
        yield NotNeeded(name="51", why="it does not belong on therapy codes")
    if case.asks("52") and not _is_language_alone(case):
        yield NotNeeded(name="52", why="it is not for short time: the minutes decide the units")
    findings = pair_findings(case.query, case.codes)
    if case.asks("59") and findings and not any(finding.modifier for finding in findings):
        locked = any(finding.allowed is False for finding in findings)
        why = "nothing unlocks the pair (indicator 0)" if locked else "Medicare has no edit between these codes"
        yield NotNeeded(name="59", why=f"{why}, as of {findings[0].as_of}", sources=("PTP24Q3",))


def _no_assistant(case: _Case) -> NotNeeded:
    name = {"PT": "CQ", "OT": "CO"}.get(case.discipline or "", "CQ or CO")
    line = case.assistant_lines[0]
    if "therapist reached eight" in line.reasons:
        why = "the therapist alone gave 8 minutes or more of the last unit"
    elif _ONLY_PREPARED.search(case.text):
        why = "getting ready is no treatment and has no minutes that count"
    elif "no assistant" in line.reasons:
        why = "minutes worked together count as the therapist's"
    else:
        why = "the assistant gave a tenth of it or less"
    return NotNeeded(name=name, why=why, sources=("MONCQ",))


def _no_threshold(case: _Case) -> Iterator[NotNeeded]:
    used, threshold = case.used, case.threshold
    if not case.asks("KX") or used is None or (_OVER.search(case.low) and not case.is_exactly_at_it):
        return
    if threshold is None:
        yield NotNeeded(name="KX", why=f"I do not know the threshold of {case.year}: ask before you add it")
    elif not kx_needed(used, threshold):
        yield NotNeeded(
            name="KX",
            why=(
                f"${used:,} allowed is not above the {case.year} threshold of ${threshold:,}; "
                "PT and SLP share one, OT has its own"
            ),
            sources=("NORKX",),
        )


def _one(case: _Case, name: str, why: str, on: str = "") -> Needed:
    record = case.query.library.modifiers[name]
    return Needed(modifier=record, why=why, sources=_sources(record.meaning), on=on)


def _sources(statement: Statement) -> tuple[str, ...]:
    return tuple(statement.sources)
