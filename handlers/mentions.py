"""Mentions in a channel: answered in the thread."""

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from bot.bot import Bot
from handlers.payloads import is_from_a_person, mention_question
from handlers.posting import Poster

EVENT = "app_mention"


def register(app: AsyncApp, bot: Bot, poster: Poster) -> None:
    """Listen to mentions."""

    @app.event(EVENT)
    async def answer_mention(event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext) -> None:
        if not is_from_a_person(event):
            return
        question = mention_question(event, body)
        reply = await bot.ask(question)
        if reply:
            thread = question.thread or str(event.get("ts"))
            poster.post(reply, channel=question.place, thread=thread, token=context.bot_token)
