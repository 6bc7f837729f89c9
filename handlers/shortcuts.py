"""The message shortcut "What code is this?": answers about a message, in its thread, to the asker alone."""

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_sdk.errors import SlackApiError

from bot.bot import Bot
from bot.question import Question
from handlers.blocks import message
from handlers.payloads import key_of, shortcut_question
from handlers.posting import Poster

CALLBACK = "what_code"
NAME = "What code is this?"  # as the manifest has it


def register(app: AsyncApp, bot: Bot, poster: Poster) -> None:
    """Listen to the shortcut."""

    @app.message_shortcut(CALLBACK)
    async def answer_about_message(body: dict[str, Any], context: AsyncBoltContext) -> None:
        question = shortcut_question(body)
        reply = await bot.ask(question)
        if reply:
            said = message(reply, key_of(question), private=True)
            poster.start(_tell(poster, question, said, str(body.get("response_url") or ""), context.bot_token))


async def _tell(poster: Poster, question: Question, said: dict[str, Any], url: str, token: str | None) -> None:
    """In the message's thread; where the bot is no member of the channel, by the response_url."""
    try:
        await poster.client.chat_postEphemeral(
            channel=question.place, user=question.asker, thread_ts=question.thread, token=token, **said
        )
    except SlackApiError:
        if not url:
            raise
        await poster.respond(url, {"response_type": "ephemeral", "replace_original": False, **said})
