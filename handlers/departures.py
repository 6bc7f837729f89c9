"""Uninstall and revoked tokens: told in the log, so that whoever runs the bot knows why it fell silent."""

from collections.abc import Awaitable, Callable

import structlog
from slack_bolt.async_app import AsyncApp

from bot.bot import Bot
from handlers.posting import Poster

EVENTS = ("app_uninstalled", "tokens_revoked")


def register(app: AsyncApp, _: Bot, __: Poster) -> None:
    """Listen to the events of leaving."""
    for name in EVENTS:
        app.event(name)(_take_leave(name))


def _take_leave(name: str) -> Callable[[], Awaitable[None]]:
    async def take_leave() -> None:
        structlog.get_logger().error(
            "the app left its workspace; install it again and set SLACK_BOT_TOKEN", event_=name
        )

    return take_leave
