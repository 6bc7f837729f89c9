"""What became of each reply, and which process is at it: replies are posted once, also by several processes."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
served_from = "0006"

COLUMNS = (("fate", sa.String(10)), ("claimed_by", sa.String(40)), ("claimed_until", sa.DateTime(timezone=True)))
IN_FLIGHT = timedelta(minutes=2)  # how long a process of the release before may still be at a reply


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("question_log", sa.Column(name, kind))
    op.create_index("ix_question_log_claimed_until", "question_log", ["claimed_until"])
    columns = [sa.column("reply"), sa.column("door"), *(sa.column(name, kind) for name, kind in COLUMNS)]
    table = sa.table("question_log", *columns)
    op.execute(table.update().where(table.c.reply.is_not(None)).values(fate="posted"))
    is_open = table.c.reply.is_(None) & table.c.door.in_(("direct_message", "mention"))
    op.execute(table.update().where(is_open).values(claimed_until=datetime.now(UTC) + IN_FLIGHT))


def downgrade() -> None:
    op.drop_index("ix_question_log_claimed_until", "question_log")
    for name, _ in COLUMNS:
        op.drop_column("question_log", name)
