"""`coding-helper preview`: a reply's real blocks, as a page that looks like Slack or as JSON."""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from bot.opening import open_bot
from handlers import commands

SURFACES = ("message", "private", "window", "home", "planner")


def register(cli: typer.Typer) -> None:
    """Add the command."""

    @cli.command()
    def preview(
        questions: Annotated[list[str] | None, typer.Argument(help="One conversation, a question an argument.")] = None,
        surface: Annotated[str, typer.Option(help=f"Where it is seen: {', '.join(SURFACES)}.")] = "message",
        as_json: Annotated[bool, typer.Option("--json", help="The blocks, for Slack's Block Kit Builder.")] = False,
    ) -> None:
        """Print the page of a conversation as Slack would show it on a phone. Nothing is sent, and nothing kept."""
        from handlers.preview import conversation, page  # noqa: PLC0415  # Slack's models take long to import

        if surface not in SURFACES:
            commands.stop(f"--surface: {surface} is none; write one of {', '.join(SURFACES)}")
        settings = commands.settings(quiet=True)
        with TemporaryDirectory() as folder:
            alone = settings.model_copy(update={"database_url": f"sqlite:///{Path(folder) / 'preview.db'}"})
            with open_bot(alone) as opened:
                shown = conversation(opened.bot, questions or ["help"], surface)
        blocks = [dict(block) for one in shown for block in one.blocks]
        sys.stdout.write(json.dumps({"blocks": blocks}, indent=2) if as_json else page(shown))
