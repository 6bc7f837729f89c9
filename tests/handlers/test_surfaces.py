"""The message shortcut, the agent view, App Home, help and the first hello."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.bot import Bot
from tests.bot.test_outages import until
from tests.handlers.conftest import Served
from tests.handlers.slack_stand_in import (
    BOT_USER,
    CHANNEL,
    DM,
    PERSON,
    WORKSPACE,
    command,
    direct_message,
    edited,
    event,
    home_opened,
    mention,
    press,
    shortcut,
)
from tests.handlers.test_buttons import button, elements, labels, thumb
from tests.handlers.test_doors import STAIRS, words


def examples(said: dict[str, Any]) -> list[str]:
    return [one for one in labels(said) if one.endswith("?")]


async def in_window(served: Served, action: dict[str, Any], method: str = "views.open", **more: Any) -> dict[str, Any]:
    assert (await served.send_payload(press(action, **more)))[0] == 200
    view: dict[str, Any] = (await served.slack.next_call(method))["view"]
    return view


# Message shortcut


async def test_the_shortcut_answers_about_a_message_in_its_thread_to_the_asker_alone(served: Served) -> None:
    assert (await served.send_payload(shortcut("did stair training with her")))[0] == 200
    said = await served.slack.next_call("chat.postEphemeral")
    assert (said["channel"], said["user"], said["thread_ts"]) == (CHANNEL, PERSON, "1700000000.000200")
    assert "97116" in words(said)
    assert "Share in channel" in labels(said)
    (row,) = served.logged()
    assert (row.door, row.asker, row.place) == ("message_shortcut", PERSON, CHANNEL)


async def test_inside_a_thread_the_shortcut_answers_in_that_thread(served: Served) -> None:
    await served.send_payload(shortcut(STAIRS, thread_ts="1699999999.000100"))
    assert (await served.slack.next_call("chat.postEphemeral"))["thread_ts"] == "1699999999.000100"


async def test_where_the_bot_is_no_member_the_shortcut_answers_by_its_response_url(served: Served) -> None:
    served.slack.next_answers = [web.json_response({"ok": False, "error": "not_in_channel"})]
    await served.send_payload(shortcut(STAIRS, url=served.slack.response_url))
    said = await served.slack.next_call("response_url")
    assert said["response_type"] == "ephemeral"
    assert "97116" in words(said)


async def test_a_message_without_words_gets_help_from_the_shortcut(served: Served) -> None:
    await served.send_payload(shortcut(""))
    assert len(examples(await served.slack.next_call("chat.postEphemeral"))) == 3


# Help


@pytest.mark.parametrize("text", ["help", "", "hi", "hello"])
async def test_help_and_a_greeting_show_three_examples_that_are_answered_when_clicked(
    served: Served, text: str
) -> None:
    said = await served.send_command(command(text))
    assert len(examples(said)) == 3
    assert "Share in channel" not in labels(said)
    for at, example in enumerate(examples(said)):
        pressed = press(button(said, example), on="ephemeral", url=served.slack.response_url, trigger_id=f"8.{at}")
        assert (await served.send_payload(pressed))[0] == 200
        answer = await served.slack.next_call("response_url")
        assert (answer["response_type"], answer["replace_original"]) == ("ephemeral", False)
        assert "I don't know" not in words(answer)
    assert {row.door for row in served.logged()} == {"slash_command", "button"}


async def test_an_example_clicked_in_a_message_is_answered_beside_it(served: Served) -> None:
    await served.send_event(direct_message("help"))
    said = await served.slack.next_post()
    where = {"message_ts": "1700001000.000100", "channel_id": DM, "is_ephemeral": False}
    clicked = press(button(said, examples(said)[1]), container={"type": "message", **where}, channel={"id": DM})
    await served.send_payload(clicked)
    answer = await served.slack.next_post()
    assert answer["channel"] == DM
    assert f"Asked by click: {examples(said)[1]}" in words(answer)
    await served.send_payload(clicked)
    await served.app.poster.finish()
    assert served.slack.posts.empty()


@pytest.mark.parametrize(("typed", "meant"), [("what is 9753?", "97530"), ("971110", "97110")])
async def test_what_may_be_meant_by_a_wrong_number_is_a_click_away(served: Served, typed: str, meant: str) -> None:
    said = await served.send_command(command(typed))
    pressed = press(button(said, f"{meant} ·"), on="ephemeral", url=served.slack.response_url)
    assert (await served.send_payload(pressed))[0] == 200
    assert words(await served.slack.next_call("response_url")).startswith(meant)


async def test_the_first_opening_of_the_direct_message_is_greeted_once(served: Served) -> None:
    for _ in range(3):
        assert await served.send_event(home_opened("messages")) == 200
    hello = await served.slack.next_post()
    assert hello["channel"] == DM
    assert len(examples(hello)) == 3
    await served.send_event(home_opened("messages", person="U02"))
    await served.slack.next_post()
    await served.app.poster.finish()
    assert served.slack.posts.empty()
    assert served.logged() == []


# The agent view


async def test_the_opened_messages_suggest_questions_that_are_answered(served: Served, answering: Bot) -> None:
    await served.send_event(home_opened("messages"))
    told = await served.slack.next_call("assistant.threads.setSuggestedPrompts")
    assert told["channel_id"] == DM
    assert "thread_ts" not in told
    asked = [one["message"] for one in told["prompts"]]
    assert len(asked) == 3
    assert all(answering.answer(one).answer.codes for one in asked)


async def test_where_slack_refuses_the_prompts_the_person_is_greeted_all_the_same(served: Served) -> None:
    refused = {"error": "missing_scope", "needed": "assistant:write"}
    served.slack.refusing["assistant.threads.setSuggestedPrompts"] = refused
    with capture_logs() as told:
        await served.send_event(home_opened("messages"))
        await served.slack.next_post()
        await served.app.poster.finish()
    assert [(one["error"], one["needed"]) for one in told] == [("missing_scope", "assistant:write")]


@pytest.mark.parametrize(
    ("said", "under"),
    [
        (direct_message(STAIRS), "1700000000.000100"),
        (direct_message(STAIRS, thread_ts="1699999999.000100"), "1699999999.000100"),
        (mention(STAIRS), "1700000000.000100"),
    ],
    ids=["direct message", "thread", "mention"],
)
async def test_who_has_to_wait_sees_that_the_answer_is_on_its_way_until_it_stands(
    served: Served, said: dict[str, Any], under: str
) -> None:
    served.slack.hold_posts = asyncio.Event()
    await served.send_event(said)
    shown = await served.slack.next_call("assistant.threads.setStatus")
    assert (shown["channel_id"], shown["thread_ts"]) == (said["event"]["channel"], under)
    assert "looking" in shown["status"]
    served.slack.hold_posts.set()
    await served.slack.next_post()
    assert (await served.slack.next_call("assistant.threads.setStatus"))["status"] == ""


@pytest.mark.parametrize("is_down", [False, True])
async def test_where_slack_shows_no_status_the_answer_is_given_all_the_same(served: Served, is_down: bool) -> None:
    served.slack.hold_posts = asyncio.Event()
    served.slack.refusing["assistant.threads.setStatus"] = {"error": "not_allowed_token_type"}
    if is_down:
        served.slack.next_answers = [web.Response(status=503, text="<html>Slack is down</html>")]
    await served.send_event(direct_message(STAIRS))
    await asyncio.to_thread(until, lambda: "assistant.threads.setStatus" in served.slack.calls)
    served.slack.hold_posts.set()
    assert "97116" in words(await served.slack.next_post())
    await served.app.poster.finish()
    assert served.logged()[0].reply == served.slack.standing[0]["ts"]


async def test_an_answer_that_takes_no_time_shows_no_status(served: Served) -> None:
    await served.send_event(direct_message(STAIRS))
    await served.app.poster.finish()
    assert "assistant.threads.setStatus" not in served.slack.calls


# App Home: a stranger's walk


async def test_app_home_shows_how_to_ask_a_box_the_families_and_ones_own_questions(served: Served) -> None:
    await served.send_command(command(STAIRS))
    await served.send_command({**command("what is 97140", "2"), "user_id": "U02"})
    assert await served.send_event(home_opened("home")) == 200
    published = await served.slack.next_call("views.publish")
    view = published["view"]
    assert (published["user_id"], view["type"]) == (PERSON, "home")
    assert len(examples(view)) == 3
    assert STAIRS in words(view)
    assert "97140" not in words(view)
    kinds = {one["type"] for one in elements(view)}
    assert {"static_select", "button"} <= kinds
    assert any(block["type"] == "input" and block["dispatch_action"] for block in view["blocks"])


async def test_what_is_typed_into_the_box_is_answered_in_a_window(served: Served) -> None:
    view = await in_window(served, {"action_id": "home_ask", "type": "plain_text_input", "value": STAIRS}, on="home")
    assert "97116" in words(view)
    assert (await served.slack.next_call("views.publish"))["user_id"] == PERSON
    (row,) = served.logged()
    assert (row.door, row.place, row.text) == ("home", "home", STAIRS)
    await served.send_payload(press(button(view, "97530"), on="modal"))
    update = await served.slack.next_call("views.update")
    assert update["view_id"] == "V01"
    assert words(update["view"]).startswith("97530")
    assert served.logged()[0].picked == "97530"


async def test_an_empty_box_asks_nothing(served: Served) -> None:
    typed = {"action_id": "home_ask", "type": "plain_text_input", "value": None}
    assert (await served.send_payload(press(typed, on="home")))[0] == 200
    assert served.logged() == []


async def test_the_codes_are_browsed_by_family_and_opened(served: Served) -> None:
    await served.send_event(home_opened("home"))
    home = (await served.slack.next_call("views.publish"))["view"]
    (chooser,) = [one for one in elements(home) if one["type"] == "static_select"]
    option = next(one for one in chooser["options"] if one["value"] == "therapeutic_procedure")
    family = await in_window(served, {"action_id": chooser["action_id"], "selected_option": option}, on="home")
    assert "97110" in words(family)
    row = next(block for block in family["blocks"] if "97110" in json.dumps(block))
    opened = {"action_id": row["accessory"]["action_id"], "value": row["accessory"]["value"]}
    entry = await in_window(served, opened, "views.push", on="modal")
    assert words(entry).startswith("97110")


async def test_an_own_earlier_question_is_asked_again_with_a_click(served: Served) -> None:
    await served.send_command(command("what is 97140"))
    await served.send_event(home_opened("home"))
    home = (await served.slack.next_call("views.publish"))["view"]
    view = await in_window(served, button(home, "Ask again"), on="home")
    assert words(view).startswith("97140")


async def test_own_questions_are_those_that_can_be_asked_again_each_once(served: Served) -> None:
    for at, text in enumerate(("what is 97140", "and 97530 too?", "thanks", "stair training", "What is 97140")):
        await served.send_command(command(text, f"4.{at}"))
    await served.send_event(home_opened("home"))
    home = (await served.slack.next_call("views.publish"))["view"]
    rows = [block["text"]["text"] for block in home["blocks"] if "Ask again" in json.dumps(block)]
    assert rows == ["What is 97140", "stair training"]


# The visit planner


def planned(view: dict[str, Any], *services: tuple[str, str | None]) -> dict[str, Any]:
    """The planner, filled in and sent."""
    names = [(block["block_id"], block["element"]["action_id"]) for block in view["blocks"]]
    state: dict[str, Any] = {block: {action: {"type": "x", "value": None}} for block, action in names}
    for at, (code, minutes) in enumerate(services):
        (done, action), (length, _) = names[2 * at : 2 * at + 2]
        state[done] = {action: {"type": "external_select", "selected_option": {"value": code}}}
        state[length] = {action: {"type": "number_input", "value": minutes}}
    return {
        "type": "view_submission",
        "team": {"id": WORKSPACE},
        "user": {"id": PERSON, "team_id": WORKSPACE},
        "view": {**view, "id": "V02", "hash": "1.a", "state": {"values": state}},
    }


async def test_a_visit_is_planned_from_app_home_and_counted(served: Served) -> None:
    await served.send_event(home_opened("home"))
    home = (await served.slack.next_call("views.publish"))["view"]
    view = await in_window(served, button(home, "Plan a visit"), on="home")
    search = {"type": "block_suggestion", "action_id": "plan_visit", "block_id": "done_0", "value": "manual th"}
    status, text = await served.send_payload({**search, "user": {"id": PERSON, "team_id": WORKSPACE}})
    found = [one["value"] for one in json.loads(text)["options"]]
    assert (status, found[0]) == (200, "97140")
    status, text = await served.send_payload(planned(view, ("97110", "20"), (found[0], "15"), ("97161", None)))
    told = json.loads(text)
    assert (status, told["response_action"]) == (200, "update")
    by_hand = await served.send_command(command("20 min 97110, 15 min 97140, 97161"))
    assert words(told["view"]) == words(by_hand)
    assert "×" in words(told["view"])


async def test_the_planner_opens_by_its_shortcut_and_wants_a_service(served: Served) -> None:
    opening = {"type": "shortcut", "callback_id": "plan_visit", "trigger_id": "6.6.6"}
    assert (await served.send_payload({**opening, "user": {"id": PERSON, "team_id": WORKSPACE}}))[0] == 200
    view = (await served.slack.next_call("views.open"))["view"]
    status, text = await served.send_payload(planned(view))
    assert (status, json.loads(text)["response_action"]) == (200, "errors")
    assert served.logged() == []


@pytest.mark.parametrize("typed", ["", "9", "975", "stairs", "🙂", "x" * 500, "<!channel>", "((("])
async def test_the_planners_search_offers_what_slack_takes(served: Served, typed: str) -> None:
    search = {"type": "block_suggestion", "action_id": "plan_visit", "block_id": "done_0", "value": typed}
    status, text = await served.send_payload({**search, "user": {"id": PERSON, "team_id": WORKSPACE}})
    offered = json.loads(text)["options"]
    assert status == 200
    assert len(offered) <= 100
    assert all(len(one["text"]["text"]) <= 75 for one in offered)


async def test_patients_details_do_not_come_back_in_app_home(served: Served) -> None:
    await served.send_command(command("stair training SSN 123-45-6789"))
    await served.send_event(home_opened("home"))
    assert "123-45-6789" not in json.dumps(await served.slack.next_call("views.publish"))


CONVERSATION = (
    "what code for stair training?",
    "how many units for 40 min?",
    "what is 97530",
    "and 97140?",
    "thanks",
)


async def through(served: Served, surface: str, at: int, text: str) -> dict[str, Any]:
    """What a surface answers to a text, as one more of its own conversation."""
    ts = f"17000001{at:02}.000100"
    match surface:
        case "command":
            return await served.send_command(command(text, f"5.{at}"))
        case "direct message":
            await served.send_event(direct_message(text, ts))
            return await served.slack.next_post()
        case "mention":
            await served.send_event(mention(text, f"17000002{at:02}.000100", thread_ts="1700000200.000100"))
            return await served.slack.next_post()
        case "shortcut":
            asked = {**shortcut(text, thread_ts="1600000000.000100"), "trigger_id": f"6.{at}"}
            await served.send_payload(asked)
            return await served.slack.next_call("chat.postEphemeral")
        case _:
            typed = {"action_id": "home_ask", "type": "plain_text_input", "value": text}
            return await in_window(served, typed, on="home", trigger_id=f"7.{at}")


async def test_the_same_conversation_has_the_same_words_through_every_surface(served: Served) -> None:
    """With its follow-ups: each surface's conversation has a subject of its own."""
    said: dict[str, list[str]] = {}
    for surface in ("command", "direct message", "mention", "shortcut", "home"):
        told = []
        for at, text in enumerate(CONVERSATION):
            told.append(words(await through(served, surface, at, text)))
            await served.app.poster.finish()
        said[surface] = told
    assert "97116 ×3" in said["command"][1]
    for surface, told in said.items():
        assert told == said["command"], surface
    assert len(served.logged()) == 5 * len(CONVERSATION)
    assert {row.door for row in served.logged()} == {
        *("slash_command", "direct_message", "mention", "message_shortcut", "home")
    }


async def test_a_strangers_walk_through_app_home(served: Served) -> None:
    """Somebody who was never here: opens the app, is greeted, clicks, asks, browses, plans, reads on, votes."""
    newcomer: dict[str, Any] = {"user": {"id": "U0NEW", "team_id": WORKSPACE}}
    await served.send_event(home_opened("messages", person="U0NEW"))
    assert "Ask me which code fits" in words(await served.slack.next_post())
    await served.send_event(home_opened("home", person="U0NEW"))
    home = (await served.slack.next_call("views.publish"))["view"]
    assert "will stand here" in words(home)

    clicked = await in_window(served, button(home, examples(home)[0]), on="home", trigger_id="1.1", **newcomer)
    assert "I don't know" not in words(clicked)

    typed = {"action_id": "home_ask", "type": "plain_text_input", "value": "therapeutic ultrasound"}
    answer = await in_window(served, typed, on="home", trigger_id="1.2", **newcomer)
    assert words(answer).startswith("97035")
    details = await in_window(served, button(answer, "Details"), "views.push", on="modal", **newcomer)
    assert "Use it when" in words(details)
    why = await in_window(served, button(answer, "Why this?"), "views.push", on="modal", **newcomer)
    assert "How sure" in words(why)

    (chooser,) = [one for one in elements(home) if one["type"] == "static_select"]
    option = {"value": "evaluation"}
    family = await in_window(
        served, {"action_id": chooser["action_id"], "selected_option": option}, on="home", **newcomer
    )
    row = next(block for block in family["blocks"] if "97161" in json.dumps(block))
    opened = {key: row["accessory"][key] for key in ("action_id", "value")}
    assert words(await in_window(served, opened, "views.push", on="modal", **newcomer)).startswith("97161")

    planner = await in_window(served, button(home, "Plan a visit"), on="home", **newcomer)
    status, text = await served.send_payload(planned(planner, ("97110", "20"), ("97140", "15")) | newcomer)
    assert status == 200
    assert "97110 ×1" in words(json.loads(text)["view"])

    await served.send_event(direct_message("thanks, and what is 97530?", user="U0NEW"))
    reply = await served.slack.next_post()
    assert words(reply).startswith("97530")
    await served.app.poster.finish()
    await served.send_payload(press(thumb(reply, "positive"), **newcomer))

    await served.send_event(home_opened("home", person="U0NEW"))
    while "97530" not in words(home):
        home = (await served.slack.next_call("views.publish"))["view"]
    for asked in ("therapeutic ultrasound", "20 min 97110, 15 min 97140", examples(home)[0]):
        assert asked in words(home)
    assert [row.asker for row in served.logged()] == ["U0NEW"] * 4
    assert served.logged()[0].feedback == 1


# Follow-ups in threads, from the log alone


VISIT, CHANGE = "20 min therapeutic exercise, 15 min manual therapy", "make the manual 30"


@pytest.mark.parametrize("hangs_on", ["question", "answer"])
async def test_in_a_direct_message_a_thread_goes_on_from_what_it_hangs_on(served: Served, hangs_on: str) -> None:
    await served.send_event(direct_message(VISIT))
    await served.app.poster.finish()
    thread = "1700000000.000100" if hangs_on == "question" else served.slack.standing[0]["ts"]
    await served.send_event(direct_message(CHANGE, ts="1700000009.000100", thread_ts=thread))
    await served.app.poster.finish()
    assert "Minutes told: 50" in words(served.slack.standing[1])


async def test_in_a_channel_a_thread_goes_on_when_the_bot_is_mentioned_again(served: Served) -> None:
    await served.send_event(mention(VISIT))
    await served.send_event(mention(CHANGE, ts="1700000009.000100", thread_ts="1700000000.000100"))
    await served.app.poster.finish()
    assert any("Minutes told: 50" in words(one) for one in served.slack.standing)
    assert {one["thread_ts"] for one in served.slack.standing} == {"1700000000.000100"}


async def test_in_a_channels_thread_a_colleague_goes_on_from_what_all_see(served: Served) -> None:
    thread: dict[str, Any] = {"thread_ts": "1700000000.000100"}
    await served.send_event(mention(VISIT))
    await served.send_event(mention(CHANGE, ts="1700000009.000100", **thread, user="U02"))
    await served.app.poster.finish()
    assert any("Minutes told: 50" in words(one) for one in served.slack.standing)
    await served.send_event(mention("what is 97530", ts="1700000010.000100", **thread, user="U03"))
    await served.send_event(mention("and for OT?", ts="1700000011.000100", **thread))
    await served.app.poster.finish()
    assert served.logged()[0].whole == f"{VISIT}, OT"  # one's own comes first


async def test_nobody_goes_on_from_what_another_was_told_in_private(served: Served) -> None:
    await served.send_payload(shortcut(VISIT, thread_ts="1700000000.000100"))
    await served.slack.next_call("chat.postEphemeral")
    await served.send_event(mention(CHANGE, ts="1700000009.000100", thread_ts="1700000000.000100", user="U02"))
    await served.app.poster.finish()
    assert served.logged()[0].whole is None
    assert "Minutes told" not in words(served.slack.standing[0])


async def test_threads_side_by_side_keep_their_own_subject(served: Served) -> None:
    await served.send_event(mention(VISIT))
    await served.send_event(mention(STAIRS, ts="1700000005.000100"))
    await served.send_event(mention(CHANGE, ts="1700000009.000100", thread_ts="1700000000.000100"))
    await served.app.poster.finish()
    assert any("Minutes told: 50" in words(one) for one in served.slack.standing)


async def test_where_the_app_may_read_channels_an_edit_corrects_the_answer_there_too(served: Served) -> None:
    await served.send_event(mention("what is 97530"))
    await served.app.poster.finish()
    change = edited(f"<@{BOT_USER}> what is 97110", f"<@{BOT_USER}> what is 97530")
    await served.send_event({**change, "event": {**change["event"], "channel": CHANNEL, "channel_type": "channel"}})
    update = await served.slack.next_call("chat.update")
    assert (update["channel"], words(update)[:5]) == (CHANNEL, "97110")


async def test_where_the_app_may_read_channels_a_follow_up_needs_no_new_mention(served: Served) -> None:
    thread = {"thread_ts": "1700000000.000100", "channel_type": "channel"}
    await served.send_event(mention(VISIT))
    await served.app.poster.finish()
    for silent in (
        event("message", "thanks, that helps", ts="1700000006.000100", **thread),
        event("message", CHANGE, ts="1700000007.000100", **thread, user="U02"),
        event("message", CHANGE, ts="1700000008.000100", channel_type="channel", thread_ts="1600000000.000100"),
        event("message", CHANGE, ts="1700000008.000200", channel_type="channel"),
        event("message", CHANGE, ts="1700000008.000300", **thread, bot_id="B99"),
        event("message", f"<@U02> {CHANGE}", ts="1700000008.000400", **thread),
    ):
        assert await served.send_event(silent) == 200
    await served.app.poster.finish()
    assert len(served.logged()) == len(served.slack.standing) == 1
    for _ in range(2):
        await served.send_event(event("message", CHANGE, ts="1700000009.000100", **thread))
    await served.app.poster.finish()
    assert len(served.slack.standing) == 2
    assert "Minutes told: 50" in words(served.slack.standing[1])
    assert served.slack.standing[1]["thread_ts"] == "1700000000.000100"
    for kind in ("message", "app_mention"):
        await served.send_event(event(kind, f"<@{BOT_USER}> {CHANGE}", ts="1700000010.000100", **thread))
    await served.app.poster.finish()
    assert len(served.slack.standing) == 3
