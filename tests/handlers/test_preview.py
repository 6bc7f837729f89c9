"""`coding-helper preview`: the blocks that Slack would get, as a page and as JSON."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from bot.bot import Bot
from handlers.blocks import message
from handlers.preview import Shown, conversation, page
from handlers.terminal import cli
from tests.handlers.test_limits import ABOUT, faults


@pytest.fixture
def logs() -> Iterator[None]:
    """The command sets the process's logs up; here they write to a stream that is closed after it."""
    yield
    structlog.reset_defaults()


@pytest.mark.usefixtures("logs")
def test_the_command_prints_what_slack_gets_and_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["preview", "--json", "what code for stair training?"])
    told = json.loads(done.stdout)
    assert [block["type"] for block in told["blocks"][:3]] == ["header", "section", "actions"]
    assert list(faults({**told, "text": "x"})) == []
    assert list(tmp_path.iterdir()) == []


def test_a_surface_that_is_none_is_refused() -> None:
    done = CliRunner().invoke(cli, ["preview", "--surface", "fax"])
    assert done.exit_code == 2
    assert "planner" in done.output


def test_a_conversation_is_shown_with_its_follow_up(bot: Bot) -> None:
    asked = ["20 min therapeutic exercise, 15 min manual therapy", "make the manual 30"]
    shown = page(conversation(bot, asked, "message"))
    assert shown.count("Coding Helper <small>APP") == 2
    for part in (*asked, "<b>To copy</b>", "97140 x2", "👎"):
        assert part in shown


def test_a_private_answer_says_so_and_can_be_shared(bot: Bot) -> None:
    shown = page(conversation(bot, ["what code for stair training?"], "private"))
    for part in ("Only visible to you", "Share in channel", '<button class="">97530 · Therapeutic activities</button>'):
        assert part in shown


@pytest.mark.parametrize(
    ("surface", "parts"),
    [
        ("home", ("Ask here, and press Enter", "Choose a family of codes", "what is 97530", "Ask again")),
        ("planner", ("Service 6", "Type what was done, or a code", "Count")),
        ("window", ("97530 · Therapeutic activities", "Use it when")),
    ],
)
def test_windows_and_app_home_are_shown(bot: Bot, surface: str, parts: tuple[str, ...]) -> None:
    shown = page(conversation(bot, ["what is 97530"], surface))
    for part in parts:
        assert part in shown


def test_nothing_typed_becomes_html(answering: Bot) -> None:
    reply = answering.answer("<script>alert(1)</script> <@U01> & what is 97530").reply
    shown = page([Shown(message(reply, ABOUT)["blocks"], asked="<script>alert(1)</script> & <b>")])
    assert "alert(1)</script>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;" in shown
