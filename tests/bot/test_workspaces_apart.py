"""Two workspaces in one database: what is asked in one is in no report, list, digest or recall of the other."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session
from typer.testing import CliRunner

from bot.bot import Bot
from bot.clinics import Clinics
from bot.later_replies import digest_reply
from bot.own_knowledge import OwnKnowledge, OwnSaying
from bot.question import Question
from bot.question_log import QuestionLog
from bot.question_notes import QuestionKey
from bot.recall import leave_recall, recall_of
from bot.replay import stored_questions
from bot.reply import Writer
from bot.report_page import report_page
from bot.tellings import take
from handlers.terminal import cli
from knowledge.search import Index
from knowledge.statement import Statement

WORKSPACES = {"T01": "quuxers", "T02": "zorbits"}  # a word of its own that each asks for


@pytest.fixture
def bot(engine: Engine, index: Index) -> Iterator[Bot]:
    """A bot that was asked the same in both workspaces: a code, and something unknown with the workspace's own word."""
    log = QuestionLog(engine)
    made = Bot(index, Writer(index.library.sources), log, Clinics(engine, index))
    for workspace, word in WORKSPACES.items():
        for number, text in enumerate((f"what is 97530 ({word})", f"code for blimp {word}?")):
            asyncio.run(made.ask(question(workspace, number, text)))
    down = QuestionKey("T02", "message:C1:0")
    asyncio.run(made.earlier.vote(down, "U1", -1))
    asyncio.run(made.earlier.expect(down, "U1", "more zorbits"))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE question_log SET took_ms = 900 WHERE kind <> 'unknown'")
    yield made
    log.close()


def question(workspace: str, number: int, text: str) -> Question:
    delivery = f"message:C1:{number}"
    return Question(
        text=text, door="mention", workspace=workspace, place="C1", asker="U1", delivery=delivery,
        asked_at=datetime.now(UTC),
    )  # fmt: skip


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_reports_digests_and_worklists_tell_of_one_workspace(bot: Bot, workspace: str) -> None:
    report = bot.teacher.report(workspace)
    with Session(bot.log.engine) as session:
        stored = stored_questions(session, workspace)
    told = [
        str(report),
        report_page(report, bot.index.library),
        str(digest_reply(report)),
        str(bot.teacher.open_questions(workspace)),
        str(stored),
    ]
    (theirs,) = set(WORKSPACES.values()) - {WORKSPACES[workspace]}
    assert all(WORKSPACES[workspace] in one and theirs not in one for one in told)
    assert (report.asked, report.unanswered, report.slow_count) == (2, 1, 1)
    assert report.down_count == (1 if workspace == "T02" else 0)


def test_the_same_delivery_has_a_receipt_of_its_own_in_each_workspace(bot: Bot) -> None:
    rows = [asyncio.run(bot.earlier.find(QuestionKey(one, "message:C1:0"))) for one in WORKSPACES]
    assert [row.text for row in rows if row] == [f"what is 97530 ({word})" for word in WORKSPACES.values()]
    assert len({row.receipt for row in rows if row}) == len(WORKSPACES)


def test_a_recall_and_a_lesson_reach_one_workspace(bot: Bot, index: Index) -> None:
    entry = index.library.entries["97530"]
    said = entry.model_copy(update={"plain": Statement(text="It says something else now.", sources=("NCCI26",))})
    later = Index(replace(index.library, entries={**index.library.entries, "97530": said}))
    clinics = Clinics(bot.log.engine, later)
    found = recall_of(bot.log.engine, "T02", clinics.of("T02"), "97530")
    assert [row.text for row in found.told] == ["what is 97530 (zorbits)"]
    assert leave_recall(bot.log.engine, "T02", found, None) == 1
    own = OwnKnowledge(sayings=(OwnSaying(text="blimp", code="97530"),))
    assert bot.teacher.publish("T02", lambda one: one.with_more(own)).told == 1
    assert take(bot.log.engine, ["T01"]) == []
    assert {one.workspace for one in take(bot.log.engine)} == {"T02"}
    assert [one.text for one in bot.teacher.open_questions("T01")] == ["code for blimp quuxers?"]


def test_commands_tell_of_the_workspace_that_is_named(
    bot: Bot, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", engine.url.render_as_string(hide_password=False))
    with engine.begin() as connection:  # as if the entry had been corrected since
        connection.exec_driver_sql(
            'UPDATE question_log SET evidence = replace(evidence, \'"97530":"\', \'"97530":"0\')'
        )
    for command in (["report"], ["teach"], ["recall", "97530", "--yes"]):
        for workspace, word in WORKSPACES.items():
            (theirs,) = set(WORKSPACES.values()) - {word}
            told = CliRunner().invoke(cli, [*command, "--workspace", workspace]).output
            assert (word in told, theirs in told) == (True, False), told
