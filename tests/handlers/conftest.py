"""A bot served over HTTP on this machine, with a Slack of our own beside it."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from bot.bot import Bot
from bot.question_log import QuestionFilter, QuestionRow, read_questions
from bot.settings import Settings
from handlers.app import SlackApp, make_app
from handlers.installations import installations_of
from handlers.serving import http_server
from handlers.web import make_web
from tests.handlers.slack_stand_in import BOT_TOKEN, SECRET, STARTS_WITHIN, SlackStandIn, form, signed, slack_stand_in


@dataclass
class Served:
    """A running bot: what to send it, and what stands in its log."""

    url: str
    slack: SlackStandIn
    app: SlackApp
    engine: Engine
    bot: Bot
    http: aiohttp.ClientSession

    async def send(self, body: str, content_type: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
        given = signed(body, content_type) if headers is None else headers
        async with self.http.post(f"{self.url}/slack/events", data=body.encode(), headers=given) as response:
            return response.status, await response.text()

    async def send_event(self, body: dict[str, Any]) -> int:
        status, _ = await self.send(json.dumps(body), "application/json")
        return status

    async def send_command(self, fields: dict[str, str]) -> dict[str, Any]:
        status, text = await self.send(form(fields), "application/x-www-form-urlencoded")
        assert status == 200
        return json.loads(text) if text else {}

    async def send_payload(self, payload: dict[str, Any]) -> tuple[int, str]:
        """A button, a shortcut or a view."""
        return await self.send(form({"payload": json.dumps(payload)}), "application/x-www-form-urlencoded")

    async def written(self) -> None:
        """Until nothing waits for the database, which a busy machine may make slow."""
        await asyncio.to_thread(self._wait_for_the_log)

    def _wait_for_the_log(self) -> None:
        end = time.monotonic() + STARTS_WITHIN
        while self.bot.log.status.waiting:
            assert time.monotonic() < end
            time.sleep(0.02)

    def logged(self) -> list[QuestionRow]:
        with Session(self.engine) as session:
            return list(read_questions(session, QuestionFilter()))


@asynccontextmanager
async def serving(bot: Bot, engine: Engine, **more: Any) -> AsyncIterator[Served]:
    """The bot served over HTTP, with settings of one's own."""
    async with slack_stand_in() as slack, aiohttp.ClientSession() as http:
        listening = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        given = {"slack_bot_token": BOT_TOKEN, "slack_signing_secret": SECRET, "public_url": url, **more}
        settings = Settings(slack_api_url=slack.url, _env_file=None, **given)
        made = await make_app(settings, bot, installations_of(settings, bot.log.engine, bot.log))
        server = http_server(make_web(made, more.get("metrics_token")), "127.0.0.1", 0)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        yield Served(url, slack, made, engine, bot, http)
        await made.poster.finish()
        server.should_exit = True
        await running


@pytest.fixture
async def served(bot: Bot, engine: Engine) -> AsyncIterator[Served]:
    async with serving(bot, engine) as running:
        yield running
