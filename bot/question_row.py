"""The tables of the log: the questions asked, the votes on their answers, and who was greeted."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

SMALL_TALK = ("helped", "limited")  # kinds of answers that no question goes on from; what is declined too


@dataclass(frozen=True)
class QuestionKey:
    """Names one question: its workspace, and its delivery there."""

    workspace: str
    delivery: str


SLOW_MS = 100  # milliseconds from which finding an answer counts as slow


def _listed(name: str, condition: str) -> Index:
    """An index in which only few questions stand. The migration limits it: a table that does so loads both dialects."""
    return Index(name, "workspace", "day", info={"only": condition})


class QuestionRow(SQLModel, table=True):
    """One question asked. `text` is scrubbed; `asker` is Slack's user id, never a name; times are in UTC.

    `whole` is the text joined to what it goes on from; `reply` names the posted reply, None until it stands; `edit` the
    asker's last edit; `picked` is the code chosen among several; `feedback` the sum of the votes.
    `fate` is what became of a reply that had to be posted; `claimed_by` and `claimed_until` say which process is at it.
    `receipt` is the answer's short id, `evidence` what it rested on, as JSON (see bot.receipts). `day` is that of
    `asked_at`, by which the questions are counted; None where an older program wrote the row.
    """

    __tablename__ = "question_log"
    __table_args__ = (
        UniqueConstraint("workspace", "delivery", name="one_row_a_delivery"),
        Index("ix_question_log_day", "workspace", "day", "door", "kind"),
        Index("ix_question_log_codes", "workspace", "codes", "day"),
        _listed("ix_question_log_open", "kind = 'unknown'"),
        _listed("ix_question_log_down", "feedback < 0"),
        _listed("ix_question_log_slow", f"took_ms >= {SLOW_MS}"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace: str = Field(max_length=40)
    delivery: str = Field(max_length=120)
    asked_at: datetime = Field(index=True)
    door: str = Field(max_length=20)
    place: str = Field(max_length=40)
    thread: str | None = Field(default=None, max_length=40)
    asker: str = Field(max_length=40)
    text: str
    removed: str = Field(default="", max_length=200)
    kind: str = Field(max_length=20, index=True)
    codes: str = Field(default="", max_length=200)
    confidence: float
    took_ms: float
    feedback: int | None = None
    whole: str | None = None
    reply: str | None = Field(default=None, max_length=40)
    edit: str | None = Field(default=None, max_length=40)
    picked: str | None = Field(default=None, max_length=10)
    fate: str | None = Field(default=None, max_length=10)
    claimed_by: str | None = Field(default=None, max_length=40)
    claimed_until: datetime | None = Field(default=None, index=True)
    receipt: str | None = Field(default=None, max_length=12, index=True)
    evidence: str | None = None
    day: date | None = None

    @property
    def asked_at_utc(self) -> datetime:
        """When it was asked, with its zone, which SQLite does not keep."""
        return self.asked_at if self.asked_at.tzinfo else self.asked_at.replace(tzinfo=UTC)


class VoteRow(SQLModel, table=True):
    """A person's last vote on an answer, +1 or -1, with what was expected instead (scrubbed)."""

    __tablename__ = "question_vote"

    question: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    person: str = Field(primary_key=True, max_length=40)
    vote: int
    expected: str | None = None


class GreetedRow(SQLModel, table=True):
    """A person who was greeted, once."""

    __tablename__ = "person_greeted"

    workspace: str = Field(primary_key=True, max_length=40)
    person: str = Field(primary_key=True, max_length=40)
