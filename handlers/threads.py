"""Threads of a channel that the app may read (manifest_history.json): a follow-up needs no new mention."""

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncBoltRequest

from bot.bot import Bot
from handlers.payloads import is_from_a_person, mention_question
from handlers.posting import Poster
from handlers.replying import ask_and_post

EVENTS = ("message.channels", "message.groups")


def register(app: AsyncApp, bot: Bot, poster: Poster) -> None:
    """Listen to what is said in threads. Must stand before the listener to all messages."""

    @app.event("message", matchers=[_is_in_a_thread])
    async def answer_follow_up(
        event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext, request: AsyncBoltRequest
    ) -> None:
        question = mention_question(event, body, request.headers)
        if await bot.goes_on(question):
            await ask_and_post(bot, poster, question, question.thread, context.bot_token)


async def _is_in_a_thread(event: dict[str, Any]) -> bool:
    """In a channel's thread, to nobody by name: a mention of the bot comes as one, and one of others is for them."""
    if "<@" in str(event.get("text")):
        return False
    in_channel = event.get("channel_type") in ("channel", "group")
    return in_channel and isinstance(event.get("thread_ts"), str) and is_from_a_person(event)
