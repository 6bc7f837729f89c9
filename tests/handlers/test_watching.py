"""What those who watch the service see: alive, ready, metrics, and logs that tell no question."""

import asyncio
import io
import json
import logging
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import IO, Any

import aiohttp
import pytest
import structlog
from aiohttp import web
from sqlalchemy import Engine, text
from sqlmodel import Session

from bot.bot import Bot
from bot.database import make_engine
from bot.logs import start_logs
from bot.question_log import LogStatus, QuestionFilter, read_questions
from handlers.health import away
from tests.handlers.conftest import Served, serving
from tests.handlers.slack_stand_in import (
    PERSON,
    SECRET,
    STARTS_WITHIN,
    WITHIN,
    WORKSPACE,
    SlackStandIn,
    command,
    direct_message,
    mention,
    signed,
    slack_stand_in,
)
from tests.handlers.test_doors import STAIRS
from tests.handlers.test_fates import now
from tests.handlers.test_socket_mode import FINISHED_WITHIN, environment, logged

TOKEN = "prometheus-reads-this"


async def read(served: Served, path: str, token: str = "") -> tuple[int, str]:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with served.http.get(served.url + path, headers=headers) as page:
        return page.status, await page.text()


def figures(page: str) -> dict[str, float]:
    lines = [line.rpartition(" ") for line in page.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


async def test_a_process_that_serves_is_alive_and_ready(served: Served) -> None:
    assert await read(served, "/healthz") == (200, "ok")
    status, told = await read(served, "/readyz")
    assert status == 200
    assert re.fullmatch(r"ok database: answers, at migration \d{4}\nok knowledge: \d+ codes loaded\n", told)


async def test_tables_that_the_program_may_not_work_on_make_it_unready(served: Served, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    status, told = await read(served, "/readyz")
    assert status == 503
    assert told.startswith("NO database: the database stands at migration 0001 and must be at")
    assert await read(served, "/healthz") == (200, "ok")


async def test_a_database_that_does_not_answer_makes_it_unready(served: Served, engine: Engine) -> None:
    broken = make_engine("postgresql+psycopg://u:s3cret@127.0.0.1:1/d")
    served.bot.log._engine = broken
    status, told = await read(served, "/readyz")
    served.bot.log._engine = engine
    assert (status, "NO database: DATABASE_URL: the database does not answer" in told) == (503, True)
    assert "s3cret" not in told


@pytest.mark.parametrize(("in_memory", "fault", "is_well"), [(0, None, True), (0, "OSError", False), (2, None, False)])
def test_while_the_database_is_away_it_is_well_as_long_as_questions_are_kept_on_the_disk(
    in_memory: int, fault: str | None, is_well: bool
) -> None:
    status = LogStatus(
        is_away=True,
        since=None,
        fault="OperationalError",
        waiting=5,
        on_disk=5 - in_memory,
        in_memory=in_memory,
        spool_fault=fault,
        in_touch_since=None,
    )
    assert away(status).is_well is is_well
    assert "5 changes of the log wait" in away(status).line


async def test_questions_requests_and_errors_are_counted_by_kind_and_nothing_else_is_told(
    bot: Bot, engine: Engine
) -> None:
    async with serving(bot, engine) as served:
        await served.send_command(command("xylophone stair training"))
        for retry in range(2):
            body = json.dumps(direct_message(STAIRS))
            headers = signed(body, "application/json") | ({"x-slack-retry-num": "1"} if retry else {})
            await served.send(body, "application/json", headers)
        await served.slack.next_post()
        served.slack.next_answers = [web.json_response({"ok": False, "error": "channel_not_found"}) for _ in range(2)]
        await served.send_event(direct_message("what is 97110", ts="1700000009.000100"))
        await served.app.poster.finish()
        await served.send("nonsense", "application/json")
        found = figures(served.app.metrics.page().decode())
        page = served.app.metrics.page().decode()
    asked = {name: value for name, value in found.items() if name.startswith("coding_helper_questions_total")}
    assert sum(asked.values()) == 3
    assert {re.findall(r'door="(\w+)"', name)[0] for name in asked} == {"slash_command", "direct_message"}
    assert found['coding_helper_acknowledgements_total{status="200",what="event"}'] == 3
    assert found['coding_helper_acknowledgements_total{status="400",what="refused"}'] == 1
    assert found['coding_helper_slack_retries_total{what="event"}'] == 1
    assert found['coding_helper_slack_errors_total{error="channel_not_found",method="chat.postMessage"}'] == 2
    assert found['coding_helper_posts_total{fate="posted"}'] == 1
    assert found['coding_helper_posts_total{fate="refused"}'] == 1
    assert found['coding_helper_request_seconds_count{what="command"}'] == 1
    assert found["coding_helper_finding_seconds_count"] == 3
    assert found['coding_helper_log_waiting{where="disk"}'] == 0
    assert found["coding_helper_database_away"] == 0
    for kept_out in ("xylophone", WORKSPACE, PERSON, "stair"):
        assert kept_out not in page


async def test_hostile_error_names_make_no_labels_of_their_own(served: Served) -> None:
    for error in ("x" * 3000, 'a"b', "", "é"):
        served.app.metrics.count_error("chat.postMessage", error)
    page = served.app.metrics.page().decode()
    assert figures(page)['coding_helper_slack_errors_total{error="other",method="chat.postMessage"}'] == 4


async def test_the_metrics_are_for_those_who_have_the_token(served: Served) -> None:
    assert (await read(served, "/metrics"))[0] == 404  # without METRICS_TOKEN there is no such page
    async with serving(served.bot, served.engine, metrics_token=TOKEN) as guarded:
        assert (await read(guarded, "/metrics"))[0] == 401
        assert (await read(guarded, "/metrics", "wrong-" + TOKEN))[0] == 401
        status, page = await read(guarded, "/metrics", TOKEN)
        assert (status, "coding_helper_database_away 0.0" in page) == (200, True)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the process would write, with the logs as `serve` begins them."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    start_logs("INFO")
    yield written
    structlog.reset_defaults()
    root.handlers[:], root.level = before


async def test_each_line_of_the_log_is_json_and_names_its_request(served: Served, lines: io.StringIO) -> None:
    await served.send("nonsense", "application/json")
    served.slack.next_answers = [web.json_response({"ok": False, "error": "invalid_auth"})]
    body = json.dumps(direct_message(STAIRS))
    await served.send(body, "application/json", signed(body, "application/json") | {"x-request-id": "from-outside-1"})
    await served.app.poster.finish()
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [one["event"][:21] for one in told] == ["a request was refused", "Slack no longer takes"]
    assert re.fullmatch(r"[0-9a-f]{16}", told[0]["request_id"])
    assert told[1]["request_id"] == "from-outside-1"


def test_a_librarys_fault_is_told_without_its_message(lines: io.StringIO) -> None:
    try:
        int("xylophone stair training")
    except ValueError as error:
        logging.getLogger("asyncio").error(f"never retrieved\nfuture: {error!r}", exc_info=error)  # noqa: G004, TRY400
    (line,) = lines.getvalue().splitlines()
    told = json.loads(line)
    assert (told["event"], told["library"], told["fault"]) == ("never retrieved", "asyncio", "ValueError")
    assert told["places"][-1].startswith("test_watching.py:")
    assert "xylophone" not in line


def test_a_databases_fault_quotes_no_question(engine: Engine) -> None:
    with pytest.raises(Exception, match="no_such_table") as error, engine.connect() as connection:
        connection.execute(text("SELECT * FROM no_such_table WHERE text = :asked"), {"asked": "xylophone"})
    assert "xylophone" not in str(error.value)


# Stopping, as a platform stops a process


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    async with slack_stand_in() as stand_in:
        yield stand_in


PROGRAM = ("-m", "handlers")
# The program, with claims that run out after two seconds instead of thirty.
IMPATIENT = (
    "-c",
    "from datetime import timedelta; from functools import partial; import bot.opening as opening\n"
    "opening.QuestionLog = partial(opening.QuestionLog, lease=timedelta(seconds=2))\n"
    "from handlers.terminal import main; main()",
)


async def started(
    slack: SlackStandIn,
    folder: Path,
    port: int,
    mode: str,
    program: tuple[str, ...] = PROGRAM,
    *,
    stderr: int | IO[bytes] = asyncio.subprocess.PIPE,
    **more: str,
) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *(*program, "serve", mode),
        env=environment(slack, folder, SLACK_SIGNING_SECRET=SECRET, PORT=str(port), **more),
        stderr=stderr,
    )
    async with asyncio.timeout(STARTS_WITHIN), aiohttp.ClientSession() as http:
        while process.returncode is None:
            try:
                async with http.get(f"http://127.0.0.1:{more.get('HEALTH_PORT', port)}/readyz") as page:
                    if page.status == 200:
                        break
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.1)
    return process


async def test_a_stop_under_load_loses_nothing_that_was_accepted(
    slack: SlackStandIn, tmp_path: Path, unused_tcp_port: int
) -> None:
    """Slack holds every post back until the process was told to stop; then all must come, and the log be whole."""
    process = await started(slack, tmp_path, unused_tcp_port, "--http")
    slack.hold_posts = asyncio.Event()
    accepted: list[str] = []

    async def ask(http: aiohttp.ClientSession, number: int) -> None:
        ts = f"17000000{number:02}.000100"
        body = json.dumps(direct_message(STAIRS, ts=ts))
        url = f"http://127.0.0.1:{unused_tcp_port}/slack/events"
        try:
            async with http.post(url, data=body, headers=signed(body, "application/json")) as answer:
                if answer.status == 200:
                    accepted.append(f"message:D01:{ts}")
        except aiohttp.ClientError:
            return  # not accepted: Slack sends it again, to whoever serves then

    async with aiohttp.ClientSession() as http:
        await asyncio.gather(*(ask(http, number) for number in range(20)))
        late = asyncio.gather(*(ask(http, number) for number in range(20, 40)))
        process.send_signal(signal.SIGTERM)
        await late
    slack.hold_posts.set()
    await asyncio.wait_for(process.communicate(), FINISHED_WITHIN + 10)
    assert process.returncode == 0
    assert len(accepted) >= 20
    rows = logged(tmp_path)
    assert {row.delivery for row in rows} == set(accepted)
    assert {one["metadata"]["event_payload"]["question"] for one in slack.standing} == set(accepted)
    assert len(slack.standing) == len(accepted)


@pytest.mark.parametrize("said", [direct_message, mention])
async def test_what_a_stop_finds_waiting_for_slack_is_answered_by_the_next_process(
    slack: SlackStandIn, engine: Engine, tmp_path: Path, unused_tcp_port: int, said: Callable[..., Any]
) -> None:
    """Slack takes no post for a minute, longer than a stop waits. It has the reply from the next process, once."""
    url = engine.url.render_as_string(hide_password=False)
    first = await started(slack, tmp_path, unused_tcp_port, "--http", DATABASE_URL=url)
    slack.next_answers = [limited_for(60)]
    slack.spared += ("assistant.threads.setStatus",)
    assert await tell(unused_tcp_port, said(STAIRS, now(0))) == 200
    async with asyncio.timeout(WITHIN):
        while "chat.postMessage" not in slack.calls:  # noqa: ASYNC110  # the stand-in tells nobody of a refusal
            await asyncio.sleep(0.01)
    first.send_signal(signal.SIGTERM)
    _, told = await asyncio.wait_for(first.communicate(), FINISHED_WITHIN)
    assert first.returncode == 0
    assert '"not_posted": 1' in told.decode()
    assert slack.standing == []

    second = await started(slack, tmp_path, unused_tcp_port, "--http", IMPATIENT, DATABASE_URL=url)
    await slack.next_post()
    second.send_signal(signal.SIGTERM)
    _, told = await asyncio.wait_for(second.communicate(), FINISHED_WITHIN)
    assert '"count": 1, "not_answered": 0' in told.decode()
    assert len(slack.standing) == 1
    with Session(engine) as session:
        assert [row.fate for row in read_questions(session, QuestionFilter())] == ["posted"]


async def test_a_stop_waits_for_slack_where_it_takes_posts_again_soon(
    slack: SlackStandIn, tmp_path: Path, unused_tcp_port: int
) -> None:
    process = await started(slack, tmp_path, unused_tcp_port, "--http")
    slack.next_answers = [limited_for(2)]
    slack.spared += ("assistant.threads.setStatus",)
    assert await tell(unused_tcp_port, mention(STAIRS, now(0))) == 200
    process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(process.communicate(), FINISHED_WITHIN)
    assert len(slack.standing) == 1
    assert [row.fate for row in logged(tmp_path)] == ["posted"]


def limited_for(seconds: int) -> web.Response:
    """Slack's answer to a call too many."""
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(seconds)})


async def tell(port: int, said: dict[str, Any]) -> int:
    """Send an event to a process; the status of its answer."""
    body = json.dumps(said)
    url = f"http://127.0.0.1:{port}/slack/events"
    headers = signed(body, "application/json")
    async with aiohttp.ClientSession() as http, http.post(url, data=body, headers=headers) as answer:
        return answer.status


async def test_in_socket_mode_those_who_watch_have_a_port_of_their_own(
    slack: SlackStandIn, tmp_path: Path, unused_tcp_port: int
) -> None:
    port = str(unused_tcp_port)
    process = await started(slack, tmp_path, unused_tcp_port, "--socket", METRICS_TOKEN=TOKEN, HEALTH_PORT=port)
    await slack.send({"type": "slash_commands", "envelope_id": "e1", "payload": command(STAIRS)})
    async with aiohttp.ClientSession(headers={"authorization": f"Bearer {TOKEN}"}) as http:
        async with http.get(f"http://127.0.0.1:{unused_tcp_port}/metrics") as page:
            found = figures(await page.text())
        async with http.post(f"http://127.0.0.1:{unused_tcp_port}/slack/events", data="x") as closed:
            assert closed.status == 404
    process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(process.communicate(), FINISHED_WITHIN)
    assert found['coding_helper_acknowledgements_total{status="200",what="command"}'] == 1
    assert process.returncode == 0
