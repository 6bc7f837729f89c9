"""Slack's dicts to Questions, and the check that a body is shaped as Slack's are."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from bot.question import Question

Payload = Mapping[str, Any]


class MalformedBodyError(ValueError):
    """A body that Slack would not send."""


def check_body(raw: bytes, content_type: str) -> None:
    """Raises MalformedBodyError unless the body reads as one of Slack's: a form, a form with a payload, or JSON."""
    try:
        text = raw.decode("utf-8")
        if content_type.startswith("application/json") or text.startswith("{"):
            body = json.loads(text)
        else:
            form = dict(parse_qsl(text, keep_blank_values=True))
            body = json.loads(form["payload"]) if "payload" in form else form
    except (ValueError, RecursionError) as error:
        raise MalformedBodyError(f"the body is neither a form nor JSON ({type(error).__name__})") from None
    if not isinstance(body, dict) or not body:
        raise MalformedBodyError("the body is no object")
    _check_event(body)


def _check_event(body: Payload) -> None:
    if body.get("type") != "event_callback":
        return
    event = body.get("event")
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise MalformedBodyError("the event is no object with a type")
    wrong = [
        key
        for key in ("text", "channel", "ts", "user", "thread_ts", "subtype")
        if not isinstance(event.get(key), str | dict | None)
    ]
    if event["type"] in ("message", "app_mention") and wrong:
        raise MalformedBodyError(f"the event's {wrong[0]} is no text")


def command_question(body: Payload) -> Question:
    """A slash command. Slack sends it once; its trigger names it."""
    return Question(
        text=str(body.get("text") or ""),
        door="slash_command",
        workspace=workspace_of(body),
        place=str(body.get("channel_id") or ""),
        asker=str(body.get("user_id") or ""),
        delivery=f"command:{body.get('trigger_id') or datetime.now(UTC).timestamp()}",
    )


def message_question(event: Payload, body: Payload) -> Question:
    """A direct message."""
    return _said(event, body, "direct_message")


def mention_question(event: Payload, body: Payload) -> Question:
    """A message in a channel that mentions the bot."""
    return _said(event, body, "mention")


def _said(event: Payload, body: Payload, door: Any) -> Question:  # noqa: ANN401  # one of two doors, checked by Question's type
    """A message is named by its channel and time stamp: so is the same message sent again, or sent as another event."""
    return Question(
        text=str(event.get("text") or ""),
        door=door,
        workspace=workspace_of(body),
        place=str(event.get("channel") or ""),
        asker=str(event.get("user") or ""),
        thread=event.get("thread_ts"),
        delivery=f"message:{event.get('channel')}:{event.get('ts')}",
    )


def workspace_of(body: Payload) -> str:
    """The workspace's id, or the organisation's where an app is installed to all of it."""
    return str(body.get("team_id") or body.get("enterprise_id") or "")


def is_from_a_person(event: Payload) -> bool:
    """Is this a new message typed by a person: no bot's, no edit, no deletion, no join?"""
    return not event.get("bot_id") and not event.get("subtype") and bool(event.get("user"))
