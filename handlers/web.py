"""The HTTP door: Starlette around Bolt, with a check of the body's shape in front."""

import structlog
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from handlers.app import SlackApp
from handlers.manifest import EVENTS, INSTALL, REDIRECT
from handlers.payloads import MalformedBodyError, check_body

LONGEST_STAMP = 12  # digits; seconds since 1970
SMALL_BODY = 1_000  # bytes; a check of the certificate has two fields
LARGEST_BODY = 1_000_000  # bytes; Slack's own are far smaller


def make_web(slack: SlackApp) -> Starlette:
    """The web application: `/slack/events` for all that Slack sends, `/healthz` for those who watch."""
    handler = AsyncSlackRequestHandler(slack.app)

    async def take_from_slack(request: Request) -> Response:
        if await _is_certificate_check(request):
            return PlainTextResponse("")
        refused = await _refusal(request)
        return refused or await handler.handle(request)

    async def install(request: Request) -> Response:
        return await handler.handle(request)

    async def is_alive(_: Request) -> Response:
        return PlainTextResponse("ok")

    routes = [
        Route(EVENTS, take_from_slack, methods=["GET", "POST"]),
        Route("/healthz", is_alive, methods=["GET"]),
    ]
    if slack.installations:
        routes += [Route(path, install, methods=["GET"]) for path in (INSTALL, REDIRECT)]
    return Starlette(routes=routes)


async def _is_certificate_check(request: Request) -> bool:
    """Slack looks at the certificate of an address from time to time, unsigned, by GET or POST."""
    if request.method == "GET":
        return request.query_params.get("ssl_check") == "1"
    is_small = request.headers.get("content-length", "0").isdigit()
    is_small = is_small and int(request.headers.get("content-length", "0")) <= SMALL_BODY
    return is_small and (await request.body()).startswith(b"ssl_check=1")


async def _refusal(request: Request) -> Response | None:
    """Why a request is not even looked at: no time stamp that is a number, too large, or not shaped as Slack's are."""
    stamp = request.headers.get("x-slack-request-timestamp", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= LONGEST_STAMP):
        return _refuse("the time stamp is missing or no number", 401)
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > LARGEST_BODY:
        return _refuse("the body is too large", 413)
    body = await request.body()
    if len(body) > LARGEST_BODY:
        return _refuse("the body is too large", 413)
    try:
        check_body(body, request.headers.get("content-type", ""))
    except MalformedBodyError as error:
        return _refuse(str(error), 400)
    return None


def _refuse(why: str, status: int) -> Response:
    structlog.get_logger().warning("a request was refused", why=why, status=status)
    return PlainTextResponse(why, status_code=status)
