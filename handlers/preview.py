"""Blocks as a page that looks about as Slack shows them on a phone: to see wording and layout without a workspace."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.bot import Bot
from bot.examples import families
from bot.question import Question
from bot.reply import Reply
from handlers.blocks import message
from handlers.payloads import key_of
from handlers.views import answer_modal, home, planner_modal

_ANGLED = re.compile(r"<([@#!]?)([^>|]*)(?:\|([^>]*))?>")
_BOLD = re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])")


@dataclass(frozen=True)
class Shown:
    """What one person typed, and the blocks of the answer; `title` heads a window or App Home."""

    blocks: Sequence[Mapping[str, Any]]
    asked: str = ""
    title: str = ""
    submit: str = ""
    is_private: bool = False


def conversation(bot: Bot, questions: Sequence[str], surface: str) -> list[Shown]:
    """A conversation as it is seen on a surface; App Home as it is after it, and the planner before any."""
    asked = [Question(text=text, door="direct_message", place="D01") for text in questions]
    with asyncio.Runner() as runner:
        replies = [runner.run(bot.ask(question)) for question in asked]
        recent = runner.run(bot.earlier.recent(asked[0].workspace, asked[0].asker))
    if surface == "home":
        view = home(bot.earlier.help(), families(bot.index.library), recent).to_dict()
        return [Shown(view["blocks"], title="Home")]
    if surface == "planner":
        view = planner_modal().to_dict()
        return [Shown(view["blocks"], title=view["title"]["text"], submit=view["submit"]["text"])]
    pairs = zip(asked, replies, strict=True)
    return [_said(question, reply, surface) for question, reply in pairs if reply is not None]


def _said(question: Question, reply: Reply, surface: str) -> Shown:
    if surface == "window":
        window = answer_modal(reply, key_of(question)).to_dict()
        return Shown(window["blocks"], title=window["title"]["text"])
    is_private = surface == "private"
    said = message(reply, key_of(question), private=is_private)
    return Shown(said["blocks"], asked=question.text, is_private=is_private)


def page(shown: Sequence[Shown]) -> str:
    """A whole HTML page, with nothing fetched from elsewhere."""
    environment = Environment(
        loader=PackageLoader("handlers", ""),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["markup"] = markup
    return environment.get_template("preview.html.j2").render(shown=shown)


def markup(text: str) -> Markup:
    """Slack's light markup as HTML. The text is escaped for Slack already, which is as HTML wants it.

    >>> markup("*97530* &amp; <@U01>")
    Markup('<b>97530</b> &amp; <a>@U01</a>')
    """
    plain = text.replace("&lt;", "\x01").replace("&gt;", "\x02").replace("&amp;", "&")
    angled = [f"<a>{escape(sign + (words or what))}</a>" for sign, what, words in _ANGLED.findall(plain)]
    pieces = iter(angled)
    html = str(escape(_ANGLED.sub("\x03", plain))).replace("\x01", "&lt;").replace("\x02", "&gt;")
    html = _BOLD.sub(r"<b>\1</b>", html)
    return Markup(re.sub("\x03", lambda _: next(pieces), html).replace("\n", "<br>"))  # noqa: S704  # escaped above
