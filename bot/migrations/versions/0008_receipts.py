"""Receipts of answers, what is to be told to earlier askers, and indexes by which a million questions are counted."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
served_from = "0003"

COLUMNS = (("receipt", sa.String(12)), ("evidence", sa.String()), ("day", sa.Date()))
COUNTED = {  # for the report
    "ix_question_log_day": ("workspace", "day", "door", "kind"),
    "ix_question_log_codes": ("workspace", "codes", "day"),
}
LISTED = {  # few of the questions stand in these
    "ix_question_log_open": "kind = 'unknown'",
    "ix_question_log_down": "feedback < 0",
    "ix_question_log_slow": "took_ms >= 100",
}
DAYS = "UPDATE question_log SET day = date(asked_at)"
DAYS_ON_POSTGRES = "UPDATE question_log SET day = CAST(asked_at AT TIME ZONE 'UTC' AS DATE)"


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("question_log", sa.Column(name, kind))
    op.execute(DAYS_ON_POSTGRES if op.get_context().dialect.name == "postgresql" else DAYS)
    op.create_index("ix_question_log_receipt", "question_log", ["receipt"])
    for name, columns in COUNTED.items():
        op.create_index(name, "question_log", columns)
    for name, condition in LISTED.items():
        only = sa.text(condition)
        op.create_index(name, "question_log", ["workspace", "day"], sqlite_where=only, postgresql_where=only)
    op.create_table(
        "telling",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("workspace", sa.String(40), nullable=False),
        sa.Column("what", sa.String(10), nullable=False),
        sa.Column("question", sa.Integer(), nullable=False),
        sa.Column("round", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), nullable=False, index=True),
        sa.Column("words", sa.String()),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("workspace", "what", "question", "round", name="one_telling"),
    )


def downgrade() -> None:
    op.drop_table("telling")
    for name in (*COUNTED, *LISTED, "ix_question_log_receipt"):
        op.drop_index(name, "question_log")
    for name, _ in COLUMNS:
        op.drop_column("question_log", name)
