"""Looks at the public address as Slack would: is it this service, and does it take what is signed with our secret?"""

import json
import time
from collections.abc import AsyncIterator
from uuid import uuid4

import aiohttp
from slack_sdk.signature import SignatureVerifier

from bot.settings import Settings
from handlers.finding import Finding
from handlers.manifest import EVENTS

OUR_LINES = ("ok knowledge: ", "NO knowledge: ")  # one of them is on every page at /readyz
LOOK_WITHIN = aiohttp.ClientTimeout(total=10.0)


async def look_at_address(settings: Settings) -> AsyncIterator[Finding]:
    """Ask the address whether it is alive and ready, and send it the challenge with which Slack tries a new address."""
    if settings.public_url is None or settings.slack_signing_secret is None:
        yield Finding("address", None, "set PUBLIC_URL to have it looked at")
        return
    async with aiohttp.ClientSession(timeout=LOOK_WITHIN) as http:
        try:
            yield await _ready(http, settings.public_url)
            yield await _challenged(http, settings.public_url, settings.slack_signing_secret.get_secret_value())
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            told = (
                f"{settings.public_url} does not answer ({type(error).__name__}); start the service, and see that the"
            )
            yield Finding("address", False, f"{told} address leads to it")


async def _ready(http: aiohttp.ClientSession, address: str) -> Finding:
    async with http.get(f"{address}/readyz") as answer:
        told = (await answer.text(errors="replace")).splitlines()
    is_ours = any(one.startswith(OUR_LINES) for one in told)
    unwell = [one.removeprefix("NO ") for one in told if one.startswith("NO ")]
    if is_ours and answer.status == 200:  # noqa: PLR2004  # HTTP's OK
        return Finding("address", True, f"{address} is ready")
    return Finding("address", False, unwell[0] if unwell else f"{address} is not this service, or an old one of it")


async def _challenged(http: aiohttp.ClientSession, address: str, secret: str) -> Finding:
    challenge = uuid4().hex
    body = json.dumps({"type": "url_verification", "challenge": challenge})
    stamp = str(int(time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body) or ""
    headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": signature, "content-type": "application/json"}
    async with http.post(f"{address}{EVENTS}", data=body, headers=headers) as answer:
        if challenge in await answer.text(errors="replace"):
            return Finding("events", True, f"{address}{EVENTS} takes what is signed with SLACK_SIGNING_SECRET")
        told = f"{address}{EVENTS} answers {answer.status}; give it the same SLACK_SIGNING_SECRET, and the right time"
        return Finding("events", False, told)
