"""A Slack of our own on this machine: the Web API as far as the doors use it, Socket Mode, signed requests."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

SECRET = "0123456789abcdef0123456789abcdef"
BOT_TOKEN = "xoxb-1-test"
APP_TOKEN = "xapp-1-test"
WORKSPACE, CHANNEL, DM, PERSON, BOT_USER = "T01", "C01", "D01", "U01", "UBOT"
WITHIN = 10.0  # seconds in which what must happen has to have happened


@dataclass
class SlackStandIn:
    """What the stand-in was asked for, and how it answers."""

    posts: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    acknowledged: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    socket: asyncio.Future[web.WebSocketResponse] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    next_answers: list[web.Response] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    url: str = ""

    async def next_post(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.posts.get(), WITHIN)

    async def send(self, envelope: dict[str, Any]) -> dict[str, Any]:
        """Send an envelope over the socket; what the bot acknowledged it with."""
        socket = await asyncio.wait_for(asyncio.shield(self.socket), WITHIN)
        await socket.send_str(json.dumps(envelope))
        return await asyncio.wait_for(self.acknowledged.get(), WITHIN)

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.calls.append(method)
        if method == "auth.test":
            return web.json_response({"ok": True, "user_id": BOT_USER, "bot_id": "B01", "team_id": WORKSPACE})
        if method == "apps.connections.open":
            return web.json_response({"ok": True, "url": self.url.replace("http", "ws") + "socket"})
        if self.next_answers:
            return self.next_answers.pop(0)
        is_json = request.content_type == "application/json"
        body = await request.json() if is_json else dict(await request.post())
        body["token"] = request.headers.get("Authorization", "").removeprefix("Bearer ")
        await self.posts.put(body)
        return web.json_response({"ok": True, "channel": body["channel"], "ts": "1700000001.000100"})

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(json.dumps({"type": "hello", "num_connections": 1}))
        self.socket.set_result(socket)
        async for message in socket:
            if message.type == aiohttp.WSMsgType.TEXT and message.data.startswith("{"):
                await self.acknowledged.put(json.loads(message.data))
        return socket


@asynccontextmanager
async def slack_stand_in() -> AsyncIterator[SlackStandIn]:
    """A stand-in that listens on a free port of this machine."""
    stand_in = SlackStandIn()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", stand_in._call)
    app.router.add_get("/api/socket", stand_in._socket)
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


def form(fields: dict[str, str]) -> str:
    return urlencode(fields)
