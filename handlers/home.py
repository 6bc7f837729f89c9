"""App Home: how to ask, a box to ask in, the codes by family, one's own questions; the first hello, and what to ask."""

import asyncio
import re
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from bot.bot import Bot
from bot.examples import codes_of, families
from bot.question_log import LogAwayError
from handlers.curator_work import curator_work
from handlers.payloads import HOME, key_of, pressed_question, read_chosen, read_pressed, workspace_of
from handlers.posting import Post, Poster
from handlers.views import ASK, ENTRY, FAMILY, FORGET, answer_modal, family_modal, home

EVENT = "app_home_opened"
PROMPTS_TITLE = "Try one of these"


def register(app: AsyncApp, bot: Bot, poster: Poster) -> None:
    """Listen to the opening of App Home, and to what is typed and chosen there."""
    _listen_to_opening(app, bot, poster)
    _listen_to_asking(app, bot, poster)
    _listen_to_browsing(app, bot, poster)
    _listen_to_forgetting(app, bot, poster)


def _listen_to_opening(app: AsyncApp, bot: Bot, poster: Poster) -> None:
    @app.event(EVENT)
    async def open_home(event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext) -> None:
        person, workspace, channel = str(event.get("user") or ""), workspace_of(body), event.get("channel")
        if person and event.get("tab") == HOME:
            await _publish(bot, poster, workspace, person, context)
        elif person and event.get("tab") == "messages" and isinstance(channel, str):
            _suggest(bot, poster, channel, context.bot_token)
            reply = await bot.earlier.greeting(workspace, person)
            if reply:
                poster.post(Post(reply, channel, token=context.bot_token))


def _suggest(bot: Bot, poster: Poster, channel: str, token: str | None) -> None:
    """Today's examples to click in the agent view. They belong to no thread: in one, Slack would not show them."""
    prompts = [{"title": one.label, "message": one.value} for one in bot.earlier.help().buttons]
    given: dict[str, Any] = {"channel_id": channel, "title": PROMPTS_TITLE, "token": token}
    poster.start(poster.client.assistant_threads_setSuggestedPrompts(prompts=prompts, **given))


def _listen_to_asking(app: AsyncApp, bot: Bot, poster: Poster) -> None:
    @app.block_action(ASK)
    async def answer_in_window(body: dict[str, Any], context: AsyncBoltContext) -> None:
        pressed = read_chosen(body, context.bot_token)
        question = pressed_question(pressed)
        reply = await bot.ask(question) if question.text.strip() else None
        if reply:
            view = answer_modal(reply, key_of(question))
            poster.start(poster.client.views_open(trigger_id=pressed.trigger, view=view, token=pressed.token))
            await _publish(bot, poster, pressed.workspace, pressed.person, context)


def _listen_to_browsing(app: AsyncApp, bot: Bot, poster: Poster) -> None:
    @app.block_action(FAMILY)
    async def show_family(body: dict[str, Any], context: AsyncBoltContext) -> None:
        pressed = read_chosen(body, context.bot_token)
        family = next((one for one in families(bot.index.library) if one.key == pressed.value), None)
        if family:
            view = family_modal(family, codes_of(family.key, bot.index.library))
            poster.start(poster.client.views_open(trigger_id=pressed.trigger, view=view, token=pressed.token))

    @app.block_action(re.compile(f"^{ENTRY}:"))
    async def show_entry(body: dict[str, Any], context: AsyncBoltContext) -> None:
        pressed = read_pressed(body, context.bot_token)
        if pressed.value in bot.index.library.entries:
            view = answer_modal(bot.describe(pressed.value, pressed.workspace))
            poster.start(poster.client.views_push(trigger_id=pressed.trigger, view=view, token=pressed.token))


def _listen_to_forgetting(app: AsyncApp, bot: Bot, poster: Poster) -> None:
    @app.block_action(FORGET)
    async def forget_own(body: dict[str, Any], context: AsyncBoltContext) -> None:
        pressed = read_pressed(body, context.bot_token)
        if pressed.person:
            await asyncio.wrap_future(bot.log.forget_person(pressed.workspace, pressed.person))
        await _publish(bot, poster, pressed.workspace, pressed.person, context)


async def _publish(bot: Bot, poster: Poster, workspace: str, person: str, context: AsyncBoltContext) -> None:
    try:
        recent = await bot.earlier.recent(workspace, person)
    except LogAwayError:
        recent = None
    help_, shelves = bot.earlier.help(), families(bot.index.library)

    async def publish() -> None:
        work = await curator_work(bot, poster, workspace, person, context)
        view = home(help_, shelves, recent, work)
        await poster.client.views_publish(user_id=person, view=view, token=context.bot_token)

    poster.start(publish())
