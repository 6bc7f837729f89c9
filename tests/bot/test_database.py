"""The database: its tables are those of the models, brought up to date by one command, and never half."""

import importlib
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, inspect, text
from sqlmodel import SQLModel, select

import bot.database
import bot.question_log  # both imports register their tables
import knowledge.tables
from bot.database import (
    HEAD,
    MIGRATIONS,
    DatabaseError,
    TablesInUseError,
    make_engine,
    migrate,
    migration,
    ready_engine,
    standing_of,
    transaction,
)
from bot.opening import open_bot
from bot.question import Question
from bot.settings import Settings
from knowledge.tables import KnowledgeLoadRow


def schema(engine: Engine) -> dict[str, object]:
    """All tables with their columns, indexes and constraints, as the database tells them."""
    seen = inspect(engine)
    return {
        name: (
            [(one["name"], str(one["type"]), one["nullable"]) for one in seen.get_columns(name)],
            seen.get_pk_constraint(name)["constrained_columns"],
            sorted(str(one["name"]) for one in seen.get_indexes(name)),
            sorted(str(one["name"]) for one in seen.get_unique_constraints(name)),
        )
        for name in seen.get_table_names()
    }


def test_the_migrated_tables_are_those_of_the_models(engine: Engine) -> None:
    for package in (bot, knowledge):
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")  # what has tables registers them

    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_the_migrations_know_all_models_by_themselves(database_url: str) -> None:
    """In a process of its own, in which nothing but the migrations has imported a table."""
    migrated = make_engine(database_url)
    migrate(migrated)
    migrated.dispose()
    check = (
        "from alembic import command; from alembic.config import Config; from bot.database import make_engine\n"
        f"config = Config(); config.set_main_option('script_location', {str(MIGRATIONS)!r})\n"
        f"with make_engine({database_url!r}).begin() as connection:\n"
        "    config.attributes['connection'] = connection; command.check(config)\n"
    )

    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 0, done.stdout + done.stderr


def test_migrating_again_changes_nothing(database_url: str) -> None:
    engine = make_engine(database_url)

    assert migration(engine) is None
    assert migrate(engine) is True
    first = schema(engine)
    assert migrate(engine) is False
    assert schema(engine) == first
    assert migration(engine) == HEAD
    engine.dispose()


def test_processes_that_migrate_together_migrate_once(database_url: str) -> None:
    start = f"from bot.database import make_engine, migrate; print(migrate(make_engine({database_url!r})))"
    together = [
        subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]

    failures = [told for one in together for told in [one.communicate(timeout=60)[1]] if one.returncode]

    assert failures == []
    engine = make_engine(database_url)
    assert migration(engine) == HEAD
    engine.dispose()


def test_a_migration_that_fails_half_way_leaves_no_half_tables(database_url: str) -> None:
    engine = make_engine(database_url)

    def fail_at_the_log(_c: object, _k: object, statement: str, *_: object) -> None:
        if "CREATE TABLE question_log" in statement:
            raise InterruptedError

    event.listen(engine, "before_cursor_execute", fail_at_the_log)
    with pytest.raises(InterruptedError):
        migrate(engine)
    event.remove(engine, "before_cursor_execute", fail_at_the_log)

    assert inspect(engine).get_table_names() == []
    assert migrate(engine) is True
    engine.dispose()


def test_head_is_the_newest_revision_of_the_folder() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    files = sorted(path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))

    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]
    assert files[-1].partition("_")[0] == HEAD
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+", one) for one in files)


def test_going_back_takes_the_tables_away(engine: Engine) -> None:
    from alembic import command  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")

    assert inspect(engine).get_table_names() == ["alembic_version"]
    assert migration(engine) is None
    assert migrate(engine) is True


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_postgres_that_was_not_migrated_is_refused_with_the_command_to_run(database_url: str) -> None:
    with pytest.raises(DatabaseError, match=rf"at migration none and must be at {HEAD}; run: coding-helper migrate$"):
        ready_engine(database_url)

    engine = make_engine(database_url)
    assert inspect(engine).get_table_names() == []
    migrate(engine)
    engine.dispose()
    ready_engine(database_url).dispose()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_postgres_of_an_older_migration_is_refused_by_its_name(database_url: str) -> None:
    engine = make_engine(database_url)
    migrate(engine)
    with transaction(engine) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()

    with pytest.raises(DatabaseError, match=f"at migration 0001 and must be at {HEAD}; run: coding-helper migrate$"):
        ready_engine(database_url)


@pytest.mark.parametrize("strange", ["ae1027a6acf", "0000"])
def test_the_tables_of_another_program_are_left_alone(engine: Engine, strange: str) -> None:
    with transaction(engine) as session:
        session.execute(text("UPDATE alembic_version SET version_num = :strange"), {"strange": strange})

    for touch in (lambda: migrate(engine), lambda: ready_engine(engine.url.render_as_string(hide_password=False))):
        with pytest.raises(DatabaseError, match=f"at migration {strange}, which no release of this program made; see"):
            touch()
    assert migration(engine) == strange


def test_a_table_that_is_in_use_for_long_is_told_in_one_line_and_left_as_it_was(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0007'"))
        connection.execute(text("UPDATE served_from SET migration = '0007'"))
    with engine.connect() as report:
        is_file = engine.dialect.name == "sqlite"
        report.exec_driver_sql("BEGIN IMMEDIATE" if is_file else "SELECT count(*) FROM question_log")
        with pytest.raises(
            TablesInUseError, match=r"^a table .* is in use, .*, then run again: coding-helper migrate$"
        ):
            migrate(engine)
        assert migration(engine) == "0007"


def migrate_as_the_next_release(engine: Engine, folder: Path, served_from: str) -> None:
    """Run one migration more than this program has: a new table and a new column, as a later release would."""
    from alembic import command  # noqa: PLC0415

    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9999_later.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision, down_revision, served_from = '9999', '{HEAD}', '{served_from}'\n"
        "branch_labels = depends_on = None\n"
        "def upgrade():\n"
        "    op.create_table('of_a_later_release', sa.Column('id', sa.Integer(), primary_key=True))\n"
        "    op.add_column('question_log', sa.Column('of_a_later_release', sa.String()))\n"
    )
    config = Config()
    config.set_main_option("script_location", str(folder))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


async def test_a_later_release_s_tables_are_served_where_its_migration_allows(engine: Engine, tmp_path: Path) -> None:
    """So the processes of the release before go on while a rolling restart replaces them one by one."""
    migrate_as_the_next_release(engine, tmp_path / "later", served_from=HEAD)

    assert (standing_of(engine).migration, standing_of(engine).served_from) == ("9999", HEAD)
    assert migrate(engine) is False
    with open_bot(Settings(database_url=engine.url.render_as_string(hide_password=False))) as opened:
        question = Question(text="what is 97530", door="terminal")
        assert await opened.bot.ask(question)
        assert await opened.bot.ask(question) is None
    assert migration(engine) == "9999"


def test_a_later_release_s_tables_are_refused_in_a_line_where_its_migration_forbids(
    engine: Engine, tmp_path: Path
) -> None:
    migrate_as_the_next_release(engine, tmp_path / "later", served_from="9999")

    told = (
        rf"stands at migration 9999, for programs from 9999 on, and this one is of {HEAD}; install the newer release$"
    )
    with pytest.raises(DatabaseError, match=told):
        migrate(engine)
    with pytest.raises(DatabaseError, match=told):
        ready_engine(engine.url.render_as_string(hide_password=False))


def test_every_migration_says_from_which_program_on_its_tables_serve() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    for one in ScriptDirectory.from_config(config).walk_revisions():
        if one.revision > "0003":  # those before came before the rule
            said = getattr(one.module, "served_from", None)
            assert isinstance(said, str), f"{one.path}: say `served_from = {one.down_revision!r}` where it only adds"
            assert re.fullmatch(r"\d{4}", said) and said <= one.revision, one.path


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_embedded_database_is_brought_up_to_date_by_itself(database_url: str) -> None:
    engine = ready_engine(database_url)

    assert migration(engine) == HEAD
    engine.dispose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_embedded_database_syncs_each_commit_and_lets_readers_read(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.connect() as connection:
        told = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()

    assert told == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


@pytest.mark.parametrize("url", ["postgresql+psycopg://u:s3cret@127.0.0.1:1/d", "sqlite:////no/such/folder/s3cret.db"])
def test_a_database_that_does_not_answer_is_told_in_a_line_without_its_address(url: str) -> None:
    with pytest.raises(
        DatabaseError, match=r"^DATABASE_URL: the database does not answer \(OperationalError\); see"
    ) as error:
        ready_engine(url)
    assert "s3cret" not in str(error.value)
    assert "\n" not in str(error.value)


def test_work_that_fails_is_undone(engine: Engine) -> None:
    def write_and_fail() -> None:
        with transaction(engine) as session:
            session.execute(text("UPDATE alembic_version SET version_num = 'gone'"))
            raise InterruptedError

    with pytest.raises(InterruptedError):
        write_and_fail()
    assert migration(engine) == HEAD


def test_an_opened_bot_has_its_knowledge_loaded_and_writes_its_log_out_at_the_end(database_url: str) -> None:
    engine = make_engine(database_url)
    migrate(engine)
    with open_bot(Settings(database_url=database_url)) as opened:
        assert "97110" in opened.bot.index.library.entries
        with transaction(opened.engine) as session:
            assert session.exec(select(KnowledgeLoadRow.digest)).one() == opened.bot.index.library.digest
    engine.dispose()


def test_a_connection_that_broke_while_it_was_not_used_is_made_anew(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not database_url.startswith("postgresql"):
        pytest.skip("a file has no connection that breaks")
    monkeypatch.setattr("bot.database.CHECKED_AFTER", 0.0)
    engine, others = make_engine(database_url), make_engine(database_url)
    with engine.connect() as connection:
        used = connection.scalar(text("SELECT pg_backend_pid()"))
    with others.connect() as connection:
        assert connection.scalar(text("SELECT pg_terminate_backend(:used, 10000)"), {"used": used})

    with engine.connect() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) != used
    engine.dispose()
    others.dispose()
