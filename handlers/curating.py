"""What curators do in Slack: teach from an answer or an open question, see what changes, publish; choose the digest."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.models.views import View

from bot.bot import Bot
from bot.clinic_tables import choose_digest_channel
from bot.examples import codes_like, topics_like
from bot.own_knowledge import OwnKnowledge, refusal
from bot.reply import Reply
from handlers.curator_views import (
    DIGEST,
    NOT_A_CURATOR,
    PUBLISH,
    SAYING,
    TEACH,
    TEACH_TO,
    TRY,
    Lesson,
    published_view,
    read_lesson,
    read_tried,
    target_options,
    teach_modal,
    tried_modal,
    waiting_view,
)
from handlers.curator_work import is_curator
from handlers.payloads import Pressed, read_pressed, workspace_of
from handlers.posting import Poster
from handlers.telling import tell_waiting
from handlers.views import answer_modal

MOST_FOUND = 20  # codes, and as many topics, that are offered while somebody types
GONE = Reply(title="That question is no longer kept", sections=("Teach it in the terminal: coding-helper teach",))
TRYING = "Asking the stored questions anew, to see what changes. This takes a few seconds."
PUBLISHING = "Publishing."


def register(app: AsyncApp, bot: Bot, poster: Poster) -> None:
    """Listen to the Teach buttons, to the windows behind them, and to the choice of a channel."""
    _listen_to_teaching(app, bot, poster)
    _listen_to_publishing(app, bot, poster)

    @app.block_action(DIGEST)
    async def choose_channel(body: dict[str, Any], context: AsyncBoltContext) -> None:
        pressed, channel = read_pressed(body, context.bot_token), body["actions"][0].get("selected_conversation")
        if isinstance(channel, str) and await _may_teach(bot, poster, body, context):
            await asyncio.to_thread(choose_digest_channel, bot.log.engine, pressed.workspace, channel[:40])


def _listen_to_teaching(app: AsyncApp, bot: Bot, poster: Poster) -> None:
    @app.block_action(re.compile(rf"^{TEACH}(?::\d+)?$"))
    async def open_lesson(body: dict[str, Any], context: AsyncBoltContext) -> None:
        pressed = read_pressed(body, context.bot_token)
        may = await _may_teach(bot, poster, body, context)
        _open(poster, pressed, await _lesson_view(bot, pressed) if may else answer_modal(NOT_A_CURATOR))

    @app.options(TEACH_TO)
    async def offer_targets(ack: AsyncAck, body: dict[str, Any]) -> None:
        typed, index = str(body.get("value") or "")[:100], bot.clinic(workspace_of(body)).index
        await ack(options=target_options(codes_like(typed, index, MOST_FOUND), topics_like(typed, index, MOST_FOUND)))

    @app.view(TRY)
    async def try_lesson(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        lesson = read_lesson(body["view"])
        errors = _errors(bot, workspace_of(body), lesson)
        if errors:
            await ack(response_action="errors", errors=errors)
        elif await _may_teach(bot, poster, body, context):
            await ack(response_action="update", view=waiting_view(TRYING))
            poster.start(_try(bot, poster, body, lesson, context.bot_token))
        else:
            await ack(response_action="update", view=answer_modal(NOT_A_CURATOR))


def _listen_to_publishing(app: AsyncApp, bot: Bot, poster: Poster) -> None:
    @app.view(PUBLISH)
    async def publish_lesson(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        lesson, workspace = read_tried(body["view"]), workspace_of(body)
        if lesson is None or _errors(bot, workspace, lesson) or not await _may_teach(bot, poster, body, context):
            await ack(response_action="update", view=answer_modal(NOT_A_CURATOR))
            return
        await ack(response_action="update", view=waiting_view(PUBLISHING))
        poster.start(_publish(bot, poster, body, lesson.own, context.bot_token))


async def _lesson_view(bot: Bot, pressed: Pressed) -> View:
    """The window in which a question is taught; of another workspace nobody sees anything."""
    row = await bot.earlier.find(pressed.about) if pressed.about.workspace == pressed.workspace else None
    if row is None or not row.text:
        return answer_modal(GONE)
    code = (row.picked or row.codes.split(" ")[0]) if row.codes else ""
    entry = bot.index.library.entries.get(code)
    return teach_modal(pressed.about, row.text, (code, entry.title) if entry else None)


async def _try(bot: Bot, poster: Poster, body: Mapping[str, Any], lesson: Lesson, token: str | None) -> None:
    """Replay, then show what changes in the place of the window that waits."""
    more = lesson.own
    replayed = await asyncio.to_thread(bot.teacher.try_out, workspace_of(body), lambda own: own.with_more(more))
    await poster.client.views_update(view_id=body["view"]["id"], view=tried_modal(lesson, replayed), token=token)


async def _publish(bot: Bot, poster: Poster, body: Mapping[str, Any], more: OwnKnowledge, token: str | None) -> None:
    published = await asyncio.to_thread(bot.teacher.publish, workspace_of(body), lambda own: own.with_more(more))
    view = published_view(published.told)
    await poster.client.views_update(view_id=body["view"]["id"], view=view, token=token)
    await tell_waiting(bot, poster, {workspace_of(body): token})


def _errors(bot: Bot, workspace: str, lesson: Lesson) -> dict[str, str]:
    """What is wrong with a lesson, by the block that must be mended."""
    shelf, _, key = lesson.target.partition(":")
    library = bot.clinic(workspace).index.library
    if key not in ({"entries": library.entries, "topics": library.topics}.get(shelf) or {}):
        return {TEACH_TO: "Choose a code or a topic from the list."}
    try:
        texts = [*lesson.own.texts()]
    except ValidationError:
        return {SAYING: "Write a few words, at most 80 characters."}
    why = next(filter(None, map(refusal, texts)), None)
    return {SAYING: f"This {why}. Please leave them out."} if why else {}


async def _may_teach(bot: Bot, poster: Poster, body: Mapping[str, Any], context: AsyncBoltContext) -> bool:
    person = str((body.get("user") or {}).get("id") or "")
    return await is_curator(bot, poster, workspace_of(body), person, context)


def _open(poster: Poster, pressed: Pressed, view: View) -> None:
    """Open a window, or lay it over the one in which the button stands."""
    given: dict[str, Any] = {"trigger_id": pressed.trigger, "view": view, "token": pressed.token}
    if pressed.trigger:
        poster.start(poster.client.views_push(**given) if pressed.view else poster.client.views_open(**given))
