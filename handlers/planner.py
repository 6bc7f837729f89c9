"""The visit planner: pick what was done, type the minutes, get the visit's units. From App Home or a shortcut."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.bot import Bot
from bot.examples import codes_like
from handlers.payloads import key_of, planned_question
from handlers.posting import Poster
from handlers.views import PLAN, answer_modal, found_options, planner_modal

NAME = "Plan a visit"  # as the manifest has it
MOST_FOUND = 20  # codes that are offered while somebody types
NOTHING_CHOSEN = {"done_0": "Choose at least one service."}


def register(app: AsyncApp, bot: Bot, poster: Poster) -> None:
    """Listen to the shortcut, to the button in App Home, and to the planner itself."""

    async def open_planner(body: dict[str, Any], context: AsyncBoltContext) -> None:
        trigger = str(body.get("trigger_id") or "")
        call = poster.client.views_open(trigger_id=trigger, view=planner_modal(), token=context.bot_token)
        poster.start(call)

    app.global_shortcut(PLAN)(open_planner)
    app.block_action(PLAN)(open_planner)

    @app.options(PLAN)
    async def offer_codes(ack: AsyncAck, body: dict[str, Any]) -> None:
        typed = str(body.get("value") or "")
        await ack(options=found_options(codes_like(typed, bot.index, MOST_FOUND)))

    @app.view(PLAN)
    async def count_visit(ack: AsyncAck, body: dict[str, Any]) -> None:
        question = planned_question(body)
        reply = await bot.ask(question) if question.text else None
        if reply:
            await ack(response_action="update", view=answer_modal(reply, key_of(question)))
        elif not question.text:
            await ack(response_action="errors", errors=NOTHING_CHOSEN)
