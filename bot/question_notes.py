"""What is noted on a question after it was answered: its reply, edits, picks and votes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine, func, update
from sqlmodel import Session, col, select

from bot.changes import named
from bot.database import insert_of
from bot.question import Question
from bot.question_row import SMALL_TALK, GreetedRow, QuestionKey, QuestionRow, VoteRow

__all__ = ["QuestionKey", "QuestionNotes"]

LOOKED_THROUGH = 4  # questions that are read for each one shown, for some are asked again and again


class QuestionNotes:
    """Reads and writes the notes. Each call is one transaction of its own."""

    def __init__(self, engine: Engine) -> None:
        """Notes stand in the database of the log."""
        self._engine = engine

    def recent(self, workspace: str, asker: str, most: int) -> Sequence[QuestionRow]:
        """A person's last questions whose text is still kept, newest first, each once.

        Small talk is no question, and what went on from another question cannot be asked again by itself.
        """
        row = QuestionRow
        statement = select(row).where(row.workspace == workspace, row.asker == asker, row.text != "")
        statement = statement.where(col(row.whole).is_(None), col(row.kind).not_in(SMALL_TALK))
        with Session(self._engine) as session:
            rows = session.exec(statement.order_by(col(row.id).desc()).limit(most * LOOKED_THROUGH)).all()
        newest = {one.text.casefold(): one for one in reversed(rows)}
        return sorted(newest.values(), key=lambda one: one.id or 0, reverse=True)[:most]

    def asked_since(self, question: Question, since: datetime) -> bool:
        """Did who asks this ask anything else in the same place since a moment?"""
        row = QuestionRow
        statement = select(row.id).where(row.workspace == question.workspace, row.place == question.place)
        statement = statement.where(row.asker == question.asker, row.delivery != question.delivery)
        with Session(self._engine) as session:
            return session.exec(statement.where(col(row.asked_at) >= since).limit(1)).first() is not None

    def correct(self, key: QuestionKey, edit: str, row: QuestionRow) -> bool:
        """Put an edited question in the place of what was asked; False where this or a later edit stands already.

        `edit` sorts by time, as Slack's time stamps do.
        """
        fields = ("text", "whole", "removed", "kind", "codes", "confidence", "took_ms", "evidence")
        is_newer = col(QuestionRow.edit).is_(None) | (col(QuestionRow.edit) < edit)
        statement = update(QuestionRow).where(*named(key), is_newer, col(QuestionRow.text) != "")
        with self._engine.begin() as connection:
            done = connection.execute(
                statement.values(edit=edit, picked=None, **{name: getattr(row, name) for name in fields})
            )
            return bool(done.rowcount)

    def vote(self, question: int, person: str, vote: int) -> None:
        """Count a person's vote, in place of an earlier one. Words said with the earlier one go with it."""
        insert = insert_of(self._engine)(VoteRow).values(question=question, person=person, vote=vote)
        statement = insert.on_conflict_do_update(
            index_elements=["question", "person"], set_={"vote": vote, "expected": None}
        )
        total = select(func.sum(VoteRow.vote)).where(VoteRow.question == question).scalar_subquery()
        with self._engine.begin() as connection:
            connection.execute(statement)
            connection.execute(update(QuestionRow).where(col(QuestionRow.id) == question).values(feedback=total))

    def expect(self, question: int, person: str, expected: str) -> None:
        """Keep what a person who voted had expected, scrubbed."""
        mine = (col(VoteRow.question) == question, col(VoteRow.person) == person)
        with self._engine.begin() as connection:
            connection.execute(update(VoteRow).where(*mine).values(expected=expected))

    def greet(self, workspace: str, person: str) -> bool:
        """True the first time that a person is met."""
        statement = insert_of(self._engine)(GreetedRow).values(workspace=workspace, person=person)
        with self._engine.begin() as connection:
            told = connection.execute(statement.on_conflict_do_nothing().returning(col(GreetedRow.person)))
            return told.first() is not None
