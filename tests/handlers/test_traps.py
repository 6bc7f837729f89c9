"""All that Slack, and the line to it, does to a bot. docs/slack_traps.md lists each trap with its test."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import Engine
from structlog.testing import capture_logs

from bot.bot import Bot
from bot.settings import Settings
from handlers.app import make_app
from handlers.serving import socket_handler
from tests.handlers.conftest import Served, serving
from tests.handlers.slack_stand_in import (
    APP_TOKEN,
    BOT_TOKEN,
    BOT_USER,
    CHANNEL,
    DM,
    PERSON,
    WITHIN,
    WORKSPACE,
    Fault,
    SlackStandIn,
    command,
    deleted,
    direct_message,
    edited,
    event,
    mention,
    press,
    shortcut,
    signed,
    slack_stand_in,
)
from tests.handlers.test_buttons import button
from tests.handlers.test_doors import STAIRS, words
from tests.handlers.test_surfaces import planned

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
STRANGER = {"user": "U66", "user_team": "T66", "source_team": "T66", "team": "T66"}


async def posts(served: Served) -> list[dict[str, Any]]:
    """All that was posted, once nothing is under way."""
    await served.app.poster.finish()
    return [served.slack.posts.get_nowait() for _ in range(served.slack.posts.qsize())]


# Deliveries


async def test_the_same_event_at_the_same_instant_is_answered_once(served: Served) -> None:
    await asyncio.gather(*(served.send_event(mention(STAIRS)) for _ in range(20)))
    assert len(await posts(served)) == 1
    assert len(served.logged()) == 1


async def test_the_same_event_while_its_answer_is_under_way_is_answered_once(served: Served) -> None:
    served.slack.hold_posts = asyncio.Event()
    for _ in range(3):
        assert await served.send_event(direct_message(STAIRS)) == 200
    served.slack.hold_posts.set()
    assert len(await posts(served)) == 1


async def test_a_first_delivery_that_is_marked_as_a_retry_is_answered(served: Served) -> None:
    """After a restart the first that arrives may be the second that Slack sent."""
    body = json.dumps(direct_message(STAIRS))
    marks = {"x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"}
    assert (await served.send(body, JSON, {**signed(body, JSON), **marks}))[0] == 200
    assert len(await posts(served)) == 1


async def test_a_retry_under_another_event_id_is_the_same_message(served: Served) -> None:
    await served.send_event(direct_message(STAIRS))
    await served.send_event({**direct_message(STAIRS), "event_id": "EvOther"})
    assert len(await posts(served)) == 1


async def test_a_thousand_events_shuffled_and_sent_again_are_each_answered_once(served: Served) -> None:
    """250 questions, each delivered four times in any order."""
    order = random.Random(5)  # noqa: S311  # the same order in every run
    bodies = [direct_message("what is 97530", ts=f"1700000{at:03}.000100") for at in range(250)] * 4
    order.shuffle(bodies)
    for start in range(0, len(bodies), 50):
        statuses = await asyncio.gather(*(served.send_event(one) for one in bodies[start : start + 50]))
        assert set(statuses) == {200}
    assert len(await posts(served)) == 250
    await served.written()
    assert len(served.logged()) == 250


# What is no question


@pytest.mark.parametrize(
    "silent",
    [
        direct_message("joined", subtype="channel_join"),
        direct_message("left", subtype="channel_leave"),
        direct_message("x", subtype="bot_message", bot_id="B77", user=None),
        direct_message("x", subtype="bot_add"),
        direct_message("x", subtype="message_replied"),
        direct_message(STAIRS, user=BOT_USER),
        direct_message(STAIRS, bot_id="B01", user=BOT_USER),
        mention(STAIRS, bot_id="B01", user=BOT_USER),
        mention(STAIRS, bot_id="B99", user="U99", thread_ts="1600000000.000100"),
        mention("joined", subtype="channel_join", bot_id="B99"),
        event("message", STAIRS, channel_type="channel"),
        event("message", STAIRS, channel_type="group", thread_ts="1600000000.000100"),
        event("message", STAIRS, channel_type="mpim"),
        event("reaction_added", "", item={"type": "message"}),
        event("member_joined_channel", ""),
        event("channel_rename", "", channel={"id": "C01", "name": "new"}),
    ],
)
async def test_joins_bots_and_what_others_say_are_taken_in_silence(served: Served, silent: dict[str, Any]) -> None:
    assert await served.send_event(silent) == 200
    assert await posts(served) == []
    assert served.logged() == []


@pytest.mark.parametrize("who", [{"user": "U99"}, {"user": None, "subtype": "bot_message"}], ids=["app", "workflow"])
async def test_another_bots_mention_is_answered_once_and_makes_no_loop(served: Served, who: dict[str, Any]) -> None:
    """It asks anew whenever it is answered, in the thread and beside it, there and in another channel."""
    other: dict[str, Any] = {"bot_id": "B99", **who}
    for at in range(4):
        for again in range(2):
            assert await served.send_event(mention(STAIRS, ts=f"17000000{at:02}.000100", **other)) == 200, again
        await served.send_event(
            mention(STAIRS, ts=f"17000000{at:02}.000200", thread_ts=f"17000000{at:02}.000100", **other)
        )
    (post,) = await posts(served)
    assert "97116" in words(post)
    assert post["thread_ts"] == "1700000000.000100"
    await served.send_event(mention(STAIRS, ts="1700000010.000100", channel="C02", **other))
    assert [one["channel"] for one in await posts(served)] == ["C02"]
    await served.send_event(mention(STAIRS, ts="1700000011.000100"))
    assert len(await posts(served)) == 1


# How people write


@pytest.mark.parametrize("say", [direct_message, mention])
@pytest.mark.parametrize("comes", [("broadcast",), ("broadcast", "plain"), ("plain", "broadcast")])
async def test_a_message_also_sent_to_the_channel_is_answered_once(
    served: Served, say: Callable[..., dict[str, Any]], comes: tuple[str, ...]
) -> None:
    thread = "1699999999.000100"
    for one in comes:
        subtype = "thread_broadcast" if one == "broadcast" else None
        await served.send_event(say(STAIRS, subtype=subtype, thread_ts=thread))
    (post,) = await posts(served)
    assert post["thread_ts"] == thread


async def test_a_message_with_a_file_is_answered_by_its_words(served: Served) -> None:
    await served.send_event(direct_message(STAIRS, subtype="file_share", files=[{"id": "F1"}]))
    (post,) = await posts(served)
    assert "97116" in words(post)


@pytest.mark.parametrize("said", [direct_message("", subtype="file_share"), mention("", subtype="file_share")])
async def test_a_picture_without_words_is_not_passed_over(served: Served, said: dict[str, Any]) -> None:
    said["event"]["files"] = [{"id": "F1", "mimetype": "image/png"}]
    await served.send_event(said)
    (post,) = await posts(served)
    assert "I read words only" in words(post)
    assert "Ask me which code fits" in words(post)


@pytest.mark.parametrize("text", ["", "?!", " . ", ":wave:", "🙂"])
async def test_a_mention_without_words_gets_help(served: Served, text: str) -> None:
    await served.send_event(mention(text))
    (post,) = await posts(served)
    assert "Ask me which code fits" in words(post)


@pytest.mark.parametrize(
    "text",
    [
        f"```<@{BOT_USER}> stair training```",
        f"`<@{BOT_USER}>` what code for stair training?",
        f"<@{BOT_USER}> <@U99> <@{BOT_USER}> what code for stair training?",
        f"what code for stair training <@{BOT_USER}>?",
        f"<@{BOT_USER}|coding> what code for “stair training”?",
        f"<@{BOT_USER}> what code for <http://stairs.example|stair training>?",
    ],
)
async def test_a_mention_in_code_beside_others_or_at_the_end_is_answered_once(served: Served, text: str) -> None:
    await served.send_event(event("app_mention", text))
    await served.send_event(event("message", text, channel_type="channel"))
    (post,) = await posts(served)
    assert "97116" in words(post)
    assert "<@" not in json.dumps(post["blocks"])


@pytest.mark.parametrize("say", [direct_message, mention])
async def test_what_nobody_knows_is_said_and_not_passed_over_in_silence(
    served: Served, say: Callable[..., dict[str, Any]]
) -> None:
    await served.send_event(say("xylophone practice"))
    (post,) = await posts(served)
    assert words(post).startswith("I don't know that one")
    assert served.logged()[0].kind == "unknown"


# Edits and deletes


async def test_an_edited_question_corrects_the_earlier_answer_in_place(served: Served) -> None:
    await served.send_event(direct_message("what is 97530"))
    await served.slack.next_post()
    await served.app.poster.finish()
    assert await served.send_event(edited("what is 97110", "what is 97530")) == 200
    update = await served.slack.next_call("chat.update")
    assert (update["channel"], update["ts"]) == (DM, served.slack.standing[0]["ts"])
    assert words(update).startswith("97110")
    (row,) = served.logged()
    assert (row.text, row.codes) == ("what is 97110", "97110")
    assert len(served.slack.standing) == 1


async def test_an_edit_that_arrives_before_the_answer_stands_is_not_lost(served: Served) -> None:
    served.slack.hold_posts = asyncio.Event()
    await served.send_event(direct_message("what is 97530"))
    await served.send_event(edited("what is 97110", "what is 97530"))
    served.slack.hold_posts.set()
    assert words(await served.slack.next_call("chat.update")).startswith("97110")


async def test_an_edit_sent_again_or_overtaken_changes_nothing(served: Served) -> None:
    await served.send_event(direct_message("what is 97530"))
    await served.app.poster.finish()
    late = edited("what is 97110", "what is 97530", at="1700000052.000000")
    early = edited("what is 97112", "what is 97530", at="1700000051.000000")
    for body in (late, early, late):
        assert await served.send_event(body) == 200
    await served.app.poster.finish()
    assert served.slack.others["chat.update"].qsize() == 1
    assert served.logged()[0].text == "what is 97110"


@pytest.mark.parametrize(
    "change",
    [
        edited(STAIRS, STAIRS, attachments=[{"title": "unfurled"}]),
        {**edited(STAIRS, "before"), "event": {**edited(STAIRS, "x")["event"], "message": {"ts": "1", "text": "y"}}},
        edited("what is 97110", STAIRS, bot_id="B01", user=BOT_USER),
        edited("what is 97110", STAIRS, edited=None),
        edited("what is 97110", STAIRS, edited=5),
        edited("what is 97110", STAIRS, ts="1600000000.000100"),
        direct_message("", subtype="message_changed", message=None, user=None),
        direct_message("", subtype="message_changed", message=[1], user=None),
    ],
)
async def test_an_unfurl_or_the_bots_own_update_changes_nothing(served: Served, change: dict[str, Any]) -> None:
    await served.send_event(direct_message(STAIRS))
    with capture_logs() as told:
        for _ in range(5):
            assert await served.send_event(change) == 200
        assert len(await posts(served)) == 1
    assert told == []
    assert served.slack.others["chat.update"].empty()
    assert [row.text for row in served.logged()] == [STAIRS]


@pytest.mark.parametrize("gone", [deleted(), edited("", STAIRS, subtype="tombstone", user="USLACKBOT")])
async def test_a_deleted_question_takes_its_text_out_of_the_log(served: Served, gone: dict[str, Any]) -> None:
    await served.send_event(direct_message(STAIRS))
    await served.app.poster.finish()
    assert await served.send_event(gone) == 200
    (row,) = served.logged()
    assert (row.text, row.whole, row.kind) == ("", None, "contrasted")
    await served.send_event(direct_message("and with an eval?", ts="1700000070.000100"))
    await served.app.poster.finish()
    assert all("stair" not in row.model_dump_json() for row in served.logged())


async def test_a_deleted_question_is_taken_out_of_what_went_on_from_it_too(served: Served) -> None:
    await served.send_event(direct_message("20 min xylophone exercise, 15 min manual therapy"))
    await served.send_event(direct_message("make the manual 30", ts="1700000009.000100"))
    await served.app.poster.finish()
    assert any("xylophone" in (row.whole or "") for row in served.logged())
    await served.send_event(deleted())
    assert all("xylophone" not in row.model_dump_json() for row in served.logged())
    assert sorted(row.text for row in served.logged()) == ["", "make the manual 30"]


# Requests that Slack makes of an address


@pytest.mark.parametrize(
    "fields", [{"ssl_check": "1"}, {"ssl_check": "1", "token": "x"}, {"token": "x", "ssl_check": "1"}]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_slacks_check_of_the_certificate_is_answered_unsigned(
    served: Served, method: str, fields: dict[str, str]
) -> None:
    sent: dict[str, Any] = {"params" if method == "GET" else "data": fields}
    async with served.http.request(method, f"{served.url}/slack/events", **sent) as response:
        assert (response.status, await response.text()) == (200, "")
    assert served.logged() == []


async def test_a_look_at_the_address_without_a_check_is_refused(served: Served) -> None:
    async with served.http.get(f"{served.url}/slack/events") as response:
        assert response.status == 401


# The way back to Slack


async def test_a_429_is_waited_for_as_long_as_slack_says(served: Served) -> None:
    served.slack.next_answers = [
        web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "1"})
    ]
    begun = time.monotonic()
    await served.send_event(direct_message(STAIRS))
    assert len(await posts(served)) == 1
    assert time.monotonic() - begun >= 1


@pytest.mark.parametrize("said", [direct_message(STAIRS), mention(STAIRS)], ids=["direct message", "mention"])
async def test_a_500_is_tried_again(served: Served, said: dict[str, Any]) -> None:
    served.slack.next_answers = [
        web.Response(status=500, text="<html>fault</html>", content_type="text/html"),
        web.json_response({"ok": False, "error": "internal_error"}, status=503),
    ]
    await served.send_event(said)
    assert len(await posts(served)) == 1


async def test_a_post_whose_connection_breaks_is_tried_again_where_the_bot_can_look(served: Served) -> None:
    served.slack.next_answers = [Fault.RESET]
    await served.send_event(direct_message(STAIRS))
    assert len(await posts(served)) == 1
    assert len(served.slack.standing) == 1


@pytest.mark.parametrize("thread", [None, "1699999999.000100"])
async def test_an_answer_lost_after_posting_is_found_and_not_posted_twice(served: Served, thread: str | None) -> None:
    served.slack.next_answers = [Fault.LOST]
    await served.send_event(direct_message("what is 97530", thread_ts=thread))
    assert len(await posts(served)) == 1
    assert len(served.slack.standing) == 1
    assert ("conversations.replies" if thread else "conversations.history") in served.slack.calls
    assert served.logged()[0].reply == served.slack.standing[0]["ts"]


async def test_an_answer_lost_in_a_long_thread_is_found_behind_what_stood_before(served: Served) -> None:
    served.slack.standing = [{"channel": DM, "ts": f"16999999{at:02}.000200"} for at in range(99)]
    served.slack.next_answers = [Fault.LOST]
    await served.send_event(direct_message("what is 97530", thread_ts="1699999900.000100"))
    assert len(await posts(served)) == 1
    assert len(served.slack.standing) == 99 + 1
    assert served.logged()[0].reply == served.slack.standing[-1]["ts"]


async def test_an_answer_lost_before_much_else_was_said_is_found_and_where_nobody_can_tell_not_sent_twice(
    served: Served,
) -> None:
    served.slack.standing = [{"channel": DM, "ts": f"16999999{at:02}.000200"} for at in range(99)]
    served.slack.next_answers = [Fault.LOST]
    await served.send_event(direct_message("what is 97530"))
    assert len(await posts(served)) == 1
    assert served.logged()[0].reply == served.slack.standing[-1]["ts"]

    served.slack.standing = [{"channel": DM, "ts": f"17000002{at:02}.000200"} for at in range(99)]
    served.slack.next_answers = [Fault.LOST]
    await served.send_event(direct_message("what is 97110", ts="1700000100.000100"))
    assert len(await posts(served)) == 1
    assert [row.fate for row in served.logged()] == ["uncertain", "posted"]


@pytest.mark.parametrize("fault", list(Fault))
async def test_in_a_channel_a_post_of_unknown_fate_is_told_in_the_log_and_not_sent_twice(
    served: Served, fault: Fault
) -> None:
    served.slack.next_answers = [fault]
    with capture_logs() as told:
        await served.send_event(mention(STAIRS))
        await posts(served)
    assert len(served.slack.standing) <= 1
    assert served.slack.calls.count("chat.postMessage") == 1
    assert [one["event"] for one in told] == ["a reply's fate is unknown: no answer from Slack"]
    assert STAIRS not in str(told)


async def test_a_slow_api_delays_no_other_acknowledgement(served: Served) -> None:
    served.slack.hold_posts = asyncio.Event()
    for at in range(20):
        assert await served.send_event(direct_message(STAIRS, ts=f"17000000{at:02}.000100")) == 200
    begun = time.monotonic()
    assert "97530" in words(await served.send_command(command("97530")))
    assert time.monotonic() - begun < 1
    served.slack.hold_posts.set()
    assert len(await posts(served)) == 20


@pytest.mark.parametrize("error", ["not_in_channel", "channel_not_found", "is_archived"])
async def test_where_the_bot_may_not_write_the_asker_is_answered_in_a_message(served: Served, error: str) -> None:
    served.slack.next_answers = [web.json_response({"ok": False, "error": error})]
    await served.send_event(mention(STAIRS))
    (post,) = await posts(served)
    assert post["channel"] == PERSON
    assert "97116" in words(post)
    assert "I may not write there" in words(post)


@pytest.mark.parametrize("error", ["token_revoked", "invalid_auth", "account_inactive"])
async def test_a_revoked_token_is_told_in_the_log_and_the_process_lives(served: Served, error: str) -> None:
    served.slack.next_answers = [web.json_response({"ok": False, "error": error})]
    with capture_logs() as told:
        await served.send_event(direct_message(STAIRS))
        await served.app.poster.finish()
    assert [(one["log_level"], one["error"]) for one in told] == [("error", error)]
    assert "SLACK_BOT_TOKEN" in told[0]["event"]
    assert BOT_TOKEN not in str(told)
    await served.send_event(direct_message(STAIRS, ts="1700000001.000100"))
    assert len(await posts(served)) == 1


@pytest.mark.parametrize("name", ["app_uninstalled", "tokens_revoked"])
async def test_an_uninstall_is_told_in_the_log(served: Served, name: str) -> None:
    body = event(name, "", user=None, channel=None, tokens={"bot": ["UBOT"]})
    with capture_logs() as told:
        assert await served.send_event(body) == 200
    assert [one["log_level"] for one in told] == ["error"]
    assert "install it again" in told[0]["event"]


# Who asks


@pytest.mark.parametrize(
    "said",
    [
        mention(STAIRS, **STRANGER),
        direct_message(STAIRS, **STRANGER),
        mention(STAIRS, user="U66", source_team="T66"),
        {**mention(STAIRS, user="U66"), "is_ext_shared_channel": True},
    ],
)
async def test_a_stranger_in_a_shared_channel_is_told_so_and_leaves_no_trace(
    served: Served, said: dict[str, Any]
) -> None:
    assert await served.send_event(said) == 200
    told = await served.slack.next_call("chat.postEphemeral")
    assert told["user"] == "U66"
    assert "another" in told["text"]
    assert await posts(served) == []
    assert served.logged() == []


async def test_a_stranger_presses_no_button_and_asks_about_no_message(served: Served) -> None:
    await served.send_event(mention(STAIRS))
    key = f"{WORKSPACE} message:{CHANNEL}:1700000000.000100 97116"
    stranger = {"id": "U66", "team_id": "T66"}
    assert (await served.send_payload(press({"action_id": "pick:0", "value": key}, user=stranger)))[0] == 200
    assert (await served.send_payload({**shortcut(STAIRS), "user": stranger}))[0] == 200
    assert [row.picked for row in served.logged()] == [None]


async def test_a_member_is_answered_in_a_shared_channel(served: Served) -> None:
    said = mention(STAIRS, user_team=WORKSPACE, source_team=WORKSPACE, team=WORKSPACE)
    await served.send_event({**said, "is_ext_shared_channel": True})
    assert len(await posts(served)) == 1


async def test_where_anyone_may_ask_a_stranger_is_answered(bot: Bot, engine: Engine) -> None:
    async with serving(bot, engine, who_may_ask="anyone") as served:
        await served.send_event({**mention(STAIRS, **STRANGER), "is_ext_shared_channel": True})
        assert len(await posts(served)) == 1


async def test_a_guest_of_the_workspace_is_answered(served: Served) -> None:
    """Guests belong to the workspace; Slack marks them on their profile only, which the bot does not read."""
    await served.send_event(direct_message(STAIRS, user="W0GUEST", team=WORKSPACE, user_team=WORKSPACE))
    assert len(await posts(served)) == 1


@pytest.mark.parametrize("team", [None, "T02"])
async def test_an_organisation_wide_install_without_a_team_is_answered_and_logged(
    served: Served, team: str | None
) -> None:
    """Where Slack names one of its workspaces all the same, the organisation is what installed the app."""
    grant = {"team_id": team, "enterprise_id": "E01", "is_enterprise_install": True, "is_bot": True}
    said = direct_message(STAIRS, team=team, user="W01")
    body = {**said, "team_id": team, "enterprise_id": "E01", "authorizations": [grant], "is_ext_shared_channel": False}
    assert await served.send_event(body) == 200
    assert len(await posts(served)) == 1
    assert served.logged()[0].workspace == "E01"
    key = f"E01 message:{DM}:1700000000.000100 97116"
    where = {"id": team, "enterprise_id": "E01"} if team else None
    grid: dict[str, Any] = {"team": where, "enterprise": {"id": "E01"}, "is_enterprise_install": True}
    await served.send_payload(
        press({"action_id": "pick:0", "value": key}, user={"id": "W01", "team_id": "T02"}, **grid)
    )
    assert served.logged()[0].picked == "97116"


async def test_in_a_shared_channel_an_organisations_members_are_answered_and_strangers_are_not(served: Served) -> None:
    grant = {"team_id": "T02", "enterprise_id": "E01", "is_enterprise_install": True, "is_bot": True}
    for number, team in enumerate(("T02", "T66")):
        said = mention(STAIRS, f"170000000{number}.000100", team=team)
        shared = {"team_id": "T02", "enterprise_id": "E01", "authorizations": [grant], "is_ext_shared_channel": True}
        assert await served.send_event({**said, **shared}) == 200
    assert len(await posts(served)) == 1
    assert (await served.slack.next_call("chat.postEphemeral"))["channel"] == CHANNEL
    assert [row.delivery for row in served.logged()] == [f"message:{CHANNEL}:1700000000.000100"]


def in_a_shared_channel(body: dict[str, Any], team: str = WORKSPACE) -> dict[str, Any]:
    """A change of a message as Slack tells it there: the author's workspace stands inside the message alone."""
    there: dict[str, Any] = {**body, "is_ext_shared_channel": True}
    changed = {**there["event"], "channel": CHANNEL, "channel_type": "channel"}
    authors = {"team": team, "user_team": team, "source_team": team}
    for name in ("message", "previous_message"):
        if name in changed:
            changed[name] = {**changed[name], **authors}
    return {**there, "event": changed}


@pytest.mark.parametrize("gone", [deleted(), edited("This message was deleted.", STAIRS, subtype="tombstone")])
async def test_what_a_member_deletes_in_a_shared_channel_is_forgotten(served: Served, gone: dict[str, Any]) -> None:
    said = mention(STAIRS, user_team=WORKSPACE, source_team=WORKSPACE, team=WORKSPACE)
    await served.send_event({**said, "is_ext_shared_channel": True})
    await served.app.poster.finish()
    assert await served.send_event(in_a_shared_channel(gone)) == 200
    assert [row.text for row in served.logged()] == [""]
    assert served.slack.others["chat.postEphemeral"].empty()


async def test_an_edit_by_a_member_in_a_shared_channel_counts_and_one_by_a_stranger_does_not(served: Served) -> None:
    said = mention(STAIRS, user_team=WORKSPACE, source_team=WORKSPACE, team=WORKSPACE)
    await served.send_event({**said, "is_ext_shared_channel": True})
    await served.app.poster.finish()
    await served.send_event(in_a_shared_channel(edited("what is 97110", STAIRS), team="T66"))
    assert [row.text for row in served.logged()] == [STAIRS]
    await served.send_event(in_a_shared_channel(edited("what is 97530", STAIRS)))
    assert [row.text for row in served.logged()] == ["what is 97530"]
    assert "97530" in words(await served.slack.next_call("chat.update"))


# Socket Mode


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    async with slack_stand_in() as stand_in:
        yield stand_in


async def connected(slack: SlackStandIn, bot: Bot) -> Any:
    settings = Settings(slack_bot_token=BOT_TOKEN, slack_api_url=slack.url, _env_file=None)
    handler = socket_handler(await make_app(settings, bot), APP_TOKEN, ping_interval=0.2)
    await handler.client.connect()  # type: ignore[no-untyped-call]
    await slack.next_socket()
    return handler


async def answers(slack: SlackStandIn, number: str) -> None:
    told = await slack.send({"type": "slash_commands", "envelope_id": number, "payload": command("97530", number)})
    assert told["envelope_id"] == number
    assert "97530" in words(told["payload"])


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "link_disabled"])
async def test_a_disconnect_envelope_opens_a_new_socket(slack: SlackStandIn, bot: Bot, reason: str) -> None:
    handler = await connected(slack, bot)
    await answers(slack, "e1")
    assert slack.socket is not None
    await slack.socket.send_str(json.dumps({"type": "disconnect", "reason": reason}))
    await slack.next_socket()
    await answers(slack, "e2")
    await handler.client.close()


async def test_a_dead_socket_is_noticed_and_opened_anew(slack: SlackStandIn, bot: Bot) -> None:
    slack.is_pinging = False
    handler = await connected(slack, bot)
    slack.is_pinging = True
    await slack.next_socket()
    await answers(slack, "e1")
    await handler.client.close()


async def test_a_second_process_on_the_same_token_is_told_in_the_log(slack: SlackStandIn, bot: Bot) -> None:
    slack.connections = 2
    with capture_logs() as told:
        handler = await connected(slack, bot)
        await answers(slack, "e1")
    await handler.client.close()
    assert [one["connections"] for one in told if "another process" in one["event"]] == [2]


async def test_buttons_lists_and_windows_are_answered_over_the_socket_too(slack: SlackStandIn, bot: Bot) -> None:
    handler = await connected(slack, bot)
    asked = await slack.send({"type": "slash_commands", "envelope_id": "e1", "payload": command(STAIRS, "e1")})
    pick = button(asked["payload"], "97530")
    pressed = press(pick, on="ephemeral", url=slack.response_url)
    told = await slack.send({"type": "interactive", "envelope_id": "e2", "payload": pressed})
    assert told["envelope_id"] == "e2"
    assert words(await slack.next_call("response_url")).startswith("97530")
    person = {"user": {"id": PERSON, "team_id": WORKSPACE}, "team": {"id": WORKSPACE}}
    search = {"type": "block_suggestion", "action_id": "plan_visit", "block_id": "done_0", "value": "manual", **person}
    told = await slack.send({"type": "interactive", "envelope_id": "e3", "payload": search})
    assert "97140" in [one["value"] for one in told["payload"]["options"]]
    opening = {"type": "shortcut", "callback_id": "plan_visit", "trigger_id": "6.6.6", **person}
    await slack.send({"type": "interactive", "envelope_id": "e4", "payload": opening})
    view = (await slack.next_call("views.open"))["view"]
    sent = planned(view, ("97110", "20"), ("97140", "15"))
    told = await slack.send({"type": "interactive", "envelope_id": "e5", "payload": sent})
    assert told["payload"]["response_action"] == "update"
    assert "97110 ×1" in words(told["payload"]["view"])
    await handler.client.close()


@pytest.mark.parametrize(
    "envelope",
    [
        {"type": "events_api", "payload": {}},
        {"type": "events_api", "payload": {"type": "event_callback"}},
        {"type": "events_api", "payload": {"type": "event_callback", "event": {"type": "message", "channel": []}}},
        {"type": "events_api", "payload": {"type": "event_callback", "event": {"type": "message", "text": 5}}},
        {"type": "interactive", "payload": {"type": "block_actions", "actions": []}},
        {"type": "interactive", "payload": {"type": "view_submission", "view": 5}},
        {"type": "slash_commands", "payload": {"command": 7}},
        {"type": "no_such_type", "payload": {}},
        {"type": "events_api"},
        {"type": "events_api", "payload": None},
    ],
)
async def test_an_odd_envelope_leaves_the_socket_open(slack: SlackStandIn, bot: Bot, envelope: dict[str, Any]) -> None:
    handler = await connected(slack, bot)
    assert slack.socket is not None
    await slack.socket.send_str("{")
    await slack.socket.send_str(json.dumps({"envelope_id": "odd", **envelope}))
    told = await slack.send({"type": "slash_commands", "envelope_id": "e9", "payload": command("97530", "e9")})
    while told["envelope_id"] == "odd":
        told = await asyncio.wait_for(slack.acknowledged.get(), WITHIN)
    assert "97530" in words(told["payload"])
    assert slack.sockets.empty()
    await handler.client.close()
