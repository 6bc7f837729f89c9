"""slack_sdk's client of the Web API, which tells whoever watches of every call that Slack refuses or leaves open."""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from math import inf
from typing import Any

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

TRIES_WHEN_LIMITED = 3


def said_of(error: SlackApiError) -> Mapping[str, Any]:
    """What Slack said with an error; nothing where it answered with a page instead, as it may when it is down."""
    data = getattr(error.response, "data", None)
    return data if isinstance(data, dict) else {}


class Stop:
    """The stop of the process, which no pause before a call to Slack outlasts."""

    def __init__(self) -> None:
        """Not asked for yet."""
        self._is_asked = asyncio.Event()
        self._until = inf

    @property
    def is_asked(self) -> bool:
        """Is the process stopping?"""
        return self._is_asked.is_set()

    def ask(self, within: float) -> None:
        """Stop: calls may go on for so many seconds."""
        self._until = asyncio.get_running_loop().time() + within
        self._is_asked.set()

    async def pause(self, seconds: float) -> bool:
        """Wait; False, and at once, where a stop does not wait so long."""
        clock = asyncio.get_running_loop().time
        end = clock() + seconds
        with suppress(TimeoutError):
            await asyncio.wait_for(self._is_asked.wait(), seconds)
        if end > self._until:
            return False
        await asyncio.sleep(end - clock())
        return True


class RetryWhenLimited(AsyncRateLimitErrorRetryHandler):
    """Calls again once Slack takes calls again, as slack_sdk does; where a stop comes before, the call has failed."""

    def __init__(self, stop: Stop) -> None:
        """No call waits longer than this stop does."""
        super().__init__(max_retry_count=TRIES_WHEN_LIMITED)
        self._stop = stop

    async def prepare_for_next_attempt_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> None:
        """Wait as long as Slack says."""
        if await self._stop.pause(_retry_after(response) + random.random()):  # noqa: S311  # not all at one moment
            state.next_attempt_requested = True
            state.increment_current_attempt()


def _retry_after(response: HttpResponse | None) -> int:
    headers = response.headers.items() if response else ()
    told = next((values[0] for name, values in headers if name.lower() == "retry-after"), "")
    return int(told) if told.isdecimal() else 1


class SlackClient(AsyncWebClient):
    """A client whose failed calls are told by method and by Slack's name for the error.

    It waits when Slack asks for it, and never sends again what may have arrived: the SDK's own default repeats a post
    whose connection broke, also when Slack had posted it already.
    """

    on_error: Callable[[str, str], None] | None = None

    def __init__(self, token: str | None, base_url: str) -> None:
        """A client for one token, or for tokens that each call names."""
        self.stop = Stop()
        super().__init__(token=token, base_url=base_url, retry_handlers=[RetryWhenLimited(self.stop)])

    async def api_call(self, api_method: str, **given: Any) -> AsyncSlackResponse:  # noqa: ANN401
        """Call a method, as slack_sdk does."""
        try:
            return await super().api_call(api_method, **given)
        except SlackApiError as error:
            self._tell(api_method, str(said_of(error).get("error") or ""))
            raise
        except (ClientError, OSError, TimeoutError) as error:
            self._tell(api_method, type(error).__name__)
            raise

    def _tell(self, method: str, error: str) -> None:
        if self.on_error:
            self.on_error(method, error)
