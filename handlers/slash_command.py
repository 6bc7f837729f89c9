"""`/code`: the answer travels in the acknowledgement itself, seen by the asker only."""

from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp

from bot.bot import Bot
from handlers.blocks import message_json
from handlers.payloads import command_question, key_of
from handlers.posting import Poster

COMMAND = "/code"


def register(app: AsyncApp, bot: Bot, _: Poster) -> None:
    """Listen to the command."""

    @app.command(COMMAND)
    async def answer_command(body: dict[str, Any]) -> BoltResponse:
        question = command_question(body)
        reply = await bot.ask(question)
        told = message_json(reply, key_of(question), private=True) if reply else ""
        # Given as it stands: `ack` would take a message that is in JSON already apart, and put it together again.
        return BoltResponse(status=200, body=told and _unseen_by_others(told))


def _unseen_by_others(message: str) -> str:
    """A message in JSON as one that only the asker sees."""
    return '{"response_type": "ephemeral", ' + message.removeprefix("{")
