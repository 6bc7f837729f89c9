"""What others send over HTTP gets a 4xx, never a 5xx, and the process lives."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from multidict import CIMultiDict
from structlog.testing import capture_logs
from yarl import URL

from bot.settings import SettingsError
from handlers import wire
from handlers.web import make_web
from tests.handlers.conftest import Served
from tests.handlers.slack_stand_in import WITHIN, command, direct_message, form, mention, press, shortcut, signed

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
CHALLENGE = {"type": "url_verification", "challenge": "c3"}
FORGED: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "letters beyond ASCII": lambda _: "v0=é",
    "letters beyond ASCII, as long as a right one": lambda right: right[:-1] + "é",
    "digits beyond ASCII": lambda right: right[:3] + "²" * 64,
    "another version": lambda right: "v1" + right[2:],
    "without a version": lambda right: right[3:],
    "in upper case": lambda right: "v0=" + right[3:].upper(),
    "with a space": lambda right: right.replace("=", "= "),
    "in quotes": lambda right: f'"{right}"',
    "twice in one header": lambda right: f"{right}, {right}",
    "cut short": lambda right: right[:-1],
    "a digit longer": lambda right: right + "0",
    "far longer": lambda right: right + "0" * 50_000,
    "of nothing": lambda _: "v0=" + "0" * 64,
}


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


@pytest.mark.parametrize(
    "sent",
    [
        lambda _: (json.dumps(direct_message("97530")), JSON),
        lambda _: (json.dumps(mention("97530")), JSON),
        lambda _: (json.dumps(CHALLENGE), JSON),
        lambda _: (form(command("97530")), FORM),
        lambda url: (form({"payload": json.dumps(press({"action_id": "x", "value": "y"}, url=url))}), FORM),
        lambda url: (form({"payload": json.dumps(press({"action_id": "x"}, url=url, on="home"))}), FORM),
        lambda url: (form({"payload": json.dumps(shortcut("97530", url=url))}), FORM),
    ],
    ids=["message", "mention", "url_verification", "command", "button", "home", "shortcut"],
)
async def test_what_slack_did_not_sign_is_refused_and_nothing_is_done_with_it(
    served: Served, sent: Callable[[str], tuple[str, str]]
) -> None:
    body, content_type = sent(served.slack.response_url)
    before = list(served.slack.calls)
    for name, forge in FORGED.items():
        headers = signed(body, content_type)
        headers["x-slack-signature"] = forge(headers["x-slack-signature"])
        status, told = await served.send(body, content_type, headers)
        assert (status, "c3" in told) == (401, False), name
    await served.app.poster.finish()
    assert served.slack.calls == before
    assert served.logged() == []


async def test_of_two_signatures_the_first_does_not_vouch_for_the_second(served: Served) -> None:
    body = form(command("97530"))
    right = signed(body, FORM)
    headers = CIMultiDict([*right.items(), ("X-Slack-Signature", "v0=" + "0" * 64)])
    async with served.http.post(f"{served.url}/slack/events", data=body, headers=headers) as response:
        assert response.status == 401
    assert served.logged() == []


async def test_a_signature_is_of_its_body_and_its_time_stamp_alone(served: Served) -> None:
    headers = signed(form(command("97530")), FORM)
    assert (await served.send(form(command("97110")), FORM, headers))[0] == 401
    later = {**headers, "x-slack-request-timestamp": str(int(headers["x-slack-request-timestamp"]) + 1)}
    assert (await served.send(form(command("97530")), FORM, later))[0] == 401
    assert served.logged() == []


async def test_no_other_address_takes_what_slack_sends(served: Served) -> None:
    """Bolt looks at no signature itself: nothing leads to it but past our own look."""
    body = json.dumps(CHALLENGE)
    for route in ("/", "/slack", "/slack/events/", "/slack/install", "/slack/oauth_redirect", "/healthz", "/readyz"):
        given: dict[str, Any] = {"data": body, "headers": signed(body, JSON), "allow_redirects": False}
        async with served.http.post(served.url + route, **given) as response:
            assert "c3" not in await response.text(), route


def test_without_a_signing_secret_nothing_is_served_over_http(served: Served) -> None:
    with pytest.raises(SettingsError, match="SLACK_SIGNING_SECRET: is missing"):
        make_web(replace(served.app, signatures=None))


@pytest.mark.parametrize("stamp", ["", "soon", "1e9", "-5", "+5", "1_0", "0x5", "١٢٣", "²", "5 5", "5.0", "9" * 400])
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


async def status_before_the_body(served: Served, line: str, headers: dict[str, str]) -> int:
    """What is answered to the head of a request, of whose body nothing ever comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", URL(served.url).port)
    sent = {"host": "here", "content-length": "900000", **headers}
    writer.write(
        f"{line} HTTP/1.1\r\n".encode() + b"".join(f"{k}: {v}\r\n".encode() for k, v in sent.items()) + b"\r\n"
    )
    status = await asyncio.wait_for(reader.readline(), WITHIN)
    writer.close()
    return int(status.split()[1])


async def said_to(served: Served, *parts: bytes) -> bytes:
    """All that is answered to the parts of a request, until the bot closes the connection by itself."""
    reader, writer = await asyncio.open_connection("127.0.0.1", URL(served.url).port)
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0.01)  # so that it arrives in parts
    try:
        said = await asyncio.wait_for(reader.read(), WITHIN)
    except ConnectionResetError:  # closed while more was on its way
        said = b""
    writer.close()
    return said


HEAD = b"POST /slack/events HTTP/1.1\r\nhost: here\r\n"


@pytest.mark.parametrize(
    ("parts", "answers"),
    [
        ([], 0),
        ([b"POST /slack/ev"], 0),
        ([HEAD, b"content-le"], 0),
        ([HEAD + b"content-length: 900\r\n\r\n"], 0),
        ([HEAD + b"content-length: 900\r\n\r\n", *[b"x"] * 30], 0),
        ([HEAD + b"transfer-encoding: chunked\r\n\r\n", b"3\r\nabc\r\n"], 0),
        ([b"GET /healthz HTTP/1.1\r\nhost: here\r\n\r\n", HEAD], 1),
        ([b"GET /healthz HTTP/1.1\r\nhost: here\r\ncontent-length: 9\r\n\r\n"], 1),
    ],
)
async def test_a_request_that_does_not_come_on_is_waited_for_no_longer(
    served: Served, monkeypatch: pytest.MonkeyPatch, parts: list[bytes], answers: int
) -> None:
    monkeypatch.setattr(wire, "COMES_WITHIN", 0.5)
    begun = time.monotonic()
    said = await said_to(served, *parts)
    assert said.count(b"HTTP/1.1 200 OK") == said.count(b"HTTP/1.1") == answers
    assert time.monotonic() - begun > 0.4


async def test_a_request_in_many_parts_is_answered(served: Served) -> None:
    body = form(command("97530"))
    head = "".join(f"{name}: {value}\r\n" for name, value in {**signed(body, FORM), "connection": "close"}.items())
    whole = HEAD + f"{head}content-length: {len(body)}\r\n\r\n{body}".encode()
    said = await said_to(served, *(whole[at : at + 20] for at in range(0, len(whole), 20)))
    assert said.startswith(b"HTTP/1.1 200 OK")
    assert b"97530" in said


@pytest.mark.parametrize(
    "parts",
    [
        [HEAD + b"x-long: ", *[b"x" * 50_000] * 40],
        [b"GET /" + b"x" * 50_000, *[b"x" * 50_000] * 40],
        [HEAD, *[b"x-many: 1\r\n" * 5_000] * 40],
        [HEAD + b"transfer-encoding: chunked\r\n\r\n0\r\nx-trail: ", *[b"x" * 50_000] * 100],
        [b"GET /healthz HTTP/1.1\r\ncontent-length: 9000000\r\n\r\n", *[b"x" * 50_000] * 100],
    ],
    ids=["one long header", "a long address", "many headers", "a trailer", "a body for a page"],
)
async def test_what_goes_on_and_on_is_cut_off(
    served: Served, monkeypatch: pytest.MonkeyPatch, parts: list[bytes]
) -> None:
    monkeypatch.setattr(wire, "COMES_WITHIN", 60.0)
    with contextlib.suppress(ConnectionError):  # cut off while more was on its way
        assert b"HTTP/1.1 5" not in await said_to(served, *parts)


@pytest.mark.parametrize("wrong", ["x-slack-signature", "x-slack-request-timestamp"])
async def test_a_large_body_without_a_signature_is_refused_before_it_comes(served: Served, wrong: str) -> None:
    headers = {**signed("", FORM), wrong: "v0=1"}
    assert await status_before_the_body(served, "POST /slack/events", headers) == 401


@pytest.mark.parametrize(
    ("body", "content_type"), [("{", JSON), ("payload=%7B", FORM), ("[" * 50_000, JSON), ("5", JSON)]
)
async def test_what_was_not_signed_is_not_read(served: Served, body: str, content_type: str) -> None:
    """Else anybody could keep the bot busy with reading."""
    assert (await served.send(body, content_type, signed(body, content_type, secret="f" * 32)))[0] == 401


async def test_a_huge_body_is_refused(served: Served) -> None:
    status, _ = await served.send("text=" + "x" * 1_040_000, FORM)
    assert status == 413


@pytest.mark.parametrize(
    "given",
    [
        {"text": "what is 97530 payload=1&payload="},
        {"text": "payload 97530"},
        {"text": "97530", "channel_name": "payload-team"},
        {"text": "97530", "channel_name": "payload", "user_name": "ssl_check=1"},
    ],
)
async def test_a_command_is_answered_whatever_words_stand_in_it(served: Served, given: dict[str, str]) -> None:
    assert "97530" in json.dumps(await served.send_command({**command(""), **given}))
    assert [row.door for row in served.logged()] == ["slash_command"]


async def test_slacks_check_of_the_address_is_answered(served: Served) -> None:
    status, text = await served.send(json.dumps(CHALLENGE), JSON)
    assert (status, "c3" in text) == (200, True)


async def test_the_watcher_is_told_that_the_process_lives(served: Served) -> None:
    async with served.http.get(f"{served.url}/healthz") as response:
        assert (response.status, await response.text()) == (200, "ok")
