"""The buttons of a reply, pressed as Slack tells it."""

import json
import time
from typing import Any

import pytest
from aiohttp import web
from sqlmodel import Session, select

from bot.question_log import VoteRow
from tests.handlers.conftest import Served
from tests.handlers.slack_stand_in import CHANNEL, PERSON, WORKSPACE, command, direct_message, mention, press
from tests.handlers.test_doors import STAIRS, words

LOOKUP = "therapeutic ultrasound"
ACKNOWLEDGED_WITHIN = 3.0  # seconds; Slack's


def elements(said: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [block["elements"] for block in said["blocks"] if block["type"] in ("actions", "context_actions")]
    accessories = [block["accessory"] for block in said["blocks"] if block.get("accessory")]
    return [one for row in rows for one in row] + accessories


def labels(said: dict[str, Any]) -> list[str]:
    return [one["text"]["text"] for one in elements(said) if one["type"] == "button"]


def button(said: dict[str, Any], starts: str) -> dict[str, Any]:
    found = next(one for one in elements(said) if one["type"] == "button" and one["text"]["text"].startswith(starts))
    return {"action_id": found["action_id"], "value": found["value"]}


def thumb(said: dict[str, Any], which: str) -> dict[str, Any]:
    votes = next(one for one in elements(said) if one["type"] == "feedback_buttons")
    return {"type": "feedback_buttons", "action_id": votes["action_id"], "value": votes[f"{which}_button"]["value"]}


async def posted(served: Served, text: str) -> dict[str, Any]:
    await served.send_event(mention(text))
    said = await served.slack.next_post()
    await served.app.poster.finish()
    return said


def taken(served: Served, method: str) -> list[dict[str, Any]]:
    """All calls of a method so far."""
    queue = served.slack.others[method]
    return [queue.get_nowait() for _ in range(queue.qsize())]


def votes(served: Served) -> list[tuple[str, int, str | None]]:
    with Session(served.engine) as session:
        return [(row.person, row.vote, row.expected) for row in session.exec(select(VoteRow))]


async def test_a_choice_has_a_button_for_each_code_right_under_the_deciding_question(served: Served) -> None:
    said = await posted(served, STAIRS)
    kinds = [block["type"] for block in said["blocks"][:3]]
    assert kinds == ["header", "section", "actions"]
    assert "?" in said["blocks"][1]["text"]["text"]
    assert [one[:5] for one in labels(said)[:2]] == ["97116", "97530"]


async def test_a_pick_on_a_message_is_logged_and_settles_the_card(served: Served) -> None:
    said = await posted(served, STAIRS)
    status, _ = await served.send_payload(press(button(said, "97530")))
    update = await served.slack.next_call("chat.update")
    assert (status, update["channel"], update["ts"]) == (200, CHANNEL, "1700001000.000100")
    assert words(update).startswith("97530 · Therapeutic activities")
    assert "Chosen from 97116 or 97530." in words(update)
    assert not any(one.startswith("97116") for one in labels(update))
    assert served.logged()[0].picked == "97530"


async def test_a_choice_can_be_made_again(served: Served) -> None:
    said = await posted(served, STAIRS)
    await served.send_payload(press(button(said, "97530")))
    settled = await served.slack.next_call("chat.update")
    await served.send_payload(press(button(settled, "Choose again")))
    assert labels(await served.slack.next_call("chat.update"))[:2] == labels(said)[:2]


async def test_a_pick_on_a_private_answer_replaces_it_by_its_response_url(served: Served) -> None:
    said = await served.send_command(command(STAIRS))
    await served.send_payload(press(button(said, "97116"), on="ephemeral", url=served.slack.response_url))
    settled = await served.slack.next_call("response_url")
    assert settled["replace_original"] is True
    assert settled["response_type"] == "ephemeral"
    assert words(settled).startswith("97116 · Gait training")
    assert served.logged()[0].picked == "97116"


async def test_from_two_codes_on_one_day_it_is_one_press_to_the_choice_between_them_and_back(served: Served) -> None:
    said = await posted(served, "97110 97112")
    assert words(said).startswith("97110 + 97112: yes, without a modifier")
    await served.send_payload(press(button(said, "97110 or 97112?")))
    choice = await served.slack.next_post()
    assert "97110 or 97112?" in words(choice)
    await served.send_payload(press(button(choice, "97110 + 97112 on one day?"), trigger_id="9.9.10"))
    assert words(await served.slack.next_post()).startswith("97110 + 97112: yes, without a modifier")
    assert [row.kind for row in served.logged()] == ["same_day", "compared", "same_day"]


async def test_details_open_in_a_window_for_the_one_who_asked_for_them(served: Served) -> None:
    said = await posted(served, LOOKUP)
    await served.send_payload(press(button(said, "Details")))
    opened = await served.slack.next_call("views.open")
    assert opened["trigger_id"] == "9.9.9"
    assert words(opened["view"]).startswith("97035")
    assert "Use it when" in words(opened["view"])


async def test_why_tells_the_words_that_fitted_the_runner_up_the_confidence_and_the_sources(served: Served) -> None:
    said = await posted(served, LOOKUP)
    await served.send_payload(press(button(said, "Why this?")))
    told = words((await served.slack.next_call("views.open"))["view"])
    for part in (
        "Found by",
        "Words of yours that fit: ",
        "ultrasound",
        "Next best: ",
        "How sure: ",
        "%",
        "Sources: ",
        "Receipt ",
    ):
        assert part in told


async def test_only_a_private_answer_can_be_shared_and_it_is_shared_without_being_a_member(served: Served) -> None:
    assert "Share in channel" not in labels(await posted(served, LOOKUP))
    said = await served.send_command(command(LOOKUP))
    await served.send_payload(press(button(said, "Share"), on="ephemeral", url=served.slack.response_url))
    shared = await served.slack.next_call("response_url")
    assert (shared["response_type"], shared["replace_original"]) == ("in_channel", False)
    assert f"Shared by <@{PERSON}>" in words(shared)
    assert "97035" in words(shared)
    private = await served.slack.next_call("response_url")
    assert private["replace_original"] is True
    assert "Share in channel" not in labels(private)


async def test_the_last_vote_of_a_person_counts_and_each_person_has_one(served: Served) -> None:
    said = await posted(served, LOOKUP)
    up, down = thumb(said, "positive"), thumb(said, "negative")
    for action in (down, down, up):
        assert (await served.send_payload(press(action)))[0] == 200
    await served.send_payload(press(down, user={"id": "U02", "team_id": WORKSPACE}))
    await served.send_payload(press(up, user={"id": "U03", "team_id": WORKSPACE}))
    assert sorted(votes(served)) == [(PERSON, 1, None), ("U02", -1, None), ("U03", 1, None)]
    assert served.logged()[0].feedback == 1


async def test_a_thumb_down_asks_what_was_expected_and_keeps_it_without_patients_details(served: Served) -> None:
    said = await posted(served, LOOKUP)
    await served.send_payload(press(thumb(said, "negative")))
    view = (await served.slack.next_call("views.open"))["view"]
    typed = {"expected": {"expected": {"type": "plain_text_input", "value": "97033 for pt SSN 123-45-6789"}}}
    submission = {
        "type": "view_submission",
        "team": {"id": WORKSPACE},
        "user": {"id": PERSON, "team_id": WORKSPACE},
        "view": {**view, "id": "V1", "type": "modal", "state": {"values": typed}},
    }
    status, text = await served.send_payload(submission)
    assert (status, text) == (200, "")
    ((person, vote, expected),) = votes(served)
    assert (person, vote) == (PERSON, -1)
    assert expected is not None
    assert "97033" in expected
    assert "123-45-6789" not in expected


async def test_buttons_still_work_after_a_restart_and_follow_the_whole_conversation(served: Served) -> None:
    """What a press needs stands in the log, so another process may take it."""
    await served.send_event(direct_message("20 min therapeutic exercise, 15 min manual therapy"))
    await served.slack.next_post()
    await served.send_event(direct_message("make the manual 30", ts="1700000009.000100"))
    later = await served.slack.next_post()
    whole = [row.whole for row in served.logged()]
    assert whole[1] is None
    assert whole[0] is not None
    assert "20 min therapeutic exercise" in whole[0]
    up = thumb(later, "positive")
    assert (await served.send_payload(press(up)))[0] == 200
    assert [row.feedback for row in served.logged()] == [1, None]


HOSTILE = [
    "",
    " ",
    "x" * 2000,
    f"{WORKSPACE} message:C01:1700000000.000100 99999",
    f"{WORKSPACE} message:C01:1700000000.000100 <!channel>",
    f"{WORKSPACE} message:C01:1700000000.000100 '; DROP TABLE question_log; --",
    "T99 message:C01:1700000000.000100 97116",
    f"{WORKSPACE} nothing 97116",
    "\u0000 \ud800 {{7*7}}",
    '{"a": [1, 2]}',
]


@pytest.mark.parametrize("value", HOSTILE)
async def test_a_hostile_value_is_acknowledged_and_changes_nothing(served: Served, value: str) -> None:
    said = await posted(served, STAIRS)
    names = ("pick:0", "details:0", "share", "vote", "teach:0", "home_family", "home_entry:9", "plan_visit")
    for name in (*names, "again:0", "why:1"):
        begun = time.monotonic()
        pressed = press({"action_id": name, "value": value}, url=served.slack.response_url)
        assert await served.send_payload(pressed) == (200, "")
        assert time.monotonic() - begun < ACKNOWLEDGED_WITHIN
    await served.app.poster.finish()
    (row,) = served.logged()
    assert (row.picked, row.text, row.feedback) == (None, STAIRS, None)
    for update in taken(served, "chat.update"):  # "Choose again" names a question that stands
        assert labels(update) == labels(said)
    assert all("99999" not in json.dumps(one) for one in taken(served, "views.open"))
    assert len(served.slack.standing) == 1


@pytest.mark.parametrize(
    "payload",
    [
        press({"action_id": "no_such_button", "value": "x"}),
        press({"action_id": "pick:abc", "value": "x"}),
        press({"action_id": "pick:0", "value": "x"}, container=None, channel=None, user={"id": PERSON}),
        press({"action_id": "pick:0", "value": 5}),
        press({"action_id": "home_family", "selected_option": 7}, on="home"),
        {"type": "shortcut", "callback_id": "no_such", "user": {"id": PERSON, "team_id": WORKSPACE}},
        {"type": "message_action", "callback_id": "no_such", "user": {"id": PERSON, "team_id": WORKSPACE}},
        {"type": "view_submission", "view": {"type": "modal", "callback_id": "no_such"}, "user": {"id": PERSON}},
        {"type": "view_submission", "view": {"type": "modal", "callback_id": "expected"}, "user": {"id": PERSON}},
        {"type": "view_closed", "view": {"type": "modal", "callback_id": "expected"}, "user": {"id": PERSON}},
        {"type": "block_suggestion", "action_id": "x", "block_id": "b", "value": "q", "user": {"id": PERSON}},
        {"type": "no_such_kind", "user": {"id": PERSON}},
    ],
)
async def test_what_nobody_listens_to_is_acknowledged(served: Served, payload: dict[str, Any]) -> None:
    begun = time.monotonic()
    assert await served.send_payload(payload) == (200, "")
    assert time.monotonic() - begun < ACKNOWLEDGED_WITHIN
    await served.app.poster.finish()
    assert served.logged() == []
    assert served.slack.standing == []


@pytest.mark.parametrize(
    "payload",
    [
        press({"value": "x"}),
        press({"action_id": 5}),
        {"type": "block_actions", "actions": [{}]},
        {"type": "message_action", "callback_id": []},
    ],
)
async def test_a_press_without_a_name_is_refused(served: Served, payload: dict[str, Any]) -> None:
    assert (await served.send_payload(payload))[0] == 400


async def test_another_command_is_taken_in_silence(served: Served) -> None:
    assert await served.send_command({**command("x"), "command": "/other"}) == {}


async def test_an_expired_response_url_loses_no_pick(served: Served) -> None:
    said = await served.send_command(command(STAIRS))
    served.slack.next_answers = [web.Response(status=404, text="expired_url")]
    await served.send_payload(press(button(said, "97116"), on="ephemeral", url=served.slack.response_url))
    anew = await served.slack.next_call("chat.postEphemeral")
    assert (anew["channel"], anew["user"]) == (CHANNEL, PERSON)
    assert words(anew).startswith("97116")


async def test_an_expired_response_url_loses_no_answer_to_an_example(served: Served) -> None:
    said = await served.send_command(command("help"))
    served.slack.next_answers = [web.Response(status=404, text="expired_url")]
    clicked = press(button(said, labels(said)[0][:9]), on="ephemeral", url=served.slack.response_url)
    await served.send_payload(clicked)
    anew = await served.slack.next_call("chat.postEphemeral")
    assert (anew["channel"], anew["user"]) == (CHANNEL, PERSON)
    assert "I don't know" not in words(anew)


async def test_what_cannot_be_shared_is_told_to_the_one_who_shared_it(served: Served) -> None:
    said = await served.send_command(command(LOOKUP))
    expired = [web.Response(status=404, text="expired_url") for _ in range(2)]
    served.slack.next_answers = [expired[0], web.json_response({"ok": False, "error": "not_in_channel"}), expired[1]]
    await served.send_payload(press(button(said, "Share"), on="ephemeral", url=served.slack.response_url))
    told = await served.slack.next_call("chat.postEphemeral")
    assert (told["channel"], told["user"]) == (CHANNEL, PERSON)
    assert "could not share" in told["text"]
    assert served.slack.standing == []


async def test_a_press_on_a_question_that_is_no_longer_kept_is_told(served: Served) -> None:
    said = await posted(served, STAIRS)
    action = button(said, "97530")
    action["value"] = action["value"].replace("1700000000.000100", "1600000000.000100")
    await served.send_payload(press(action))
    assert "no longer kept" in words((await served.slack.next_call("views.open"))["view"])
