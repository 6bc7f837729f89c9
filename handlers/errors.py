"""The one error handler: logs with an id, tells the asker the id and nothing else."""

import json
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_bolt.error import BoltUnhandledRequestError

from bot.faults import away_reply, error_reply, log_fault
from bot.question_log import ComesAgainError, LogAwayError
from bot.reply import Reply
from handlers.payloads import Payload, is_from_a_person
from handlers.posting import Post, Poster
from handlers.views import answer_modal


def register(app: AsyncApp, poster: Poster) -> None:
    """Handle what any listener raises."""

    @app.error
    async def tell_the_asker(error: Exception, body: dict[str, Any], context: AsyncBoltContext) -> BoltResponse:
        if isinstance(error, BoltUnhandledRequestError):
            return BoltResponse(status=200, body="")  # nobody listens to it, and Slack need not send it again
        if isinstance(error, ComesAgainError) or (isinstance(error, LogAwayError) and _has_no_reader(body)):
            return BoltResponse(status=503, body="")  # Slack sends it again, in a minute and in five
        reply = away_reply() if isinstance(error, LogAwayError) else error_reply(log_fault(error))
        if "command" in body:
            return BoltResponse(
                status=200,
                headers={"content-type": "application/json"},
                body=json.dumps({"response_type": "ephemeral", "text": reply.text}),
            )
        if context.authorize_result is None:
            return BoltResponse(status=503, body="")  # by whose token to answer is not known: nothing is called
        if isinstance(body.get("response_url"), str):
            poster.start(poster.respond(body["response_url"], {"replace_original": False, "text": reply.text}))
        elif isinstance(body.get("trigger_id"), str) and isinstance(body.get("view"), dict):
            poster.start(_show(body, reply, poster, context.bot_token))
        _post_where_asked(body, reply, poster, context.bot_token)
        return BoltResponse(status=200, body="")


def _has_no_reader(body: Payload) -> bool:
    """Is it an event that nobody typed, such as an edit or a deletion?"""
    event = body.get("event")
    return isinstance(event, dict) and not (event.get("channel") and is_from_a_person(event))


async def _show(body: Payload, reply: Reply, poster: Poster, token: str | None) -> None:
    """In a window, over the one that is open."""
    given: dict[str, Any] = {"trigger_id": body["trigger_id"], "view": answer_modal(reply), "token": token}
    is_over_another = body["view"].get("type") == "modal"
    await (poster.client.views_push(**given) if is_over_another else poster.client.views_open(**given))


def _post_where_asked(body: Payload, reply: Reply, poster: Poster, token: str | None) -> None:
    event = body.get("event")
    if isinstance(event, dict) and event.get("channel") and is_from_a_person(event):
        thread = event.get("thread_ts") or (event.get("ts") if event.get("type") == "app_mention" else None)
        poster.post(Post(reply, event["channel"], thread, token))
