"""Who may ask: in channels shared with other companies, only members of the workspace that installed the app."""

from collections.abc import Awaitable, Callable
from typing import Literal

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncBoltRequest
from slack_bolt.middleware.async_middleware import AsyncMiddleware

from handlers.payloads import Payload, is_deletion, is_from_a_person
from handlers.posting import Poster

WhoMayAsk = Literal["members", "anyone"]
NOT_FOR_STRANGERS = "I answer members of the workspace that installed me, and you are here from another one."


def register(app: AsyncApp, poster: Poster, who: WhoMayAsk) -> None:
    """Stand before all doors. A stranger is told so, unseen by the others, and leaves no trace in the log."""
    if who == "members":
        app.use(_Keeper(poster))


class _Keeper(AsyncMiddleware):
    """Lets members pass. A class, for Bolt gathers all that a function might ask for anew at every request."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002
    ) -> BoltResponse:
        body, context = req.body, req.context
        event = body.get("event")
        if isinstance(event, dict) and is_deletion(event):
            return await next()  # whoever deletes a message, its words are forgotten
        if not is_stranger(body, home_of(context), is_whole=bool(context.is_enterprise_install)):
            return await next()
        if isinstance(event, dict) and event.get("channel") and is_from_a_person(event):
            said = {"channel": event["channel"], "user": event["user"], "text": NOT_FOR_STRANGERS}
            self._poster.start(self._poster.client.chat_postEphemeral(**said, token=context.bot_token))
        if "command" in body:
            return BoltResponse(status=200, body={"response_type": "ephemeral", "text": NOT_FOR_STRANGERS})
        return BoltResponse(status=200, body="")


def home_of(context: AsyncBoltContext) -> frozenset[str]:
    """The ids of the workspace that installed the app, and of its organisation."""
    told = context.authorize_result
    return frozenset(one for one in (told and told.team_id, told and told.enterprise_id) if one)


def is_stranger(body: Payload, home: frozenset[str], *, is_whole: bool) -> bool:
    """Is whoever asks from another company? Where Slack names no workspace, only a shared channel makes one suspect.

    `is_whole`: the app is installed to all of an organisation. Its workspaces are all at home, and in a shared channel
    the one through which Slack told of the event.
    """
    event = body.get("event")
    said = _said(event) if isinstance(event, dict) else {}
    user = body.get("user")
    teams = {said.get("user_team") or said.get("source_team") or said.get("team")}
    teams |= {user.get("team_id")} if isinstance(user, dict) else set()
    teams -= {None, ""}
    if teams & home:
        return False
    is_shared = body.get("is_ext_shared_channel") is True
    if is_whole:
        return is_shared and not teams & {one.get("team_id") for one in body.get("authorizations") or ()}
    return bool(teams) or (is_shared and bool(said))


def _said(event: Payload) -> Payload:
    """The message that an event is about; of an edit Slack tells the author's workspace inside the message alone."""
    inner = event.get("message") or event.get("previous_message")
    return inner if event.get("subtype") == "message_changed" and isinstance(inner, dict) else event
