"""The Bolt app: every door registered, one client for every call to Slack."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.bot import Bot
from bot.installation_tables import UnreadableTokenError
from bot.settings import AwayError, Settings, SettingsError
from handlers import (
    buttons,
    curating,
    departures,
    direct_messages,
    edits,
    errors,
    home,
    mentions,
    planner,
    shortcuts,
    slash_command,
    strangers,
    threads,
)
from handlers.installations import Authorize, Installations
from handlers.installing import make_flow
from handlers.manifest import INSTALL
from handlers.metrics import Metrics
from handlers.posting import Poster
from handlers.slack_client import SlackClient, said_of

# One module for each door, written by hand; a test holds the manifest against it. Edits and threads stand before what
# listens to all messages: the first listener that matches takes an event.
DOORS: tuple[Callable[[AsyncApp, Bot, Poster], None], ...] = (
    slash_command.register,
    edits.register,
    threads.register,
    direct_messages.register,
    mentions.register,
    shortcuts.register,
    buttons.register,
    home.register,
    planner.register,
    curating.register,
    departures.register,
)

PASSING = ("ratelimited", "internal_error", "fatal_error", "service_unavailable")  # not for long


@dataclass(frozen=True)
class SlackApp:
    """The app with what it posts through."""

    app: AsyncApp
    poster: Poster
    client: AsyncWebClient
    bot: Bot
    metrics: Metrics
    installations: Installations | None = None
    signatures: SignatureVerifier | None = None  # None where no signing secret is set: Socket Mode needs none

    async def token_of(self, workspace: str) -> str | None:
        """The token for what nobody's request brings one for; None where there is none, or no key reads it."""
        if self.installations is None:
            return self.client.token
        try:
            bot = await self.installations.find(workspace)
        except UnreadableTokenError:
            return None  # the log tells of it
        return bot.bot_token if bot else None


async def make_app(settings: Settings, bot: Bot, installations: Installations | None = None) -> SlackApp:
    """The app, for the workspaces that installed it or for the one whose token is set.

    Asks Slack once who that token is; raises SettingsError where Slack refuses it.
    """
    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else ""
    client = SlackClient(token or None, settings.slack_api_url)
    app = AsyncApp(
        client=client,
        **(_for_many(settings, installations, client) if installations else await _for_one(client, token)),
        request_verification_enabled=False,  # handlers.web checks signatures before anything is read
        process_before_response=True,
        raise_error_for_unhandled_request=True,  # handlers.errors takes them; Bolt's 404 makes Slack send again
        ssl_check_enabled=False,  # handlers.web answers it
        attaching_function_token_enabled=False,  # for steps of workflows, which we have none of
        logger=_quiet_logger(),
    )
    poster = Poster(client)
    errors.register(app, poster)
    strangers.register(app, poster, settings.who_may_ask)
    for register in DOORS:
        register(app, bot, poster)
    metrics = Metrics(bot, poster)
    client.on_error = metrics.count_error
    return SlackApp(app, poster, client, bot, metrics, installations, _signatures(settings))


def _signatures(settings: Settings) -> SignatureVerifier | None:
    secret = settings.slack_signing_secret
    return SignatureVerifier(secret.get_secret_value()) if secret else None


def _for_many(settings: Settings, installations: Installations, client: AsyncWebClient) -> dict[str, Any]:
    again = f"{settings.public_url}{INSTALL}" if settings.public_url else "the page it was installed from"
    return {
        "authorize": Authorize(installations),
        "installation_store": installations,
        "oauth_flow": make_flow(settings, installations, client),
        "user_facing_authorize_error_message": f"Coding Helper is not installed here any more. Add it again: {again}",
    }


async def _for_one(client: AsyncWebClient, token: str) -> dict[str, Any]:
    if not token:
        raise SettingsError(
            "SLACK_BOT_TOKEN: is missing; copy the Bot User OAuth Token (xoxb-...) from OAuth & Permissions"
        )
    return {"authorize": _AsOne(await _who_is(client, token))}


class _AsOne(AsyncAuthorize):
    """All requests come from the one workspace. A class, for Bolt gathers all that a function might ask for."""

    def __init__(self, identity: AuthorizeResult) -> None:
        self._identity = identity

    async def __call__(self, **_: object) -> AuthorizeResult:
        return self._identity


async def _who_is(client: AsyncWebClient, token: str) -> AuthorizeResult:
    try:
        answer = await client.auth_test()
    except SlackApiError as error:
        told = refused(error, "SLACK_BOT_TOKEN", "copy the token anew from OAuth & Permissions")
        raise told from None
    except (OSError, TimeoutError) as error:
        raise AwayError(
            f"SLACK_API_URL: Slack does not answer ({type(error).__name__}); see that this machine reaches it"
        ) from None
    scopes = answer.headers.get("x-oauth-scopes")
    return AuthorizeResult.from_auth_test_response(bot_token=token, bot_scopes=scopes, auth_test_response=answer)


def refused(error: SlackApiError, setting: str, how_to_mend: str) -> SettingsError | AwayError:
    """What a start ends with where Slack refuses a setting, or cannot tell for it is down."""
    what = said_of(error).get("error")
    if what is None or what in PASSING:
        return AwayError(
            f"SLACK_API_URL: Slack cannot tell now ({what or 'a page that is none of its API'}); try later"
        )
    return SettingsError(f"{setting}: Slack answers {what}; {how_to_mend}")


def _quiet_logger() -> logging.Logger:
    """Bolt's loggers take their level from this one; below ERROR they print payloads, what people typed included."""
    logger = logging.getLogger("slack_bolt.coding_helper")
    logger.setLevel(logging.ERROR)
    return logger
