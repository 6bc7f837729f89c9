"""A pair edit: two codes that Medicare does not pay together on one day, or only with a modifier."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from knowledge.statement import Name, Record, Review, Saying, SourceKey, Statement, Text

Setting = Literal["practitioner", "hospital"]
SETTINGS: tuple[Setting, ...] = ("practitioner", "hospital")
Indicator = Literal[0, 1, 9]  # 0 no modifier unlocks the pair, 1 one may, 9 withdrawn as if it had never been
WITHDRAWN = 9
Modifier = Literal["59", "XE", "XS", "XP", "XU"]
Quarter = Annotated[str, StringConstraints(pattern=r"^\d{4}Q[1-4]$")]
# Any code of a Medicare claim, not only those that can have an entry: 0001A and 0001M are in CMS's files too.
ClaimCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]\d{3}[A-Z0-9]$")]
Pair = frozenset[str]

Reason = Literal[
    "standards",
    "misuse",
    "more_extensive",
    "mutually_exclusive",
    "coding_instruction",
    "separate_procedure",
    "code_definition",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairEdit:
    """One row of CMS's table for one setting: column one is paid, column two is denied beside it.

    `practitioner` is CMS's table for private practice and physician offices; `hospital` the one for outpatient
    hospitals, which Medicare also holds against Part B therapy of nursing homes, rehab agencies, CORFs and home health.
    `effective` is None where it is not known, `deleted` where the edit stands. `reason` is our tag for CMS's grounds.
    """

    column_one: ClaimCode
    column_two: ClaimCode
    setting: Setting
    indicator: Indicator
    as_of: date
    effective: date | None = None
    deleted: date | None = None
    reason: Reason | None = None

    @property
    def codes(self) -> Pair:
        """Both codes, without an order."""
        return frozenset((self.column_one, self.column_two))

    @property
    def stands(self) -> bool:
        """Whether the edit is in force in the quarter of its table. CMS's deletion date is the last day of force."""
        return self.indicator != WITHDRAWN and (self.deleted is None or self.deleted >= self.as_of)


@dataclass(frozen=True)
class PairTable:
    """The pair edits of one setting in one quarter, ready for looking up by both codes.

    `covers` are the codes whose edits among each other were all read, None where the whole of CMS's file was.
    `checked` are pairs that were looked for one by one. What is in neither, and has no row, is not known.
    """

    setting: Setting
    quarter: str
    as_of: date
    edits: Mapping[Pair, tuple[PairEdit, ...]]
    sources: tuple[str, ...] = ()
    covers: frozenset[str] | None = None
    checked: frozenset[Pair] = frozenset()

    @cached_property
    def beside(self) -> Mapping[str, frozenset[str]]:
        """For each code those that it has a row with, standing or past."""
        found: dict[str, set[str]] = {}
        for pair in self.edits:
            for code in pair:
                found.setdefault(code, set()).update(pair)
        return {code: frozenset(others) for code, others in found.items()}

    def knows(self, pair: Pair) -> bool:
        """Whether "there is no row" means "there is no edit" for these two codes."""
        return self.covers is None or pair in self.edits or pair in self.checked or pair <= self.covers


def edits_by_pair(edits: Iterable[PairEdit]) -> Mapping[Pair, tuple[PairEdit, ...]]:
    """The edits under their two codes, whichever of them is column one."""
    by_pair: dict[Pair, list[PairEdit]] = {}
    for edit in edits:
        by_pair.setdefault(edit.codes, []).append(edit)
    return {pair: tuple(rows) for pair, rows in by_pair.items()}


class PastEdit(Record):
    """An earlier edit of the same two columns, its last day and indicator; in both settings, unless `only` says one."""

    ended: date
    indicator: Indicator
    only: Setting | None = None


class PairRow(Record):
    """A line of a pair file: the indicator in each setting, where the edit stands there, and what stood before."""

    column_one: ClaimCode
    column_two: ClaimCode
    practitioner: Literal[0, 1] | None = None
    hospital: Literal[0, 1] | None = None
    reason: Reason | None = None
    past: tuple[PastEdit, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.column_one == self.column_two:
            raise ValueError("both columns are the same code")
        if self.practitioner is None and self.hospital is None and not self.past:
            raise ValueError("the row has neither an indicator nor a past edit")
        return self

    def edits(self, setting: Setting, as_of: date) -> Iterator[PairEdit]:
        """This line's edits in one setting, the standing one first."""
        now = self.practitioner if setting == "practitioner" else self.hospital
        if now is not None:
            yield self._edit(setting, as_of, now, None)
        for past in self.past:
            if past.only in (None, setting):
                yield self._edit(setting, as_of, past.indicator, past.ended)

    def _edit(self, setting: Setting, as_of: date, indicator: Indicator, deleted: date | None) -> PairEdit:
        return PairEdit(
            column_one=self.column_one,
            column_two=self.column_two,
            setting=setting,
            indicator=indicator,
            as_of=as_of,
            deleted=deleted,
            reason=self.reason if deleted is None else None,
        )


class PairShelf(Record):
    """A pair file that ships: the rows among our codes, of one quarter.

    `no_active_edit` are pairs that were looked for and have no standing edit; `covers` as in PairTable.
    """

    name: Name
    quarter: Quarter
    as_of: date
    sources: tuple[SourceKey, ...] = Field(min_length=1)
    covers: tuple[ClaimCode, ...]
    no_active_edit: tuple[tuple[ClaimCode, ClaimCode], ...] = ()
    rows: tuple[PairRow, ...] = Field(min_length=1)
    review: Review

    @model_validator(mode="after")
    def _is_of_one_mind(self) -> Self:
        seen: set[tuple[str, str]] = set()
        standing: set[Pair] = set()
        for row in self.rows:
            columns = (row.column_one, row.column_two)
            if columns in seen:
                raise ValueError(f"{row.column_one} and {row.column_two} have two rows")
            seen.add(columns)
            if (row.practitioner, row.hospital) != (None, None):
                standing.add(frozenset(columns))
        for one, two in self.no_active_edit:
            if frozenset((one, two)) in standing:
                raise ValueError(f"{one} and {two} have a standing edit and are listed as having none")
        return self

    def table(self, setting: Setting) -> PairTable:
        """The table of one setting, for the rules."""
        return PairTable(
            setting=setting,
            quarter=self.quarter,
            as_of=self.as_of,
            edits=edits_by_pair(edit for row in self.rows for edit in row.edits(setting, self.as_of)),
            sources=self.sources,
            covers=frozenset(self.covers),
            checked=frozenset(map(frozenset, self.no_active_edit)),
        )


class MinuteSharing(Record):
    """Which codes may share their minutes with another service: those of a family, from one number to another.

    A code of the family outside the numbers may share with care only.
    """

    family: Name
    first: ClaimCode
    last: ClaimCode


class DayRule(Record):
    """A rule for one patient's day that no pair row holds.

    It applies to `codes`: the day has one of `any_of`, and where `beside` or `beside_any` is given another of those,
    or where `most` is given more than so many; to `bundled` codes; to `every pair`; to an `unlocked pair`, whose edit
    a modifier may unlock; to a `pair without edit`.
    `says` are words for what stands beside the codes and has no code here ("an L code"): the rule holds only where
    they were said. `unlocks` are the modifiers that the rule names, and `modifier_on` the code that they stand on.
    """

    name: Name
    applies: Literal["codes", "bundled", "every pair", "unlocked pair", "pair without edit"] = "codes"
    any_of: tuple[ClaimCode, ...] = ()
    beside: tuple[ClaimCode, ...] = ()
    beside_any: bool = False
    says: tuple[Saying, ...] = ()
    most: int | None = Field(default=None, ge=1)
    unlocks: tuple[Modifier, ...] = ()
    modifier_on: Literal["any_of", "beside", "either"] | None = None
    shares: MinuteSharing | None = None
    statement: Statement
    section: Text | None = None
    as_of: date

    @model_validator(mode="after")
    def _can_apply(self) -> Self:
        if (self.applies == "codes") != bool(self.any_of):
            raise ValueError("any_of belongs to a rule that applies to codes, and only to that")
        return self
