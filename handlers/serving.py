"""Runs the bot for Slack, in Socket Mode or over HTTP, until it is told to stop."""

import asyncio
import gc
import signal
import socket as socket_module
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
import uvicorn
from aiohttp import ClientError
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from starlette.applications import Starlette
from structlog.contextvars import bound_contextvars

from bot.opening import open_bot
from bot.settings import Settings, SettingsError
from handlers.app import SlackApp, make_app, refused
from handlers.finding import Finding
from handlers.installations import check_installing, installations_of
from handlers.replying import keep_at_it
from handlers.retention import keep_for
from handlers.telling import keep_telling
from handlers.watching import watching_routes
from handlers.web import make_web
from handlers.wire import InOnePiece

PING_EVERY = 5.0  # seconds between signs of life on the socket
ENVELOPES = {"slash_commands": "command", "interactive": "interaction"}
BACKLOG = 2048  # connections that may wait to be taken, as uvicorn has it
MOST_UNSEEN = 10_000  # objects made and not gone before garbage is looked for; requests under way have thousands
STOP_WITHIN = 20  # seconds that requests under way get when the server is told to stop


def serve(settings: Settings, *, socket: bool, http: bool) -> None:
    """Serve Slack: Socket Mode where the app token is set, HTTP where the signing secret is, or as forced."""
    over_socket = socket or (not http and settings.slack_app_token is not None)
    if over_socket and settings.slack_app_token is None:
        raise SettingsError(
            "SLACK_APP_TOKEN: is missing; Socket Mode needs an App-Level Token (xapp-...) with connections:write"
        )
    if not over_socket and settings.slack_signing_secret is None:
        raise SettingsError(
            "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET: set the first for Socket Mode, the second for HTTP; "
            "without Slack, run: coding-helper chat"
        )
    check_installing(settings)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(settings, over_socket=over_socket))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The event loop that uvicorn would take: uvloop's, where there is one for the system."""
    return uvicorn.Config("", log_config=None).get_loop_factory()


async def _serve(settings: Settings, *, over_socket: bool) -> None:
    with open_bot(settings) as opened:
        slack = await make_app(settings, opened.bot, installations_of(settings, opened.engine, opened.bot.log))
        gc.set_threshold(MOST_UNSEEN)  # at Python's own 700 a fourth of a request's time went into looking
        catching_up = asyncio.create_task(keep_at_it(opened.bot, slack.poster, slack.token_of))
        telling = asyncio.create_task(keep_telling(opened.bot, slack.poster, slack.token_of, settings.digest_channel))
        forgetting = asyncio.create_task(keep_for(opened.bot.log, settings.retention_days))
        try:
            await (_serve_socket(settings, slack) if over_socket else _serve_http(settings, slack))
        finally:
            catching_up.cancel()
            telling.cancel()
            forgetting.cancel()
            await slack.poster.stop()


async def _serve_http(settings: Settings, slack: SlackApp) -> None:
    structlog.get_logger().info("serving over HTTP", host=settings.host, port=settings.port, path="/slack/events")
    server = http_server(make_web(slack, _token_of(settings)), settings.host, settings.port)
    # uvicorn sends itself the signal again once it has stopped; without these that would end the process at once.
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, server.handle_exit, number, None)
    await server.serve(sockets=[_listening(settings.host, settings.port, "PORT")])


def http_server(app: Starlette, host: str, port: int) -> uvicorn.Server:
    """The server of an application, not begun yet."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            http=InOnePiece,
            server_header=False,
            proxy_headers=False,  # nobody asks from where a request came: its signature tells
            timeout_graceful_shutdown=STOP_WITHIN,
        )
    )


def _listening(host: str, port: int, setting: str) -> socket_module.socket:
    family = socket_module.AF_INET6 if ":" in host else socket_module.AF_INET
    try:
        return socket_module.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        told = (
            f"{setting}: cannot listen at {host}, port {port} ({error.strerror}); choose another, or end what is there"
        )
        raise SettingsError(told) from None


def _token_of(settings: Settings) -> str | None:
    return settings.metrics_token.get_secret_value() if settings.metrics_token else None


def socket_handler(slack: SlackApp, token: str, ping_interval: float = PING_EVERY) -> AsyncSocketModeHandler:
    """Socket Mode, not connected yet. A socket that leaves four pings unanswered is taken for dead and opened anew."""
    handler = _Socket(slack, token, ping_interval)
    handler.client.message_listeners.append(_notice_others)
    return handler


class _Socket(AsyncSocketModeHandler):
    """Bolt's handler, whose envelopes are counted and named in the log."""

    def __init__(self, slack: SlackApp, token: str, ping_interval: float) -> None:
        super().__init__(slack.app, token, web_client=slack.client, ping_interval=ping_interval)
        self._metrics = slack.metrics

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        begun = time.perf_counter()
        with bound_contextvars(request_id=req.envelope_id):
            await super().handle(client, req)
        what = ENVELOPES.get(req.type, "event")
        seconds = time.perf_counter() - begun
        self._metrics.count_request(what, HTTPStatus.OK, seconds, is_repeat=bool(req.retry_attempt))


async def _notice_others(_: object, message: dict[str, Any], __: str | None) -> None:
    """Slack deals the events out among all connections of a token: a forgotten process takes its share of them."""
    count = message.get("num_connections")
    if message.get("type") == "hello" and isinstance(count, int) and count > 1:
        structlog.get_logger().warning(
            "another process is connected with the same app token and takes a share of the events", connections=count
        )


async def _serve_socket(settings: Settings, slack: SlackApp) -> None:
    assert settings.slack_app_token is not None  # noqa: S101  # serve() has seen to it
    handler = socket_handler(slack, settings.slack_app_token.get_secret_value())
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    watched = _watched(settings, slack, handler.client)
    connecting, stopping = asyncio.create_task(_connect(handler.client)), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((connecting, stopping), return_when=asyncio.FIRST_COMPLETED)
        if connecting.done():
            connecting.result()
            await stopping
    finally:
        connecting.cancel()
        await handler.client.close()  # type: ignore[no-untyped-call]
        if watched:
            watched.should_exit = True


async def _connect(client: SocketModeClient) -> None:
    """Connect, whatever it takes; slack_sdk goes on for ever, so that a token which Slack refuses is told first."""
    try:
        client.wss_uri = await client.issue_new_wss_url()
    except SlackApiError as error:
        raise refused(error, "SLACK_APP_TOKEN", "make an App-Level Token with connections:write") from None
    except (ClientError, OSError, TimeoutError) as error:
        structlog.get_logger().warning("Slack opens no connection yet", fault=type(error).__name__)
    await client.connect()  # type: ignore[no-untyped-call]
    structlog.get_logger().info("serving in Socket Mode")


def _watched(settings: Settings, slack: SlackApp, client: SocketModeClient) -> uvicorn.Server | None:
    """Socket Mode needs no address; where HEALTH_PORT is set those who watch have their pages there."""
    if settings.health_port is None:
        return None

    async def connection() -> Finding:
        if await client.is_connected():
            return Finding("Slack", True, "connected in Socket Mode")
        return Finding("Slack", False, "no connection stands; it is tried again and again")

    routes = watching_routes(slack, _token_of(settings), connection)
    server = http_server(Starlette(routes=routes), settings.host, settings.health_port)
    listening = _listening(settings.host, settings.health_port, "HEALTH_PORT")
    slack.poster.start(server.serve(sockets=[listening]))
    return server
