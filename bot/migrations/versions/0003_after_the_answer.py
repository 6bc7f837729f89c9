"""What happens to a question after its answer: edits, picks, votes, and who was greeted."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = (("whole", sa.String()), ("reply", sa.String(40)), ("edit", sa.String(40)), ("picked", sa.String(10)))


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("question_log", sa.Column(name, kind))
    op.execute("UPDATE question_log SET reply = ''")  # posted under a name that nobody noted
    op.create_table(
        "question_vote",
        sa.Column("question", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("person", sa.String(40), primary_key=True),
        sa.Column("vote", sa.Integer(), nullable=False),
        sa.Column("expected", sa.String()),
    )
    op.create_table(
        "person_greeted",
        sa.Column("workspace", sa.String(40), primary_key=True),
        sa.Column("person", sa.String(40), primary_key=True),
    )


def downgrade() -> None:
    op.drop_table("person_greeted")
    op.drop_table("question_vote")
    for name, _ in COLUMNS:
        op.drop_column("question_log", name)
