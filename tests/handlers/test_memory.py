"""What a service holds in memory."""

import subprocess
import sys

from bot.database import make_engine, migrate

OPENED = """
import sys
import handlers.terminal, handlers.serving
from bot.opening import open_bot
from bot.settings import Settings
with open_bot(Settings(database_url=sys.argv[1])):
    print(*sorted(sys.modules))
"""
ONLY_WHERE_NEEDED = ("alembic", "cryptography", "sqlalchemy.ext.asyncio", "bm25s", "tantivy", "handlers.benches.rivals")


def test_a_service_loads_no_library_that_it_does_not_need(database_url: str) -> None:
    engine = make_engine(database_url)
    migrate(engine)
    kind = engine.dialect.name
    engine.dispose()

    told = subprocess.run([sys.executable, "-c", OPENED, database_url], capture_output=True, text=True, check=True)

    other = ("sqlalchemy.dialects.sqlite",) if kind == "postgresql" else ("sqlalchemy.dialects.postgresql", "psycopg")
    assert not {*ONLY_WHERE_NEEDED, *other} & {*told.stdout.split()}
