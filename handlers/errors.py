"""The one error handler: logs with an id, tells the asker the id and nothing else."""

import json
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_bolt.error import BoltUnhandledRequestError

from bot.faults import error_reply, log_fault
from bot.reply import Reply
from handlers.payloads import Payload, is_from_a_person
from handlers.posting import Post, Poster


def register(app: AsyncApp, poster: Poster) -> None:
    """Handle what any listener raises."""

    @app.error
    async def tell_the_asker(error: Exception, body: dict[str, Any], context: AsyncBoltContext) -> BoltResponse:
        if isinstance(error, BoltUnhandledRequestError):
            return BoltResponse(status=200, body="")  # nobody listens to it, and Slack need not send it again
        error_id = log_fault(error)
        reply = error_reply(error_id)
        if "command" in body:
            return BoltResponse(
                status=200,
                headers={"content-type": "application/json"},
                body=json.dumps({"response_type": "ephemeral", "text": reply.text}),
            )
        if isinstance(body.get("response_url"), str):
            poster.start(poster.respond(body["response_url"], {"replace_original": False, "text": reply.text}))
        _post_where_asked(body, reply, poster, context.bot_token)
        return BoltResponse(status=200, body="")


def _post_where_asked(body: Payload, reply: Reply, poster: Poster, token: str | None) -> None:
    event = body.get("event")
    if isinstance(event, dict) and event.get("channel") and is_from_a_person(event):
        thread = event.get("thread_ts") or (event.get("ts") if event.get("type") == "app_mention" else None)
        poster.post(Post(reply, event["channel"], thread, token))
