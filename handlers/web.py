"""The HTTP door: Starlette around Bolt, with checks of signature and shape in front, and pages for those who watch."""

import json
import random
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote_plus

import structlog
from slack_bolt import BoltResponse
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from structlog.contextvars import bind_contextvars, bound_contextvars, reset_contextvars

from bot.settings import SettingsError
from handlers.app import SlackApp
from handlers.manifest import EVENTS, INSTALL, REDIRECT
from handlers.payloads import MalformedBodyError, check_body
from handlers.watching import watching_routes

JSON = "application/json"
STAMP, SIGNATURE = "x-slack-request-timestamp", "x-slack-signature"
LONGEST_STAMP = 12  # digits; seconds since 1970
SIGNED = re.compile("v0=[0-9a-f]{64}")  # as Slack writes a signature
SMALL_BODY = 1_000  # bytes; a check of the certificate has two fields
# All that is read of a request's headers, by us or by Bolt: a proxy adds many more.
READ_HEADERS = frozenset(
    (
        b"content-length",
        b"content-type",
        b"x-request-id",
        b"x-slack-request-timestamp",
        b"x-slack-retry-num",
        b"x-slack-retry-reason",
        b"x-slack-signature",
    )
)
LARGEST_BODY = 1_000_000  # bytes; Slack's own are far smaller


class RefusedError(Exception):
    """Why a request is not even looked at, with the HTTP status to say it by."""

    def __init__(self, why: str, status: int) -> None:
        """`why` is told to the sender, and logged."""
        super().__init__(why)
        self.status = status


def make_web(slack: SlackApp, metrics_token: str | None = None) -> Starlette:
    """The web application: all that Slack sends, the installation's pages, and health and metrics for who watches.

    Without a token there is no page of metrics: what listens to Slack is open to the world. Raises SettingsError
    without a signing secret.
    """
    if slack.signatures is None:
        raise SettingsError("SLACK_SIGNING_SECRET: is missing; over HTTP nothing else tells what Slack sent")
    routes = [
        Route(EVENTS, _FromSlack(slack, slack.signatures), methods=["GET", "POST"]),
        *watching_routes(slack, metrics_token),
    ]
    if slack.installations:
        routes += [Route(path, _Installing(slack), methods=["GET"]) for path in (INSTALL, REDIRECT)]
    return _Web(routes)


class _Web(Starlette):
    """Starlette, past which goes what Slack sends: it needs none of what Starlette lays around a request."""

    def __init__(self, routes: Sequence[Route]) -> None:
        super().__init__(routes=routes)
        self.router.redirect_slashes = False  # it would send people to whatever host the request names
        self._from_slack = next(one.app for one in routes if one.path == EVENTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_sent = scope["type"] == "http" and scope["path"] == EVENTS and scope["method"] == "POST"
        await (self._from_slack if is_sent else super().__call__)(scope, receive, send)


def _request_id(given: str) -> str:
    """By which the lines of the log that belong to a request are found: the platform's own, or a new one."""
    is_given = given and re.fullmatch(r"[\w.-]{1,64}", given, re.ASCII)
    return given if is_given else f"{random.getrandbits(64):016x}"


class _Installing:
    """The pages by which a workspace installs the app, as an ASGI application. What is sent with it is not read."""

    def __init__(self, slack: SlackApp) -> None:
        self._slack = slack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked, flow = Request(scope), self._slack.app.oauth_flow
        assert flow is not None  # noqa: S101  # handlers.app makes one wherever there are installations
        with bound_contextvars(request_id=_request_id(asked.headers.get("x-request-id", ""))):
            answer = flow.handle_installation if scope["path"] == INSTALL else flow.handle_callback
            page = to_starlette_response(await answer(to_async_bolt_request(asked, b"")))
        await page(scope, receive, send)


class _FromSlack:
    """Takes what Slack sends, as an ASGI application: its signature is checked before it is read, its shape before
    Bolt has it.
    """

    def __init__(self, slack: SlackApp, signatures: SignatureVerifier) -> None:
        self._slack, self._signatures = slack, signatures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in READ_HEADERS}
        tokens = bind_contextvars(request_id=_request_id(headers.get("x-request-id", "")))
        try:
            raw = await _body(headers, receive)
            if _is_certificate_check(scope, raw):
                await _respond(BoltResponse(status=200), send)
                return
            text = _signed_text(headers, raw, self._signatures)
            what, response = _kind_of(headers, text), await self._slack.app.async_dispatch(_read(headers, text))
        except RefusedError as refused:
            structlog.get_logger().warning("a request was refused", why=str(refused), status=refused.status)
            what, response = "refused", BoltResponse(status=refused.status, body=str(refused))
        finally:
            reset_contextvars(**tokens)
        is_repeat, seconds = "x-slack-retry-num" in headers, time.perf_counter() - begun
        self._slack.metrics.count_request(what, response.status, seconds, is_repeat=is_repeat)
        await _respond(response, send)


async def _respond(response: BoltResponse, send: Send) -> None:
    body = response.body.encode()
    told = [(name, value) for name, values in response.headers.items() for value in values]
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in told]
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _kind_of(headers: Mapping[str, str], text: str) -> str:
    if headers.get("content-type", "").startswith(JSON):
        return "event"
    return "interaction" if text.startswith("payload=") else "command"


def _is_certificate_check(scope: Scope, raw: bytes) -> bool:
    """Slack looks at the certificate of an address from time to time, unsigned, by GET or POST."""
    if scope["method"] == "GET":
        return b"ssl_check=1" in scope["query_string"].split(b"&")
    is_form = len(raw) <= SMALL_BODY and not raw.startswith(b"{")
    return is_form and b"ssl_check=1" in raw and b"ssl_check=1" in raw.split(b"&")


async def _body(headers: Mapping[str, str], receive: Receive) -> bytes:
    """The whole body. Raises RefusedError where it is too large, or breaks off."""
    declared = headers.get("content-length", "0")
    is_known = declared.isascii() and declared.isdigit()
    if not is_known or int(declared) > LARGEST_BODY:
        raise RefusedError("the body is too large", 413)
    if int(declared) > SMALL_BODY:
        _check_headers(headers)
    raw, is_whole = b"", False
    while not is_whole:
        got = await receive()
        if got["type"] == "http.disconnect":
            raise RefusedError("the body breaks off", 400)
        raw += got.get("body", b"")
        is_whole = not got.get("more_body", False)
        if len(raw) > LARGEST_BODY:
            raise RefusedError("the body is too large", 413)
    return raw


def _check_headers(headers: Mapping[str, str]) -> None:
    """Raises RefusedError unless there are a time stamp and a signature as Slack writes them."""
    stamp = headers.get(STAMP, "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= LONGEST_STAMP):
        raise RefusedError("the time stamp is missing or no number", 401)
    if not SIGNED.fullmatch(headers.get(SIGNATURE, "")):
        raise RefusedError("the signature is missing or none of Slack's", 401)


def _signed_text(headers: Mapping[str, str], raw: bytes, signatures: SignatureVerifier) -> str:
    """The body as a text. Raises RefusedError unless Slack signed it, no more than five minutes ago."""
    _check_headers(headers)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise RefusedError("the body is no text in UTF-8", 400) from None
    if not signatures.is_valid(text, headers[STAMP], headers[SIGNATURE]):
        why = (
            "the signature does not fit SLACK_SIGNING_SECRET, or is more than five minutes off by this machine's clock"
        )
        raise RefusedError(why, 401)
    return text


def _read(headers: Mapping[str, str], text: str) -> AsyncBoltRequest:
    """The request as Bolt has it. Raises RefusedError where it is shaped as nothing that Slack sends."""
    try:
        body = _body_in(text, headers.get("content-type", ""))
        check_body(body)
        # Bolt takes what is read already in this mode alone; the mode tells nothing else.
        return AsyncBoltRequest(body=body, headers=dict(headers), mode="socket_mode")
    except MalformedBodyError as error:
        raise RefusedError(str(error), 400) from None
    except Exception as error:  # noqa: BLE001  # Bolt reads a body as Slack's; whatever fails there is none of them
        raise RefusedError(f"the body is neither a form nor JSON of Slack's ({type(error).__name__})", 400) from None


def _body_in(text: str, content_type: str) -> Any:  # noqa: ANN401  # JSON as it comes
    """What a body holds: an event, a command's form, or what a form has in its `payload`."""
    if content_type.startswith(JSON) or text.startswith("{"):
        return json.loads(text)
    fields = read_form(text)
    return json.loads(fields["payload"]) if "payload" in fields else fields


def read_form(text: str) -> dict[str, str]:
    """The fields of a form, as Bolt reads them by urllib, in a third of the time: all are undone at once.

    >>> read_form("command=%2Fcode&text=gait+and+stairs")
    {'command': '/code', 'text': 'gait and stairs'}
    >>> read_form("text=gait+%26+stairs+%3D+what%3F")
    {'text': 'gait & stairs = what?'}
    """
    if _PARTING.search(text):
        pairs = (pair.partition("=") for pair in text.split("&") if pair)
        return {unquote_plus(name): unquote_plus(value) for name, _, value in pairs}
    pairs = (pair.partition("=") for pair in unquote_plus(text).split("&") if pair)
    return {name: value for name, _, value in pairs}


_PARTING = re.compile("%26|%3d", re.IGNORECASE)  # what would part fields, or names from values, if undone before
