"""What Medicare pays nationally for a code and for a day, with the reduction for several therapy units worked out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from knowledge.fee import RelativeValues

CENT = Decimal("0.01")
HALF = Decimal("0.5")  # parameters/mppr_share.toml has its dates and sources


@dataclass(frozen=True)
class LinePayment:
    """One code of the day: what each unit brings, in dollars, and what it would bring without the reduction."""

    code: str
    unit_amounts: tuple[Decimal, ...]
    unreduced_unit_amount: Decimal
    reduced_units: int

    @property
    def units(self) -> int:
        """How many units of the code there are."""
        return len(self.unit_amounts)

    @property
    def amount(self) -> Decimal:
        """Dollars for the line as Medicare works it out."""
        return sum(self.unit_amounts, Decimal("0.00"))

    @property
    def unreduced_amount(self) -> Decimal:
        """Dollars for the line if every unit were paid in full."""
        return self.unreduced_unit_amount * self.units


@dataclass(frozen=True)
class DayPayment:
    """A day's lines. Where a code's values are `unknown`, nothing is worked out: it might have held the full unit."""

    lines: tuple[LinePayment, ...]
    unknown: tuple[str, ...] = ()

    @property
    def total(self) -> Decimal | None:
        """Dollars for the day, or None where a code is unknown."""
        return None if self.unknown else sum((line.amount for line in self.lines), Decimal("0.00"))

    @property
    def unreduced_total(self) -> Decimal | None:
        """Dollars for the day if every unit were paid in full, or None where a code is unknown."""
        return None if self.unknown else sum((line.unreduced_amount for line in self.lines), Decimal("0.00"))


def dollars(relative_value: Decimal, factor: Decimal) -> Decimal:
    """A relative value in dollars: times the year's conversion factor, rounded half up to the cent.

    >>> dollars(Decimal("0.87"), Decimal("33.4009"))
    Decimal('29.06')
    """
    return (relative_value * factor).quantize(CENT, ROUND_HALF_UP)


def fee(rvus: RelativeValues, factor: Decimal) -> Decimal:
    """What Medicare pays nationally for one unit of a code in full.

    In dollars, outside a facility, before locality adjustment, sequestration, CQ or CO, and coinsurance.
    Source: CMS fee schedule files (RVU26C, RVU25D).

    >>> activities = RelativeValues(
    ...     status="A", work=Decimal("0.44"), practice_expense=Decimal("0.60"), malpractice=Decimal("0.01"),
    ...     therapy_mppr=True)
    >>> fee(activities, Decimal("33.4009"))
    Decimal('35.07')
    """
    return dollars(rvus.total, factor)


def reduced_fee(rvus: RelativeValues, factor: Decimal, practice_expense_share: Decimal = HALF) -> Decimal:
    """What Medicare pays nationally for a unit whose practice expense is cut because another unit was paid in full.

    In dollars, as `fee`. A code that the reduction does not touch is paid in full.
    Source: documentation of the CMS fee schedule file (RVU25D), indicator 5.

    >>> exercise = RelativeValues(
    ...     status="A", work=Decimal("0.45"), practice_expense=Decimal("0.41"), malpractice=Decimal("0.01"),
    ...     therapy_mppr=True)
    >>> reduced_fee(exercise, Decimal("33.4009"))
    Decimal('22.21')
    """
    if not rvus.therapy_mppr:
        return fee(rvus, factor)
    return dollars(rvus.work + rvus.practice_expense * practice_expense_share + rvus.malpractice, factor)


def day_payment(
    lines: Sequence[tuple[str, int]],
    fees: Mapping[str, RelativeValues],
    factor: Decimal,
    practice_expense_share: Decimal = HALF,
) -> DayPayment:
    """What Medicare pays nationally for one patient's day: one therapy unit in full, the others reduced.

    The always-therapy unit with the highest practice expense is paid in full; where two have the same, the one with
    the higher fee, which is our reading and matters by a cent. Every further always-therapy unit gets
    `practice_expense_share` of its practice expense. Other codes are paid in full. `lines` are (code, units), of all
    disciplines of one provider. Raises ValueError for a negative unit count.
    Source: RVU25D for the share and the indicator; that the day and the disciplines count together is recalled.

    >>> values = {"97110": RelativeValues(
    ...     status="A", work=Decimal("0.45"), practice_expense=Decimal("0.41"), malpractice=Decimal("0.01"),
    ...     therapy_mppr=True)}
    >>> str(day_payment([("97110", 2)], values, Decimal("33.4009")).total)
    '51.27'
    """
    for code, units in lines:
        if units < 0:
            raise ValueError(f"{code}: {units} units; a line has none or more")
    unknown = tuple(dict.fromkeys(code for code, _ in lines if code not in fees))
    if unknown:
        return DayPayment((), unknown)
    full = _line_paid_in_full(lines, fees)
    return DayPayment(
        tuple(
            _line_payment(line, fees[line[0]], factor, practice_expense_share, has_full_unit=position == full)
            for position, line in enumerate(lines)
        )
    )


def _line_paid_in_full(lines: Sequence[tuple[str, int]], fees: Mapping[str, RelativeValues]) -> int | None:
    """Where the line stands that has the therapy unit with the highest practice expense, or None without one."""
    therapy = [
        (fees[code].practice_expense, fees[code].total, -at)
        for at, (code, units) in enumerate(lines)
        if units and fees[code].therapy_mppr
    ]
    return -max(therapy)[-1] if therapy else None


def _line_payment(
    line: tuple[str, int], rvus: RelativeValues, factor: Decimal, share: Decimal, *, has_full_unit: bool
) -> LinePayment:
    code, units = line
    in_full, reduced = fee(rvus, factor), reduced_fee(rvus, factor, share)
    full_units = int(has_full_unit) if rvus.therapy_mppr else units
    return LinePayment(
        code=code,
        unit_amounts=(in_full,) * full_units + (reduced,) * (units - full_units),
        unreduced_unit_amount=in_full,
        reduced_units=units - full_units,
    )
