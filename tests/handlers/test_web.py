"""What others send over HTTP gets a 4xx, never a 5xx, and the process lives."""

import asyncio
import json
import time

import pytest
from structlog.testing import capture_logs

from tests.handlers.conftest import Served
from tests.handlers.slack_stand_in import command, direct_message, form, signed

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
async def lives(served: Served):  # type: ignore[no-untyped-def]
    """Whatever the test sent, a good question is answered afterwards."""
    yield
    answer = await served.send_command(command("what is 97530", trigger="after"))
    assert "97530" in json.dumps(answer)


async def test_a_wrong_signature_is_refused(served: Served) -> None:
    body = json.dumps(direct_message("97530"))
    status, _ = await served.send(body, JSON, signed(body, JSON, secret="f" * 32))
    assert status == 401
    assert served.logged() == []


async def test_an_answer_comes_in_one_piece(served: Served) -> None:
    body = form(command("97530"))
    told = {**signed(body, FORM), "host": "localhost", "content-length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    reader, writer = await asyncio.open_connection("127.0.0.1", int(served.url.rpartition(":")[2]))
    writer.write(f"POST /slack/events HTTP/1.1\r\n{head}\r\n{body}".encode())
    answer = await reader.read(100_000)  # what came of one writing
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert "97530" in json.loads(answer.partition(b"\r\n\r\n")[2])["text"]


async def test_a_stale_signature_is_refused(served: Served) -> None:
    body = form(command("97530"))
    status, _ = await served.send(body, FORM, signed(body, FORM, at=int(time.time()) - 600))
    assert status == 401
    assert served.logged() == []


async def test_a_signature_from_the_future_is_refused(served: Served) -> None:
    body = form(command("97530"))
    status, _ = await served.send(body, FORM, signed(body, FORM, at=int(time.time()) + 600))
    assert status == 401
    assert served.logged() == []


async def test_missing_headers_are_refused(served: Served) -> None:
    whole = signed(form(command("97530")), FORM)
    for missing in ("x-slack-signature", "x-slack-request-timestamp"):
        some = {name: value for name, value in whole.items() if name != missing}
        assert (await served.send(form(command("97530")), FORM, some))[0] == 401
    assert (await served.send(form(command("97530")), FORM, {"content-type": FORM}))[0] == 401
    assert served.logged() == []


@pytest.mark.parametrize("stamp", ["", "soon", "1e9", "-5", "١٢٣", "9" * 400])
async def test_a_time_stamp_that_is_no_number_is_refused(served: Served, stamp: str) -> None:
    body = form(command("97530"))
    headers = signed(body, FORM)
    headers["x-slack-request-timestamp"] = stamp
    with capture_logs() as told:
        status, _ = await served.send(body, FORM, headers)
    assert status == 401
    assert len(told) == 1
    assert served.logged() == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("{", JSON),
        ("", JSON),
        ("null", JSON),
        ("[]", JSON),
        ("5", JSON),
        ("{}", JSON),
        ('{"type": "event_callback"}', JSON),
        ('{"type": "event_callback", "event": 5}', JSON),
        ('{"type": "event_callback", "event": {"type": 7}}', JSON),
        ('{"type": "event_callback", "event": {"type": "message", "text": 5, "channel": []}}', JSON),
        ('{"type": "event_callback", "team_id": [], "event": {"type": "message"}}', JSON),
        ("payload=%7B", FORM),
        ("payload=null", FORM),
        ("payload=%5B%5D", FORM),
        ("[" * 50_000, JSON),
        ("{" + '"a":{' * 20_000, JSON),
    ],
)
async def test_a_malformed_body_with_a_good_signature_is_refused(served: Served, body: str, content_type: str) -> None:
    with capture_logs() as told:
        status, _ = await served.send(body, content_type)
    assert status == 400
    assert [(one["log_level"], one["status"]) for one in told] == [("warning", 400)]
    assert served.logged() == []


@pytest.mark.parametrize(
    "body",
    [
        "command=%2Fcode&text=97530",
        '{"type": "url_verification"}',
        '{"type": "view_submission", "view": 5}',
        '{"type": "block_actions", "actions": []}',
        '{"type": "event_callback", "event": {"type": "app_home_opened", "view": []}}',
        '{"type": "event_callback", "authorizations": 5, "event": {"type": "message", "channel_type": "im"}}',
        '{"type": "event_callback", "team_id": {}, "enterprise_id": 5, "event": {"type": "message"}}',
        '{"type": "event_callback", "event": {"type": "message", "user": {"id": 5}, "channel_type": "im"}}',
    ],
)
async def test_an_oddly_shaped_body_never_breaks_the_server(served: Served, body: str) -> None:
    status, _ = await served.send(body, JSON if body.startswith("{") else FORM)
    assert status < 500


async def test_bytes_that_are_no_text_are_refused(served: Served) -> None:
    async with served.http.post(f"{served.url}/slack/events", data=b"\xff\xfe", headers=signed("", FORM)) as response:
        assert response.status in (400, 401)
    assert served.logged() == []


async def test_a_huge_body_is_refused(served: Served) -> None:
    status, _ = await served.send("text=" + "x" * 1_040_000, FORM)
    assert status == 413


async def test_slacks_check_of_the_address_is_answered(served: Served) -> None:
    status, text = await served.send(json.dumps({"type": "url_verification", "challenge": "c3"}), JSON)
    assert (status, "c3" in text) == (200, True)


async def test_the_watcher_is_told_that_the_process_lives(served: Served) -> None:
    async with served.http.get(f"{served.url}/healthz") as response:
        assert (response.status, await response.text()) == (200, "ok")
