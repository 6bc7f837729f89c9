"""What a clinic adds: its sayings, house rules and topics, seen in its own workspace alone and in every process."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session
from structlog.testing import capture_logs
from typer.testing import CliRunner

from bot.bot import Bot, as_json
from bot.clinic_files import as_toml, read_toml
from bot.clinic_tables import UnreadableClinicError, publish, read_own
from bot.clinics import Clinics, clinic_with
from bot.database import ready_engine
from bot.forgetting import forget_workspace
from bot.own_knowledge import HouseRule, OwnKnowledge, OwnSaying, OwnTopic
from bot.question import Question
from bot.question_log import QuestionLog
from bot.reply import Writer
from handlers.terminal import cli
from knowledge.library import KnowledgeError
from knowledge.search import Index
from tests.handlers.test_terminal import Terminal

LIVE_WITHIN = 5.0  # seconds; the promise
SAYING = OwnKnowledge(sayings=(OwnSaying(text="zercher dolly haul", code="97530"),))
RULE = HouseRule(text="Aetna denies 97530 with 97140: send records.", code="97530", payer="Aetna")
RULES = OwnKnowledge(rules=(RULE,))
TOPIC = OwnTopic(
    name="our_front_desk",
    title="Our front desk",
    names=("who checks zorbit cards", "zorbit card", "zorbit desk"),
    answer="The front desk checks zorbit cards before the first visit",
    points=("Ask the lead therapist for the list.",),
)
ALL = OwnKnowledge(
    sayings=SAYING.sayings, rules=(RULE, HouseRule(text="Send the plan first.", code="97161")), topics=(TOPIC,)
)
UNKNOWN = "code for zercher dolly haul?"


@pytest.fixture
def log(engine: Engine) -> Iterator[QuestionLog]:
    made = QuestionLog(engine)
    yield made
    made.close()


def bot_of(index: Index, log: QuestionLog) -> Bot:
    """A bot as another process would have it, over the same database."""
    return Bot(index, Writer(index.library.sources), log, Clinics(log.engine, index))


def ask(bot: Bot, text: str, workspace: str = "T01") -> str:
    reply = asyncio.run(bot.ask(Question(text=text, door="mention", workspace=workspace, asked_at=datetime.now(UTC))))
    assert reply is not None
    return reply.text


def test_a_taught_saying_answers_in_its_workspace_and_in_no_other(index: Index, log: QuestionLog) -> None:
    bot = bot_of(index, log)
    assert "I don't know" in ask(bot, UNKNOWN)
    bot.teacher.publish("T01", lambda own: own.with_more(SAYING))
    assert "97530" in ask(bot, UNKNOWN)
    for elsewhere in ("T02", "local", "", "T01 ", "t01"):
        assert "I don't know" in ask(bot, UNKNOWN, elsewhere)


def test_a_house_rule_stands_where_its_code_is_asserted_and_its_payer_named(index: Index, log: QuestionLog) -> None:
    bot = bot_of(index, log)
    bot.teacher.publish("T01", lambda _: OwnKnowledge(rules=(RULE,)))
    told = "*House rule* (97530, Aetna): Aetna denies 97530 with 97140: send records."
    assert told in ask(bot, "what is 97530 for aetna?")
    assert told in ask(bot, "97530 and 97140 same day, aetna")
    assert "House rule" not in ask(bot, "what is 97530?")
    assert "House rule" not in ask(bot, "what is 97140 for aetna?")
    assert "House rule" not in ask(bot, "what is 97530 for aetna?", "T02")


def test_rules_without_a_payer_stand_always_and_rules_on_a_payer_wherever_it_is_named(
    index: Index, log: QuestionLog
) -> None:
    bot = bot_of(index, log)
    rules = (HouseRule(text="Ask first.", code="97161"), HouseRule(text="GP on all lines.", payer="UHC, United"))
    bot.teacher.publish("T01", lambda _: OwnKnowledge(rules=rules))
    assert "*House rule* (97161): Ask first." in ask(bot, "what is 97161?")
    assert "*House rule* (97161): Ask first." in bot.describe("97161", "T01").text
    assert "House rule" not in bot.describe("97161", "T02").text
    assert "*House rule* (UHC): GP on all lines." in ask(bot, "97110 united?")
    assert "House rule" not in ask(bot, "help")


@pytest.mark.parametrize(
    "question",
    ["what is 97530", "stairs", "97530 vs 97110", "20 min 97530, 15 min 97140", "97530 and 97140 same day",
     "what to document for 97530", "modifier for 97530 with 97140"],
)  # fmt: skip
def test_a_house_rule_stands_in_every_kind_of_answer_that_asserts_its_code(answering: Bot, question: str) -> None:
    hostile = HouseRule(text="<!channel> *sure* & <@U01>", code="97530")
    clinic = clinic_with(answering.index, OwnKnowledge(rules=(hostile,)))
    told = answering.answer(question, clinic)
    assert "97530" in told.answer.codes
    assert "&lt;!channel&gt; *sure* &amp; &lt;@U01&gt;" in told.reply.text
    assert "<!channel>" not in told.reply.text
    assert as_json(told)["house_rules"] == [{"text": hostile.text, "code": "97530"}]


def test_a_clinics_own_topic_is_told_as_its_own(index: Index, log: QuestionLog) -> None:
    bot = bot_of(index, log)
    bot.teacher.publish("T01", lambda _: OwnKnowledge(topics=(TOPIC,)))
    said = ask(bot, "who checks zorbit cards?")
    assert said.startswith("Our front desk")
    assert "The front desk checks zorbit cards before the first visit. [1]" in said
    assert "[1] Your clinic's own" in said
    assert "Our front desk" not in ask(bot, "who checks zorbit cards?", "T02")


def test_a_change_is_live_in_another_process_within_five_seconds(
    index: Index, engine: Engine, log: QuestionLog
) -> None:
    here, there = bot_of(index, log), Clinics(engine, index)
    there.watch()
    try:
        before = there.of("T01")
        begun = time.monotonic()
        here.teacher.publish("T01", lambda own: own.with_more(RULES))
        while there.of("T01") is before and time.monotonic() - begun < LIVE_WITHIN:
            time.sleep(0.05)
        assert there.of("T01").own == RULES
    finally:
        there.close()


def test_what_a_later_release_put_into_a_topic_is_passed_over(index: Index, engine: Engine, log: QuestionLog) -> None:
    publish(engine, "T01", lambda _: ALL)
    with engine.begin() as connection:
        connection.execute(text("""UPDATE clinic_topic SET body = '{"lang": "en", ' || substr(body, 2)"""))
    assert ask(bot_of(index, log), "who checks zorbit cards?").startswith("Our front desk")
    with Session(engine) as session:
        assert read_own(session, "T01").topics == (TOPIC,)


UNREADABLE = (
    (
        "UPDATE clinic_topic SET body = replace(body, '\"title\"', '\"heading\"') WHERE workspace = 'T01'",
        "clinic_topic",
    ),
    ("UPDATE clinic_topic SET body = '{' || name WHERE workspace = 'T01'", "clinic_topic"),
    ("UPDATE clinic_rule SET text = 'z' WHERE workspace = 'T01'", "clinic_rule"),
    ("UPDATE clinic_saying SET key = 'zorbit' WHERE workspace = 'T01'", "clinic_saying"),
)


@pytest.mark.parametrize(("statement", "table"), UNREADABLE)
def test_a_row_that_cannot_be_read_holds_up_its_own_clinic_alone(
    index: Index, engine: Engine, log: QuestionLog, statement: str, table: str
) -> None:
    standing = bot_of(index, log)
    standing.teacher.publish("T01", lambda _: ALL)
    with engine.begin() as connection:
        connection.execute(text(statement))
        connection.execute(text("UPDATE clinic SET version = version + 1"))
    publish(engine, "T02", lambda _: SAYING)
    with capture_logs() as told:
        standing._clinics.refresh()  # type: ignore[union-attr]
        standing._clinics.refresh()  # type: ignore[union-attr]
        begun = bot_of(index, log)
    assert [(one["workspace"], one["log_level"], table in one["fault"]) for one in told] == [("T01", "error", True)] * 2
    for words in ("zercher", "zorbit", "Aetna", "desk"):
        assert words not in str(told)
    assert "97530" in ask(standing, UNKNOWN)  # as before
    assert "I don't know" in ask(begun, UNKNOWN)  # what ships
    for one in (standing, begun):
        assert "97530" in ask(one, UNKNOWN, "T02")
    with pytest.raises(UnreadableClinicError, match=f"^clinic T01: a row of {table} cannot be read"):
        begun.teacher.publish("T01", lambda own: own)
    assert forget_workspace(engine, "T01")["question_log"]
    begun.teacher.publish("T01", lambda own: own.with_more(SAYING))
    assert "97530" in ask(begun, UNKNOWN)


def test_the_commands_go_on_with_what_ships_and_tell_whose_row_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'own.db'}"
    engine = ready_engine(url)
    publish(engine, "local", lambda _: ALL)
    with engine.begin() as connection:
        connection.execute(text("UPDATE clinic_rule SET text = 'z'"))
    engine.dispose()
    terminal = Terminal(tmp_path)
    asked = terminal.run("ask", "what is 97530", DATABASE_URL=url)
    assert (asked.returncode, "97530" in asked.stdout, "clinic_rule" in asked.stderr) == (0, True, True)
    found = terminal.run("doctor", DATABASE_URL=url)
    assert found.returncode == 1
    assert "\nNO clinics: clinic local: a row of clinic_rule cannot be read (text); run the release" in found.stdout
    exported = terminal.run("clinic", "export", DATABASE_URL=url)
    assert (exported.returncode, exported.stderr.count("\n")) == (2, 1)


def test_two_who_publish_at_once_lose_nothing_of_each_other(engine: Engine) -> None:
    async def both() -> None:
        words = [f"saying {number}" for number in range(8)]
        await asyncio.gather(*(asyncio.to_thread(add, engine, one) for one in words))

    def add(engine: Engine, text: str) -> None:
        more = OwnKnowledge(sayings=(OwnSaying(text=text, code="97110"),))
        publish(engine, "T01", lambda own: own.with_more(more))

    asyncio.run(both())
    published = publish(engine, "T01", lambda own: own)
    assert (len(published.own.sayings), published.version) == (8, 9)


def test_what_an_upgrade_left_without_a_code_is_kept_and_told(index: Index, log: QuestionLog) -> None:
    bot = bot_of(index, log)
    stale = OwnKnowledge(sayings=(OwnSaying(text="old thing", code="99999"), OwnSaying(text="old", topic="gone")))
    bot.teacher.publish("T01", lambda _: stale.with_more(SAYING))
    assert "97530" in ask(bot, UNKNOWN)
    own = bot.teacher.own("T01")
    assert {one.text for one in own.homeless(index.library)} == {"old thing", "old"}
    assert {*own.sayings} == {*read_toml(as_toml(own), "x.toml").sayings}


def test_what_is_exported_is_imported_unchanged_and_twice_is_once() -> None:
    odd = OwnKnowledge(rules=(HouseRule(text='He said "no" \\ [x] = é…', payer="BCBS, Blue Cross"),))
    own = ALL.with_more(odd)
    assert as_toml(read_toml(as_toml(own), "own.toml")) == as_toml(own)
    assert {*read_toml(as_toml(own), "own.toml").rules} == {*own.rules}
    assert own.with_more(own) == own


def test_every_fault_of_a_file_is_told_in_one_run() -> None:
    text = """
[[sayings]]
text = "sled"
code = "97110"
topic = "x"
[[sayings]]
text = "a"
code = "9711O"
[[sayings]]
text = "Sled"
code = "97116"
[[sayings]]
text = "sled"
code = "97110"
[[rules]]
text = "On nothing."
[[rules]]
text = "pt Maria Lopez, SSN 078-05-1120"
code = "97110"
[[topics]]
name = "x"
[[notes]]
text = "y"
"""
    with pytest.raises(KnowledgeError) as told:
        read_toml(text, "own.toml")
    said = str(told.value)
    for part in (
        "sayings.1: names either a code or a topic",
        "sayings.2.text",
        "sayings.2.code",
        "has 'sled' for 97116",
        "rules.1: names neither",
        "rules.2: holds what looks like a person's details (ssn, name)",
        "topics.1.title: is missing",
        "notes: is no known part",
    ):
        assert part in said
    assert "Lopez" not in said
    assert "078" not in said


def test_a_file_is_imported_after_its_replay_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'own.db'}")
    (tmp_path / "own.toml").write_text(as_toml(ALL), encoding="utf-8")
    run = CliRunner().invoke
    assert "I don't know" in run(cli, ["ask", UNKNOWN]).output
    refused = run(cli, ["clinic", "import", "own.toml"])
    assert (refused.exit_code, "not published" in refused.output) == (2, True)
    done = run(cli, ["clinic", "import", "own.toml", "--yes"])
    assert "1 answer changes: 1 gains a code" in done.output
    assert "Nothing to do" in run(cli, ["clinic", "import", "own.toml"]).output
    assert run(cli, ["clinic", "export"]).output == as_toml(ALL)
    ruled = run(cli, ["clinic", "rule", "Ask first.", "--code", "97530", "--yes"])
    assert "1 has another house rule" in ruled.output
