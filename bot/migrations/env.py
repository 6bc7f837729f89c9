"""How Alembic reaches the tables: over the connection that bot.database hands it."""

from alembic import context
from sqlalchemy import delete, insert, inspect, text
from sqlmodel import SQLModel

import bot.clinic_tables  # these imports register their tables
import bot.installation_tables
import bot.question_row
import bot.tellings  # noqa: F401
import knowledge.cms_tables
import knowledge.pair_tables
import knowledge.tables  # noqa: F401
from bot.database import ServedFromRow

MIGRATION_LOCK = 7_110_971  # any number that is the same in all processes: one of them migrates, the others wait
WAIT_FOR_TABLE = "10s"  # while a migration waits for a table, all who use the table wait behind it

connection = context.config.attributes["connection"]


def note_served_from() -> None:
    """Write down the oldest program that may work on the tables: the newest of what their migrations say."""
    heads = context.get_context().get_current_heads()
    told = [getattr(one.module, "served_from", "") for one in context.script.iterate_revisions(heads, "base")]
    if inspect(connection).has_table(ServedFromRow.__tablename__):
        connection.execute(delete(ServedFromRow))
        connection.execute(insert(ServedFromRow).values(migration=max(told)))


if connection.dialect.name == "postgresql":
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
    connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT_FOR_TABLE}'"))
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
    note_served_from()
