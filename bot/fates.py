"""What becomes of a reply that has to be posted: which process is at it, and how it ended.

How long a claim lasts is told by one clock, the database's: those of two machines may be a minute apart.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Engine, func, select, update
from sqlmodel import Session, col

from bot.question_row import QuestionKey, QuestionRow

Fate = Literal["posting", "posted", "refused", "uncertain", "missed"]
POSTED_DOORS = ("direct_message", "mention")  # the others are answered in Slack's own request, or not at all
LEASE = timedelta(seconds=30)  # how long a reply is left to the process that is at it, unless that says it still is
RUN_OUT = datetime(1970, 1, 1, tzinfo=UTC)  # when a claim ended that nobody makes any more, by any clock
MOST_CLAIMED = 50  # replies that a process takes over at once


class Claims:
    """Who is at which reply. A process claims a question with its record; a dead one's claims run out."""

    def __init__(self, engine: Engine) -> None:
        """Claims stand in the database of the log. Each call is one transaction of its own."""
        self._engine = engine

    def take(self, owner: str, lease: timedelta) -> Sequence[QuestionRow]:
        """Claim the questions whose claim has run out, oldest first, some at a time. Each goes to one process alone."""
        row, now = QuestionRow, self._now
        left = select(col(row.id)).where(col(row.claimed_until) < now).order_by(col(row.id)).limit(MOST_CLAIMED)
        statement = (
            update(row)
            .where(col(row.id).in_(left.with_for_update(skip_locked=True)), col(row.claimed_until) < now)
            .values(claimed_by=owner, claimed_until=now + lease)
            .returning(row)
        )
        with Session(self._engine, expire_on_commit=False) as session:
            taken = session.execute(statement, execution_options={"synchronize_session": False}).scalars().all()
            session.commit()
        return sorted(taken, key=lambda one: one.id or 0)

    def renew(self, owner: str, keys: Collection[QuestionKey], lease: timedelta) -> None:
        """Say that this process is still at these."""
        row = QuestionRow
        mine = (col(row.claimed_by) == owner, col(row.claimed_until).is_not(None))
        of_keys = col(row.delivery).in_([key.delivery for key in keys])
        with self._engine.begin() as connection:
            connection.execute(update(row).where(*mine, of_keys).values(claimed_until=self._now + lease))

    def adopt(self, since: datetime, lease: timedelta) -> None:
        """Claim for whoever takes them what the release before recorded: it made no claims."""
        row = QuestionRow
        unclaimed = (col(row.claimed_until).is_(None), col(row.fate).is_(None), col(row.reply).is_(None))
        recent = (col(row.asked_at) >= since, col(row.door).in_(POSTED_DOORS))
        with self._engine.begin() as connection:
            connection.execute(update(row).where(*unclaimed, *recent).values(claimed_until=self._now + lease))

    @property
    def _now(self) -> Any:  # noqa: ANN401  # a time, or what the database puts in its place
        """By the database's clock; SQLite has none but its machine's, and keeps times in a form of its own."""
        is_elsewhere = self._engine.dialect.name != "sqlite"
        return func.now() if is_elsewhere else datetime.now(UTC)
