"""Tables for CMS's own files: pair edits by quarter, unit limits, fee schedule values."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pair_quarter",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("setting", sa.String(12), nullable=False),
        sa.Column("quarter", sa.String(6), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "one_live_quarter_a_setting",
        "pair_quarter",
        ["setting"],
        unique=True,
        sqlite_where=sa.text("state = 'live'"),
        postgresql_where=sa.text("state = 'live'"),
    )
    op.create_table(
        "code_pair_edit",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("column_one", sa.String(5), nullable=False),
        sa.Column("column_two", sa.String(5), nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("deleted", sa.Date()),
        sa.Column("indicator", sa.Integer(), nullable=False),
    )
    op.create_index("ix_code_pair_edit_pair", "code_pair_edit", ["quarter", "column_one", "column_two"])
    op.create_table(
        "unit_limit",
        sa.Column("setting", sa.String(12), primary_key=True),
        sa.Column("code", sa.String(5), primary_key=True),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("adjudication", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
    )
    op.create_table(
        "fee_value",
        sa.Column("effective", sa.Date(), primary_key=True),
        sa.Column("basis", sa.String(5), primary_key=True),
        sa.Column("code", sa.String(5), primary_key=True),
        sa.Column("modifier", sa.String(2), primary_key=True),
        sa.Column("status", sa.String(1), nullable=False),
        sa.Column("work", sa.String(12), nullable=False),
        sa.Column("practice_nonfacility", sa.String(12), nullable=False),
        sa.Column("practice_facility", sa.String(12), nullable=False),
        sa.Column("malpractice", sa.String(12), nullable=False),
        sa.Column("multiple_procedure", sa.String(1), nullable=False),
        sa.Column("conversion_factor", sa.String(12), nullable=False),
    )


def downgrade() -> None:
    for table in ("fee_value", "unit_limit", "code_pair_edit", "pair_quarter"):
        op.drop_table(table)
