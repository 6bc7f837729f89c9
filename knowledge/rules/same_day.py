"""Same-day rules: which of a day's codes Medicare pays together, which only with a modifier, which never."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Literal

from knowledge.pair import DayRule, Indicator, MinuteSharing, Modifier, PairEdit, PairTable, Reason, Setting

UNLOCKING: tuple[Modifier, ...] = ("59", "XU", "XE", "XS", "XP")  # NCCI26 ch. XI P.2 names the first two for therapy
BUNDLED = "B"  # the fee schedule's letter of a code that is never paid on its own

Sharing = Literal["yes", "with care", "no"]


@dataclass(frozen=True)
class PairFinding:
    """What one setting's table says of two codes on one day.

    `edit` is "unknown" where the table was never read for these codes; then `allowed` is None. `allowed` means that
    both may be paid, with a modifier where `modifiers` names some. The columns are None without a standing edit.
    """

    codes: tuple[str, str]
    setting: Setting
    quarter: str
    as_of: date
    edit: Literal["active", "none", "unknown"]
    column_one: str | None
    column_two: str | None
    indicator: Indicator | None
    reason: Reason | None
    effective: date | None
    past: tuple[PairEdit, ...]
    shared_minutes_allowed: Sharing

    @property
    def allowed(self) -> bool | None:
        """Whether both codes may be paid for one patient on one day; None where it is not known."""
        return None if self.edit == "unknown" else self.indicator != 0

    @property
    def modifiers(self) -> tuple[Modifier, ...]:
        """Modifiers that may unlock the edit, those that the manual names for separate minutes first."""
        return UNLOCKING if self.indicator == 1 else ()

    @property
    def modifier(self) -> Modifier | None:
        """The modifier to name first; None where none is needed or none helps."""
        return self.modifiers[0] if self.modifiers else None

    @property
    def modifier_on(self) -> str | None:
        """The code that carries the modifier. That column one is taken too (since 2019-07-01) is recalled only."""
        return self.column_two if self.modifiers else None


def edits_between(
    codes: Sequence[str], pairs: PairTable, families: Mapping[str, str], shares: MinuteSharing
) -> tuple[PairFinding, ...]:
    """For every two codes of a day: whether an edit stands, which column is paid, and what unlocks it.

    `families` gives a code's family as its entry has it; a code without one shares no minutes.
    Source: CMS NCCI pair edits of the table's quarter; Medicare NCCI Policy Manual 2026, chapters I E and XI P.2.

    >>> from knowledge.pair import edits_by_pair
    >>> edits = edits_by_pair([PairEdit(column_one="97150", column_two="97110", setting="practitioner",
    ...     indicator=1, as_of=date(2024, 7, 1))])
    >>> table = PairTable(setting="practitioner", quarter="2024Q3", as_of=date(2024, 7, 1), edits=edits)
    >>> shares = MinuteSharing(family="supervised_modality", first="97010", last="97028")
    >>> [found] = edits_between(["97110", "97150"], table, {}, shares)
    >>> found.allowed, found.column_one, found.modifier, found.modifier_on
    (True, '97150', '59', '97110')
    """
    return tuple(
        _finding(one, two, pairs, minutes_shared((one, two), families, shares))
        for one, two in combinations(dict.fromkeys(codes), 2)
    )


def standing_edits(
    codes: Sequence[str], pairs: PairTable, families: Mapping[str, str], shares: MinuteSharing
) -> tuple[PairFinding, ...]:
    """As `edits_between`, only where an edit stands: most codes of a day have none between them."""
    near = [two for two in combinations(dict.fromkeys(codes), 2) if two[1] in pairs.beside.get(two[0], ())]
    found = (_finding(one, two, pairs, minutes_shared((one, two), families, shares)) for one, two in near)
    return tuple(finding for finding in found if finding.edit == "active")


def minutes_shared(codes: Iterable[str], families: Mapping[str, str], shares: MinuteSharing) -> Sharing:
    """Whether two services may run during the same minutes: only where one of them is a supervised modality.

    One whose number lies outside those that the manual names, as G0283, shares with care.
    Source: Medicare NCCI Policy Manual 2026, chapter XI P.2. That G0283 wants care is our reading of it.

    >>> shares = MinuteSharing(family="supervised_modality", first="97010", last="97028")
    >>> families = {"97012": "supervised_modality", "G0283": "supervised_modality", "97110": "therapeutic_procedure"}
    >>> [minutes_shared(two, families, shares) for two in (("97012", "97110"), ("G0283", "97110"), ("97110", "97112"))]
    ['yes', 'with care', 'no']
    """
    supervised = [code for code in codes if families.get(code) == shares.family]
    if any(shares.first <= code <= shares.last for code in supervised):
        return "yes"
    return "with care" if supervised else "no"


def _finding(one: str, two: str, pairs: PairTable, sharing: Sharing) -> PairFinding:
    pair = frozenset((one, two))
    rows = pairs.edits.get(pair, ())
    standing = min((row for row in rows if row.stands), key=_strictest, default=None)
    return PairFinding(
        codes=(one, two),
        setting=pairs.setting,
        quarter=pairs.quarter,
        as_of=pairs.as_of,
        edit="active" if standing else "none" if pairs.knows(pair) else "unknown",
        column_one=standing.column_one if standing else None,
        column_two=standing.column_two if standing else None,
        indicator=standing.indicator if standing else None,
        reason=standing.reason if standing else None,
        effective=standing.effective if standing else None,
        past=tuple(sorted((row for row in rows if not row.stands), key=_last_day, reverse=True)),
        shared_minutes_allowed=sharing,
    )


def _strictest(edit: PairEdit) -> tuple[int, str, str]:
    return edit.indicator, edit.column_one, edit.column_two


def _last_day(edit: PairEdit) -> date:
    return edit.deleted or date.min


@dataclass(frozen=True)
class DayFinding:
    """A rule that a day's codes meet, and the codes that meet it.

    `broken` says that the day goes against it as it stands; otherwise the rule is a condition to keep.
    """

    rule: DayRule
    codes: tuple[str, ...]
    broken: bool


def day_findings(
    codes: Sequence[str],
    rules: Iterable[DayRule],
    letters: Mapping[str, str],
    findings: Sequence[PairFinding] = (),
) -> tuple[DayFinding, ...]:
    """The rules of one patient's day that these codes meet beside their pair edits.

    `codes` has a code once for each of its units or lines; `letters` gives a code's letter in the fee schedule, and
    `findings` the pairs of the day.
    Source: Medicare NCCI Policy Manual 2026; the bundled letter: CMS fee schedule file.

    >>> from knowledge.statement import Statement
    >>> rule = DayRule(name="one", any_of=("97161", "97164"), most=1, as_of=date(2026, 1, 1),
    ...     statement=Statement(text="One evaluation a day.", sources=("NCCI26",)))
    >>> [(found.codes, found.broken) for found in day_findings(["97161", "97164", "97110"], [rule], {})]
    [(('97161', '97164'), True)]
    >>> day_findings(["97161", "97110"], [rule], {})
    ()
    """
    met = ((rule, _codes_that_meet(rule, codes, letters, findings)) for rule in rules if not rule.says)
    return tuple(
        DayFinding(rule, tuple(dict.fromkeys(found)), broken=rule.most is not None) for rule, found in met if found
    )


def _codes_that_meet(
    rule: DayRule, codes: Sequence[str], letters: Mapping[str, str], findings: Sequence[PairFinding]
) -> Sequence[str]:
    match rule.applies:
        case "codes":
            return _named_codes(rule, codes)
        case "bundled":
            return [code for code in codes if letters.get(code) == BUNDLED]
        case "every pair":
            return codes if len(set(codes)) > 1 else ()
        case "unlocked pair":
            return [code for found in findings if found.modifiers for code in found.codes]
        case "pair without edit":
            return [code for found in findings if found.edit == "none" for code in found.codes]


def _named_codes(rule: DayRule, codes: Sequence[str]) -> Sequence[str]:
    named = [code for code in codes if code in rule.any_of]
    if rule.most is not None:
        return named if len(named) > rule.most else ()
    if not rule.beside and not rule.beside_any:
        return named
    others = [code for code in codes if code not in rule.any_of and (rule.beside_any or code in rule.beside)]
    return [*named, *others] if named and others else ()
