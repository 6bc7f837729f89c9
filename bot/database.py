"""The database: engine, sessions, and bringing its tables up to date. No engine is made at import."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, event, inspect, text
from sqlalchemy.exc import InvalidatePoolError, OperationalError, SQLAlchemyError
from sqlmodel import Field, Session, SQLModel, create_engine

from bot.settings import AwayError

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.dialects.sqlite import Insert
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

HEAD = "0008"  # the newest migration; a test holds it against the folder
MIGRATIONS = Path(__file__).parent / "migrations"
WAIT_FOR_LOCK = 5_000  # milliseconds that SQLite waits for another writer
LOCK_NOT_AVAILABLE = "55P03"  # Postgres's code for a lock that did not come within lock_timeout
CHECKED_AFTER = 0.1  # seconds at rest after which a connection is asked for a sign of life before it is used
# How soon a Postgres that has vanished is noticed, in seconds; a machine that is gone sends no word of it.
NOTICED_AWAY: dict[str, int] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds
}


class DatabaseError(Exception):
    """The database is not as it must be. The message says what is wrong and how to mend it."""


class DatabaseAwayError(DatabaseError, AwayError):
    """The database does not answer.

    `reason` is the driver's own, for whoever runs the program: it may name hosts and users, never a password.
    """

    def __init__(self, message: str, reason: str) -> None:
        """The message may be told to anybody."""
        super().__init__(message)
        self.reason = reason


class TablesInUseError(DatabaseError, AwayError):
    """A table that a migration must change stays in use. A later try may find it free."""


class ServedFromRow(SQLModel, table=True):
    """One row: the oldest program that may work on the tables as they are, by the newest migration that it knows.

    Each migration says so of itself (`served_from`), and env.py writes it down. So a process of the release before goes
    on serving while the next one's migration has run already.
    """

    __tablename__ = "served_from"

    migration: str = Field(primary_key=True, max_length=32)


@dataclass(frozen=True)
class Standing:
    """The migration that a database stands at, None without tables, and the oldest program that may work on it."""

    migration: str | None
    served_from: str | None = None

    @property
    def is_served(self) -> bool:
        """May this program work on it: is it as new as the program, or newer and made for this one too?"""
        made_for_us = self.served_from is not None and self.served_from <= HEAD
        return self.migration == HEAD or (self.is_newer and made_for_us)

    @property
    def is_newer(self) -> bool:
        """Has a later release migrated it?"""
        return self.migration is not None and bool(re.fullmatch(r"\d{4}", self.migration)) and self.migration > HEAD

    @property
    def is_ours(self) -> bool:
        """Is it empty, or did this program or one before it migrate it?"""
        return self.migration is None or any(MIGRATIONS.glob(f"versions/{self.migration}_*.py"))

    @property
    def fault(self) -> str:
        """Why this program may not work on it, and how to mend that."""
        if self.is_newer:
            return (
                f"the database stands at migration {self.migration}, for programs from "
                f"{self.served_from or self.migration} on, and this one is of {HEAD}; install the newer release"
            )
        if not self.is_ours:
            return (
                f"the database stands at migration {self.migration}, which no release of this program made; "
                "see that DATABASE_URL names the right database"
            )
        standing = self.migration or "none"
        return f"the database stands at migration {standing} and must be at {HEAD}; run: coding-helper migrate"


def insert_of(engine: "Engine | Connection") -> "Callable[[type[SQLModel]], Insert]":
    """The `insert` of the database's own dialect, which can say what to do where a row is there already.

    The dialects take long to import; this asks for no more than the one in use.
    """
    insert: Callable[[type[SQLModel]], Insert] = import_module(f"sqlalchemy.dialects.{engine.dialect.name}").insert
    return insert


def make_engine(url: str) -> Engine:
    """An engine for SQLite or Postgres.

    SQLite writes ahead and syncs at every commit: what is told as kept is kept. What is deleted is overwritten.
    """
    if not url.startswith("sqlite"):
        engine = create_engine(url, connect_args=NOTICED_AWAY, hide_parameters=True)
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", partial(_check_after_rest, engine))
        return engine
    engine = create_engine(url, hide_parameters=True)  # a fault's message quotes no question
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _note_use(_: "DBAPIConnection | None", record: "ConnectionPoolEntry") -> None:
    record.info["used_at"] = time.monotonic()


def _check_after_rest(
    engine: Engine, connection: "DBAPIConnection", record: "ConnectionPoolEntry", _: "PoolProxiedConnection"
) -> None:
    """Ask a connection for a sign of life, as SQLAlchemy's `pool_pre_ping` does, but not between one use and the next:
    the to and fro would take as long as what is asked for.
    """
    used_at = record.info.get("used_at")  # None of a new connection
    if used_at is None or time.monotonic() - used_at < CHECKED_AFTER:
        return
    dialect = engine.dialect
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error:
        raise InvalidatePoolError from None  # the pool makes new ones


def _prepare_sqlite(connection: "DBAPIConnection", _: "ConnectionPoolEntry") -> None:
    cursor = connection.cursor()
    kept = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON")
    for pragma in (*kept, f"busy_timeout={WAIT_FOR_LOCK}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session whose work is committed at the end, or undone when it fails."""
    with Session(engine) as session, session.begin():
        yield session


def migration(engine: Engine) -> str | None:
    """The migration that the database stands at, None without tables. Raises DatabaseError if it is away."""
    return standing_of(engine).migration


def standing_of(engine: Engine) -> Standing:
    """How the database stands to this program. Raises DatabaseError if it is away."""
    try:
        with engine.connect() as connection:
            tables = inspect(connection)
            if not tables.has_table("alembic_version"):
                return Standing(None)
            found = connection.scalar(text("SELECT version_num FROM alembic_version"))
            if found == HEAD or not found:
                return Standing(found or None)
            is_told = tables.has_table(ServedFromRow.__tablename__)
            return Standing(found, connection.scalar(text("SELECT migration FROM served_from")) if is_told else None)
    except SQLAlchemyError as error:
        told = (
            f"DATABASE_URL: the database does not answer ({type(error).__name__}); "
            "see that it runs and that the address is right"
        )
        raise DatabaseAwayError(told, next(iter(str(getattr(error, "orig", "")).splitlines()), "")) from None


def migrate(engine: Engine) -> bool:
    """Bring the tables up to date; True if there was anything to do.

    Raises DatabaseError where they are those of a later release that this program may not work on, and where one of
    them stays in use.
    """
    standing = standing_of(engine)
    if standing.is_served:
        return False
    if not standing.is_ours:
        raise DatabaseError(standing.fault)
    # Alembic takes a quarter of a second to import, and is needed once in a release.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # whole or not at all, and one process at a time
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except OperationalError as error:
        if not _is_held(error):
            raise
        raise TablesInUseError(
            "a table that is to be changed is in use, by a report or a copy of the database for instance; nothing was "
            "changed. End what uses it (Postgres lists it in pg_stat_activity), then run again: coding-helper migrate"
        ) from None
    return True


def _is_held(error: OperationalError) -> bool:
    """Did somebody else keep a lock for longer than is waited for it?"""
    held = getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE
    return held or getattr(error.orig, "sqlite_errorname", None) == "SQLITE_BUSY"


def ready_engine(url: str) -> Engine:
    """An engine on whose tables this program may work. The embedded database is brought there; others must be there."""
    engine = make_engine(url)
    try:
        _make_ready(engine)
    except DatabaseError:
        engine.dispose()
        raise
    return engine


def _make_ready(engine: Engine) -> None:
    standing = standing_of(engine)
    if standing.is_served:
        return
    if engine.dialect.name != "sqlite":
        raise DatabaseError(standing.fault)
    migrate(engine)
