"""The one error handler: logs with an id, tells the asker the id and nothing else."""

import json
import traceback
from pathlib import Path
from typing import Any
from uuid import uuid4

import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from bot.reply import Reply
from handlers.payloads import Payload, is_from_a_person
from handlers.posting import Poster


def register(app: AsyncApp, poster: Poster) -> None:
    """Handle what any listener raises."""

    @app.error
    async def tell_the_asker(error: Exception, body: dict[str, Any], context: AsyncBoltContext) -> BoltResponse:
        error_id = log_fault(error)
        reply = error_reply(error_id)
        if "command" in body:
            return BoltResponse(
                status=200,
                headers={"content-type": "application/json"},
                body=json.dumps({"response_type": "ephemeral", "text": reply.text}),
            )
        _post_where_asked(body, reply, poster, context.bot_token)
        return BoltResponse(status=200, body="")


def log_fault(error: BaseException) -> str:
    """Put a fault in the log by its type and place, without its message, which may quote a question. Returns its id."""
    error_id = uuid4().hex[:8]
    places = [
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    structlog.get_logger().error(
        "a question could not be answered", error_id=error_id, fault=type(error).__name__, places=places[-8:]
    )
    return error_id


def error_reply(error_id: str) -> Reply:
    """What the asker is told."""
    return Reply(
        title="Something went wrong on my side",
        sections=(f"Please ask again. If it keeps failing, tell whoever runs this bot the id {error_id}.",),
    )


def _post_where_asked(body: Payload, reply: Reply, poster: Poster, token: str | None) -> None:
    event = body.get("event")
    if isinstance(event, dict) and event.get("channel") and is_from_a_person(event):
        thread = event.get("thread_ts") or (event.get("ts") if event.get("type") == "app_mention" else None)
        poster.post(reply, channel=event["channel"], thread=thread, token=token)
