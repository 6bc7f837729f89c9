"""slack_sdk's client of the Web API, which tells whoever watches of every call that Slack refuses or leaves open."""

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse


def said_of(error: SlackApiError) -> Mapping[str, Any]:
    """What Slack said with an error; nothing where it answered with a page instead, as it may when it is down."""
    data = getattr(error.response, "data", None)
    return data if isinstance(data, dict) else {}


class SlackClient(AsyncWebClient):
    """A client whose failed calls are told by method and by Slack's name for the error."""

    on_error: Callable[[str, str], None] | None = None

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
