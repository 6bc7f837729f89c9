"""Posts replies to Slack in tasks of our own, which a stop waits for."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.reply import Reply
from handlers.blocks import message

TRIES_WHEN_LIMITED = 3
FINISH_WITHIN = 20.0  # seconds that a stop waits for posts under way


def make_client(token: str, api_url: str) -> AsyncWebClient:
    """A Web API client that waits when Slack asks for it, and never sends again what may have arrived.

    The SDK's own default repeats a post whose connection broke, also when Slack had posted it already.
    """
    return AsyncWebClient(token=token, base_url=api_url, retry_handlers=_retries())


def _retries() -> list[AsyncRetryHandler]:
    return [AsyncRateLimitErrorRetryHandler(max_retry_count=TRIES_WHEN_LIMITED)]


class Poster:
    """Posts replies with one client, and keeps track of what is under way."""

    def __init__(self, client: AsyncWebClient) -> None:
        """Post through this client; each post may name another token."""
        self._client = client
        self._under_way: set[asyncio.Task[None]] = set()

    def post(self, reply: Reply, *, channel: str, thread: str | None, token: str | None) -> None:
        """Post a reply, soon. What Slack refuses is logged by its error's name."""
        self._start(self._post(reply, channel, thread, token))

    async def finish(self) -> None:
        """Wait for the posts under way, for a while."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=FINISH_WITHIN)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _post(self, reply: Reply, channel: str, thread: str | None, token: str | None) -> None:
        try:
            await self._client.chat_postMessage(
                channel=channel, thread_ts=thread, token=token, unfurl_links=False, unfurl_media=False, **message(reply)
            )
        except SlackApiError as error:
            structlog.get_logger().error("Slack refused a reply", error=error.response.get("error"), channel=channel)
        except (OSError, TimeoutError) as error:
            structlog.get_logger().error(
                "a reply's fate is unknown: no answer from Slack", fault=type(error).__name__, channel=channel
            )
