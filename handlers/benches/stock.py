"""Stock Bolt with an empty slash command, to measure against: `python -m handlers.benches.stock PORT [floor]`."""

import logging
import sys

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from handlers.benches.signing import SECRET
from handlers.slash_command import COMMAND

FLOOR = "floor"  # Bolt acknowledges when the handler returns, rather than looking every 10 ms whether it did


def make_stock(*, is_floor: bool) -> Starlette:
    """`AsyncApp` as it comes, or with process_before_response, and a handler that acknowledges and does nothing."""

    async def authorize(**_: object) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T01", bot_token="xoxb-1", bot_user_id="UBOT")  # noqa: S106

    logging.basicConfig(level=logging.ERROR)  # as our own server has it
    app = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=is_floor)

    @app.command(COMMAND)
    async def do_nothing(ack: AsyncAck) -> None:
        await ack()

    handler = AsyncSlackRequestHandler(app)

    async def take(request: Request) -> Response:
        return await handler.handle(request)

    async def is_alive(_: Request) -> Response:
        return PlainTextResponse("ok")

    return Starlette(routes=[Route("/slack/events", take, methods=["POST"]), Route("/healthz", is_alive)])


if __name__ == "__main__":
    uvicorn.run(make_stock(is_floor=FLOOR in sys.argv), port=int(sys.argv[1]), log_config=None, access_log=False)
