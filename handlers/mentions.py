"""Mentions in a channel: answered in the thread."""

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from bot.bot import Bot
from handlers.payloads import is_from_a_person, mention_question
from handlers.posting import Poster
from handlers.replying import ask_and_post

EVENT = "app_mention"


def register(app: AsyncApp, bot: Bot, poster: Poster) -> None:
    """Listen to mentions."""

    @app.event(EVENT)
    async def answer_mention(event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext) -> None:
        if is_from_a_person(event):
            question = mention_question(event, body)
            has_files = bool(event.get("files"))
            await ask_and_post(bot, poster, question, question.thread, context.bot_token, has_files=has_files)
