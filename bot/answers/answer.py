"""What every answer has: codes, how sure it is, and why."""

from dataclasses import dataclass
from typing import Any, ClassVar

from bot.own_knowledge import HouseRule
from knowledge.search import Hit

UNSURE = 0.35  # confidence below which a find is not told as an answer


@dataclass(frozen=True, kw_only=True)
class Why:
    """Why an answer is what it is: the saying that fitted, the words shared, circumstances, and the next best."""

    saying: str = ""
    matched: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    runner_up: str | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Facts that answer a question. The words are made later, by the template of the same kind.

    `codes` are asserted, best first; `also` are alternatives and codes compared; `choice` is true when the asker must
    decide between `codes`; `confidence` lies between 0 and 1; `house_rules` are the clinic's own.
    """

    kind: ClassVar[str]
    codes: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    choice: bool = False
    confidence: float = 1.0
    why: Why = Why()
    house_rules: tuple[HouseRule, ...] = ()

    def for_scripts(self) -> dict[str, Any]:
        """Facts that only this kind of answer has, for scripts; empty where it has none."""
        return {}


def why_hit(hit: Hit, hits: tuple[Hit, ...]) -> Why:
    """The reason for a hit, with the next best of all hits."""
    others = [one for one in hits if (one.shelf, one.key) != (hit.shelf, hit.key)]
    return Why(saying=hit.saying, matched=hit.matched, reasons=hit.reasons, runner_up=others[0].key if others else None)


def confidence_of(hit: Hit, rival: Hit | None) -> float:
    """How sure a hit is, from 0 to 1: how well its saying fits, less when a rival stands close.

    The scale was laid so that the share of right answers in a band is near the band (see `coding-helper bench`).
    """
    margin = hit.score - (rival.score if rival else 0.0)
    sure = 0.15 + 0.65 * min(1.0, hit.score) * min(1.0, hit.covered + 0.15) + 0.5 * min(0.4, max(0.0, margin))
    return round(max(0.0, min(0.99, sure)), 2)
