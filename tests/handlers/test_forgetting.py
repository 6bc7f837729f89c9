"""What is forgotten is gone from every table: by its asker in App Home, by a command, and by its age."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, SQLModel
from typer.testing import CliRunner

from bot.bot import Bot
from bot.database import make_engine
from bot.question import Question
from bot.question_log import QuestionLog
from bot.question_notes import QuestionKey
from bot.spool import Spool
from bot.tellings import leave
from handlers.retention import keep_for
from handlers.terminal import cli
from tests.bot.outage import away_from
from tests.bot.test_outages import is_back, until
from tests.handlers.conftest import Served
from tests.handlers.slack_stand_in import PERSON, WORKSPACE, command, direct_message, home_opened, press
from tests.handlers.test_buttons import button
from tests.handlers.test_doors import words

OTHER = "U0OTHER"


def everything(engine: Engine) -> str:
    """All rows of all tables, but the knowledge's."""
    with engine.connect() as connection:
        tables = [one for one in SQLModel.metadata.tables if one.startswith(("question", "telling", "person"))]
        return str([connection.execute(text(f"SELECT * FROM {one}")).all() for one in tables])  # noqa: S608


async def home_of(served: Served, person: str) -> dict[str, Any]:
    await served.send_event(home_opened("home", person))
    view: dict[str, Any] = (await served.slack.next_call("views.publish"))["view"]
    return view


async def test_a_person_forgets_all_that_was_asked_in_app_home_and_nobody_elses(served: Served) -> None:
    await served.send_event(direct_message("zorbit one"))
    await served.send_event(direct_message("and with a zorbit eval?", ts="1700000002.000100"))
    await served.send_command({**command("what is 97116", trigger="3.3"), "user_id": OTHER})
    await served.app.poster.finish()
    await served.bot.earlier.greeting(WORKSPACE, PERSON)
    theirs = next(row for row in served.logged() if row.asker == OTHER)
    mine = next(row for row in served.logged() if row.asker == PERSON)
    await served.bot.earlier.vote(QuestionKey(WORKSPACE, theirs.delivery), PERSON, -1)
    await served.bot.earlier.expect(QuestionKey(WORKSPACE, theirs.delivery), PERSON, "more zorbits")
    leave(served.engine, WORKSPACE, "taught", [mine.id or 0])

    home = await home_of(served, PERSON)
    assert "deleted for good" in str(home)  # what Slack asks before the press counts
    await served.send_payload(press(button(home, "Forget my questions"), on="home"))
    shown = words((await served.slack.next_call("views.publish"))["view"])
    assert "*Your last questions* will stand here." in shown
    assert "zorbit" not in shown
    left = everything(served.engine)
    assert "zorbit" not in left
    assert f"'{PERSON}'" not in left
    assert [row.text for row in served.logged()] == ["what is 97116"]
    assert "zorbit" not in str([one.values for one in served.bot.log._remembered.values()])

    before = len(served.slack.standing)
    await served.send_event(direct_message("zorbit one"))  # Slack sends it again
    await served.app.poster.finish()
    assert len(served.slack.standing) == before


async def test_what_is_forgotten_while_the_database_is_away_is_gone_when_it_is_back(
    engine: Engine, tmp_path: Path
) -> None:
    away = away_from(engine.url.render_as_string(hide_password=False))
    reached = make_engine(away.url)
    log = QuestionLog(reached, Spool(tmp_path / "spool", "test"), 0.1)
    values: dict[str, Any] = {"workspace": WORKSPACE, "asked_at": datetime.now(UTC), "door": "home", "place": "D1"}
    values |= {"asker": PERSON, "kind": "unknown", "confidence": 0.0, "took_ms": 1.0}
    assert await log.keep({**values, "delivery": "1", "text": "zorbit"})
    away.begin()
    assert await log.keep({**values, "delivery": "2", "text": "zorbit"})
    assert await asyncio.wrap_future(log.forget_person(WORKSPACE, PERSON))
    assert await log.keep({**values, "delivery": "3", "text": "asked afterwards"})
    away.end()
    await asyncio.to_thread(until, lambda: is_back(log))
    assert "zorbit" not in everything(engine)
    assert "asked afterwards" in everything(engine)
    log.close()
    reached.dispose()
    away.close()


@pytest.fixture
def asked(bot: Bot, engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bot:
    """Questions of two people in two workspaces, new and old."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", engine.url.render_as_string(hide_password=False))
    ages = ((PERSON, "T01", 0), (PERSON, "T02", 0), (OTHER, "T01", 399), (OTHER, "T01", 401), (PERSON, "T02", 500))
    for number, (person, workspace, days) in enumerate(ages):
        at = datetime.now(UTC) - timedelta(days=days)
        where = {"door": "slash_command", "workspace": workspace, "delivery": f"c:{number}", "asked_at": at}
        asyncio.run(bot.ask(Question(text=f"zorbit {number}", asker=person, **where)))  # type: ignore[arg-type]
    return bot


def kept(engine: Engine) -> list[str]:
    with Session(engine) as session:
        return [one for (one,) in session.execute(text("SELECT text FROM question_log ORDER BY text"))]


@pytest.mark.parametrize(
    ("arguments", "left", "said"),
    [
        (["--user", PERSON], ["zorbit 2", "zorbit 3"], "3 questions deleted"),
        (["--user", PERSON, "--workspace", "T02"], ["zorbit 0", "zorbit 2", "zorbit 3"], "2 questions deleted"),
        (["--user", "U0NOBODY"], [f"zorbit {one}" for one in range(5)], "0 questions deleted"),
        (["--older-than", "400"], ["zorbit 0", "zorbit 1", "zorbit 2"], "2 questions deleted"),
        (["--older-than", "400", "--workspace", "T01"], [f"zorbit {one}" for one in (0, 1, 2, 4)], "1 questions"),
    ],
)
def test_a_command_forgets_a_persons_questions_or_old_ones(
    asked: Bot, engine: Engine, arguments: list[str], left: list[str], said: str
) -> None:
    run = CliRunner().invoke
    assert run(cli, ["forget", *arguments, "--workspace", "", "--yes"]).exit_code == 2
    refused = run(cli, ["forget", *arguments])
    assert (refused.exit_code, "none is; say --yes" in refused.output) == (2, True)
    assert len(kept(engine)) == 5
    assert said in run(cli, ["forget", *arguments, "--yes"]).output
    assert kept(engine) == left


@pytest.mark.parametrize("arguments", [[], ["--user", "U1", "--older-than", "5"]])
def test_forget_asks_whose_or_how_old(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["forget", *arguments])
    assert (done.exit_code, "say whose, or how old" in done.output) == (2, True)


async def test_what_is_older_than_the_settings_say_is_deleted_while_serving(asked: Bot, engine: Engine) -> None:
    keeping = asyncio.create_task(keep_for(asked.log, 400))
    await asyncio.to_thread(until, lambda: len(kept(engine)) == 3)
    keeping.cancel()
    assert kept(engine) == ["zorbit 0", "zorbit 1", "zorbit 2"]


def test_words_that_are_forgotten_are_overwritten_in_the_file(asked: Bot, engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("what a server's files hold is the server's")
    file = Path(engine.url.database or "")

    def held() -> bytes:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        return file.read_bytes()

    assert b"zorbit 0" in held()
    assert asyncio.run(_forgotten(asked))
    assert b"zorbit 0" not in held()


async def _forgotten(asked: Bot) -> bool:
    return await asyncio.wrap_future(asked.log.forget_person("T01", PERSON))


def test_many_old_questions_go_in_several_parts(asked: Bot, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.forgetting.AT_ONCE", 1)
    assert asked.log.forget_older(400) == 2
    assert asked.log.forget_older(400) == 0
