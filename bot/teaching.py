"""How a clinic's knowledge grows: a change is tried on the stored questions first, and published when confirmed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from bot.answering import answer_text
from bot.clinic_tables import publish, read_own
from bot.clinics import Clinic, Clinics, clinic_with, find_alike
from bot.own_knowledge import OwnKnowledge
from bot.question_log import UNANSWERED
from bot.question_row import QuestionKey, QuestionRow
from bot.replay import Replayed, outcomes_at, replay, stored_questions
from bot.report import Report, make_report
from bot.tellings import leave
from bot.where_asked import is_reached

OwnChange = Callable[[OwnKnowledge], OwnKnowledge]
WORKLIST_SPAN = timedelta(days=90)
STILL_WANTED = timedelta(days=30)  # how long after asking somebody is told that the answer is known now
MOST_TOLD = 200  # people who are told of one change


@dataclass(frozen=True)
class Published:
    """What a publishing made: the clinic's own knowledge, and how many people are told."""

    own: OwnKnowledge
    told: int


@dataclass(frozen=True)
class OpenQuestion:
    """A question without an answer: its words, how often it was asked, how many ask the same in other words."""

    key: QuestionKey
    text: str
    count: int
    alike: int


class Teacher:
    """Changes what clinics add. Every call takes a while and is for a thread of its own."""

    def __init__(self, engine: Engine, clinics: Clinics) -> None:
        """Made anew whenever needed: all it has is shared."""
        self._engine = engine
        self._clinics = clinics

    def own(self, workspace: str) -> OwnKnowledge:
        """What a clinic added so far."""
        with Session(self._engine) as session:
            return read_own(session, workspace)

    def try_out(self, workspace: str, change: OwnChange) -> Replayed:
        """What a change would do to the stored questions of the workspace; nothing is published."""
        shipped, own = self._clinics.shipped.index, self.own(workspace)
        before, after = clinic_with(shipped, own), clinic_with(shipped, change(own))
        with Session(self._engine) as session:
            asked = stored_questions(session, workspace)
        may_change = _may_change(before, after)
        return replay(asked, outcomes_at(before, after), lambda one: may_change(one.text))

    def publish(self, workspace: str, change: OwnChange) -> Published:
        """Make a change. It is live here at once, and in other processes at their next look.

        Those whose question has an answer by this change alone are told, by whichever process serves the workspace.
        """
        before = clinic_with(self._clinics.shipped.index, self.own(workspace))
        own = publish(self._engine, workspace, change).own
        self._clinics.refresh()
        reached = self._reached_by(before, self._clinics.of(workspace), workspace)
        return Published(own, leave(self._engine, workspace, "taught", reached))

    def take_up(self) -> None:
        """Have here what other processes published, without waiting for the next look."""
        self._clinics.refresh()

    def report(self, workspace: str, since: date | None = None) -> Report:
        """What was asked here."""
        return make_report(self._engine, workspace, self._clinics.shipped.index.language, since)

    def open_questions(self, workspace: str) -> list[OpenQuestion]:
        """What has no answer still, those asked most first."""
        clinic, today = self._clinics.of(workspace), datetime.now(UTC).date()
        clusters = self.report(workspace, today - WORKLIST_SPAN).clusters
        still = [one for one in clusters if answer_text(one.text, clinic, today).kind in UNANSWERED]
        keys = self._keys_of(workspace, [one.text for one in still])
        return [
            OpenQuestion(keys[one.text], one.text, one.count, len(one.texts) - 1) for one in still if one.text in keys
        ]

    def _keys_of(self, workspace: str, texts: Sequence[str]) -> dict[str, QuestionKey]:
        row = QuestionRow
        what: tuple[Any, ...] = (col(row.text), col(row.delivery))
        statement = select(*what).where(
            col(row.workspace) == workspace, col(row.kind) == UNANSWERED[0], col(row.text).in_(texts)
        )
        with Session(self._engine) as session:
            return {text: QuestionKey(workspace, delivery) for text, delivery in session.execute(statement)}

    def _reached_by(self, before: Clinic, after: Clinic, workspace: str) -> list[int]:
        """Questions, not long ago, to which a change gave an answer; one for each who asked the same there."""
        if find_alike(before, after):
            return []
        row = QuestionRow
        since = datetime.now(UTC).date() - STILL_WANTED
        statement = (
            select(row)
            .where(col(row.workspace) == workspace, col(row.kind) == UNANSWERED[0], col(row.day) >= since)
            .order_by(col(row.id).desc())
        )
        may_change = _may_change(before, after)
        found: dict[tuple[str, str | None, str, str], int] = {}
        with Session(self._engine) as session:
            for one in session.execute(statement.limit(10 * MOST_TOLD)).scalars():
                same = (one.place, one.thread, one.asker, one.text)
                is_new = one.id and one.text and same not in found and is_reached(one)
                if one.id and is_new and may_change(one.whole or one.text) and _gained(one, before, after):
                    found[same] = one.id
        return sorted(found.values())[:MOST_TOLD]


def _gained(row: QuestionRow, before: Clinic, after: Clinic) -> bool:
    """Has the question an answer after the change that it had not before?"""
    text, day = row.whole or row.text, row.asked_at.date()
    return answer_text(text, after, day).kind not in UNANSWERED and answer_text(text, before, day).kind in UNANSWERED


def _may_change(before: Clinic, after: Clinic) -> Callable[[str], bool]:
    """Where only sayings differ, a question without any of their words is answered as before."""
    if (before.own.rules, before.own.topics) != (after.own.rules, after.own.topics):
        return lambda _: True
    stems = {
        stem
        for saying in {*before.own.sayings} ^ {*after.own.sayings}
        for stem in after.index.language.stems(saying.text)
    }
    languages = (before.index.language, after.index.language)  # misspelt words may be read otherwise

    def has_a_word(text: str) -> bool:
        read = (one.read(text) for one in languages)
        return any(token.stem in stems for said in read for token in said.tokens)

    return has_a_word
