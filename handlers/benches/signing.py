"""Requests as Slack would send them, signed with a secret of the bench's own."""

import json
import time
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from handlers.slash_command import COMMAND

SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105  # nobody else's
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def signed(body: str, content_type: str) -> bytes:
    """A whole HTTP request with this body."""
    stamp = str(int(time.time()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=body)
    raw = body.encode()
    head = (
        f"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Slackbot 1.0\r\nAccept: */*\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(raw)}\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: {signature}\r\n\r\n"
    )
    return head.encode() + raw


def commands(texts: Iterable[str], run: str) -> list[bytes]:
    """A slash command for each text. `run` tells the deliveries of one run from another's."""
    return [signed(urlencode(_command(text, f"{run}.{at}")), FORM) for at, text in enumerate(texts)]


def direct_messages(texts: Iterable[str], run: str) -> list[bytes]:
    """A direct message for each text, of forty people in turn. `run` is ten digits, as `commands` has it."""
    return [signed(json.dumps(_message(text, at, f"{run}.{at:06}")), JSON) for at, text in enumerate(texts)]


def _message(text: str, at: int, ts: str) -> Mapping[str, object]:
    event = {"type": "message", "channel_type": "im", "channel": f"D{at % 40:02}", "user": f"U{at % 40:02}"}
    return {
        "token": "not-used",
        "team_id": "T01",
        "api_app_id": "A01",
        "type": "event_callback",
        "event_id": f"Ev{ts}",
        "event_time": int(time.time()),
        "event": {**event, "text": text, "ts": ts, "event_ts": ts},
        "authorizations": [{"team_id": "T01", "user_id": "UBOT", "is_bot": True, "is_enterprise_install": False}],
    }


def _command(text: str, trigger: str) -> Mapping[str, str]:
    return {
        "token": "not-used",
        "team_id": "T01",
        "team_domain": "clinic",
        "channel_id": "C01",
        "channel_name": "billing",
        "user_id": "U01",
        "user_name": "not.kept",
        "command": COMMAND,
        "text": text,
        "api_app_id": "A01",
        "is_enterprise_install": "false",
        "response_url": "https://hooks.slack.com/commands/T01/1/x",
        "trigger_id": trigger,
    }
