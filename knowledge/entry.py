"""A code entry: everything the house knows about one CPT or HCPCS code, in our own words."""

from datetime import date
from typing import Generic, Literal, TypeVar

from pydantic import Field

from knowledge.statement import Caution, Code, Name, Record, Review, Saying, SourceKey, Statement, Text

Family = Literal[
    "evaluation",
    "therapeutic_procedure",
    "functional_training",
    "supervised_modality",
    "constant_attendance_modality",
    "orthotic_prosthetic",
    "test_and_measure",
    "cognition",
    "speech_swallow",
    "caregiver_training",
    "remote_monitoring",
    "communication_based",
    "wound_care",
    "strapping_splinting",
    "dry_needling",
    "biofeedback",
    "vestibular",
    "athletic_training",
    "commercial_only",
    "unlisted",
]

TimingKind = Literal[
    "timed_15",  # counts toward Medicare's pooled minutes
    "timed_15_first",
    "timed_15_addon",
    "untimed",
    "first_30",
    "per_30_addon",
    "first_60",
    "per_60",
    "per_60_addon",
    "first_2_hours",
    "first_20_sqcm",
    "per_20_sqcm_addon",
    "per_extremity_or_section",
    "per_hand",
    "once_per_episode",
    "per_30_days",
    "per_month_first_10",
    "per_month_first_20",
    "per_month_20_addon",
    "per_call_band",
    "per_7_days_band",
    "by_report",
]


Value = TypeVar("Value")


class Fact(Record, Generic[Value]):
    """A value with its sources, and with a caution where it was only recalled or could not be verified."""

    value: Value
    sources: tuple[SourceKey, ...] = ()
    caution: Caution | None = None


class NotWhen(Statement):
    """A case in which this code is the wrong one, and the codes to look at instead."""

    instead: tuple[Code, ...] = ()


class UnitLimit(Record):
    """Medically unlikely edit: the most units of one day that Medicare takes without question.

    `adjudication` is CMS's indicator: 1 by line, 2 by day and absolute, 3 by day and open to appeal with records.
    """

    units: int = Field(ge=0)
    adjudication: Literal[1, 2, 3]
    as_of: date
    sources: tuple[SourceKey, ...]


class MedicareStatus(Record):
    """The fee schedule's status letter of a year: A active, B bundled, C priced by contractor, I not valid for
    Medicare, N not covered, R restricted. Active is no promise of coverage."""

    letter: Literal["A", "B", "C", "I", "N", "R", "X"]
    year: int = Field(ge=2015, le=2100)
    therapy_mppr: bool
    sources: tuple[SourceKey, ...]


class Entry(Record):
    """One code: what it is, what people call it, when to use it and when not, what the note must show."""

    code: Code
    title: Text
    plain: Statement
    family: Family
    disciplines: tuple[Literal["PT", "OT", "SLP"], ...] = Field(min_length=1)
    timing: Fact[TimingKind]
    add_on_to: Code | None = None
    one_on_one: Fact[Literal["required", "not required", "unverified"]]
    therapy_class: Fact[Literal["always", "sometimes", "bundled", "not applicable", "unverified"]]
    medicare: MedicareStatus
    unit_limit: UnitLimit | None = None
    names: tuple[Saying, ...] = Field(min_length=3)
    toward: tuple[Name, ...] = ()
    away: tuple[Name, ...] = ()
    use_when: tuple[Statement, ...] = Field(min_length=1)
    not_when: tuple[NotWhen, ...] = ()
    document: tuple[Statement, ...] = Field(min_length=1)
    pitfalls: tuple[Statement, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    review: Review


class RetiredCode(Record):
    """A number that is no code (any more): a misprint, or a code that ended, with what to look at instead.

    `code` may be a number of the wrong length, for that is what a misprint can be.
    """

    code: str = Field(pattern=r"^[A-Z0-9]{4,7}$")
    what: Literal["misprint", "retired"]
    instead: tuple[Code, ...]
    ended: date | None = None
    statement: Statement
