"""Which modifier says whose plan of care it is, and which modifiers cannot stand on one line."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from knowledge.statement import Caution, SourceKey

Discipline = Literal["PT", "OT", "SLP"]
DisciplineModifier = Literal["GP", "GO", "GN"]
AssistantModifier = Literal["CQ", "CO"]

DISCIPLINE_MODIFIERS: dict[Discipline, DisciplineModifier] = {"PT": "GP", "OT": "GO", "SLP": "GN"}
ASSISTANT_MODIFIERS: dict[Discipline, AssistantModifier] = {"PT": "CQ", "OT": "CO"}


@dataclass(frozen=True)
class Contradiction:
    """What is wrong with the modifiers of one line.

    `not_together`: `modifiers` exclude each other. `needs`: the one in `modifiers` asks for `missing` beside it.
    `not_for_therapy`: the one in `modifiers` does not belong on a therapy line. No sources: our own reading.
    """

    kind: Literal["not_together", "needs", "not_for_therapy"]
    modifiers: tuple[str, ...]
    missing: str | None = None
    sources: tuple[SourceKey, ...] = ()
    caution: Caution | None = None


EXCLUDING = (
    Contradiction("not_together", ("KX", "GA"), sources=("WEBPTFAQ",)),
    *(Contradiction("not_together", pair, sources=("RCMGA",)) for pair in combinations(("GA", "GY", "GZ"), 2)),
    *(Contradiction("not_together", pair) for pair in combinations(("GP", "GO", "GN"), 2)),
)
NEEDING = (
    Contradiction("needs", ("CQ",), missing="GP", sources=("CMSCQ",)),
    Contradiction("needs", ("CO",), missing="GO", sources=("CMSCQ",)),
)
NOT_FOR_THERAPY = (
    Contradiction("not_for_therapy", ("51",), caution="recalled"),
    Contradiction("not_for_therapy", ("52",), caution="recalled"),
)


def discipline_modifier(discipline: Discipline) -> DisciplineModifier:
    """The modifier that says whose plan of care a line belongs to.

    Source: Medicare Claims Processing Manual (Pub. 100-04), chapter 5, section 20.1, recalled.

    >>> discipline_modifier("OT")
    'GO'
    """
    return DISCIPLINE_MODIFIERS[discipline]


def assistant_modifier(discipline: Discipline) -> AssistantModifier | None:
    """The modifier for what an assistant furnished: CQ beside GP, CO beside GO, None for speech-language pathology.

    Source: CMS, billing examples for CQ and CO (CMSCQ).

    >>> assistant_modifier("PT")
    'CQ'
    """
    return ASSISTANT_MODIFIERS.get(discipline)


def contradictions(modifiers: Collection[str]) -> tuple[Contradiction, ...]:
    """What is wrong with the modifiers of one therapy line; empty where nothing is known to be.

    Empty does not say that the line is right. `modifiers` may be typed in small letters.
    Source: each Contradiction names its own.

    >>> [(wrong.kind, wrong.modifiers) for wrong in contradictions(["GP", "kx", "ga"])]
    [('not_together', ('KX', 'GA'))]
    """
    present = {modifier.upper() for modifier in modifiers}
    return (
        *(rule for rule in EXCLUDING if present.issuperset(rule.modifiers)),
        *(rule for rule in NEEDING if present.issuperset(rule.modifiers) and rule.missing not in present),
        *(rule for rule in NOT_FOR_THERAPY if present.issuperset(rule.modifiers)),
    )
