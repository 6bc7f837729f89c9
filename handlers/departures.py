"""Uninstall and revoked tokens: the workspace's tokens are forgotten, and whoever runs the bot is told in the log.

The questions of the workspace stay, for it may install the app again; `coding-helper workspaces forget` deletes them.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp

from bot.bot import Bot
from handlers.installations import Installations
from handlers.payloads import Payload, workspace_of
from handlers.posting import Poster

EVENTS = ("app_uninstalled", "tokens_revoked")


def register(app: AsyncApp, _: Bot, __: Poster) -> None:
    """Listen to the events of leaving."""
    kept = app.installation_store
    for name in EVENTS:
        app.event(name)(_forget(name, kept) if isinstance(kept, Installations) else _take_leave(name))


def _take_leave(name: str) -> Callable[[], Awaitable[None]]:
    async def take_leave() -> None:
        structlog.get_logger().error(
            "the app left its workspace; install it again and set SLACK_BOT_TOKEN", event_=name
        )

    return take_leave


def _forget(name: str, installations: Installations) -> Callable[[dict[str, Any]], Awaitable[None]]:
    async def forget(body: dict[str, Any]) -> None:
        if name == "tokens_revoked" and not _is_of_a_bot(body):
            return
        workspace, happened = workspace_of(body), body.get("event_time")
        if not workspace or not isinstance(happened, int):
            return
        # Slack tells it again until it is taken; by then the workspace may have come back. It tells whole seconds.
        was_there = await installations.remove(workspace, before=datetime.fromtimestamp(happened + 1, UTC))
        if was_there:
            structlog.get_logger().info("a workspace took the app away", workspace=workspace, event_=name)

    return forget


def _is_of_a_bot(body: Payload) -> bool:
    tokens = (body.get("event") or {}).get("tokens")
    return isinstance(tokens, dict) and bool(tokens.get("bot"))
