"""What Medicare pays nationally: fees of a unit, and a day with the reduction for several therapy units.

Published amounts: worked out from CMS's own files (RVU26C, RVU25D).
"""

import json
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import knowledge
from knowledge.fee import FeeSchedule, RelativeValues
from knowledge.rules.payment import day_payment, dollars, fee, reduced_fee

FACTOR_2025 = Decimal("32.3465")
FACTOR_2026 = Decimal("33.4009")
FACTOR_2026_QP = Decimal("33.5675")

# code, a unit in full, the same for a qualifying participant, a unit when reduced (- where the reduction is none)
PUBLISHED_2026 = """
92597 71.14 71.50 56.45 | 92607 122.25 122.86 92.19 | 92608 47.76 48.00 - | 92609 102.54 103.05 76.49
92610 84.84 85.26 - | 92611 91.52 91.97 - | 92612 199.74 200.73 - | 97012 14.36 14.43 11.36
97016 12.02 12.08 9.19 | 97018 6.01 6.04 4.18 | 97022 15.70 15.78 10.86 | 97024 7.35 7.38 4.84
97026 6.68 6.71 4.51 | 97028 8.35 8.39 5.68 | 97032 14.70 14.77 11.69 | 97033 19.04 19.13 14.03
97034 14.03 14.10 10.69 | 97035 14.36 14.43 10.86 | 97036 34.74 34.91 22.21 | 97110 29.06 29.20 22.21
97112 32.73 32.90 24.88 | 97113 37.07 37.26 26.72 | 97116 29.06 29.20 22.21 | 97124 29.73 29.88 20.88
97129 22.38 22.49 - | 97130 21.04 21.15 - | 97140 27.72 27.86 21.21 | 97150 18.04 18.13 14.03
97161 97.86 98.35 74.82 | 97162 97.86 98.35 74.82 | 97163 97.86 98.35 74.82 | 97164 67.47 67.81 49.93
97165 100.54 101.04 76.15 | 97166 100.54 101.04 76.15 | 97167 100.54 101.04 76.15 | 97168 68.47 68.81 50.44
97530 35.07 35.25 25.05 | 97533 60.79 61.09 38.58 | 97535 32.40 32.56 23.88 | 97537 32.06 32.22 24.22
97542 31.06 31.22 23.71 | 97550 52.77 53.04 - | 97551 26.05 26.18 - | 97552 22.04 22.15 -
97597 101.54 102.05 - | 97598 47.76 48.00 - | 97605 42.09 42.30 - | 97606 50.44 50.69 - | 97607 367.41 369.24 -
97608 396.80 398.78 - | 97610 397.47 399.45 - | 97750 33.73 33.90 24.55 | 97755 37.74 37.93 29.39
97760 46.09 46.32 31.56 | 97761 40.42 40.62 28.72 | 97763 50.10 50.35 33.23 | 98966 13.69 13.76 -
98967 25.05 25.18 - | 98968 34.74 34.91 - | 98970 12.36 12.42 - | 98971 23.05 23.16 - | 98972 34.40 34.57 -
98975 21.71 21.82 - | 98976 52.11 52.37 - | 98977 51.44 51.69 - | 98979 26.39 26.52 - | 98980 54.11 54.38 -
98981 41.42 41.62 - | 98984 52.11 52.37 - | 98985 51.44 51.69 - | G0281 11.69 11.75 9.02
G0283 12.69 12.76 9.52
"""

# code, a unit in full, a unit when reduced
PUBLISHED_2025 = """
20560 24.58 - | 20561 35.90 - | 29105 83.13 - | 29125 67.28 - | 29126 79.25 - | 29130 42.05 - | 29131 54.67 -
29200 30.41 - | 29240 28.46 - | 29260 28.14 - | 29280 28.79 - | 29505 91.54 - | 29515 73.10 - | 29520 33.32 -
29530 28.46 - | 29540 27.49 - | 29550 19.08 - | 29580 61.13 - | 29581 84.42 - | 29584 75.69 - | 90901 39.46 -
90912 77.63 - | 90913 31.38 - | 92507 75.04 59.03 | 92508 23.61 17.31 | 92521 130.68 102.38 | 92522 108.68 86.37
92523 223.51 175.48 | 92524 106.74 85.23 | 92526 82.81 63.56 | 95851 23.61 - | 95852 20.05 - | 95992 41.08 -
96105 93.80 - | 96125 99.63 78.12 | G0329 10.35 6.31 | G0541 52.08 - | G0542 25.55 - | G0543 22.00 -
G2250 11.97 - | G2251 13.91 -
"""

# codes of which only the total of 2025 is known: code, a unit in full
PUBLISHED_2025_TOTALS = """
92597 71.16 | 92607 120.98 | 92608 47.55 | 92609 100.92 | 92610 83.45 | 92611 88.95 | 92612 193.43 | 97012 14.23
97016 11.64 | 97018 6.15 | 97022 15.53 | 97024 7.12 | 97026 6.79 | 97028 8.09 | 97032 14.23 | 97033 18.76
97034 13.59 | 97035 13.91 | 97036 34.29 | 97110 28.79 | 97112 32.02 | 97113 36.55 | 97116 28.79 | 97124 29.76
97129 21.67 | 97130 20.70 | 97140 27.17 | 97150 17.47 | 97161 98.01 | 97162 98.01 | 97163 98.01 | 97164 67.60
97165 100.60 | 97166 100.60 | 97167 100.60 | 97168 69.54 | 97530 34.61 | 97533 60.49 | 97535 32.02 | 97537 31.70
97542 30.73 | 97550 52.08 | 97551 25.55 | 97552 22.00 | 97597 96.72 | 97598 43.34 | 97605 42.05 | 97606 50.14
97607 323.14 | 97608 337.05 | 97610 397.22 | 97750 33.32 | 97755 37.52 | 97760 45.93 | 97761 40.43 | 97763 50.14
98966 12.94 | 98967 23.94 | 98968 32.99 | 98970 11.32 | 98971 21.35 | 98972 32.35 | 98975 19.73 | 98976 43.02
98977 43.02 | 98980 50.14 | 98981 39.14 | G0281 11.32 | G0283 12.29
"""


def schedule(year: int) -> FeeSchedule:
    file = Path(knowledge.__file__).parent / "fees" / f"{year}.toml"
    return FeeSchedule.model_validate_json(json.dumps(tomllib.loads(file.read_text(encoding="utf-8"))))


FEES_2026 = schedule(2026)
FEES_2025 = schedule(2025)


def published(table: str) -> Iterator[list[str]]:
    return (row.split() for line in table.strip().splitlines() for row in line.split(" | "))


def reduced_or_none(rvus: RelativeValues, factor: Decimal) -> str:
    return str(reduced_fee(rvus, factor)) if rvus.therapy_mppr else "-"


def test_every_fee_of_2026_is_the_published_one_to_the_cent() -> None:
    worked_out = [
        [code, str(fee(row, FACTOR_2026)), str(fee(row, FACTOR_2026_QP)), reduced_or_none(row, FACTOR_2026)]
        for code, row in FEES_2026.rows.items()
    ]
    assert worked_out == list(published(PUBLISHED_2026))


def test_every_fee_of_2025_is_the_published_one_to_the_cent() -> None:
    worked_out = [
        [code, str(fee(row, FACTOR_2025)), reduced_or_none(row, FACTOR_2025)] for code, row in FEES_2025.rows.items()
    ]
    assert worked_out == list(published(PUBLISHED_2025))


def test_where_only_the_total_of_2025_is_known_a_unit_in_full_is_the_published_one_to_the_cent() -> None:
    worked_out = [[code, str(dollars(total, FACTOR_2025))] for code, total in FEES_2025.totals.items()]
    assert worked_out == list(published(PUBLISHED_2025_TOTALS))


def test_a_code_that_was_not_read_for_a_year_is_unknown_and_not_carried_over() -> None:
    assert FEES_2025.total("92507") == Decimal("2.32")
    assert FEES_2026.total("92507") is None


def test_a_total_is_found_whether_or_not_its_parts_are_known() -> None:
    assert FEES_2026.total("97110") == Decimal("0.87")
    assert FEES_2025.total("97110") == Decimal("0.89")
    assert "97110" not in FEES_2025.rows


def test_one_97530_and_two_97110_in_2026_are_79_49_and_not_93_19() -> None:
    """RVU25D: 35.07 + 22.21 + 22.21."""
    day = day_payment([("97530", 1), ("97110", 2)], FEES_2026.rows, FACTOR_2026)
    assert [line.unit_amounts for line in day.lines] == [(Decimal("35.07"),), (Decimal("22.21"), Decimal("22.21"))]
    assert [line.amount for line in day.lines] == [Decimal("35.07"), Decimal("44.42")]
    assert day.total == Decimal("79.49")
    assert day.unreduced_total == Decimal("93.19")


def test_97530_and_97110_are_6_01_apart_in_full_and_2_84_when_both_are_reduced() -> None:
    """RVU26C, RVU25D."""
    activities, exercise = FEES_2026.rows["97530"], FEES_2026.rows["97110"]
    assert fee(activities, FACTOR_2026) - fee(exercise, FACTOR_2026) == Decimal("6.01")
    assert reduced_fee(activities, FACTOR_2026) - reduced_fee(exercise, FACTOR_2026) == Decimal("2.84")


def test_the_highest_practice_expense_is_paid_in_full_even_where_another_unit_has_a_higher_fee() -> None:
    """97755 costs more than 97036, whose practice expense is higher (RVU26C, RVU25D, 2026)."""
    assert fee(FEES_2026.rows["97755"], FACTOR_2026) > fee(FEES_2026.rows["97036"], FACTOR_2026)
    day = day_payment([("97755", 1), ("97036", 1)], FEES_2026.rows, FACTOR_2026)
    assert [line.reduced_units for line in day.lines] == [1, 0]


def test_a_code_without_the_reduction_is_paid_in_full_and_takes_the_full_unit_from_nobody() -> None:
    """RVU25D: none on wound care, caregiver training and remote monitoring."""
    day = day_payment([("97597", 1), ("97550", 1), ("98977", 1), ("97110", 1)], FEES_2026.rows, FACTOR_2026)
    assert [line.reduced_units for line in day.lines] == [0, 0, 0, 0]
    assert day.total == day.unreduced_total


def test_of_two_units_with_the_same_practice_expense_the_dearer_is_paid_in_full_in_whatever_order() -> None:
    """97112 and 97537 both have 0.47 (RVU26C, RVU25D, 2026); rounding makes the choice worth a cent."""
    lines = [("97537", 1), ("97112", 1)]
    for day in (day_payment(order, FEES_2026.rows, FACTOR_2026) for order in (lines, lines[::-1])):
        assert {line.code: line.reduced_units for line in day.lines} == {"97537": 1, "97112": 0}
        assert day.total == Decimal("56.95")


def test_the_same_code_on_two_lines_has_one_full_unit() -> None:
    day = day_payment([("97110", 1), ("97110", 1)], FEES_2026.rows, FACTOR_2026)
    assert day.total == Decimal("51.27")


def test_a_single_therapy_unit_is_paid_in_full() -> None:
    assert day_payment([("97110", 1)], FEES_2026.rows, FACTOR_2026).total == Decimal("29.06")


def test_a_line_of_no_units_brings_nothing_and_does_not_take_the_full_unit() -> None:
    day = day_payment([("97530", 0), ("97110", 1)], FEES_2026.rows, FACTOR_2026)
    assert [line.amount for line in day.lines] == [Decimal("0.00"), Decimal("29.06")]


def test_a_day_with_an_unknown_code_has_no_total_and_names_the_code() -> None:
    day = day_payment([("97110", 1), ("92507", 1), ("92507", 1)], FEES_2026.rows, FACTOR_2026)
    assert (day.unknown, day.lines, day.total, day.unreduced_total) == (("92507",), (), None, None)


def test_a_day_without_lines_is_nothing() -> None:
    assert day_payment([], FEES_2026.rows, FACTOR_2026).total == Decimal("0.00")


def test_negative_units_are_refused() -> None:
    with pytest.raises(ValueError, match="97110: -1 units"):
        day_payment([("97110", -1)], FEES_2026.rows, FACTOR_2026)


def test_half_a_cent_is_rounded_up() -> None:
    assert dollars(Decimal("1"), Decimal("0.125")) == Decimal("0.13")
    assert dollars(Decimal("1"), Decimal("0.1249")) == Decimal("0.12")


def test_a_relative_value_without_quotes_is_refused() -> None:
    row = json.dumps(
        {"status": "A", "work": 0.45, "practice_expense": "0.41", "malpractice": "0.01", "therapy_mppr": True}
    )
    with pytest.raises(ValidationError, match="in quotes"):
        RelativeValues.model_validate_json(row)


@pytest.mark.parametrize("year", [2025, 2026])
def test_a_fee_schedule_comes_back_from_its_own_json(year: int) -> None:
    fees = schedule(year)
    assert FeeSchedule.model_validate_json(fees.model_dump_json()) == fees
    assert fees.name == str(year)


Lines = list[tuple[str, int]]
LINES = st.lists(st.tuples(st.sampled_from(sorted(FEES_2026.rows)), st.integers(0, 8)), max_size=8)


@given(LINES)
def test_all_therapy_units_but_one_are_reduced(lines: Lines) -> None:
    day = day_payment(lines, FEES_2026.rows, FACTOR_2026)
    therapy_units = sum(units for code, units in lines if FEES_2026.rows[code].therapy_mppr)
    assert sum(line.reduced_units for line in day.lines) == max(therapy_units - 1, 0)


@given(LINES, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_does_not_change_the_total(lines: Lines, order: Random) -> None:
    other = list(lines)
    order.shuffle(other)
    assert (
        day_payment(lines, FEES_2026.rows, FACTOR_2026).total == day_payment(other, FEES_2026.rows, FACTOR_2026).total
    )


@given(LINES)
def test_the_reduction_never_raises_a_line_or_the_total(lines: Lines) -> None:
    day = day_payment(lines, FEES_2026.rows, FACTOR_2026)
    assert all(line.amount <= line.unreduced_amount for line in day.lines)
    assert sum(line.amount for line in day.lines) == day.total
    assert day.total is not None
    assert day.unreduced_total is not None
    assert day.total <= day.unreduced_total
