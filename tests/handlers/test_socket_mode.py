"""Socket Mode: the real command in a process of its own, real frames from a Slack of our own."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from sqlmodel import Session

from bot.database import make_engine
from bot.question_log import QuestionFilter, QuestionRow, read_questions
from tests.handlers.slack_stand_in import (
    APP_TOKEN,
    BOT_TOKEN,
    DM,
    STARTS_WITHIN,
    SlackStandIn,
    command,
    direct_message,
    mention,
    slack_stand_in,
)
from tests.handlers.test_doors import STAIRS, words

FINISHED_WITHIN = 15.0  # seconds


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    async with slack_stand_in() as stand_in:
        yield stand_in


def environment(slack: SlackStandIn, folder: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {
        **kept,
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_API_URL": slack.url,
        "DATABASE_URL": f"sqlite:///{folder / 'socket.db'}",
        **more,
    }


@pytest.fixture
async def worker(slack: SlackStandIn, tmp_path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "handlers", "serve"),
        env=environment(slack, tmp_path),
        stderr=asyncio.subprocess.PIPE,
    )
    yield process
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), FINISHED_WITHIN)


def logged(folder: Path) -> list[QuestionRow]:
    engine = make_engine(f"sqlite:///{folder / 'socket.db'}")
    with Session(engine) as session:
        rows = list(read_questions(session, QuestionFilter()))
    engine.dispose()
    return rows


async def test_every_door_answers_over_the_socket_with_the_same_words(
    slack: SlackStandIn, worker: asyncio.subprocess.Process, tmp_path: Path
) -> None:
    acknowledged = await slack.send({"type": "slash_commands", "envelope_id": "e1", "payload": command(STAIRS)})
    assert acknowledged["envelope_id"] == "e1"
    by_command = words(acknowledged["payload"])
    first = await slack.send({"type": "events_api", "envelope_id": "e2", "payload": direct_message(STAIRS)})
    assert first["envelope_id"] == "e2"
    post = await slack.next_post()
    assert post["channel"] == DM
    await slack.send({"type": "events_api", "envelope_id": "e3", "payload": mention(STAIRS, ts="1700000009.000100")})
    assert by_command == words(post) == words(await slack.next_post())
    assert {row.door for row in logged(tmp_path)} == {"slash_command", "direct_message", "mention"}
    assert worker.returncode is None


async def test_an_envelope_sent_again_is_acknowledged_and_answered_once(
    slack: SlackStandIn, worker: asyncio.subprocess.Process, tmp_path: Path
) -> None:
    for attempt in range(3):
        envelope = {"type": "events_api", "envelope_id": f"e{attempt}", "payload": direct_message(STAIRS)}
        assert (await slack.send({**envelope, "retry_attempt": attempt}))["envelope_id"] == f"e{attempt}"
    await slack.next_post()
    worker.send_signal(signal.SIGTERM)
    await asyncio.wait_for(worker.communicate(), FINISHED_WITHIN)
    assert slack.posts.empty()
    assert len(logged(tmp_path)) == 1
    assert worker.returncode == 0


async def test_a_stop_finishes_the_answer_under_way(slack: SlackStandIn, worker: asyncio.subprocess.Process) -> None:
    await slack.send({"type": "events_api", "envelope_id": "e1", "payload": direct_message(STAIRS)})
    worker.send_signal(signal.SIGTERM)
    assert "97116" in words(await slack.next_post())


@pytest.mark.parametrize("is_limited", [False, True], ids=["no connection is taken", "429"])
async def test_a_process_without_its_connection_shows_its_health_and_stops(
    slack: SlackStandIn, tmp_path: Path, unused_tcp_port: int, *, is_limited: bool
) -> None:
    if is_limited:
        slack.turned_away = {"apps.connections.open": "ratelimited"}
    slack.is_connecting = False
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "handlers", "serve"),
        env=environment(slack, tmp_path, HEALTH_PORT=str(unused_tcp_port)),
        stderr=asyncio.subprocess.PIPE,
    )
    ready, told = await health(unused_tcp_port)
    process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(process.communicate(), FINISHED_WITHIN)
    assert (ready, told.splitlines()[-1]) == (503, "NO Slack: no connection stands; it is tried again and again")
    assert process.returncode == 0


async def health(port: int) -> tuple[int, str]:
    """What /readyz says, once it answers."""
    async with asyncio.timeout(STARTS_WITHIN), aiohttp.ClientSession() as http:
        while True:
            try:
                async with http.get(f"http://127.0.0.1:{port}/readyz") as page:
                    return page.status, await page.text()
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.1)


async def test_an_app_token_that_slack_refuses_ends_the_start(slack: SlackStandIn, tmp_path: Path) -> None:
    slack.turned_away = {"apps.connections.open": "invalid_auth"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "handlers", "serve"),
        env=environment(slack, tmp_path),
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await asyncio.wait_for(process.communicate(), STARTS_WITHIN)
    assert told.decode().splitlines()[-1].startswith("SLACK_APP_TOKEN: Slack answers invalid_auth")
    assert process.returncode == 2


async def test_no_question_and_no_secret_stands_in_what_the_process_writes(slack: SlackStandIn, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "handlers", "serve", "--socket"),
        env=environment(slack, tmp_path, LOG_LEVEL="DEBUG"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    await slack.send({"type": "slash_commands", "envelope_id": "e1", "payload": command("xylophone stair training")})
    await slack.send({"type": "events_api", "envelope_id": "e2", "payload": direct_message("xylophone gait")})
    await slack.next_post()
    process.send_signal(signal.SIGTERM)
    written = b"".join(await asyncio.wait_for(process.communicate(), FINISHED_WITHIN)).decode()
    assert "serving in Socket Mode" in written
    for kept_out in ("xylophone", BOT_TOKEN, APP_TOKEN):
        assert kept_out not in written
