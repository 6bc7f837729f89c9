"""The database: engine, sessions, and bringing its tables up to date. No engine is made at import."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, event, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, create_engine

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

HEAD = "0003"  # the newest migration; a test holds it against the folder
WAIT_FOR_LOCK = 5_000  # milliseconds that SQLite waits for another writer


class DatabaseError(Exception):
    """The database is not as it must be. The message says what is wrong and how to mend it."""


def make_engine(url: str) -> Engine:
    """An engine for SQLite or Postgres. SQLite writes ahead and syncs at every commit: what is told as kept is kept."""
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: "DBAPIConnection", _: "ConnectionPoolEntry") -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={WAIT_FOR_LOCK}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session whose work is committed at the end, or undone when it fails."""
    with Session(engine) as session, session.begin():
        yield session


def migration(engine: Engine) -> str | None:
    """The migration that the database stands at, None without tables. Raises DatabaseError if it is away."""
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            found = connection.scalar(text("SELECT version_num FROM alembic_version"))
            return str(found) if found else None
    except SQLAlchemyError as error:
        raise DatabaseError(
            f"DATABASE_URL: the database does not answer ({type(error).__name__}); "
            "see that it runs and that the address is right"
        ) from None


def migrate(engine: Engine) -> bool:
    """Bring the tables up to date; True if there was anything to do."""
    if migration(engine) == HEAD:
        return False
    # Alembic takes a quarter of a second to import, and is needed once in a release.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # whole or not at all, and one process at a time
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True


def ready_engine(url: str) -> Engine:
    """An engine whose tables are up to date. The embedded database is brought there; others must be there."""
    engine = make_engine(url)
    standing = migration(engine)
    if standing == HEAD:
        return engine
    if engine.dialect.name == "sqlite":
        migrate(engine)
        return engine
    engine.dispose()
    raise DatabaseError(
        f"the database stands at migration {standing or 'none'} and must be at {HEAD}; run: coding-helper migrate"
    )
