"""Mentions in a channel: answered in the thread."""

from datetime import timedelta
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncBoltRequest

from bot.bot import Bot
from handlers.payloads import is_from_a_bot, is_from_a_person, mention_question
from handlers.posting import Poster
from handlers.replying import ask_and_post

EVENT = "app_mention"
PER_BOT = timedelta(hours=1)  # in which another bot is answered once in a channel, lest the two talk without end


def register(app: AsyncApp, bot: Bot, poster: Poster) -> None:
    """Listen to mentions."""

    @app.event(EVENT)
    async def answer_mention(
        event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext, request: AsyncBoltRequest
    ) -> None:
        question = mention_question(event, body, request.headers)
        if is_from_a_person(event) or (is_from_a_bot(event) and await bot.earlier.is_first(question, PER_BOT)):
            has_files = bool(event.get("files"))
            await ask_and_post(bot, poster, question, question.thread, context.bot_token, has_files=has_files)
