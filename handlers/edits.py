"""Edits and deletes of a question: the earlier answer is corrected, the text is forgotten.

Slack tells of them in direct messages, and in channels only where the app may read those (manifest_history.json).
"""

import re
from collections.abc import Sequence
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from bot.bot import Bot
from bot.question_notes import QuestionKey
from handlers.payloads import Payload, edited_question, is_deletion, is_edit, message_delivery, workspace_of
from handlers.posting import Poster

_Shape = dict[str, str | Sequence[str | re.Pattern[str] | None] | None]
CHANGED: _Shape = {"type": "message", "subtype": "message_changed"}
DELETED: _Shape = {"type": "message", "subtype": "message_deleted"}


def register(app: AsyncApp, bot: Bot, poster: Poster) -> None:
    """Listen to messages that were changed or deleted. Must stand before the listener to all messages."""

    @app.event(CHANGED)
    async def correct_answer(event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext) -> None:
        if is_deletion(event):
            await _forget(bot, event, body)
        elif is_edit(event):
            await _correct(bot, poster, event, body, context.bot_token)

    @app.event(DELETED)
    async def forget_question(event: dict[str, Any], body: dict[str, Any]) -> None:
        await _forget(bot, event, body)


async def _correct(bot: Bot, poster: Poster, event: Payload, body: Payload, token: str | None) -> None:
    question = edited_question(event, body)
    edit = str(event["message"]["edited"]["ts"])
    corrected = await bot.correct(question, edit)
    if corrected:
        about = QuestionKey(question.workspace, question.delivery)
        poster.update(corrected.reply, channel=question.place, ts=corrected.posted, token=token, about=about)


async def _forget(bot: Bot, event: Payload, body: Payload) -> None:
    ts = event.get("deleted_ts") or (event.get("message") or {}).get("ts")
    await bot.earlier.forget(QuestionKey(workspace_of(body), message_delivery(event.get("channel"), ts)))
