"""A Reply as Block Kit, within Slack's limits: plain JSON, which the tests hold against slack_sdk's models.

Those look through every name that a model has, for each of its parts, and took a quarter of the time of an answer.
"""

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from bot.buttons import Button
from bot.question_notes import QuestionKey
from bot.reply import Reply

SECTION_LIMIT = 3000  # characters; Slack's section block
HEADER_LIMIT = 150  # characters; Slack's header block
CONTEXT_LIMIT = 2000  # characters of one text in a context block, kept well under Slack's 3,000
BLOCKS_LIMIT = 50  # blocks; Slack's message
MESSAGE_LIMIT = 12_000  # characters of all blocks; Slack refuses somewhere above 13,000 and does not say where
FALLBACK_LIMIT = 3000  # characters of the text beside the blocks; Slack cuts over 40,000
BUTTON_LIMIT = 75  # characters; Slack's text of a button
VALUE_LIMIT = 2000  # characters; Slack's value of a button
BUTTON_SIZE = 130  # characters that a button takes beside its words and its value
ACTIONS_LIMIT = 25  # elements; Slack's actions block
BLANKS = (60, 160)  # characters that are kept free for the name of a question; Slack's have some 40
BUTTON_ROWS = 4  # blocks that are kept free for buttons and for saying that an answer goes on

SHARE = "share"  # the one button that is Slack's alone: elsewhere nothing is private
VOTE = "vote"
_VOTES = ("vote_up", "vote_down")
_FIRST = ("pick", "ask")  # what is pressed without reading on
_PLACED = (*_FIRST, *_VOTES)  # what has a place of its own

Json = dict[str, Any]  # its names in the order of slack_sdk's models


def message(reply: Reply, about: QuestionKey | None = None, *, private: bool = False) -> Json:
    """The arguments of a message that say this reply: blocks, and the text for notifications.

    `about` is the question that its buttons act upon; `private` messages, seen by one person, may be shared.
    """
    return {"text": fallback(reply), "blocks": blocks(reply, about, private=private)}


def message_json(reply: Reply, about: QuestionKey | None = None, *, private: bool = False) -> str:
    """As `message`, in JSON. It is kept for the latest replies, and only the question's name is filled in anew."""
    if about is None:
        return _message_json(reply, None, private=private)
    blank = _blank_for(about)
    made = _message_json(reply, blank, private=private)
    return made.replace(_in_json(value_of(blank)), _in_json(value_of(about)))


def _blank_for(about: QuestionKey) -> QuestionKey:
    """Stands in a kept message for a question's name: of one of few lengths, and nothing that a reply may say."""
    length = len(about.workspace) + len(about.delivery)
    return QuestionKey("\x01" * next((one for one in BLANKS if length <= one), length), "")


@lru_cache(maxsize=400)  # of four kilobytes each, made again in a thirtieth of a millisecond
def _message_json(reply: Reply, about: QuestionKey | None, *, private: bool) -> str:
    return json.dumps(message(reply, about, private=private))


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def fallback(reply: Reply) -> str:
    """What notifications and screen readers have of a message: the gist in the first line, then all that it says."""
    return _cut("\n\n".join((reply.gist, *reply.sections, *reply.small)), FALLBACK_LIMIT)


def blocks(
    reply: Reply, about: QuestionKey | None = None, *, private: bool = False, in_view: bool = False
) -> list[Json]:
    """The reply's blocks. What would go over Slack's limits is cut at a line, and says so.

    The codes to choose from stand right under the deciding question, examples right under what they are examples of;
    views have no room for votes.
    """
    first = _row([one for one in reply.buttons if one.action in _FIRST], about)
    last = [one for one in reply.buttons if one.action not in _PLACED]
    is_answer = any(one.action in _VOTES for one in reply.buttons)  # small talk and help are not worth sharing
    rest = _row(last, about, share=private and is_answer)
    rest += [] if in_view else _votes(reply, about)
    named = about and _blank_for(about)  # so that a kept message is cut where one that is not kept is
    room = MESSAGE_LIMIT - sum(_size(one, named) for one in reply.buttons)
    kept: list[Json] = []
    for block, size in _all_blocks(reply):
        if len(kept) == BLOCKS_LIMIT - BUTTON_ROWS or size > room:
            kept.append(_small("This answer goes on; ask for less of it at a time."))
            break
        kept.append(block)
        room -= size
    under_question = 2 if reply.title else 1
    return [*kept[:under_question], *first, *kept[under_question:], *rest]


_NO_QUESTION = QuestionKey("-", "-")


def value_of(about: QuestionKey | None, value: str = "") -> str:
    """What a button sends back: the question it is about, and its own value."""
    key = about or _NO_QUESTION
    return f"{key.workspace} {key.delivery} {value}"[:VALUE_LIMIT]


def _size(one: Button, about: QuestionKey | None) -> int:
    """About how many characters a button adds to a message."""
    return BUTTON_SIZE + min(len(one.label), BUTTON_LIMIT) + len(value_of(about, one.value))


def _row(buttons: Sequence[Button], about: QuestionKey | None, *, share: bool = False) -> list[Json]:
    """Buttons in a row. Without a question to act upon, only questions that may be asked."""
    shown = [one for one in buttons if about or one.action == "ask"][: ACTIONS_LIMIT - 1]
    elements = [button(one.label, f"{one.action}:{at}", value_of(about, one.value)) for at, one in enumerate(shown)]
    if share and about:
        elements.append(button("Share in channel", SHARE, value_of(about)))
    return [{"elements": elements, "type": "actions"}] if elements else []


def button(label: str, action: str, value: str, *, is_primary: bool = False, confirm: Json | None = None) -> Json:
    """A button within Slack's limits. What asks for a confirmation takes something away, and is red."""
    more = {"confirm": confirm, "style": "danger"} if confirm else {"style": "primary"} if is_primary else {}
    return {
        "action_id": action,
        **more,
        "text": plain(_cut(label, BUTTON_LIMIT)),
        "type": "button",
        "value": value,
    }


def plain(text: str) -> Json:
    """Words without markup, in which no ":word:" becomes a picture."""
    return {"emoji": False, "text": text, "type": "plain_text"}


def _votes(reply: Reply, about: QuestionKey | None) -> list[Json]:
    labels: dict[str, str] = {one.action: one.label for one in reply.buttons if one.action in _VOTES}
    if not about or len(labels) < len(_VOTES):
        return []
    up, down = (
        {"text": {"text": _cut(labels[name], BUTTON_LIMIT), "type": "plain_text"}, "value": value_of(about, name)}
        for name in _VOTES
    )
    asked = {"action_id": VOTE, "negative_button": down, "positive_button": up, "type": "feedback_buttons"}
    return [{"elements": [asked], "type": "context_actions"}]


def _all_blocks(reply: Reply) -> Iterator[tuple[Json, int]]:
    if reply.title:
        yield header(_unescaped(reply.title)), len(reply.title)
    for section in reply.sections:
        for part in split_at_lines(section, SECTION_LIMIT):
            yield text_block(part), len(part)
    for small in reply.small:
        for part in split_at_lines(small, CONTEXT_LIMIT):
            yield _small(part), len(part)


def header(text: str) -> Json:
    """A header, which is plain text. A code and its units stay on one line."""
    return {"text": plain(_cut(text.replace(" ×", "\u00a0×"), HEADER_LIMIT)), "type": "header"}


def text_block(text: str, accessory: Json | None = None) -> Json:
    """A section of text in Slack's light markup, with a button beside it."""
    block = {"text": {"text": _cut(text, SECTION_LIMIT), "type": "mrkdwn"}, "type": "section"}
    return {"accessory": accessory, **block} if accessory else block


def _small(text: str) -> Json:
    return {"elements": [{"text": text, "type": "mrkdwn"}], "type": "context"}


def split_at_lines(text: str, limit: int) -> list[str]:
    """The text in parts of at most `limit` characters, parted at a line's end where there is one, else at a space."""
    parts = []
    while len(text) > limit:
        cut = max(text.rfind("\n", 0, limit), 0) or max(text.rfind(" ", 0, limit), 0) or limit
        parts.append(text[:cut])
        text = text[cut:].lstrip()
    return [*parts, text] if text else parts


def _unescaped(text: str) -> str:
    """A header is plain text: Slack shows it as it stands, so what was escaped for markup is written out again."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
