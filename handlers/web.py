"""The HTTP door: Starlette around Bolt, with a check of the body's shape in front, and pages for those who watch."""

import re
import time
from uuid import uuid4

import structlog
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from structlog.contextvars import bound_contextvars

from handlers.app import SlackApp
from handlers.manifest import EVENTS, INSTALL, REDIRECT
from handlers.payloads import MalformedBodyError, check_body
from handlers.watching import watching_routes

LONGEST_STAMP = 12  # digits; seconds since 1970
SMALL_BODY = 1_000  # bytes; a check of the certificate has two fields
LARGEST_BODY = 1_000_000  # bytes; Slack's own are far smaller


def make_web(slack: SlackApp, metrics_token: str | None = None) -> Starlette:
    """The web application: all that Slack sends, the installation's pages, and health and metrics for who watches.

    Without a token there is no page of metrics: what listens to Slack is open to the world.
    """
    handler = AsyncSlackRequestHandler(slack.app)

    async def take_from_slack(request: Request) -> Response:
        if await _is_certificate_check(request):
            return PlainTextResponse("")
        begun = time.perf_counter()
        with bound_contextvars(request_id=_request_id(request)):
            refused = await _refusal(request)
            response = refused or await handler.handle(request)
        what = "refused" if refused else await _kind_of(request)
        is_repeat, seconds = "x-slack-retry-num" in request.headers, time.perf_counter() - begun
        slack.metrics.count_request(what, response.status_code, seconds, is_repeat=is_repeat)
        return response

    async def install(request: Request) -> Response:
        with bound_contextvars(request_id=_request_id(request)):
            return await handler.handle(request)

    routes = [Route(EVENTS, take_from_slack, methods=["GET", "POST"]), *watching_routes(slack, metrics_token)]
    if slack.installations:
        routes += [Route(path, install, methods=["GET"]) for path in (INSTALL, REDIRECT)]
    return Starlette(routes=routes)


def _request_id(request: Request) -> str:
    """By which the lines of the log that belong to a request are found: the platform's own, or a new one."""
    given = request.headers.get("x-request-id", "")
    return given if re.fullmatch(r"[\w.-]{1,64}", given, re.ASCII) else uuid4().hex[:16]


async def _kind_of(request: Request) -> str:
    if request.headers.get("content-type", "").startswith("application/json"):
        return "event"
    return "interaction" if (await request.body()).startswith(b"payload=") else "command"


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
