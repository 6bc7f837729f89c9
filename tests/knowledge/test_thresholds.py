"""KX and the year's thresholds: when to add it, what is left, when review is possible."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.rules.thresholds import kx_needed, review_possible, sharing_disciplines, threshold_standing

KX_2026 = Decimal(2480)
REVIEW = Decimal(3000)


def test_pt_and_slp_share_a_threshold_and_ot_has_its_own() -> None:
    """NORKX."""
    assert sharing_disciplines("PT") == sharing_disciplines("SLP") == ("PT", "SLP")
    assert sharing_disciplines("OT") == ("OT",)


@pytest.mark.parametrize(
    ("used", "kx", "left"), [("0", "not yet", "2480"), ("2480", "not yet", "0"), ("2480.01", "add", "0")]
)
def test_kx_is_added_above_the_threshold_and_not_below_it(used: str, kx: str, left: str) -> None:
    """NORKX: do not add KX below the threshold."""
    standing = threshold_standing(Decimal(used), KX_2026, REVIEW)
    assert (standing.kx, standing.left) == (kx, Decimal(left))


def test_targeted_review_is_possible_above_3000() -> None:
    """NORKX."""
    assert review_possible(Decimal("3000.01"), REVIEW) is True
    assert review_possible(Decimal(3000), REVIEW) is False
    assert threshold_standing(Decimal(3500), KX_2026, REVIEW).review is True


def test_a_year_whose_amount_is_unknown_gets_no_decision() -> None:
    """NORKX: 2027 was not found."""
    standing = threshold_standing(Decimal(2600), None, REVIEW)
    assert (standing.kx, standing.left, standing.review) == ("amount unknown", None, False)
    assert kx_needed(Decimal(2600), None) is None
    assert threshold_standing(Decimal(2600), KX_2026, None).review is None


@pytest.mark.parametrize("used", ["100", "2600"])
def test_care_that_is_not_necessary_gets_no_kx_above_the_threshold_or_below(used: str) -> None:
    """WEBPTFAQ."""
    assert threshold_standing(Decimal(used), KX_2026, REVIEW, necessary=False).kx == "not necessary"


def test_kx_contradicts_ga_on_the_line() -> None:
    """NORKX."""
    standing = threshold_standing(Decimal(2600), KX_2026, REVIEW, modifiers=["GP", "GA"])
    assert [wrong.modifiers for wrong in standing.contradictions] == [("KX", "GA")]


def test_a_line_with_ga_that_gets_no_kx_does_not_contradict_itself() -> None:
    assert threshold_standing(Decimal(100), KX_2026, REVIEW, modifiers=["GP", "GA"]).contradictions == ()
    not_necessary = threshold_standing(Decimal(2600), KX_2026, REVIEW, necessary=False, modifiers=["GA"])
    assert not_necessary.contradictions == ()


def test_kx_typed_beside_ga_contradicts_below_the_threshold_too() -> None:
    assert threshold_standing(Decimal(100), KX_2026, REVIEW, modifiers=["kx", "ga"]).contradictions


def test_negative_amounts_are_refused() -> None:
    with pytest.raises(ValueError, match="zero or more"):
        threshold_standing(Decimal(-1), KX_2026, REVIEW)


CENTS = st.decimals(0, 10000, places=2)


@given(CENTS, CENTS)
def test_kx_is_needed_exactly_where_nothing_is_left_and_more_was_used(used: Decimal, threshold: Decimal) -> None:
    standing = threshold_standing(used, threshold, REVIEW)
    assert (standing.kx == "add") == (used > threshold)
    assert standing.left is not None
    assert standing.left == max(threshold - used, 0)
