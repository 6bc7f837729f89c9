"""Two web processes on one Postgres: each question is logged once and answered once, also when one is killed."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlmodel import Session

from bot.database import make_engine, migrate
from bot.question_log import QuestionFilter, QuestionRow, read_questions
from tests.handlers.slack_stand_in import SlackStandIn, direct_message, signed, slack_stand_in
from tests.handlers.test_doors import STAIRS
from tests.handlers.test_socket_mode import FINISHED_WITHIN
from tests.handlers.test_watching import IMPATIENT, started

TAKEN_OVER_WITHIN = 40.0  # seconds on a machine that is busy


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    async with slack_stand_in() as stand_in:
        yield stand_in


async def send(http: aiohttp.ClientSession, port: int, number: int, retry: int = 0) -> bool:
    """A direct message of a person of its own, or Slack's sending it again; was it accepted?"""
    body = json.dumps(direct_message(STAIRS, ts=f"17000000{number:02}.000100", channel=f"D{number:02}"))
    headers = signed(body, "application/json") | ({"x-slack-retry-num": str(retry)} if retry else {})
    try:
        async with http.post(f"http://127.0.0.1:{port}/slack/events", data=body, headers=headers) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


def logged(database_url: str) -> Sequence[QuestionRow]:
    engine = make_engine(database_url)
    with Session(engine) as session:
        rows = list(read_questions(session, QuestionFilter()))
    engine.dispose()
    return rows


def answered(slack: SlackStandIn) -> Counter[str]:
    """How often each question's answer stands in Slack."""
    return Counter(one["metadata"]["event_payload"]["question"] for one in slack.standing)


async def until_answered(slack: SlackStandIn, database_url: str, expected: set[str]) -> None:
    """Wait until every answer stands, and the log knows it."""
    while True:
        rows = await asyncio.to_thread(logged, database_url)
        if set(answered(slack)) == expected and all(row.fate == "posted" for row in rows):
            return
        await asyncio.sleep(0.5)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_two_processes_answer_each_question_once_and_one_takes_over_what_a_killed_one_had_accepted(
    slack: SlackStandIn, database_url: str, tmp_path: Path, unused_tcp_port_factory: Any
) -> None:
    engine = make_engine(database_url)
    migrate(engine)
    engine.dispose()
    ports = unused_tcp_port_factory(), unused_tcp_port_factory()
    first, second = await asyncio.gather(
        *(started(slack, tmp_path, port, "--http", IMPATIENT, DATABASE_URL=database_url) for port in ports)
    )

    async with aiohttp.ClientSession() as http:
        both = [send(http, port, number, retry) for number in range(20) for retry, port in enumerate(ports)]
        assert all(await asyncio.gather(*both))
        slack.hold_posts = asyncio.Event()
        accepted = await asyncio.gather(*(send(http, ports[0], number) for number in range(20, 30)))
        underway = asyncio.gather(*(send(http, ports[0], number) for number in range(30, 40)))
        first.kill()
        accepted += await underway
        slack.hold_posts.set()
        await asyncio.gather(
            *(send(http, ports[1], number, 1) for number in range(20, 40) if not accepted[number - 20])
        )
    expected = {f"message:D{number:02}:17000000{number:02}.000100" for number in range(40)}
    async with asyncio.timeout(TAKEN_OVER_WITHIN):
        await until_answered(slack, database_url, expected)
    second.terminate()
    await asyncio.wait_for(second.communicate(), FINISHED_WITHIN)
    await first.communicate()

    assert set(answered(slack).values()) == {1}
    assert Counter(row.delivery for row in logged(database_url)) == Counter(expected)
    assert second.returncode == 0
