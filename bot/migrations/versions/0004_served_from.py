"""Which programs may work on the tables, so that those of the release before go on while a new one starts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
served_from = "0003"


def upgrade() -> None:
    op.create_table("served_from", sa.Column("migration", sa.String(32), primary_key=True))


def downgrade() -> None:
    op.drop_table("served_from")
