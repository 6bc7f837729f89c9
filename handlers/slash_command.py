"""`/code`: the answer travels in the acknowledgement itself, seen by the asker only."""

from collections.abc import Awaitable, Callable

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.middleware.async_middleware import AsyncMiddleware

from bot.bot import Bot
from handlers.blocks import message_json
from handlers.payloads import command_question, key_of
from handlers.posting import Poster

COMMAND = "/code"


def register(app: AsyncApp, bot: Bot, _: Poster) -> None:
    """Listen to the command."""
    app.use(_Command(bot))


class _Command(AsyncMiddleware):
    """Answers the command. For a listener Bolt would gather, twice, all that a function might ask for."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002
    ) -> BoltResponse:
        if req.body.get("command") != COMMAND:
            return await next()
        question = command_question(req.body)
        reply = await self._bot.ask(question)
        told = message_json(reply, key_of(question), private=True) if reply else ""
        # Given as it stands: `ack` would take a message that is in JSON already apart, and put it together again.
        return BoltResponse(status=200, body=told and _unseen_by_others(told))


def _unseen_by_others(message: str) -> str:
    """A message in JSON as one that only the asker sees."""
    return '{"response_type": "ephemeral", ' + message.removeprefix("{")
