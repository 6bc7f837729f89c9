"""The HTTP door: Starlette around Bolt, with a check of the body's shape in front, and pages for those who watch."""

import re
import time
from uuid import uuid4

import structlog
from slack_bolt.adapter.starlette.async_handler import (
    AsyncSlackRequestHandler,
    to_async_bolt_request,
    to_starlette_response,
)
from slack_bolt.async_app import AsyncBoltRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from handlers.app import SlackApp
from handlers.manifest import EVENTS, INSTALL, REDIRECT
from handlers.payloads import MalformedBodyError, check_body
from handlers.watching import watching_routes

LONGEST_STAMP = 12  # digits; seconds since 1970
SMALL_BODY = 1_000  # bytes; a check of the certificate has two fields
LARGEST_BODY = 1_000_000  # bytes; Slack's own are far smaller


class RefusedError(Exception):
    """Why a request is not even looked at, with the HTTP status to say it by."""

    def __init__(self, why: str, status: int) -> None:
        """`why` is told to the sender, and logged."""
        super().__init__(why)
        self.status = status


def make_web(slack: SlackApp, metrics_token: str | None = None) -> Starlette:
    """The web application: all that Slack sends, the installation's pages, and health and metrics for who watches.

    Without a token there is no page of metrics: what listens to Slack is open to the world.
    """
    handler = AsyncSlackRequestHandler(slack.app)

    async def install(request: Request) -> Response:
        with bound_contextvars(request_id=_request_id(request)):
            return await handler.handle(request)

    routes = [Route(EVENTS, _FromSlack(slack), methods=["GET", "POST"]), *watching_routes(slack, metrics_token)]
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


class _FromSlack:
    """Takes what Slack sends, as an ASGI application: a request is read once, by Bolt, and its shape checked."""

    def __init__(self, slack: SlackApp) -> None:
        self._slack = slack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = PlainTextResponse("") if await _is_certificate_check(request) else await self._counted(request)
        await response(scope, receive, send)

    async def _counted(self, request: Request) -> Response:
        begun = time.perf_counter()
        with bound_contextvars(request_id=_request_id(request)):
            try:
                response = await self._answer(request)
                what = await _kind_of(request)
            except RefusedError as refused:
                structlog.get_logger().warning("a request was refused", why=str(refused), status=refused.status)
                what, response = "refused", PlainTextResponse(str(refused), status_code=refused.status)
        is_repeat, seconds = "x-slack-retry-num" in request.headers, time.perf_counter() - begun
        self._slack.metrics.count_request(what, response.status_code, seconds, is_repeat=is_repeat)
        return response

    async def _answer(self, request: Request) -> Response:
        return to_starlette_response(await self._slack.app.async_dispatch(await _read(request)))


async def _is_certificate_check(request: Request) -> bool:
    """Slack looks at the certificate of an address from time to time, unsigned, by GET or POST."""
    if request.method == "GET":
        return request.query_params.get("ssl_check") == "1"
    is_small = request.headers.get("content-length", "0").isdigit()
    is_small = is_small and int(request.headers.get("content-length", "0")) <= SMALL_BODY
    return is_small and (await request.body()).startswith(b"ssl_check=1")


async def _read(request: Request) -> AsyncBoltRequest:
    """The request as Bolt reads it. Raises RefusedError: no time stamp that is a number, too large, not as Slack's."""
    stamp = request.headers.get("x-slack-request-timestamp", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= LONGEST_STAMP):
        raise RefusedError("the time stamp is missing or no number", 401)
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > LARGEST_BODY:
        raise RefusedError("the body is too large", 413)
    raw = await request.body()
    if len(raw) > LARGEST_BODY:
        raise RefusedError("the body is too large", 413)
    try:
        asked = to_async_bolt_request(request, raw)
    except Exception as error:  # noqa: BLE001  # Bolt reads a body as Slack's; whatever fails there is none of them
        raise RefusedError(f"the body is neither a form nor JSON of Slack's ({type(error).__name__})", 400) from None
    try:
        check_body(asked.body)
    except MalformedBodyError as error:
        raise RefusedError(str(error), 400) from None
    return asked
