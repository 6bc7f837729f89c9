"""Replay: stored questions asked anew, to show what a change does before anybody is told anything else."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import select
from sqlmodel import Session, col

from bot.answering import answer_text, answers_under
from bot.answers.answer import Answer
from bot.clinics import Clinic, find_alike
from bot.question_log import UNANSWERED, QuestionRow

LOOKED_AT = 20_000  # stored questions, the newest, among which the distinct ones are found
MOST_REPLAYED = 2_000  # distinct questions; a replay takes seconds

What = Literal["gained", "changed", "lost", "ruled"]


@dataclass(frozen=True)
class Asked:
    """A question as it is stored: its text, the day of its last asking, how often, and how it was answered then."""

    text: str
    day: date
    times: int
    outcome: "Outcome"


@dataclass(frozen=True)
class Outcome:
    """How a question is answered, as far as a replay compares it. `topic` and `rules` are not kept in old answers."""

    kind: str
    codes: tuple[str, ...]
    topic: str = ""
    rules: tuple[str, ...] = ()

    @property
    def as_stored(self) -> "Outcome":
        """As much of it as old answers keep."""
        return Outcome(self.kind, self.codes)

    @property
    def is_answer(self) -> bool:
        """Is it an answer at all?"""
        return self.kind not in UNANSWERED

    def __str__(self) -> str:
        """The outcome in a few words."""
        if not self.is_answer:
            return "no answer"
        return " or ".join(self.codes) or self.topic or self.kind.replace("_", " ")


@dataclass(frozen=True)
class Change:
    """A question that is answered otherwise."""

    asked: Asked
    before: Outcome
    after: Outcome

    @property
    def what(self) -> What:
        """Gained or lost an answer, has another one, or has the same with other house rules."""
        if self.before.is_answer != self.after.is_answer:
            return "gained" if self.after.is_answer else "lost"
        is_same = (self.before.codes, self.before.topic) == (self.after.codes, self.after.topic)
        return "ruled" if is_same and self.before.is_answer else "changed"


@dataclass(frozen=True)
class Replayed:
    """What a replay found: how many distinct questions were asked anew, and which are answered otherwise."""

    tried: int
    changes: tuple[Change, ...]

    @property
    def sentence(self) -> str:
        """The changes in a sentence: "14 answers change: 12 gain a code, 1 changes, 1 is lost"."""
        counts = Counter(one.what for one in self.changes)
        gained = "an answer" if any(one.what == "gained" and not one.after.codes for one in self.changes) else "a code"
        parts = [
            _counted(counts["gained"], f"gains {gained}", f"gain {gained}"),
            _counted(counts["changed"], "changes", "change"),
            _counted(counts["lost"], "is lost", "are lost"),
            _counted(counts["ruled"], "has another house rule", "have other house rules"),
        ]
        told = ", ".join(one for one in parts if one)
        if not told:
            return "No answer changes"
        return f"{_counted(len(self.changes), 'answer changes', 'answers change')}: {told}"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}" if count else ""


def stored_questions(session: Session, workspace: str, most: int = MOST_REPLAYED) -> list[Asked]:
    """The newest distinct questions of a workspace whose words are still kept."""
    row = QuestionRow
    statement = (
        select(*(col(one) for one in (row.text, row.whole, row.asked_at, row.kind, row.codes)))
        .where(col(row.workspace) == workspace)
        .order_by(col(row.asked_at).desc())
        .limit(LOOKED_AT)
    )
    times: Counter[str] = Counter()
    newest: dict[str, tuple[date, Outcome]] = {}
    for text, whole, asked_at, kind, codes in session.execute(statement):
        asked = whole or text
        if asked and (asked in newest or len(newest) < most):
            times[asked] += 1
            newest.setdefault(asked, (asked_at.date(), Outcome(kind, tuple(codes.split()))))
    return [Asked(text, day, times[text], outcome) for text, (day, outcome) in newest.items()]


def outcome_at(clinic: Clinic) -> Callable[[Asked], Outcome]:
    """How a clinic's shelves answer a stored question."""

    return lambda asked: _outcome(answer_text(asked.text, clinic, asked.day))


def outcomes_at(before: Clinic, after: Clinic) -> Callable[[Asked], tuple[Outcome, Outcome]]:
    """As `outcome_at`, before and after a change. House rules find no other answer: for them it is found once."""
    if not find_alike(before, after):
        ask_before, ask_after = outcome_at(before), outcome_at(after)
        return lambda asked: (ask_before(asked), ask_after(asked))

    def ask(asked: Asked) -> tuple[Outcome, Outcome]:
        was, now = answers_under(asked.text, before.index, asked.day, before.rules, after.rules)
        return _outcome(was), _outcome(now)

    return ask


def _outcome(answer: Answer) -> Outcome:
    topic = getattr(answer, "topic", None)
    rules = tuple(one.text for one in answer.house_rules)
    return Outcome(answer.kind, answer.codes, topic.title if topic else "", rules)


def since_asked(clinic: Clinic) -> Callable[[Asked], tuple[Outcome, Outcome]]:
    """How a question was answered when it was asked, and how it is now, as far as old answers are kept."""
    now = outcome_at(clinic)
    return lambda asked: (asked.outcome, now(asked).as_stored)


def replay(
    asked: Sequence[Asked],
    outcomes: Callable[[Asked], tuple[Outcome, Outcome]],
    may_change: Callable[[Asked], bool] = lambda _: True,
) -> Replayed:
    """Ask stored questions before and after a change; the most asked of the changed ones come first.

    `may_change` spares those that the change cannot touch.
    """
    pairs = ((one, *outcomes(one)) for one in asked if may_change(one))
    changes = [Change(one, was, now) for one, was, now in pairs if _differ(was, now)]
    changes.sort(key=lambda one: (ORDER.index(one.what), -one.asked.times, one.asked.text))
    return Replayed(len(asked), tuple(changes))


ORDER: Sequence[What] = ("lost", "changed", "gained", "ruled")  # what may be wrong stands first


def _differ(was: Outcome, now: Outcome) -> bool:
    """Another answer; where no code and no topic tell them apart, the kind does not matter."""
    return (was.is_answer, was.codes, was.topic, was.rules) != (now.is_answer, now.codes, now.topic, now.rules)
