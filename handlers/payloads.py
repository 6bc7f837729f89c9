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
    _check_shapes(body)


# Where Slack puts what; a body in which one of these is something else is not Slack's.
_BODY_SHAPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(
        ("team_id", "enterprise_id", "channel_id", "user_id", "text", "trigger_id", "command", "type"), str
    ),
    **dict.fromkeys(("event", "view", "message", "action", "container", "enterprise"), dict),
    **dict.fromkeys(("actions", "authorizations"), list),
    **dict.fromkeys(("team", "user", "channel"), (dict, str)),
}
_EVENT_SHAPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("type", "subtype", "text", "ts", "thread_ts", "channel_type", "bot_id"), str),
    **dict.fromkeys(("user", "channel", "item"), (str, dict)),
}


def _check_shapes(body: Payload) -> None:
    _check_fields(body, _BODY_SHAPES)
    event = body.get("event")
    if body.get("type") == "event_callback" and (event is None or "type" not in event):
        raise MalformedBodyError("the event is missing or has no type")
    if event is not None:
        _check_fields(event, _EVENT_SHAPES)
        if event["type"] in _MESSAGES and not all(isinstance(event.get(key, ""), str) for key in ("user", "channel")):
            raise MalformedBodyError("the event's user or channel is no id")
    for key in ("actions", "authorizations"):
        listed = body.get(key)
        if listed is not None and not (listed and all(isinstance(one, dict) for one in listed)):
            raise MalformedBodyError(f"{key} is no list of objects")


_MESSAGES = ("message", "app_mention")


def _check_fields(fields: Payload, shapes: Mapping[str, type | tuple[type, ...]]) -> None:
    for key, shape in shapes.items():
        if fields.get(key) is not None and not isinstance(fields[key], shape):
            raise MalformedBodyError(f"{key} is of the wrong kind")


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
