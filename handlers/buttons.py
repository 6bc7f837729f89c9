"""The buttons of a reply: choose, read on, ask why, share, say whether it helped."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View

from bot.bot import Bot
from bot.reply import Reply, escape_for_slack
from handlers.blocks import SHARE, VOTE, message
from handlers.payloads import Pressed, key_of, pressed_question, read_expected, read_pressed
from handlers.posting import Post, Poster
from handlers.replying import KeptFate
from handlers.views import EXPECTED, answer_modal, expected_modal

_VOTES = {"vote_up": 1, "vote_down": -1}
NOT_SHARED = "I could not share it: I may not write here. Add me to the channel, or ask again and share that answer."
GONE = Reply(title="That question is no longer kept", sections=("Please ask it again.",))


def register(app: AsyncApp, bot: Bot, poster: Poster) -> None:
    """Listen to the buttons, and to the modal that asks what was expected."""
    shelf = _Shelf(bot, poster)
    for name, press in shelf.presses.items():
        _listen(app, name, press)

    @app.view(EXPECTED)
    async def keep_expected(body: dict[str, Any]) -> None:
        key, text = read_expected(body)
        if text:
            await bot.earlier.expect(key, str((body.get("user") or {}).get("id") or ""), text)


def _listen(app: AsyncApp, name: str, press: Callable[[Pressed], Awaitable[None]]) -> None:
    @app.block_action(re.compile(rf"^{name}(?::\d+)?$"))
    async def act(body: dict[str, Any], context: AsyncBoltContext) -> None:
        await press(read_pressed(body, context.bot_token))


class _Shelf:
    """What each button does."""

    def __init__(self, bot: Bot, poster: Poster) -> None:
        self._bot = bot
        self._poster = poster
        self.presses: dict[str, Callable[[Pressed], Awaitable[None]]] = {
            "pick": self.pick,
            "again": self.again,
            "details": self.details,
            "why": self.why,
            "ask": self.ask,
            SHARE: self.share,
            VOTE: self.vote,
        }

    async def pick(self, pressed: Pressed) -> None:
        """The card settles into the chosen answer."""
        self._settle(pressed, await self._bot.earlier.pick(pressed.about, pressed.value))

    async def again(self, pressed: Pressed) -> None:
        """Back to the choice."""
        self._settle(pressed, await self._bot.earlier.again(pressed.about))

    async def details(self, pressed: Pressed) -> None:
        """All about the code, in a window."""
        self._show(pressed, await self._bot.earlier.details(pressed.about))

    async def why(self, pressed: Pressed) -> None:
        """The reasons, in a window."""
        self._show(pressed, await self._bot.earlier.why(pressed.about))

    async def vote(self, pressed: Pressed) -> None:
        """Count the vote; one that says no is asked what was expected."""
        vote = _VOTES.get(pressed.value)
        counted = vote is not None and await self._bot.earlier.vote(pressed.about, pressed.person, vote)
        if vote == _VOTES["vote_down"] and counted and pressed.trigger:
            self._open(pressed, expected_modal(pressed.about))

    async def share(self, pressed: Pressed) -> None:
        """The private answer for the whole channel, which needs no membership there."""
        reply = await self._bot.earlier.now(pressed.about)
        if reply is None:
            self._show(pressed, None)
            return
        shared = replace(reply, small=(*reply.small, f"Shared by <@{pressed.person}>"))
        public = {"response_type": "in_channel", "replace_original": False, **message(shared, pressed.about)}
        private = {"response_type": "ephemeral", "replace_original": True, **message(reply, pressed.about)}
        self._poster.start(self._share(pressed, public, private))

    async def ask(self, pressed: Pressed) -> None:
        """An example, or an own earlier question, asked with a click."""
        question = pressed_question(pressed)
        reply = await self._bot.ask(question) if question.text else None
        if reply is None:
            return
        about = key_of(question)
        if pressed.view or not pressed.channel:
            self._open(pressed, answer_modal(reply, about))
        elif pressed.is_ephemeral:
            body = {"replace_original": False, **message(reply, about, private=True)}
            self._poster.start(self._tell_privately(pressed, body))
        else:
            asked = replace(reply, small=(*reply.small, f"Asked by click: {escape_for_slack(question.text)}"))
            kept = KeptFate(self._bot, about, is_claimed=False)
            where = (pressed.channel, pressed.thread, pressed.token)
            self._poster.post(Post(asked, *where, about, pressed.person, kept=kept))

    def _settle(self, pressed: Pressed, reply: Reply | None) -> None:
        """Put a reply in the place of the one whose button was pressed."""
        if reply is None:
            self._show(pressed, None)
        elif pressed.view:
            view = answer_modal(reply, pressed.about)
            self._poster.start(self._poster.client.views_update(view_id=pressed.view, view=view, token=pressed.token))
        elif pressed.is_ephemeral:
            body = {"replace_original": True, **message(reply, pressed.about, private=True)}
            self._poster.start(self._tell_privately(pressed, body))
        else:
            self._poster.update(
                reply, channel=pressed.channel, ts=pressed.message, token=pressed.token, about=pressed.about
            )

    async def _tell_privately(self, pressed: Pressed, body: dict[str, Any]) -> None:
        """By the response_url; where that has expired, anew."""
        if await self._poster.respond(pressed.response_url, {"response_type": "ephemeral", **body}):
            return
        given: dict[str, Any] = {"channel": pressed.channel, "user": pressed.person, "token": pressed.token}
        if pressed.thread:
            given["thread_ts"] = pressed.thread
        said = {key: body[key] for key in ("text", "blocks") if key in body}
        await self._poster.client.chat_postEphemeral(**given, **said)

    async def _share(self, pressed: Pressed, public: dict[str, Any], private: dict[str, Any]) -> None:
        if await self._poster.respond(pressed.response_url, public):
            await self._poster.respond(pressed.response_url, private)
            return
        said = {key: public[key] for key in ("text", "blocks")}
        try:
            await self._poster.client.chat_postMessage(channel=pressed.channel, token=pressed.token, **said)
        except SlackApiError:
            await self._tell_privately(pressed, {"replace_original": False, "text": NOT_SHARED})

    def _show(self, pressed: Pressed, reply: Reply | None) -> None:
        """Show a reply in a window to the one who pressed."""
        self._open(pressed, answer_modal(reply or GONE))

    def _open(self, pressed: Pressed, view: View) -> None:
        """Open a window, or lay it over the one in which the button stands."""
        client = self._poster.client
        given: dict[str, Any] = {"trigger_id": pressed.trigger, "view": view, "token": pressed.token}
        if pressed.trigger:
            self._poster.start(client.views_push(**given) if pressed.view else client.views_open(**given))
