"""`/code`: the answer travels in the acknowledgement itself, seen by the asker only."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.bot import Bot
from handlers.blocks import message
from handlers.payloads import command_question, key_of
from handlers.posting import Poster

COMMAND = "/code"


def register(app: AsyncApp, bot: Bot, _: Poster) -> None:
    """Listen to the command."""

    @app.command(COMMAND)
    async def answer_command(ack: AsyncAck, body: dict[str, Any]) -> None:
        question = command_question(body)
        reply = await bot.ask(question)
        await (ack(response_type="ephemeral", **message(reply, key_of(question), private=True)) if reply else ack())
