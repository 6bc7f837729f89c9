"""What a clinic adds of its own: sayings, house rules, topics."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
served_from = "0003"


def upgrade() -> None:
    op.create_table(
        "clinic",
        sa.Column("workspace", sa.String(40), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest_channel", sa.String(40)),
    )
    op.create_table(
        "clinic_saying",
        sa.Column("workspace", sa.String(40), primary_key=True),
        sa.Column("text", sa.String(80), primary_key=True),
        sa.Column("shelf", sa.String(20), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
    )
    op.create_table(
        "clinic_rule",
        sa.Column("workspace", sa.String(40), primary_key=True),
        sa.Column("code", sa.String(5), primary_key=True),
        sa.Column("payer", sa.String(60), primary_key=True),
        sa.Column("text", sa.String(), primary_key=True),
    )
    op.create_table(
        "clinic_topic",
        sa.Column("workspace", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("body", sa.String(), nullable=False),
    )


def downgrade() -> None:
    for table in ("clinic_topic", "clinic_rule", "clinic_saying", "clinic"):
        op.drop_table(table)
