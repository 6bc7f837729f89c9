"""The pages for those who watch a process: is it alive, can it take questions, what has it done."""

import hmac
from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from handlers.app import SlackApp
from handlers.finding import Finding
from handlers.health import find_health


def watching_routes(
    slack: SlackApp, metrics_token: str | None, connection: Callable[[], Awaitable[Finding]] | None = None
) -> list[Route]:
    """`/healthz`, `/readyz` and, where a token is set, `/metrics`: what listens to Slack is open to the world.

    `connection` tells of the one to Slack, where the process needs one that stands.
    """

    async def is_alive(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def is_ready(_: Request) -> Response:
        found = await find_health(slack.bot)
        if connection:
            found.append(await connection())
        status = 200 if all(one.is_well for one in found) else 503
        return PlainTextResponse("".join(f"{one.line}\n" for one in found), status_code=status)

    async def show_metrics(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {metrics_token}".encode()):
            return PlainTextResponse("", status_code=401, headers={"www-authenticate": "Bearer"})
        return Response(slack.metrics.page(), media_type=CONTENT_TYPE_LATEST)

    routes = [Route("/healthz", is_alive, methods=["GET"]), Route("/readyz", is_ready, methods=["GET"])]
    return [*routes, Route("/metrics", show_metrics, methods=["GET"])] if metrics_token else routes
