"""Two or more services on one day: which Medicare pays together, which only with a modifier, which never."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from bot.answers.answer import Answer
from bot.query import Query
from bot.scope import is_plainly_elsewhere
from bot.visit import Service, services_named
from knowledge.entry import Entry
from knowledge.pair import DayRule, MinuteSharing, PairTable, Setting
from knowledge.rules.same_day import DayFinding, PairFinding, day_findings, edits_between, standing_edits

_SAME_DAY = re.compile(
    r"\b(?:same|one|a) (?:dos|day|date|visit|session|claim|appointment)\b|\bsame (?!time)\w+ (?:dos|day|date)\b"
    r"|\b(?:same|all|eval)[- ](?:day|visit)\b|\bon (?:the |that )?(?:day|date|dos) (?:of|as|with)\b"
    r"|\b(?:n?cci|on top of|both (?:be|get|go|count|bill\w*|paid|ok|allowed|covered))\b",
)
_ADDS = re.compile(r"\badd\b[^.?]{3,50}?\bto (?:an?|the|my|our)\b[^.?]*\b(?:treatment|session|visit|tx|eval\w*)\b")
_OF_CODES = re.compile(
    r"\b(?:together|both|bundl\w*|edits?|unlock\w*|den(?:y|ied)"
    r"|same (?:wound|ulcer|site|area|region|limb|arm|leg|joint|muscles?|body part))\b"
)
_COMPARES = re.compile(r"(?<!\w)(?:vs\.?|versus|or|differen\w*|compar\w*|instead|better|which|rather)(?!\w)")
_JOINED = re.compile(r"\+|&|\b(?:and|with|w|plus|n|before|after|then|followed by|alongside)\b|\bw/")
_HOSPITAL = re.compile(
    r"\b(?:hospital|outpatient hospital|hopd|snf|nursing (?:home|facility)|rehab agency|corf|home health)\b",
)
_OF_MONEY = re.compile(
    r"\b(?:how much|pays? (?:more|most|less|better|best)|fees?|rates?|reimburs\w*"
    r"|what (?:does|do|will|would) (?:\w+ )?pay)\b"
)
# Services that may stand together, asked in words: "massage and manual ok?", "can we do 97750 with the eval".
_MAY = re.compile(
    r"\b(?:ok|okay|allowed(?! (?:this|so far|amounts?|total|in|for))|together|both|bundl\w*"
    r"|can (?:i|we|you) (?:do|bill|use|charge))\b"
)
_UNLOCKING = re.compile(r"\b(?:modifiers?|mod|59|x[esup])\b")  # what would unlock a pair: "97116 97530 modifier"
_OF_ANOTHER_KIND = re.compile(r"\b(?:c[oq]|g[aopnxyz]|kx|95|52|22)\b")
_WHICH_MODIFIER = re.compile(r"\b(?:59|x[esup]) or (?:59|x[esup])\b|\bwhich mod(?:ifier)?s?\b")
_ASKS_CODE = re.compile(r"\b(?:one|which|what|the|a) codes?\b|\bcodes? for\b")
_SAME_MINUTES = re.compile(
    r"\bsame (?:exact )?(?:\d{1,3}[ -]?)?(?:min\w*|(?:block|stretch|chunk|period) of time|time block)\b"
    r"|\boverlap\w* (?:min\w*|times?)\b|\bsimultaneous\w*|\bdouble[- ](?:count|dip|bill)\w*"
)
_ASKS_ADD_ON = re.compile(r"\badd[- ]?ons?\b")
_ADD_ON = re.compile(r"\badd[- ]?ons?\b|\bon top of\b")
_LISTED = re.compile(r"[\s,;.?]*(?:[A-Za-z0-9]{5}(?:[\s,;.?/]+|$))+")
_PLAINLY = 0.9  # share of a saying from which on words name a service plainly
MOST_CODES = 10
MOST_WORDS_OF_TWO = 5
FindEdits = Callable[[Sequence[str], PairTable, Mapping[str, str], MinuteSharing], tuple[PairFinding, ...]]


@dataclass(frozen=True, kw_only=True)
class SameDay(Answer):
    """The codes' pair findings and the day's rules that they meet.

    `allowed`: may all of them be paid for one patient on one day, a modifier added where one is needed; None where a
    pair is not known. `other_setting` tells pairs that the other setting's table treats otherwise. `same_minutes`: two
    were asked about for the same minutes, which both need for themselves.
    """

    kind: ClassVar[str] = "same_day"
    entries: tuple[Entry, ...]
    findings: tuple[PairFinding, ...]
    rules: tuple[DayFinding, ...]
    setting: Setting
    other_setting: tuple[PairFinding, ...]
    assumed: tuple[Service, ...]
    sources: tuple[str, ...]
    allowed: bool | None
    same_minutes: bool = False

    def for_scripts(self) -> dict[str, Any]:
        """The strictest pair, and all of them."""
        pairs = [_as_dict(one) for one in self.findings]
        worst = min(self.findings, key=_strictness, default=None)
        first = _as_dict(worst) if worst else {"modifier": None}
        return {
            "same_day": {**first, "allowed": self.allowed},
            "pairs": pairs,
            "modifiers": ["59"] if self.allowed and self.unlockable else [],
        }

    @property
    def locked(self) -> tuple[PairFinding, ...]:
        """Pairs that nothing unlocks."""
        return tuple(one for one in self.findings if one.allowed is False)

    @property
    def unlockable(self) -> tuple[PairFinding, ...]:
        """Pairs that a modifier may unlock."""
        return tuple(one for one in self.findings if one.modifier)


def _as_dict(finding: PairFinding) -> dict[str, Any]:
    return {
        "allowed": finding.allowed,
        "modifier": finding.modifier,
        "indicator": finding.indicator,
        "column_one": finding.column_one,
        "column_two": finding.column_two,
        "setting": finding.setting,
        "as_of": finding.as_of.isoformat(),
    }


def _strictness(finding: PairFinding) -> tuple[int, ...]:
    return (0 if finding.allowed is False else 1 if finding.modifier else 2 if finding.allowed is None else 3,)


def find(query: Query) -> SameDay | None:
    """What may stand together: two services asked for on one day, or two codes joined and not compared."""
    if not is_about_a_day(query):
        return None
    services = [one for one in services_named(query) if _is_known(one.code, query)]
    if _typed(query) > 1:
        families = {query.library.entries[code].family for code in query.codes}
        services = [one for one in services if one.typed or _is_another(one, families, query)]
    codes = tuple(dict.fromkeys((*query.codes, *(one.code for one in services))))[:MOST_CODES]
    told = tuple(rule for rule in _rules_told(query) if set(codes) & set(rule.any_of))
    if (len(codes) < 2 and not told) or is_plainly_elsewhere(query):  # noqa: PLR2004
        return None
    return _answer(query, codes, services, told)


def _is_another(service: Service, families: Collection[str], query: Query) -> bool:
    """Do words beside typed codes plainly name one more service ("97140 and 97530 and a hot pack")?

    Not where they may say again what a code is ("eval + group 97163 97150").
    """
    return service.covered >= _PLAINLY and query.library.entries[service.code].family not in families


def is_about_a_day(query: Query) -> bool:
    """Is a day's combination asked about: words of one day, or two codes joined and not compared?"""
    if _OF_MONEY.search(query.low_of_money) or _asks_for_the_add_on(query):
        return False
    is_joined = bool(_JOINED.search(query.low))
    of_codes = _typed(query) > 1 or (_typed(query) and is_joined)
    says_so = of_codes and (_OF_CODES.search(query.low) or _SAME_MINUTES.search(query.low))
    if says_so or _SAME_DAY.search(query.low) or _ADDS.search(query.low):
        return not re.search(r"\b(?:vs\.?|versus|difference)(?!\w)", query.low)
    if is_joined and _MAY.search(query.low) and not (_COMPARES.search(query.low) or _ASKS_CODE.search(query.low)):
        plainly = {one.code for one in services_named(query) if one.typed or one.covered >= _PLAINLY}
        if len(plainly) > 1:
            return True
    typed = _typed(query)
    if typed == 1 and is_joined and _is_code_beside_service(query):
        return True
    if not typed or (typed < 2 and not _rules_told(query)):  # noqa: PLR2004
        return False
    if _is_bare_list(query):
        return True
    if is_joined or (_UNLOCKING.search(query.low) and not _OF_ANOTHER_KIND.search(query.low)):
        return not _COMPARES.search(_WHICH_MODIFIER.sub(" ", query.low))
    return bool(_HOSPITAL.search(query.low)) and not _COMPARES.search(query.low)


def _is_code_beside_service(query: Query) -> bool:
    """Is nothing told but a code and another service ("95992 and eval")?"""
    is_short = len(re.findall(r"\w+", query.text)) <= MOST_WORDS_OF_TWO and not query.said.repairs
    if not is_short or not query.codes or _COMPARES.search(query.low) or _ASKS_CODE.search(query.low):
        return False
    own = query.library.entries[query.codes[0]].family
    others = (one for one in services_named(query) if one.code not in query.codes)
    named = [one for one in others if one.code in query.library.entries]
    return len(named) == 1 and named[0].score >= _PLAINLY and _is_another(named[0], (own,), query)


def _asks_for_the_add_on(query: Query) -> bool:
    """Is the code asked for that is added to the one typed, or to what was told?"""
    if not _ADD_ON.search(query.low) or _typed(query) > 1:
        return False
    has_one = any(entry.add_on_to in query.codes for entry in query.library.entries.values())
    return has_one if query.codes else bool(_ASKS_ADD_ON.search(query.low))


def _is_bare_list(query: Query) -> bool:
    """Codes and nothing else ("97110 97140"): a day's lines, unless all are kinds of one service ("97161 97162")."""
    families = {query.library.entries[code].family for code in query.codes}
    is_of_a_day = len(families) > 1 or families == {"therapeutic_procedure"}
    return is_of_a_day and not query.numbers and _LISTED.fullmatch(query.text) is not None


def _rules_told(query: Query) -> tuple[DayRule, ...]:
    """The day's rules on what is said in words."""
    return tuple(rule for rule in query.library.day_rules.values() if rule.says and query.says(*rule.says))


def _typed(query: Query) -> int:
    return len(query.codes) + len(query.numbers)


def _is_known(code: str, query: Query) -> bool:
    return code in query.library.entries or any(
        code in pair for table in query.index.pair_tables.values() for pair in table.edits
    )


def _answer(query: Query, codes: tuple[str, ...], services: Sequence[Service], told: tuple[DayRule, ...]) -> SameDay:
    library = query.library
    setting: Setting = "hospital" if _HOSPITAL.search(query.low) else "practitioner"
    other: Setting = "practitioner" if setting == "hospital" else "hospital"
    findings = _findings(query, codes, query.index.pair_tables[setting])
    elsewhere = _findings(query, codes, query.index.pair_tables[other])
    letters = {code: library.entries[code].medicare.letter for code in codes if code in library.entries}
    rules = (*day_findings(codes, library.day_rules.values(), letters, findings), *_told(told, codes))
    broken = any(one.broken for one in rules)
    same_minutes = bool(_SAME_MINUTES.search(query.low)) and any(one.shared_minutes_allowed == "no" for one in findings)
    is_never = broken or same_minutes or any(one.allowed is False for one in findings)
    allowed = False if is_never else _all_known(findings)
    return SameDay(
        entries=tuple(library.entries[code] for code in codes if code in library.entries),
        findings=findings,
        rules=rules,
        setting=setting,
        other_setting=tuple(
            one for one, here in zip(elsewhere, findings, strict=True) if one.indicator != here.indicator
        ),
        assumed=tuple(one for one in services if one.alike),
        sources=query.index.pair_tables[setting].sources,
        allowed=allowed,
        same_minutes=same_minutes,
        codes=codes,
        confidence=0.7 if any(one.alike for one in services) else 0.9,
    )


def pair_findings(query: Query, codes: Sequence[str]) -> tuple[PairFinding, ...]:
    """What private practice's table says of each two of these codes."""
    return _findings(query, codes, query.index.pair_tables["practitioner"])


def standing_findings(query: Query, codes: Sequence[str]) -> tuple[PairFinding, ...]:
    """The edits of private practice's table that stand between these codes."""
    return _findings(query, codes, query.index.pair_tables["practitioner"], standing_edits)


def _all_known(findings: Sequence[PairFinding]) -> bool | None:
    return None if any(one.allowed is None for one in findings) else True


def _told(rules: Sequence[DayRule], codes: Sequence[str]) -> tuple[DayFinding, ...]:
    """Rules on what was said in words, met by these codes."""
    return tuple(DayFinding(rule, tuple(code for code in codes if code in rule.any_of), broken=False) for rule in rules)


def _findings(
    query: Query, codes: Sequence[str], table: PairTable, find_edits: FindEdits = edits_between
) -> tuple[PairFinding, ...]:
    families = {code: query.library.entries[code].family for code in codes if code in query.library.entries}
    shares = next(rule.shares for rule in query.library.day_rules.values() if rule.shares)
    return find_edits(codes, table, families, shares)
