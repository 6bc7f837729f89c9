"""A question as it came in, before anybody has thought about it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4

Door = Literal["slash_command", "direct_message", "mention", "message_shortcut", "button", "home", "terminal"]

SEEN_BY_ALL: Door = "mention"  # whose questions and answers all of a channel see
LOCAL = "local"  # the terminal's workspace
LONGEST_READ = 2_000  # characters that are read of a question; what a person types is far shorter


@dataclass(frozen=True)
class Question:
    """What was typed, by whom, where, when, and through which door.

    `asker` is an opaque id, never a name. `delivery` names this very asking within its workspace: the same delivery
    twice is the same question sent again. `text` is raw: nothing may keep it but the privacy gate. `comes_again`: it
    was sent before, and will be once more if it is not taken now.
    """

    text: str = field(repr=False)
    door: Door
    workspace: str = LOCAL
    place: str = "terminal"
    asker: str = "local"
    thread: str | None = None
    delivery: str = field(default_factory=lambda: uuid4().hex)
    asked_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    comes_again: bool = False
