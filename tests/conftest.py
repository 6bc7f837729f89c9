"""What the tests share: real databases, the real library, a bot that answers."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import structlog
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from bot.bot import Bot
from bot.database import make_engine, migrate
from bot.question_log import QuestionLog
from bot.reply import Writer
from knowledge.library import Library, read_library
from knowledge.search import Index

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "")  # a server on which databases may be made
LEFT_OUT = "no Postgres at hand: set TEST_POSTGRES_URL, or run .ci/run, which brings one up"


def pytest_report_header() -> str:
    return "Postgres: " + ("tested too" if POSTGRES else LEFT_OUT)


@pytest.fixture(autouse=True)
def logs_of_ones_own() -> Iterator[None]:
    """A command run in this process sets its logs up, to a stream that is closed after it."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def library() -> Library:
    return read_library()


@pytest.fixture(scope="session")
def index(library: Library) -> Index:
    return Index(library)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind, gone after the test."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    if not POSTGRES and os.environ.get("CODING_HELPER_REQUIRE_POSTGRES"):
        pytest.fail("TEST_POSTGRES_URL is not set, and here the Postgres part may not be left out")
    if not POSTGRES:
        pytest.skip(LEFT_OUT)
    name = f"test_{uuid4().hex}"
    server = create_engine(make_url(POSTGRES).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield make_url(POSTGRES).set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: migrating takes longer than most tests."""
    file = tmp_path_factory.mktemp("migrated") / "migrated.db"
    made = make_engine(f"sqlite:///{file}")
    migrate(made)
    made.dispose()
    return file


@pytest.fixture
def engine(database_url: str, migrated_file: Path) -> Iterator[Engine]:
    """A migrated database of each kind."""
    if database_url.startswith("sqlite"):
        shutil.copy(migrated_file, make_url(database_url).database or "")
    made = make_engine(database_url)
    migrate(made)
    yield made
    made.dispose()


@pytest.fixture
def bot(engine: Engine, index: Index) -> Iterator[Bot]:
    """A bot over the shipped library, with its log in each kind of database."""
    log = QuestionLog(engine)
    yield Bot(index, Writer(index.library.sources), log)
    log.close()


@pytest.fixture(scope="session")
def answering(index: Index) -> Bot:
    """A bot that is asked without the log."""
    return Bot(index, Writer(index.library.sources), None)  # type: ignore[arg-type]
