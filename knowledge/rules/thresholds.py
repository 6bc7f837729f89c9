"""The year's KX threshold and the review threshold: whether a claim needs KX, and whether it may be reviewed."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from knowledge.rules.modifiers import Contradiction, Discipline, contradictions

KxDecision = Literal["add", "not yet", "not necessary", "amount unknown"]


@dataclass(frozen=True)
class ThresholdStanding:
    """Where a patient stands in the calendar year, in dollars of allowed amounts.

    `left` is what remains below the KX threshold, zero once it is passed; `review` says whether targeted review is
    possible (it need not happen). Both are None where the year's amount is unknown.
    """

    kx: KxDecision
    left: Decimal | None
    review: bool | None
    contradictions: tuple[Contradiction, ...]


def sharing_disciplines(discipline: Discipline) -> tuple[Discipline, ...]:
    """The disciplines whose allowed amounts count together: PT and SLP share one threshold, OT has its own.

    Source: Noridian (NORKX).

    >>> sharing_disciplines("SLP")
    ('PT', 'SLP')
    """
    return ("OT",) if discipline == "OT" else ("PT", "SLP")


def kx_needed(used: Decimal, threshold: Decimal | None) -> bool | None:
    """Whether therapy that is still necessary needs KX: once the year's allowed amounts are above the threshold.

    `used` are the allowed amounts of the calendar year in dollars, this claim's included; charges do not count.
    None: the year's threshold is unknown. Raises ValueError for a negative amount.
    Source: Noridian (NORKX); that an amount equal to the threshold needs no KX is our reading.

    >>> [kx_needed(Decimal(used), Decimal(2480)) for used in (2479, 2480, 2481)]
    [False, False, True]
    """
    return _above(used, threshold)


def review_possible(used: Decimal, review_threshold: Decimal | None) -> bool | None:
    """Whether Medicare's contractor may pick the claims for targeted review; it reviews some of them, not all.

    `used` as for `kx_needed`. None: the year's review threshold is unknown. Raises ValueError for a negative amount.
    Source: Noridian (NORKX) for the amount, Post Acute Tools (PAT) for its end in 2028.

    >>> review_possible(Decimal("3100"), Decimal("3000"))
    True
    """
    return _above(used, review_threshold)


def threshold_standing(
    used: Decimal,
    threshold: Decimal | None,
    review_threshold: Decimal | None,
    necessary: bool = True,
    modifiers: Collection[str] = (),
) -> ThresholdStanding:
    """Whether to add KX, what is left below the threshold, whether review is possible, and what contradicts.

    KX vouches for necessity: care that is not necessary gets none, above the threshold or below it.
    `modifiers` are those already on the line. Raises ValueError for a negative amount.
    Source: NORKX for the thresholds, WEBPTFAQ for KX against GA.

    >>> threshold_standing(Decimal("2500"), Decimal("2480"), Decimal("3000")).kx
    'add'
    """
    decision = _kx_decision(kx_needed(used, threshold), necessary)
    line = {modifier.upper() for modifier in modifiers} | ({"KX"} if decision == "add" else set())
    return ThresholdStanding(
        kx=decision,
        left=None if threshold is None else max(threshold - used, Decimal(0)),
        review=review_possible(used, review_threshold),
        contradictions=tuple(wrong for wrong in contradictions(line) if "KX" in wrong.modifiers),
    )


def _kx_decision(needed: bool | None, necessary: bool) -> KxDecision:
    if not necessary:
        return "not necessary"
    if needed is None:
        return "amount unknown"
    return "add" if needed else "not yet"


def _above(used: Decimal, limit: Decimal | None) -> bool | None:
    if used < 0:
        raise ValueError(f"{used} dollars; allowed amounts are zero or more")
    return None if limit is None else used > limit
