"""Windows that open over Slack, and what they hold between one step and the next."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from handlers.blocks import Json, plain


@dataclass(frozen=True)
class Sends:
    """The button that sends a window: its words, the name under which it arrives, and two texts that come with it."""

    words: str
    name: str
    held: tuple[str, str] | None = None


def modal(title: str, blocks: Sequence[Block | Json], sends: Sends | None = None, close: str = "Close") -> View:
    """A window with a title of at most 24 characters; without `sends` it can only be closed."""
    return View(
        type="modal",
        title=plain(title),
        close=plain(close),
        blocks=blocks,
        submit=plain(sends.words) if sends else None,
        callback_id=sends.name if sends else None,
        private_metadata=json.dumps(sends.held) if sends and sends.held else None,
    )


def read_held(view: Mapping[str, Any]) -> tuple[str, str] | None:
    """The two texts that a window held; None where it held anything else.

    >>> read_held({"private_metadata": '["T01", "message:C01:1.2"]'})
    ('T01', 'message:C01:1.2')
    >>> read_held({"private_metadata": "[1, 2]"}) is None
    True
    """
    try:
        first, second = json.loads(str(view.get("private_metadata")))
    except (ValueError, TypeError, RecursionError):
        return None
    return (first, second) if isinstance(first, str) and isinstance(second, str) else None
