"""The doors, driven with Slack's own payloads: signed requests over HTTP, and what the bot then sends to Slack."""

import asyncio
import json
from typing import Any

import pytest

from tests.handlers.conftest import Served
from tests.handlers.slack_stand_in import (
    BOT_TOKEN,
    CHANNEL,
    DM,
    PERSON,
    WORKSPACE,
    command,
    direct_message,
    event,
    mention,
)

STAIRS = "what code for stair training?"


def words(message: dict[str, Any]) -> str:
    """The text of all blocks of a message."""
    blocks = message["blocks"] if isinstance(message["blocks"], list) else json.loads(message["blocks"])
    shown = [block for block in blocks if block["type"] in ("header", "section", "context")]
    texts = [block["text"]["text"] if "text" in block else block["elements"][0]["text"] for block in shown]
    return "\n\n".join(texts).replace("\u00a0", " ")


async def test_a_slash_command_is_answered_in_its_acknowledgement_to_the_asker_alone(served: Served) -> None:
    answer = await served.send_command(command(STAIRS))
    assert answer["response_type"] == "ephemeral"
    assert "97116" in words(answer)
    assert "97530" in words(answer)
    assert "how the person walks the stairs" in words(answer)
    assert served.slack.posts.empty()


async def test_a_direct_message_is_answered_where_it_was_typed(served: Served) -> None:
    assert await served.send_event(direct_message(STAIRS)) == 200
    post = await served.slack.next_post()
    assert post["channel"] == DM
    assert "thread_ts" not in post
    assert post["token"] == BOT_TOKEN
    assert "97116" in words(post)


async def test_a_direct_message_in_a_thread_is_answered_in_that_thread(served: Served) -> None:
    await served.send_event(direct_message(STAIRS, thread_ts="1699999999.000100"))
    assert (await served.slack.next_post())["thread_ts"] == "1699999999.000100"


async def test_a_mention_is_answered_in_its_thread(served: Served) -> None:
    assert await served.send_event(mention(STAIRS)) == 200
    post = await served.slack.next_post()
    assert (post["channel"], post["thread_ts"]) == (CHANNEL, "1700000000.000100")
    assert "97116" in words(post)


async def test_a_mention_that_slack_sends_as_two_events_is_answered_once(served: Served) -> None:
    first, second = mention(STAIRS), event("message", STAIRS, channel_type="channel")
    assert [await served.send_event(second), await served.send_event(first)] == [200, 200]
    await served.slack.next_post()
    await served.app.poster.finish()
    assert served.slack.posts.empty()
    assert len(served.logged()) == 1


async def test_an_event_sent_again_is_answered_once_and_logged_once(served: Served) -> None:
    statuses = await asyncio.gather(*(served.send_event(direct_message(STAIRS)) for _ in range(10)))
    assert statuses == [200] * 10
    await served.slack.next_post()
    await served.app.poster.finish()
    assert served.slack.posts.empty()
    assert len(served.logged()) == 1


async def test_the_same_question_has_the_same_words_through_every_door(served: Served) -> None:
    by_command = words(await served.send_command(command(STAIRS)))
    await served.send_event(direct_message(STAIRS, ts="1700000001.000100"))
    by_message = words(await served.slack.next_post())
    await served.send_event(mention(STAIRS, ts="1700000002.000100"))
    by_mention = words(await served.slack.next_post())
    assert by_command == by_message == by_mention


async def test_the_log_has_who_asked_what_where_and_through_which_door(served: Served) -> None:
    await served.send_command(command("what is 97530"))
    (row,) = served.logged()
    assert (row.workspace, row.place, row.asker, row.door) == (WORKSPACE, CHANNEL, PERSON, "slash_command")
    assert (row.text, row.kind, row.codes) == ("what is 97530", "described", "97530")
    assert "not.kept" not in row.model_dump_json()


async def test_patients_details_reach_neither_the_log_nor_the_reply(served: Served) -> None:
    answer = await served.send_command(command("pt DOB 04/12/1951 SSN 123-45-6789 stair training"))
    (row,) = served.logged()
    for secret in ("04/12/1951", "123-45-6789"):
        assert secret not in row.model_dump_json()
        assert secret not in json.dumps(answer)
    assert "97116" in words(answer)
    assert "details" in words(answer)


async def test_that_details_were_taken_out_is_told_to_the_asker_alone(served: Served) -> None:
    """Beside a private answer in it; in a channel in a word of its own, which nobody else sees."""
    asked, note = "97110 for pt Maria Lopez?", "I took out what looked like a patient's details: name."
    assert note in words(await served.send_command(command(asked)))
    await served.send_event(direct_message(asked))
    assert note in words(await served.slack.next_post())
    for thread in (None, "1699999999.000100"):
        await served.send_event(mention(asked, ts=f"17000000{len(thread or ''):02}.000300", thread_ts=thread))
        post = await served.slack.next_post()
        assert "97110" in words(post)
        assert "details" not in json.dumps(post)
        told = await served.slack.next_call("chat.postEphemeral")
        assert (told["channel"], told["user"], told.get("thread_ts")) == (CHANNEL, PERSON, thread)
        assert told["text"].startswith(note)


@pytest.mark.parametrize(
    "silent",
    [
        direct_message(STAIRS, bot_id="B99"),
        direct_message(STAIRS, subtype="message_changed"),
        direct_message("", subtype="message_deleted"),
        direct_message(STAIRS, subtype="channel_join"),
        direct_message(STAIRS, user="UBOT"),
        event("message", STAIRS, channel_type="channel"),
        event("reaction_added", STAIRS),
        event("team_join", "", user=None),
    ],
)
async def test_what_no_person_asked_is_taken_in_silence(served: Served, silent: dict[str, Any]) -> None:
    assert await served.send_event(silent) == 200
    await served.app.poster.finish()
    assert served.slack.posts.empty()
    assert served.logged() == []


@pytest.mark.parametrize(
    "text", ["<!channel> <!here> @everyone", "<@U99> <!subteam^S1|x>", "{{ 7 * 7 }} ${7*7} <%= 7*7 %>"]
)
async def test_nobody_makes_the_bot_call_a_channel_or_run_a_template(served: Served, text: str) -> None:
    answer = json.dumps(await served.send_command(command(text)))
    for call in ("<!", "<@", "49"):
        assert call not in answer


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "🙂🙃🙂",
        "مرحبا كيف حالك",
        "\u202eabc\u0000\u0007def",
        "x" * 40_000,
        "'; DROP TABLE question_log; --",
        "{% for a in range(10**9) %}{% endfor %}",
        "97530 " * 6000,
        "((((" * 9000,
        "1" * 40_000,
        "no " * 13_000,
    ],
)
async def test_odd_text_gets_a_plain_answer_and_a_row_in_the_log(served: Served, text: str) -> None:
    answer = await served.send_command(command(text))
    assert answer["blocks"]
    assert len(served.logged()) == 1
    assert (await served.send_command(command(STAIRS, trigger="2")))["blocks"]


async def test_no_door_waits_for_slack_while_it_is_slow_to_take_a_post(served: Served) -> None:
    assert await served.send_event(direct_message(STAIRS)) == 200
    assert (await served.send_command(command("97530")))["blocks"]
