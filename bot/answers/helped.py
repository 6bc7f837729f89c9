"""How to ask: for an empty question, a greeting, or "help"."""

import re
from dataclasses import dataclass
from typing import ClassVar

from bot.answers.answer import Answer
from bot.query import Query

EXAMPLES = ("what code for stair training?", "what is 97530?", "97110 or 97112 for balance?")
_ASKS_FOR_HELP = re.compile(
    r"[\W_]*(?:(?:please )?help(?: me| please| pls)*|\?+|commands?"
    r"|(?:what(?:'?s| is)? )?(?:(?:the|a|which|my) )?(?:cpt |billing )?codes?(?: is it| for (?:it|this|that))?"
    r"|how (?:does this|do you|do i) (?:work|use (?:this|it|you))|what can you do)?[\W_]*"
)
_EMOJI = re.compile(r":[a-z+-][\w+'-]*:")  # as Slack writes one


@dataclass(frozen=True, kw_only=True)
class Helped(Answer):
    """Three questions that work."""

    kind: ClassVar[str] = "helped"
    examples: tuple[str, ...] = EXAMPLES


def find(query: Query) -> Helped | None:
    """Help, where nothing was asked in words or help was asked for."""
    return Helped() if _ASKS_FOR_HELP.fullmatch(_EMOJI.sub(" ", query.low)) else None
