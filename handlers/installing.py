"""How a workspace installs the app: "Add to Slack", and the way back, with pages that a person can read."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import structlog
from aiohttp import ClientError
from jinja2 import Environment, PackageLoader, StrictUndefined
from slack_bolt import BoltResponse
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError

from bot.faults import log_fault
from bot.installation_tables import workspace_named
from bot.settings import Settings
from handlers.installations import Installations
from handlers.manifest import INSTALL, REDIRECT, scopes

# Nothing foreign on the pages, nobody else's frame around them, and the code in the address goes nowhere.
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
TIMED_OUT = "This installation was not begun in this browser, or it took longer than ten minutes."
READS_ITS_OWN = "what people write to it, and nothing else."
READS_CHANNELS = "what people write to it, and the channels that it is a member of, to follow its threads."
REASONS = {
    "access_denied": "You did not add Coding Helper on Slack's page. Nothing was installed.",
    "invalid_browser": TIMED_OUT,
    "invalid_state": TIMED_OUT,
    "missing_code": "Slack sent you back without a code.",
    "invalid_code": "Slack no longer takes this installation's code: it is good once, and for ten minutes.",
    "token_rotation": "Token rotation is switched on in this Slack app's settings, and Coding Helper works without it. "
    "Whoever runs it has to create the Slack app anew without token rotation.",
    "no_answer": "Slack did not answer. Nothing was installed.",
    "storage_error": "The installation could not be kept.",
    "fault": "Something went wrong on our side.",
}


class InstallingError(Exception):
    """An installation that is not kept. The message is a key of REASONS."""


def make_flow(settings: Settings, installations: Installations, client: AsyncWebClient) -> AsyncOAuthFlow:
    """The flow of slack_bolt, with our stores and our pages."""
    assert settings.slack_client_id and settings.slack_client_secret  # noqa: S101  # check_installing saw to it
    secret = settings.slack_client_secret.get_secret_value()
    given = AsyncOAuthSettings(
        client_id=settings.slack_client_id,
        client_secret=secret,
        scopes=scopes(reads_channels=settings.read_channels),
        user_scopes=[],
        redirect_uri=f"{settings.public_url}{REDIRECT}" if settings.public_url else None,
        install_path=INSTALL,
        redirect_uri_path=REDIRECT,
        authorization_url=settings.slack_api_url.removesuffix("api/") + "oauth/v2/authorize",
        installation_store=installations,
        state_store=installations.states,
        callback_options=AsyncCallbackOptions(success=_tell_success, failure=_tell_failure),
    )
    return _Flow(client=client, settings=given)


class _Flow(AsyncOAuthFlow):
    """slack_bolt's flow, which leaves a person without a page where Slack or the database does not answer."""

    async def handle_installation(self, request: AsyncBoltRequest) -> BoltResponse:
        try:
            response = await super().handle_installation(request)
        except SQLAlchemyError as error:
            return failure_page("storage_error", 503, log_fault(error))
        response.headers.update({name.lower(): [value] for name, value in HEADERS.items()})
        return response

    async def handle_callback(self, request: AsyncBoltRequest) -> BoltResponse:
        try:
            return await super().handle_callback(request)
        except InstallingError as error:
            return failure_page(str(error), 400)
        except (ClientError, OSError, TimeoutError) as error:
            return failure_page("no_answer", 503, log_fault(error))
        except (SQLAlchemyError, BoltError) as error:
            return failure_page("storage_error", 503, log_fault(error))
        except Exception as error:  # noqa: BLE001  # whatever it is, a person waits for a page
            return failure_page("fault", 500, log_fault(error))

    async def build_authorize_url(self, state: str, request: AsyncBoltRequest) -> str:
        """Slack's page, for the workspace of `?team=` where it names one."""
        team = (request.query.get("team") or [""])[0]
        named = team if re.fullmatch(r"[TE][A-Z0-9]{2,20}", team) else None
        return self.settings.authorize_url_generator.generate(state=state, team=named)

    async def build_install_page_html(self, url: str, _: AsyncBoltRequest) -> str:
        told = (
            "It answers billing-code questions of outpatient PT, OT and speech therapy in Slack, with its sources.",
            f"It reads {READS_CHANNELS if 'channels:history' in (self.settings.scopes or ()) else READS_ITS_OWN} "
            "Leave patients' details out of questions.",
        )
        return _page("Add Coding Helper to Slack", told, ("Add to Slack", url))

    async def store_installation(self, request: AsyncBoltRequest, installation: Installation) -> None:
        if not installation.bot_token:
            raise InstallingError("invalid_code")
        if installation.bot_refresh_token:
            raise InstallingError("token_rotation")
        await super().store_installation(request, installation)
        workspace = workspace_named(installation.team_id, installation.enterprise_id)
        structlog.get_logger().info("the app was installed", workspace=workspace)


async def _tell_success(args: AsyncSuccessArgs) -> BoltResponse:
    made = args.installation
    if made.is_enterprise_install:
        where = made.enterprise_name or "your organisation"
        link = f"{made.enterprise_url}manage/organization/apps/profile/{made.app_id}/workspaces/add"
        choose = "Choose the workspaces that may use it; then it answers in each of them."
        return _answer(200, _page(f"Coding Helper is in {where}", (choose,), ("Choose workspaces", link)))
    told = (
        "Write to Coding Helper in Slack, mention it in a channel, or type: /code stair training",
        "People of the workspace need no account and no set-up.",
    )
    link = f"https://slack.com/app_redirect?app={made.app_id}&team={made.team_id}"
    return _answer(200, _page(f"Coding Helper is in {made.team_name or 'your workspace'}", told, ("Open Slack", link)))


async def _tell_failure(args: AsyncFailureArgs) -> BoltResponse:
    return failure_page(args.reason, args.suggested_status_code)


def failure_page(reason: str, status: int, error_id: str = "") -> BoltResponse:
    """Why nothing was installed, and how to begin again. `reason` is ours or Slack's, and may be anybody's."""
    is_name = re.fullmatch(r"[a-z_]{1,40}", reason)
    told = REASONS.get(reason, f"Slack says: {reason}." if is_name else "Slack gave a reason that is none.")
    structlog.get_logger().warning("an installation came to nothing", reason=reason if is_name else "unknown")
    more = f"If it keeps failing, tell whoever runs Coding Helper the id {error_id}." if error_id else ""
    return _answer(status, _page("Coding Helper was not added", (told, more), ("Begin again", INSTALL)))


def _answer(status: int, page: str) -> BoltResponse:
    return BoltResponse(status=status, body=page, headers=dict(HEADERS))


def _page(title: str, paragraphs: Sequence[str], link: tuple[str, str]) -> str:
    label, address = link
    shown: Mapping[str, Any] = {"title": title, "paragraphs": [one for one in paragraphs if one], "label": label}
    return _templates().get_template("page.html.j2").render(**shown, address=address)


@cache
def _templates() -> Environment:
    return Environment(loader=PackageLoader("handlers", "pages"), autoescape=True, undefined=StrictUndefined)
