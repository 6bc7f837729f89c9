"""Teaching in Slack: from a question without an answer to its asker being told, and what only curators may do."""

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncBoltContext
from slack_bolt.authorization import AuthorizeResult
from sqlalchemy import Engine
from sqlmodel import Session, select

from bot.bot import Bot
from bot.clinics import Clinics
from bot.curators import Curators
from bot.own_knowledge import OwnKnowledge, OwnSaying
from bot.question import Question
from bot.question_log import LogAwayError, QuestionLog
from bot.question_notes import QuestionKey
from bot.recall import leave_recall, recall_of
from bot.reply import Writer
from bot.teaching import Teacher
from bot.tellings import TellingRow, leave, take
from handlers.curator_work import is_curator
from handlers.telling import post_digests, tell_waiting
from knowledge.search import Index
from knowledge.statement import Statement
from tests.handlers.conftest import Served, serving
from tests.handlers.slack_stand_in import (
    BOT_TOKEN,
    CHANNEL,
    DM,
    PERSON,
    WORKSPACE,
    command,
    direct_message,
    event,
    home_opened,
    mention,
    press,
)
from tests.handlers.test_buttons import button, elements, labels
from tests.handlers.test_doors import words
from tests.handlers.test_limits import faults

CURATOR = "U0CURATOR"
ZORBIT = "what code for zercher dolly haul?"


@pytest.fixture
async def taught(engine: Engine, index: Index) -> AsyncIterator[Served]:
    """A bot with a curator named in the settings."""
    log = QuestionLog(engine)
    bot = Bot(index, Writer(index.library.sources), log, Clinics(engine, index), Curators([CURATOR]))
    async with serving(bot, engine) as running:
        yield running
    log.close()


async def token_of(_: str) -> str | None:
    return BOT_TOKEN


def by(person: str, body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "user": {"id": person, "team_id": WORKSPACE}}


async def finished(served: Served) -> None:
    """What is under way, what that starts, and what a slow database left waiting."""
    for _ in range(3):
        await served.app.poster.finish()
        with contextlib.suppress(LogAwayError):
            await tell_waiting(served.bot, served.app.poster, {WORKSPACE: BOT_TOKEN})
    await served.app.poster.finish()


async def home_of(served: Served, person: str) -> dict[str, Any]:
    await served.send_event(home_opened("home", person))
    published = await served.slack.next_call("views.publish")
    assert published["user_id"] == person
    view: dict[str, Any] = published["view"]
    return view


def filled(view: dict[str, Any], saying: str, target: str) -> dict[str, Any]:
    values = {
        "saying": {"saying": {"type": "plain_text_input", "value": saying}},
        "teach_to": {"teach_to": {"type": "external_select", "selected_option": {"value": target}}},
    }
    return submitted({**view, "state": {"values": values}})


def submitted(view: dict[str, Any]) -> dict[str, Any]:
    body = {
        "type": "view_submission",
        "team": {"id": WORKSPACE},
        "view": {"id": "V9", "hash": "1", "state": {}, **view},
    }
    return by(CURATOR, body)


def tellings(served: Served) -> list[tuple[str, str]]:
    with Session(served.engine) as session:
        return [(one.what, one.state) for one in session.exec(select(TellingRow).order_by(TellingRow.id))]  # type: ignore[arg-type]


async def test_from_a_question_without_an_answer_to_its_askers_being_told(taught: Served) -> None:
    """Asked in a channel, in a direct message and by command; taught from App Home; each told once, where asked."""
    await taught.send_event(mention(ZORBIT))
    await taught.send_event(direct_message("zercher dolly haul code", ts="1700000002.000100"))
    assert "I don't know" in words(await taught.send_command({**command(ZORBIT), "user_id": "U03"}))
    await finished(taught)
    before = len(taught.slack.standing)
    home = await home_of(taught, CURATOR)
    assert "For curators" in words(home)
    assert "*Without an answer*" in words(home)
    assert list(faults({"text": "x", "blocks": home["blocks"]})) == []
    opened = press(button(home, "Teach"), on="home")
    await taught.send_payload(by(CURATOR, opened))
    lesson = (await taught.slack.next_call("views.open"))["view"]
    assert next(one["element"] for one in lesson["blocks"] if one.get("block_id") == "saying")["initial_value"] in (
        "zercher dolly haul", "zercher dolly haul code")  # fmt: skip
    search = {"type": "block_suggestion", "action_id": "teach_to", "block_id": "teach_to", "value": "97530"}
    _, offered = await taught.send_payload(by(CURATOR, {**search, "team": {"id": WORKSPACE}}))
    assert json.loads(offered)["options"][0]["value"] == "entries:97530"
    status, text = await taught.send_payload(filled(lesson, "zercher dolly haul", "entries:97530"))
    assert (status, json.loads(text)["response_action"]) == (200, "update")
    tried = (await taught.slack.next_call("views.update"))["view"]
    assert "*2 answers change: 2 gain a code*" in words(tried)
    assert list(faults({"text": "x", "blocks": tried["blocks"]})) == []
    assert len(taught.slack.standing) == before  # nothing is told before it is published
    await taught.send_payload(submitted(tried))
    assert "Published" in words((await taught.slack.next_call("views.update"))["view"])
    await finished(taught)
    told = {one["channel"]: one for one in taught.slack.standing[before:]}
    assert set(told) == {CHANNEL, DM, "U03"}
    assert told[CHANNEL]["thread_ts"] == "1700000000.000100"
    for one in told.values():
        assert "I did not know. Now I do" in words(one)
        assert "97530" in words(one)
    assert tellings(taught) == [("taught", "told")] * 3
    taught.bot.teacher.publish(WORKSPACE, lambda own: own)
    assert await tell_waiting(taught.bot, taught.app.poster, {WORKSPACE: BOT_TOKEN}) == 0
    assert "97530" in words(await taught.send_command(command(ZORBIT, trigger="9.1")))
    assert "Every question that is kept has an answer now." in words(await home_of(taught, CURATOR))


async def test_app_home_tells_curators_what_was_asked_by_day_door_kind_and_code(taught: Served) -> None:
    await taught.send_event(direct_message("what is 97530"))
    await taught.send_command({**command("what is 97110"), "user_id": "U03"})
    await taught.app.poster.finish()
    for row in taught.logged():
        await taught.bot.earlier.vote(QuestionKey(WORKSPACE, row.delivery), "U04", -1)
    with taught.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE question_log SET took_ms = 700 WHERE codes = '97530'")
    home = await home_of(taught, CURATOR)
    shown = words(home)
    for part in (
        "2 asked, 0 without an answer, 2 voted down, 1 slow.",
        f"By day: {datetime.now(UTC):%a %d} ",
        "By door: direct message ×1 · slash command ×1",
        "By kind: described ×2",
        "By code: 97110 ×1 · 97530 ×1",
        "*Answered, and voted down*",
        "• what is 97110 (answered: 97110)",
        "*Slow*\n• what is 97530 (700 ms)",
    ):
        assert part in shown, shown
    assert "U03" not in json.dumps(home["blocks"])
    assert list(faults({"text": "x", "blocks": home["blocks"]})) == []


async def test_who_is_no_curator_is_refused_politely_everywhere(taught: Served) -> None:
    await taught.send_event(mention(ZORBIT))
    await finished(taught)
    home = await home_of(taught, CURATOR)
    assert "For curators" not in words(await home_of(taught, PERSON))
    await taught.send_payload(by(PERSON, press(button(home, "Teach"), on="home")))
    assert "Teaching is for curators" in words((await taught.slack.next_call("views.open"))["view"])
    lesson = {"callback_id": "teach_try", "type": "modal", "private_metadata": "[]"}
    _, text = await taught.send_payload(by(PERSON, filled(lesson, "zercher dolly", "entries:97530")))
    assert "Teaching is for curators" in text
    publishing = {"callback_id": "teach_publish", "type": "modal", "private_metadata": '["x y", "entries:97530"]'}
    _, text = await taught.send_payload(by(PERSON, submitted(publishing)))
    assert "Teaching is for curators" in text
    choosing = {"type": "conversations_select", "action_id": "digest_channel", "selected_conversation": "C77"}
    await taught.send_payload(by(PERSON, press(choosing, on="home")))
    assert not taught.bot.teacher.own(WORKSPACE)
    assert await post_digests(taught.bot, taught.app.poster, token_of, None) == 0


async def test_a_curators_private_answer_has_the_button_and_nobody_elses(taught: Served) -> None:
    said = await taught.send_command({**command("what is 97530"), "user_id": CURATOR})
    assert "Teach" in labels(said)
    assert "Teach" not in labels(await taught.send_command(command("what is 97530", trigger="5.5")))
    await taught.send_event(event("app_mention", "<@UBOT> what is 97530", user=CURATOR))
    assert "Teach" not in labels(await taught.slack.next_post())
    await taught.send_payload(by(CURATOR, press(button(said, "Teach"), on="ephemeral")))
    lesson = (await taught.slack.next_call("views.open"))["view"]
    chosen = next(one["element"] for one in lesson["blocks"] if one.get("block_id") == "teach_to")["initial_option"]
    assert chosen["value"] == "entries:97530"


@pytest.mark.parametrize(
    ("saying", "target", "block"),
    [
        ("pt Maria Lopez sled", "entries:97110", "saying"),
        ("x" * 81, "entries:97110", "saying"),
        ("?!", "entries:97110", "saying"),
        ("sled", "entries:99999", "teach_to"),
        ("sled", "contrasts:stairs", "teach_to"),
        ("sled", "", "teach_to"),
    ],
)
async def test_what_cannot_be_taught_is_told_at_its_field(taught: Served, saying: str, target: str, block: str) -> None:
    lesson = {"callback_id": "teach_try", "type": "modal", "private_metadata": "[]"}
    _, text = await taught.send_payload(filled(lesson, saying, target))
    told = json.loads(text)
    assert (told["response_action"], [*told["errors"]]) == ("errors", [block])
    assert not taught.bot.teacher.own(WORKSPACE)


@pytest.mark.parametrize("held", [None, "", "[]", "{}", "7", '["a b", 5]', '["a b", "entries:0"]', "[[[[["])
async def test_a_hostile_window_publishes_nothing(taught: Served, held: str | None) -> None:
    view = {"callback_id": "teach_publish", "type": "modal", "private_metadata": held}
    assert (await taught.send_payload(submitted(view)))[0] == 200
    assert not taught.bot.teacher.own(WORKSPACE)


async def test_a_question_of_another_workspace_is_not_shown(taught: Served) -> None:
    await taught.send_event({**mention("secret zorbit words"), "team_id": "T02"})
    await taught.send_payload(
        by(CURATOR, press({"action_id": "teach:0", "value": f"T02 message:{CHANNEL}:1700000000.000100 "}, on="home"))
    )
    assert "no longer kept" in words((await taught.slack.next_call("views.open"))["view"])


@pytest.mark.parametrize(
    ("user", "may"), [({"is_admin": True}, True), ({"is_owner": True, "deleted": True}, False), ({}, False)]
)
async def test_an_admin_is_a_curator_where_the_app_may_ask_slack(
    bot: Bot, served: Served, user: dict[str, Any], may: bool
) -> None:
    with_scope = AuthorizeResult(enterprise_id=None, team_id=WORKSPACE, bot_scopes=["chat:write", "users:read"])
    asking = AsyncBoltContext({"authorize_result": with_scope})
    served.slack.next_answers = [web.json_response({"ok": True, "user": user})]
    for _ in range(2):  # the second time it is remembered
        assert await is_curator(bot, served.app.poster, WORKSPACE, "U0ADMIN", asking) is may
    assert served.slack.calls.count("users.info") == 1
    assert bot.curators.knows("T02", "U0ADMIN") is None


async def test_without_the_scope_slack_is_never_asked_about_anybody(served: Served) -> None:
    assert "For curators" not in words(await home_of(served, "U0ADMIN"))
    assert "users.info" not in served.slack.calls


async def test_a_digest_is_posted_once_a_week_where_it_was_chosen(taught: Served) -> None:
    await taught.send_command(command("what is 97530"))
    await taught.send_command(command("zorbit <!channel> thing", trigger="2.2"))
    assert await post_digests(taught.bot, taught.app.poster, token_of, None) == 0
    home = await home_of(taught, CURATOR)
    chooser = next(one for one in elements(home) if one["type"] == "conversations_select")
    choosing = {"type": chooser["type"], "action_id": chooser["action_id"], "selected_conversation": "C0DIGEST"}
    await taught.send_payload(by(CURATOR, press(choosing, on="home")))
    counts = [await post_digests(taught.bot, taught.app.poster, token_of, "C0OTHER") for _ in range(3)]
    assert counts == [1, 0, 0]
    said = await taught.slack.next_post()
    assert said["channel"] == "C0DIGEST"
    assert "2 asked" in words(said)
    assert "<!channel>" not in json.dumps(said)
    assert PERSON not in json.dumps(said["blocks"])


async def test_a_recall_reaches_each_place_once_and_nobody_who_was_told_the_right_thing(
    taught: Served, index: Index
) -> None:
    await taught.send_event(mention("what is 97530"))
    await taught.send_event(mention("97530?", ts="1700000004.000100", thread_ts="1700000000.000100"))
    await taught.send_event(direct_message("what is 97110", ts="1700000005.000100"))
    await finished(taught)
    before, entry = len(taught.slack.standing), index.library.entries["97530"]
    said = entry.model_copy(update={"plain": Statement(text="It says something else now.", sources=("NCCI26",))})
    later = Index(replace(index.library, entries={**index.library.entries, "97530": said}))
    bot = Bot(later, Writer(later.library.sources), taught.bot.log, Clinics(taught.engine, later))
    assert recall_of(taught.engine, WORKSPACE, taught.bot.clinic(WORKSPACE), "97530").count == 0
    found = recall_of(taught.engine, WORKSPACE, bot.clinic(WORKSPACE), "97530")
    assert (found.count, len(found.told), found.channels, found.people) == (2, 1, 1, 1)
    assert [leave_recall(taught.engine, WORKSPACE, found, "Mind the <new> words.") for _ in range(2)] == [1, 0]
    assert await tell_waiting(bot, taught.app.poster, {WORKSPACE: BOT_TOKEN}) == 1
    await finished(taught)
    (told,) = taught.slack.standing[before:]
    assert (told["channel"], told["thread_ts"]) == (CHANNEL, "1700000000.000100")
    for part in (
        "Correction: 97530",
        "has been corrected",
        "Mind the &lt;new&gt; words.",
        "It says something else now.",
    ):
        assert part in words(told)


async def test_what_was_taught_elsewhere_just_now_is_told_as_it_was_taught(taught: Served, index: Index) -> None:
    await taught.send_event(mention(ZORBIT))
    await taught.slack.next_post()
    await finished(taught)
    elsewhere = Teacher(taught.engine, Clinics(taught.engine, index))
    own = OwnKnowledge(sayings=(OwnSaying(text="zercher dolly haul", code="97530"),))
    assert elsewhere.publish(WORKSPACE, lambda before: before.with_more(own)).told == 1
    assert await tell_waiting(taught.bot, taught.app.poster, {WORKSPACE: BOT_TOKEN}) == 1
    said = words(await taught.slack.next_post())
    assert ("97530" in said, "I don't know" in said) == (True, False)


async def test_what_waits_is_taken_by_one_and_for_the_own_workspace_alone(taught: Served) -> None:
    assert leave(taught.engine, WORKSPACE, "taught", [1, 2]) == 2
    assert leave(taught.engine, WORKSPACE, "taught", [2, 3]) == 1
    assert take(taught.engine, ["T02"]) == []
    assert [one.question for one in take(taught.engine, [WORKSPACE])] == [1, 2, 3]
    assert take(taught.engine, [WORKSPACE]) == []


async def test_what_a_slow_database_kept_from_being_told_waits_on(
    taught: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    await taught.send_event(mention(ZORBIT))
    await taught.app.poster.finish()
    own = OwnKnowledge(sayings=(OwnSaying(text="zercher dolly haul", code="97530"),))
    taught.bot.teacher.publish(WORKSPACE, lambda one: one.with_more(own))
    with monkeypatch.context() as slow:
        slow.setattr("bot.question_log.READ_WITHIN", 0.0)
        with pytest.raises(LogAwayError):
            await tell_waiting(taught.bot, taught.app.poster, {WORKSPACE: BOT_TOKEN})
    assert tellings(taught) == [("taught", "waiting")]


async def test_a_telling_that_slack_refuses_is_not_told_again(taught: Served) -> None:
    await taught.send_event(mention(ZORBIT))
    await finished(taught)
    own = OwnKnowledge(sayings=(OwnSaying(text="zercher dolly haul", code="97530"),))
    assert taught.bot.teacher.publish(WORKSPACE, lambda one: one.with_more(own)).told == 1
    taught.slack.next_answers = [web.json_response({"ok": False, "error": "msg_too_long"})]
    assert await tell_waiting(taught.bot, taught.app.poster, {WORKSPACE: BOT_TOKEN}) == 1
    await finished(taught)
    assert tellings(taught) == [("taught", "taken")]
    assert await tell_waiting(taught.bot, taught.app.poster, {WORKSPACE: BOT_TOKEN}) == 0


async def test_who_asked_something_else_hears_nothing_of_a_change(taught: Served) -> None:
    """Not of what an upgrade taught the bot meanwhile either: a curator tells only those whom the change answers."""
    asked = Question(text="what is 97110", door="slash_command", workspace=WORKSPACE, asker="U1")
    await taught.bot.ask(asked)
    await taught.bot.ask(Question(text="quixotic blimp", door="slash_command", workspace=WORKSPACE, asker="U2"))
    with taught.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE question_log SET kind = 'unknown', codes = ''")
    own = OwnKnowledge(sayings=(OwnSaying(text="zercher dolly haul", code="97530"),))
    assert taught.bot.teacher.publish(WORKSPACE, lambda one: one.with_more(own)).told == 0


async def test_questions_of_the_terminal_and_old_ones_are_told_to_nobody(taught: Served) -> None:
    await taught.bot.ask(Question(text=ZORBIT, door="terminal", workspace=WORKSPACE))
    old = datetime(2025, 1, 1, tzinfo=UTC)
    await taught.bot.ask(Question(text=ZORBIT, door="slash_command", workspace=WORKSPACE, asker="U1", asked_at=old))
    own = OwnKnowledge(sayings=(OwnSaying(text="zercher dolly haul", code="97530"),))
    assert taught.bot.teacher.publish(WORKSPACE, lambda one: one.with_more(own)).told == 0
