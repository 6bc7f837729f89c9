"""The knowledge base and the question log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "code_entry",
        sa.Column("code", sa.String(5), primary_key=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("timing", sa.String(), nullable=False),
        sa.Column("one_on_one", sa.String(), nullable=False),
        sa.Column("medicare_status", sa.String(1), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_until", sa.Date()),
        sa.Column("review", sa.String(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
    )
    op.create_index("ix_code_entry_family", "code_entry", ["family"])
    op.create_table(
        "knowledge_load",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "knowledge_shelf",
        sa.Column("shelf", sa.String(20), primary_key=True),
        sa.Column("key", sa.String(80), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
    )
    op.create_table(
        "question_log",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("workspace", sa.String(40), nullable=False),
        sa.Column("delivery", sa.String(120), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("door", sa.String(20), nullable=False),
        sa.Column("place", sa.String(40), nullable=False),
        sa.Column("thread", sa.String(40)),
        sa.Column("asker", sa.String(40), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("removed", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("codes", sa.String(200), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("took_ms", sa.Float(), nullable=False),
        sa.Column("feedback", sa.Integer()),
        sa.UniqueConstraint("workspace", "delivery", name="one_row_a_delivery"),
    )
    op.create_index("ix_question_log_asked_at", "question_log", ["asked_at"])
    op.create_index("ix_question_log_kind", "question_log", ["kind"])


def downgrade() -> None:
    for table in ("question_log", "knowledge_shelf", "knowledge_load", "code_entry"):
        op.drop_table(table)
