"""Direct messages: answered where they were typed, in the thread if they stand in one."""

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncBoltRequest

from bot.bot import Bot
from handlers.payloads import is_from_a_person, message_question
from handlers.posting import Poster
from handlers.replying import ask_and_post

EVENT = "message"


def register(app: AsyncApp, bot: Bot, poster: Poster) -> None:
    """Listen to messages. Those of channels are left to the mentions, for Slack sends a mention as both."""

    @app.event(EVENT)
    async def answer_message(
        event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext, request: AsyncBoltRequest
    ) -> None:
        if event.get("channel_type") == "im" and is_from_a_person(event):
            question = message_question(event, body, request.headers)
            has_files = bool(event.get("files"))
            await ask_and_post(bot, poster, question, question.thread, context.bot_token, has_files=has_files)
