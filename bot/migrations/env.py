"""How Alembic reaches the tables: over the connection that bot.database hands it."""

from alembic import context
from sqlalchemy import text
from sqlmodel import SQLModel

import bot.question_log  # noqa: F401  # these imports register their tables
import knowledge.cms_tables
import knowledge.pair_tables
import knowledge.tables  # noqa: F401

MIGRATION_LOCK = 7_110_971  # any number that is the same in all processes: one of them migrates, the others wait

connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
