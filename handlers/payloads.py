"""Slack's dicts to Questions, and the check that a body is shaped as Slack's are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.question import Door, Question
from bot.question_notes import QuestionKey
from handlers.modals import read_held

Payload = Mapping[str, Any]
Headers = Mapping[str, Sequence[str]]
NOT_THE_LAST = ("1", "2")  # of the three times that Slack sends an event again
HOME = "home"  # the place of what is asked in App Home, which is no channel
PLANNED = 6  # services that the visit planner has room for
LONGEST_DELIVERY = 120  # characters; the log's column
# Subtypes of messages that people type: "also send to channel", a file with words, "/me".
TYPED = (None, "thread_broadcast", "file_share", "me_message")


class MalformedBodyError(ValueError):
    """A body that Slack would not send."""


def check_body(body: object) -> None:
    """Raises MalformedBodyError unless a body that was read has what it has where Slack puts it."""
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
        if listed is not None and not all(isinstance(one, dict) for one in listed):
            raise MalformedBodyError(f"{key} is no list of objects")
    if body.get("actions") == []:
        raise MalformedBodyError("there is no action")
    if body.get("type") == "block_actions" and not all(
        isinstance(one.get("action_id"), str) for one in body["actions"]
    ):
        raise MalformedBodyError("an action has no name")
    if body.get("type") in ("shortcut", "message_action") and not isinstance(body.get("callback_id"), str):
        raise MalformedBodyError("the callback has no name")


_MESSAGES = ("message", "app_mention")


def _check_fields(fields: Payload, shapes: Mapping[str, type | tuple[type, ...]]) -> None:
    for key, value in fields.items():
        if value is not None and key in shapes and not isinstance(value, shapes[key]):
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


def message_question(event: Payload, body: Payload, headers: Headers | None = None) -> Question:
    """A direct message."""
    return _said(event, body, headers, "direct_message")


def mention_question(event: Payload, body: Payload, headers: Headers | None = None) -> Question:
    """A message in a channel that mentions the bot. It is answered in its thread, or starts one."""
    return replace(_said(event, body, headers, "mention"), thread=event.get("thread_ts") or str(event.get("ts")))


def _said(event: Payload, body: Payload, headers: Headers | None, door: Door) -> Question:
    """A message is named by its channel and time stamp: so is the same message sent again, or sent as another event."""
    sent_before = (headers or {}).get("x-slack-retry-num", ("",))[0]
    return Question(
        text=str(event.get("text") or ""),
        door=door,
        workspace=workspace_of(body),
        place=str(event.get("channel") or ""),
        asker=str(event.get("user") or event.get("bot_id") or ""),
        thread=event.get("thread_ts"),
        delivery=message_delivery(event.get("channel"), event.get("ts")),
        comes_again=sent_before in NOT_THE_LAST,
    )


def message_delivery(channel: object, ts: object) -> str:
    """The name of a message as a delivery."""
    return f"message:{channel}:{ts}"


def read_delivery(delivery: str) -> tuple[str, str]:
    """The channel and the time stamp that a message's delivery names; empty where it names none.

    >>> read_delivery("message:C01:1700000000.000100")
    ('C01', '1700000000.000100')
    """
    kind, _, rest = delivery.partition(":")
    channel, _, ts = rest.partition(":")
    return (channel, ts) if kind == "message" else ("", "")


def edited_question(event: Payload, body: Payload) -> Question:
    """The question as its asker edited it; it keeps the name of the message."""
    inner = event["message"]
    return message_question({**inner, "channel": event.get("channel")}, body)


def is_edit(event: Payload) -> bool:
    """Did a person change the words of a message? Unfurls and the bot's own updates come as changes too."""
    inner, before = event.get("message"), event.get("previous_message")
    if not isinstance(inner, Mapping) or not is_from_a_person(inner):
        return False
    same = isinstance(before, Mapping) and before.get("text") == inner.get("text")
    return _is_stamped(inner.get("edited")) and not same


def _is_stamped(edited: object) -> bool:
    return isinstance(edited, Mapping) and isinstance(edited.get("ts"), str)


def is_deletion(event: Payload) -> bool:
    """Was a message deleted? One on which a thread hangs comes as a change to a gravestone."""
    inner = event.get("message")
    is_gravestone = isinstance(inner, Mapping) and inner.get("subtype") == "tombstone"
    return is_gravestone or event.get("subtype") == "message_deleted"


@dataclass(frozen=True)
class Pressed:
    """A button that was pressed: by whom, on what; empty where Slack tells nothing. `view` is a window, no App Home."""

    value: str
    about: QuestionKey
    person: str
    workspace: str
    channel: str
    message: str
    thread: str | None
    view: str
    is_ephemeral: bool
    response_url: str
    trigger: str
    token: str | None


def read_pressed(body: Payload, token: str | None) -> Pressed:
    """A press from its payload. What a hostile value lacks is empty, and a question of another workspace is none."""
    action, container, view = body["actions"][0], _part(body, "container"), _part(body, "view")
    workspace, delivery, value = (*_text(action, "value").split(" ", 2), "", "", "")[:3]
    return Pressed(
        value=value,
        about=_own(QuestionKey(workspace, delivery), body),
        person=_text(_part(body, "user"), "id"),
        workspace=workspace_of(body),
        channel=_text(container, "channel_id") or _text(_part(body, "channel"), "id"),
        message=_text(container, "message_ts"),
        thread=_text(container, "thread_ts") or _text(_part(body, "message"), "thread_ts") or None,
        view=_text(view, "id") if view.get("type") == "modal" else "",
        is_ephemeral=bool(container.get("is_ephemeral")),
        response_url=_text(body, "response_url"),
        trigger=_text(body, "trigger_id"),
        token=token,
    )


def read_chosen(body: Payload, token: str | None) -> Pressed:
    """What was typed into a box or chosen from a list, whose value is the words themselves and names no question."""
    action = body["actions"][0]
    words = _text(action, "value") or _text(_part(action, "selected_option"), "value")
    return replace(read_pressed(body, token), value=words)


def pressed_question(pressed: Pressed) -> Question:
    """A question asked with a click."""
    return Question(
        text=pressed.value,
        door="button" if pressed.channel else "home",
        workspace=pressed.workspace,
        place=pressed.channel or HOME,
        asker=pressed.person,
        thread=pressed.thread,
        delivery=f"button:{pressed.trigger or datetime.now(UTC).timestamp()}"[:LONGEST_DELIVERY],
    )


def shortcut_question(body: Payload) -> Question:
    """A message about which somebody asks which code it is."""
    said = _part(body, "message")
    return Question(
        text=_text(said, "text"),
        door="message_shortcut",
        workspace=workspace_of(body),
        place=_text(_part(body, "channel"), "id"),
        asker=_text(_part(body, "user"), "id"),
        thread=_text(said, "thread_ts") or _text(said, "ts") or None,
        delivery=f"shortcut:{body.get('trigger_id') or datetime.now(UTC).timestamp()}"[:LONGEST_DELIVERY],
    )


def read_expected(body: Payload) -> tuple[QuestionKey, str]:
    """What a person typed into the modal that asks what was expected, and about which question."""
    view = _part(body, "view")
    held = read_held(view)
    if held is None:
        return QuestionKey("", ""), ""
    field: object = view.get("state")
    for key in ("values", "expected", "expected", "value"):
        field = field.get(key) if isinstance(field, Mapping) else None
    return _own(QuestionKey(*held), body), field if isinstance(field, str) else ""


def _own(named: QuestionKey, body: Payload) -> QuestionKey:
    """The question that a payload names; none where it is another workspace's."""
    return named if named.workspace == workspace_of(body) else QuestionKey("", "")


def planned_question(body: Payload) -> Question:
    """The visit that was put together in the planner, as it would be typed; without services its text is empty."""
    view = _part(body, "view")
    values = _part(_part(view, "state"), "values")
    services = (_planned_service(values, at) for at in range(PLANNED))
    return Question(
        text=", ".join(one for one in services if one),
        door="home",
        workspace=workspace_of(body),
        place=HOME,
        asker=_text(_part(body, "user"), "id"),
        delivery=f"view:{view.get('id')}:{view.get('hash')}"[:LONGEST_DELIVERY],
    )


def _planned_service(values: Payload, at: int) -> str:
    done, minutes = (_first_part(_part(values, f"{name}_{at}")) for name in ("done", "minutes"))
    code, typed = _text(_part(done, "selected_option"), "value"), _text(minutes, "value")
    return f"{typed} min {code}" if code and typed else code


def _first_part(fields: Payload) -> Payload:
    return next((one for one in fields.values() if isinstance(one, Mapping)), {})


def key_of(question: Question) -> QuestionKey:
    """The name by which the log knows a question."""
    return QuestionKey(question.workspace, question.delivery)


def _part(body: Payload, key: str) -> Payload:
    found = body.get(key)
    return found if found is not None and isinstance(found, Mapping) else {}  # which takes long to tell of None


def _text(body: Payload, key: str) -> str:
    found = body.get(key)
    return found if isinstance(found, str) else ""


def workspace_of(body: Payload) -> str:
    """What installed the app: a workspace's id, or the organisation's where the app is installed to all of it.

    It is the installation by whose token Bolt answers, so nobody is shown what belongs to another one.
    """
    told = _first_part_of(body.get("authorizations")) or body
    view, team, whole = _part(body, "view"), _part(body, "team"), _part(body, "enterprise")
    orgs = (told.get("enterprise_id"), whole.get("id"), team.get("enterprise_id"))
    teams = (view.get("app_installed_team_id"), team.get("id"), told.get("team_id"), body.get("team_id"))
    is_whole = told.get("is_enterprise_install") in (True, "true")
    last = _part(body, "user").get("team_id")
    found = (*orgs, *teams, last) if is_whole else (*teams, *orgs, last)
    return next((one for one in found if isinstance(one, str) and one), "")


def _first_part_of(listed: object) -> Payload:
    first = listed[0] if isinstance(listed, list) and listed else None
    return first if isinstance(first, Mapping) else {}


def is_from_a_person(event: Payload) -> bool:
    """Is this a new message typed by a person: no bot's, no edit, no deletion, no join?"""
    return not event.get("bot_id") and event.get("subtype") in TYPED and bool(event.get("user"))


def is_from_a_bot(event: Payload) -> bool:
    """Is this a new message of another bot, such as a workflow's? One in a thread may answer ours, and is none."""
    is_new = event.get("subtype") in (None, "bot_message") and not event.get("thread_ts")
    return bool(event.get("bot_id")) and is_new
