"""Dated amounts: what each was on a day of service, and that a year nobody announced is unknown."""

import json
import tomllib
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import knowledge
from knowledge.parameter import Amount, Parameter, amount_on, amounts_in

FOLDER = Path(knowledge.__file__).parent / "parameters"


def parsed(text: str) -> Parameter:
    return Parameter.model_validate_json(json.dumps(tomllib.loads(text), default=str))


PARAMETERS = {path.stem: parsed(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.toml")}


def value_on(name: str, day: date) -> str | None:
    amount = amount_on(PARAMETERS[name], day)
    return None if amount is None else str(amount.value)


# NORKX; recalled where the facts have no source
KX_THRESHOLDS = [
    (2018, "2010", (), "recalled"),
    (2019, "2040", ("RCPA",), None),
    (2020, "2080", (), "recalled"),
    (2021, "2110", ("TCKX",), None),
    (2022, "2150", ("NORKX", "TCKX"), None),
    (2023, "2230", ("NORKX", "TCKX"), None),
    (2024, "2330", ("NORKX",), None),
    (2025, "2410", ("PROMBS", "PROKX"), None),
    (2026, "2480", ("ALS", "MCW", "PAT"), None),
]


@pytest.mark.parametrize(("year", "value", "sources", "caution"), KX_THRESHOLDS)
def test_the_kx_threshold_of_a_year_holds_from_its_first_day_to_its_last(
    year: int, value: str, sources: tuple[str, ...], caution: str | None
) -> None:
    """NORKX."""
    for day in (date(year, 1, 1), date(year, 12, 31)):
        amount = amount_on(PARAMETERS["kx_threshold"], day)
        assert amount is not None
        assert (str(amount.value), amount.sources, amount.caution) == (value, sources, caution)


# ARK, RVU25D, RVU26C
CONVERSION_FACTORS = [
    (date(2019, 6, 1), "36.0391"),
    (date(2020, 6, 1), "36.0896"),
    (date(2021, 6, 1), "34.8931"),
    (date(2022, 6, 1), "34.6062"),
    (date(2023, 12, 31), "33.8872"),
    (date(2024, 1, 1), "32.7442"),
    (date(2024, 3, 8), "32.7442"),
    (date(2024, 3, 9), "33.2875"),
    (date(2024, 12, 31), "33.2875"),
    (date(2025, 6, 1), "32.3465"),
    (date(2026, 6, 1), "33.4009"),
]


@pytest.mark.parametrize(("day", "value"), CONVERSION_FACTORS)
def test_the_conversion_factor_of_a_day_is_that_of_the_facts(day: date, value: str) -> None:
    """ARK, RVU25D, RVU26C."""
    assert value_on("conversion_factor", day) == value


def test_only_the_factor_of_2019_is_recalled() -> None:
    """ARK, RVU25D, RVU26C."""
    recalled = [amount.since.year for amount in PARAMETERS["conversion_factor"].values if amount.caution]
    assert recalled == [2019]


def test_qualifying_participants_have_a_factor_of_their_own_in_2026_and_no_other_year_is_known() -> None:
    """ARK, RVU25D, RVU26C."""
    assert value_on("conversion_factor_qp", date(2026, 1, 1)) == "33.5675"
    assert value_on("conversion_factor_qp", date(2025, 12, 31)) is None


@pytest.mark.parametrize("name", ["kx_threshold", "conversion_factor", "conversion_factor_qp"])
def test_2027_is_unknown_and_2026_is_not_carried_forward(name: str) -> None:
    """NORKX, ARK, RVU25D, RVU26C: not found."""
    assert amount_on(PARAMETERS[name], date(2026, 12, 31)) is not None
    assert amount_on(PARAMETERS[name], date(2027, 1, 1)) is None
    assert amounts_in(PARAMETERS[name], 2027) == ()


def test_the_review_threshold_is_3000_through_2028_and_unknown_after() -> None:
    """NORKX."""
    assert value_on("review_threshold", date(2026, 5, 5)) == "3000"
    assert value_on("review_threshold", date(2028, 12, 31)) == "3000"
    assert value_on("review_threshold", date(2029, 1, 1)) is None


def test_that_the_review_threshold_was_the_same_before_2022_is_marked_recalled() -> None:
    amount = amount_on(PARAMETERS["review_threshold"], date(2019, 5, 5))
    assert amount is not None
    assert (str(amount.value), amount.caution) == ("3000", "recalled")


def test_further_therapy_units_get_half_of_their_practice_expense() -> None:
    """RVU25D; the years before 2025 are recalled."""
    assert value_on("mppr_share", date(2026, 5, 5)) == "0.50"
    assert [amount.caution for amount in PARAMETERS["mppr_share"].values] == ["recalled", None]


def test_assistants_are_paid_at_85_percent_since_2022_and_nothing_is_said_of_earlier_years() -> None:
    """CMSCQ, MONCQ."""
    assert value_on("assistant_share", date(2022, 1, 1)) == "0.85"
    assert value_on("assistant_share", date(2021, 12, 31)) is None


def test_a_year_in_which_the_amount_changed_has_both() -> None:
    """ARK, RVU25D, RVU26C: 2024."""
    both = amounts_in(PARAMETERS["conversion_factor"], 2024)
    assert [(str(amount.value), amount.until) for amount in both] == [
        ("32.7442", date(2024, 3, 8)),
        ("33.2875", date(2024, 12, 31)),
    ]


def test_a_value_without_an_end_holds_in_every_later_year() -> None:
    assert [str(amount.value) for amount in amounts_in(PARAMETERS["assistant_share"], 2026)] == ["0.85"]
    assert amounts_in(PARAMETERS["assistant_share"], 2021) == ()


def test_every_amount_has_a_source_or_a_caution() -> None:
    bare = [
        (name, amount.since)
        for name, parameter in PARAMETERS.items()
        for amount in parameter.values
        if not amount.sources and amount.caution is None
    ]
    assert bare == []


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_a_parameter_is_named_by_its_file_and_comes_back_from_its_own_json(name: str) -> None:
    parameter = PARAMETERS[name]
    assert parameter.name == name
    assert Parameter.model_validate_json(parameter.model_dump_json()) == parameter


HEAD = 'name = "x"\ntitle = "An amount"\nunit = "dollars"\n'


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ("values = []", "at least 1 item"),
        ("[[values]]\nvalue = 2480\nfrom = 2026-01-01", "in quotes"),
        ('[[values]]\nvalue = "2,480"\nfrom = 2026-01-01', "plain number"),
        ('[[values]]\nvalue = "0"\nfrom = 2026-01-01', "greater than 0"),
        ('[[values]]\nvalue = "1"\nfrom = 2026-01-01\nuntil = 2025-12-31', "before it begins"),
        ('[[values]]\nvalue = "1"\nfrom = 2026-01-01\nuntill = 2026-12-31', "Extra inputs"),
        ('[[values]]\nvalue = "1"', "Field required"),
        ('values = [{value = "1", from = 2026-01-01}, {value = "2", from = 2027-01-01}]', "overlap"),
        (
            'values = [{value = "1", from = 2026-01-01, until = 2026-12-31}, {value = "2", from = 2026-12-31}]',
            "overlap",
        ),
    ],
)
def test_a_faulty_file_is_refused_with_the_reason(values: str, fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        parsed(HEAD + values)


DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))


@given(st.sampled_from(sorted(PARAMETERS)), DAYS)
def test_an_amount_is_given_only_for_days_it_holds_on(name: str, day: date) -> None:
    amount = amount_on(PARAMETERS[name], day)
    assert (amount is None) == (not any(one.holds_on(day) for one in PARAMETERS[name].values))
    assert amount is None or amount.holds_on(day)
    assert amount is None or amount in amounts_in(PARAMETERS[name], day.year)


@given(DAYS, st.integers(0, 400))
def test_an_amount_holds_on_its_first_and_last_day_and_not_beside_them(first: date, days: int) -> None:
    last = first + timedelta(days)
    amount = Amount(value=Decimal(1), since=first, until=last)
    assert amount.holds_on(first)
    assert amount.holds_on(last)
    assert not amount.holds_on(first - timedelta(1))
    assert not amount.holds_on(last + timedelta(1))
