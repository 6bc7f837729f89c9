"""Receipts: each answer has an id, and shows what it rested on that day, also after the knowledge changed."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session
from typer.testing import CliRunner

from bot.bot import Bot, Told
from bot.clinics import Clinics
from bot.own_knowledge import HouseRule, OwnKnowledge
from bot.question import Question
from bot.question_log import QuestionFilter, QuestionLog, QuestionRow, read_questions
from bot.question_row import QuestionKey
from bot.receipts import Evidence, evidence_of, read_evidence, read_id, receipt_id
from bot.reply import Reply, Writer
from handlers.terminal import cli
from knowledge.search import Index
from knowledge.statement import Statement

ASKED = Question(text="what code for stair training?", door="mention", workspace="T01", delivery="message:1")


@pytest.fixture
def log(engine: Engine) -> Iterator[QuestionLog]:
    made = QuestionLog(engine)
    yield made
    made.close()


def bot_of(index: Index, log: QuestionLog) -> Bot:
    return Bot(index, Writer(index.library.sources), log, Clinics(log.engine, index))


def ask(bot: Bot, question: Question = ASKED) -> Told:
    told = asyncio.run(bot.tell(question))
    assert told is not None
    return told


def row_of(engine: Engine) -> QuestionRow:
    with Session(engine) as session:
        return next(iter(read_questions(session, QuestionFilter())))


def why(bot: Bot) -> Reply:
    reply = asyncio.run(bot.earlier.why(QuestionKey(ASKED.workspace, ASKED.delivery)))
    assert reply is not None
    return reply


def corrected(index: Index, code: str) -> Index:
    """The shelves of a later release, in which an entry says something else."""
    entry = index.library.entries[code]
    said = entry.model_copy(update={"plain": Statement(text="It says something else now.", sources=("NCCI26",))})
    return Index(replace(index.library, entries={**index.library.entries, code: said}))


def test_an_answer_has_a_receipt_that_the_log_keeps(index: Index, engine: Engine, log: QuestionLog) -> None:
    told = ask(bot_of(index, log))
    row = row_of(engine)
    assert told.receipt == row.receipt == receipt_id("T01", "message:1")
    evidence = read_evidence(row.evidence)
    assert evidence is not None
    assert evidence.saying == told.answer.why.saying
    assert {"97116", "97530"} <= evidence.versions.keys()
    assert evidence.library == index.library.digest[:8]
    assert evidence.sources
    assert len(row.evidence or "") < 1500


def test_a_receipt_shows_its_day_also_after_the_knowledge_changed(index: Index, log: QuestionLog) -> None:
    told = ask(bot_of(index, log))
    before = why(bot_of(index, log))
    later = bot_of(corrected(index, "97116"), log)
    later.teacher.publish("T01", lambda _: OwnKnowledge(rules=(HouseRule(text="New rule.", code="97116"),)))
    after = why(later)
    version = evidence_of(told.answer, bot_of(index, log).clinic("T01")).versions["97116"]
    assert f"97116: version {version}\n" in f"{before.text}\n"
    assert f"97116: version {version}, corrected since" in after.text
    assert "97530: version" in after.text
    assert "97530: version" + before.text.split("97530: version")[1].split("\n")[0] in after.text  # unchanged
    assert f"Receipt {told.receipt}" in after.text
    assert after.small == before.small
    assert "New rule" not in after.text


def test_a_house_rule_that_was_told_stands_on_the_receipt_after_it_is_gone(index: Index, log: QuestionLog) -> None:
    bot = bot_of(index, log)
    bot.teacher.publish("T01", lambda _: OwnKnowledge(rules=(HouseRule(text="Ask first.", code="97116"),)))
    ask(bot)
    bot.teacher.publish("T01", lambda _: OwnKnowledge())
    assert "House rule: Ask first." in why(bot).text
    assert "clinic's own, version 1" in why(bot).text


def test_an_answer_of_before_receipts_is_told_as_of_today_and_says_so(
    index: Index, engine: Engine, log: QuestionLog
) -> None:
    bot = bot_of(index, log)
    ask(bot)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE question_log SET evidence = NULL, receipt = NULL")
    said = why(bot_of(index, log))
    assert "as it would be found today" in said.text
    assert "97116: version" in said.text


def test_with_a_question_its_words_on_the_receipt_are_forgotten(index: Index, engine: Engine, log: QuestionLog) -> None:
    bot = bot_of(index, log)
    ask(bot)
    asyncio.run(bot.earlier.forget(QuestionKey("T01", "message:1")))
    row = row_of(engine)
    assert (row.text, row.evidence) == ("", None)
    assert row.receipt == receipt_id("T01", "message:1")
    assert asyncio.run(bot.earlier.why(QuestionKey("T01", "message:1"))) is None


def test_evidence_is_read_as_it_was_kept_and_keys_of_later_releases_are_let_go() -> None:
    kept = Evidence({"97110": "1"}, {"NCCI26": "2026"}, "a", "b", "2024Q3", 0, saying="x", matched=("y",))
    line = json.dumps({**json.loads(kept.line()), "of_later": 1})
    read = read_evidence(line)
    assert read is not None
    assert read.line() == kept.line()
    assert read_evidence(None) is None


def test_an_id_is_read_as_people_type_it() -> None:
    made = receipt_id("T01", "message:1")
    assert read_id(f" {made[:4].lower()}-{made[4:].lower()} ") == made
    assert read_id("oil") == "011"


def test_a_receipt_is_shown_in_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    told = json.loads(run(cli, ["ask", "--json", "stair training for SSN 078-05-1120"]).output)
    shown = run(cli, ["receipt", told["receipt"].lower()])
    assert shown.exit_code == 0
    for part in ("stair training", "97116", "version", f"Receipt {told['receipt']}", "terminal"):
        assert part in shown.output
    assert "1120" not in shown.output
    wrong = run(cli, ["receipt", "NOSUCHID"])
    assert (wrong.exit_code, "no answer has this receipt" in wrong.output) == (2, True)
