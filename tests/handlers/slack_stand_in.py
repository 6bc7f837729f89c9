"""A Slack of our own on this machine: the Web API as far as the doors use it, Socket Mode, signed requests."""

import asyncio
import json
import time
from base64 import b64decode
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

SECRET = "0123456789abcdef0123456789abcdef"
BOT_TOKEN = "xoxb-1-test"
APP_TOKEN = "xapp-1-test"
CLIENT_ID, CLIENT_SECRET = "1.2", "fedcba9876543210fedcba9876543210"
WORKSPACE, CHANNEL, DM, PERSON, BOT_USER = "T01", "C01", "D01", "U01", "UBOT"
STARTS_WITHIN = 40.0  # seconds that a process may take to start on a machine that is busy
WITHIN = 10.0  # seconds in which what must happen has to have happened


class Fault(StrEnum):
    """What may happen to a call on its way."""

    RESET = "the connection breaks before Slack has posted"
    LOST = "Slack posts, and its answer is lost"


Answer = web.Response | Fault


@dataclass
class SlackStandIn:
    """What the stand-in was asked for, and how it answers. What was posted stands in `standing`.

    `next_answers` are for the calls that come next, but for the methods `spared`; `refusing` names methods and errors.
    """

    posts: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    acknowledged: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    sockets: asyncio.Queue[web.WebSocketResponse] = field(default_factory=asyncio.Queue)
    socket: web.WebSocketResponse | None = None
    next_answers: list[Answer] = field(default_factory=list)
    spared: tuple[str, ...] = ("conversations.history", "conversations.replies")
    refusing: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    installing: dict[str, Any] = field(default_factory=dict)
    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    turned_away: dict[str, str] = field(default_factory=dict)  # methods, or tokens, with the error that is answered
    scopes: str = ""  # what a token may do, as Slack tells it beside its answer to auth.test
    manifest: dict[str, Any] = field(default_factory=dict)
    date: str | None = None  # the time that it is at Slack
    others: dict[str, asyncio.Queue[dict[str, Any]]] = field(default_factory=lambda: defaultdict(asyncio.Queue))
    standing: list[dict[str, Any]] = field(default_factory=list)
    hold_posts: asyncio.Event | None = None
    is_pinging: bool = True
    is_connecting: bool = True  # does it take connections of Socket Mode?
    connections: int = 1
    url: str = ""

    async def next_post(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.posts.get(), WITHIN)

    async def next_call(self, method: str) -> dict[str, Any]:
        """The next call of a method other than chat.postMessage; "response" is a response_url."""
        return await asyncio.wait_for(self.others[method].get(), WITHIN)

    async def send(self, envelope: dict[str, Any]) -> dict[str, Any]:
        """Send an envelope over the newest socket; what the bot acknowledged it with."""
        socket = self.socket or await self.next_socket()
        await socket.send_str(json.dumps(envelope))
        return await asyncio.wait_for(self.acknowledged.get(), WITHIN)

    async def next_socket(self) -> web.WebSocketResponse:
        """The next connection that the bot opens."""
        self.socket = await asyncio.wait_for(self.sockets.get(), STARTS_WITHIN)
        return self.socket

    @property
    def response_url(self) -> str:
        return f"{self.url}response_url"

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.calls.append(method)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if refused := self.turned_away.get(method) or self.turned_away.get(token):
            return web.json_response({"ok": False, "error": refused})
        if method == "auth.test":
            return web.json_response(self._identity(token), headers={"x-oauth-scopes": self.scopes})
        if method == "api.test":
            return web.json_response({"ok": True}, headers={"date": self.date} if self.date else {})
        if method == "apps.manifest.export":
            return web.json_response({"ok": True, "manifest": self.manifest})
        if method == "oauth.v2.access":
            return web.json_response(await self._install(request))
        if method == "apps.connections.open":
            return web.json_response({"ok": True, "url": self.url.replace("http", "ws") + "socket"})
        body = await _body(request)
        if method == "chat.postMessage" and self.hold_posts:
            await self.hold_posts.wait()
        answer = self.next_answers.pop(0) if self.next_answers and method not in self.spared else None
        if isinstance(answer, web.Response):
            return answer
        if answer is Fault.RESET:
            return _broken(request)
        told = await self._take(method, body)
        return _broken(request) if answer is Fault.LOST else web.json_response(told)

    def _identity(self, token: str) -> dict[str, Any]:
        made = self.known.get(token, {"team": {"id": WORKSPACE}, "bot_user_id": BOT_USER})
        team, org = made.get("team") or {}, made.get("enterprise") or {}
        told = {"user_id": made["bot_user_id"], "bot_id": "B01", "team_id": team.get("id") or org.get("id")}
        return {"ok": True, "url": "https://org.example.org/", "enterprise_id": org.get("id"), **told}

    async def _install(self, request: web.Request) -> dict[str, Any]:
        """A code for a token. `installing` names the codes, each with what Slack answers to it; a code is good once."""
        given = await request.post()
        proof = b64decode(request.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        if proof != f"{CLIENT_ID}:{CLIENT_SECRET}":
            return {"ok": False, "error": "bad_client_secret"}
        made = self.installing.pop(str(given.get("code")), None)
        if made is None:
            return {"ok": False, "error": "invalid_code"}
        self.known[made["access_token"]] = made
        return {"ok": True, **made}

    async def _authorize(self, request: web.Request) -> NoReturn:
        """Slack's own page, where a person says yes to the first installation that waits, or no where none does."""
        asked = request.query
        code = next(iter(self.installing), None)
        answer = {"code": code} if code else {"error": "access_denied"}
        raise web.HTTPFound(f"{asked['redirect_uri']}?{urlencode({**answer, 'state': asked['state']})}")

    async def _take(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        if method.startswith("conversations."):
            page, has_more = self._listed(method, body)
            return {"ok": True, "messages": page, "has_more": has_more}
        if method != "chat.postMessage":
            await self.others[method].put(body)
            if method in self.refusing:
                return {"ok": False, **self.refusing[method]}
            return {"ok": True, "channel": body.get("channel"), "ts": body.get("ts")}
        ts = f"{time.time():.6f}"
        self.standing.append({**body, "ts": ts})
        await self.posts.put(body)
        return {"ok": True, "channel": body["channel"], "ts": ts}

    def _listed(self, method: str, body: dict[str, Any]) -> tuple[list[dict[str, Any]], bool]:
        """A page of what stands, and is there more? A channel's newest first; a thread's first message, then its oldest
        first. Of a channel the page is the newest one, or the first from `oldest` on.
        """
        limit, oldest = int(body.get("limit", 1000)), str(body.get("oldest", ""))
        here = [one for one in self.standing if one["channel"] == body["channel"] and one["ts"] > oldest]
        if method != "conversations.history":
            here = [{"ts": body["ts"], "channel": body["channel"]}, *here]
            return here[:limit], len(here) > limit
        return (here[:limit] if oldest else here[-limit:])[::-1], len(here) > limit

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        if not self.is_connecting:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(autoping=self.is_pinging)
        await socket.prepare(request)
        await socket.send_str(json.dumps({"type": "hello", "num_connections": self.connections}))
        await self.sockets.put(socket)
        async for message in socket:
            if message.type == aiohttp.WSMsgType.TEXT and message.data.startswith("{"):
                await self.acknowledged.put(json.loads(message.data))
        return socket


async def _body(request: web.Request) -> dict[str, Any]:
    body: dict[str, Any]
    if request.method == "GET":
        body = {**request.query}
    else:
        is_json = request.content_type == "application/json"
        body = await request.json() if is_json else {str(key): value for key, value in (await request.post()).items()}
    body["token"] = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return body


def _broken(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@asynccontextmanager
async def slack_stand_in() -> AsyncIterator[SlackStandIn]:
    """A stand-in that listens on a free port of this machine."""
    stand_in = SlackStandIn()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", stand_in._call)
    app.router.add_get("/api/socket", stand_in._socket)
    app.router.add_get("/oauth/v2/authorize", stand_in._authorize)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    stand_in.url = f"http://127.0.0.1:{port}/api/"
    try:
        yield stand_in
    finally:
        await runner.cleanup()


def signed(body: str, content_type: str, *, secret: str = SECRET, at: int | None = None) -> dict[str, str]:
    """The headers with which Slack signs a body."""
    stamp = str(at or int(time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body) or ""
    return {"content-type": content_type, "x-slack-request-timestamp": stamp, "x-slack-signature": signature}


def installation(workspace: str, token: str, **more: Any) -> dict[str, Any]:
    """What Slack answers to the code of an installation."""
    return {
        "app_id": "A01",
        "authed_user": {"id": "U09"},
        "scope": "chat:write,commands",
        "token_type": "bot",
        "access_token": token,
        "bot_user_id": BOT_USER,
        "team": {"id": workspace, "name": f"Clinic {workspace}"},
        "enterprise": None,
        "is_enterprise_install": False,
        **more,
    }


def command(text: str, trigger: str = "1.2.3") -> dict[str, str]:
    """A slash command's form, with the fields that Slack sends."""
    return {
        "command": "/code",
        "text": text,
        "team_id": WORKSPACE,
        "team_domain": "clinic",
        "channel_id": CHANNEL,
        "channel_name": "billing",
        "user_id": PERSON,
        "user_name": "not.kept",
        "response_url": "http://127.0.0.1:9/never",
        "trigger_id": trigger,
        "api_app_id": "A01",
        "is_enterprise_install": "false",
    }


def event(kind: str, text: str, ts: str = "1700000000.000100", **more: Any) -> dict[str, Any]:
    """An event callback as Slack sends it."""
    inner = {"type": kind, "user": PERSON, "text": text, "ts": ts, "event_ts": ts, "channel": CHANNEL, **more}
    return {
        "token": "not-used",
        "team_id": WORKSPACE,
        "api_app_id": "A01",
        "type": "event_callback",
        "event_id": f"Ev{ts}{kind}",
        "event_time": int(float(ts)),
        "event": {key: value for key, value in inner.items() if value is not None},
        "authorizations": [{"team_id": WORKSPACE, "user_id": BOT_USER, "is_bot": True, "is_enterprise_install": False}],
    }


def direct_message(text: str, ts: str = "1700000000.000100", **more: Any) -> dict[str, Any]:
    return event("message", text, ts, **{"channel": DM, "channel_type": "im", **more})


def mention(text: str, ts: str = "1700000000.000100", **more: Any) -> dict[str, Any]:
    return event("app_mention", f"<@{BOT_USER}> {text}", ts, **more)


def press(action: dict[str, Any], *, url: str = "", on: str = "message", **more: Any) -> dict[str, Any]:
    """A button pressed, as Slack sends it: on a message, on an ephemeral one, in a view or in App Home."""
    body: dict[str, Any] = {
        "type": "block_actions",
        "team": {"id": WORKSPACE, "domain": "clinic"},
        "user": {"id": PERSON, "team_id": WORKSPACE},
        "api_app_id": "A01",
        "trigger_id": "9.9.9",
        "actions": [{"type": "button", "block_id": "b", "action_ts": "1700000005.000100", **action}],
        "container": {"type": "view", "view_id": "V01"},
    }
    if on in ("message", "ephemeral"):
        where = {"message_ts": "1700001000.000100", "channel_id": CHANNEL, "is_ephemeral": on == "ephemeral"}
        body |= {"container": {"type": "message", **where}, "channel": {"id": CHANNEL}, "response_url": url}
    else:
        body["view"] = {"id": "V01", "type": "home" if on == "home" else "modal", "callback_id": ""}
    return {**body, **more}


def shortcut(text: str, *, url: str = "", **more: Any) -> dict[str, Any]:
    """A message shortcut, as Slack sends it."""
    said = {"type": "message", "user": "U77", "ts": "1700000000.000200", "text": text}
    return {
        "type": "message_action",
        "callback_id": "what_code",
        "trigger_id": "7.7.7",
        "response_url": url,
        "team": {"id": WORKSPACE, "domain": "clinic"},
        "channel": {"id": CHANNEL, "name": "billing"},
        "user": {"id": PERSON, "name": "not.kept", "team_id": WORKSPACE},
        "message_ts": said["ts"],
        "message": {**said, **more},
    }


def edited(text: str, before: str, ts: str = "1700000000.000100", at: str = "1700000050.000000", **more: Any) -> Any:
    """A direct message that its author edited."""
    inner = {"type": "message", "user": PERSON, "ts": ts, "text": text, "edited": {"user": PERSON, "ts": at}, **more}
    previous = {"type": "message", "user": PERSON, "ts": ts, "text": before}
    told = {"message": inner, "previous_message": previous, "user": None}
    return direct_message("", ts=at, subtype="message_changed", **told)


def deleted(ts: str = "1700000000.000100") -> dict[str, Any]:
    """A direct message that was deleted."""
    return direct_message("", ts="1700000060.000000", subtype="message_deleted", deleted_ts=ts, user=None)


def home_opened(tab: str, person: str = PERSON) -> dict[str, Any]:
    """Somebody opens the app."""
    return event("app_home_opened", "", tab=tab, channel=DM, user=person)


def form(fields: dict[str, str]) -> str:
    return urlencode(fields)
