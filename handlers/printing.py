"""A reply as a person reads it in a terminal."""

import re

from rich.console import Console
from rich.text import Text

from bot.reply import Reply


def print_reply(console: Console, reply: Reply) -> None:
    """A reply as a person reads it in a terminal: markup made plain, small print dimmed."""
    console.print()
    if reply.title:
        console.print(_plain(reply.title, base="bold cyan"))
    is_read_first = any(one.action == "why" for one in reply.buttons)  # what may be asked next stands at its end
    asks_after = len(reply.sections) - 1 if is_read_first else 0
    for at, section in enumerate(reply.sections):
        console.print(_plain(section))
        asks = [one for one in reply.buttons if one.action == "ask" and one.label not in reply.text]
        for one in asks if at == asks_after else ():
            console.print(f"{'Or ask:' if is_read_first else '•'} {one.label}", markup=False)
        console.print()
    for small in reply.small:
        console.print(_plain(small, base="dim"))


def _plain(markup: str, base: str = "") -> Text:
    """Slack's light markup as a rich text."""
    text = Text(style=base)
    for position, part in enumerate(re.split(r"(?<!\w)\*([^*\n]+)\*(?!\w)", markup)):
        for escaped, meant in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
            part = part.replace(escaped, meant)  # noqa: PLW2901
        text.append(part, style="bold" if position % 2 else None)
    return text
