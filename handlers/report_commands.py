"""What was asked and how it was answered: the receipt of an answer, and the report."""

from typing import Annotated

import typer
from rich.console import Console
from sqlmodel import Session

from bot.opening import open_bot
from bot.question_log import questions_with_receipt
from bot.receipts import read_id
from bot.reply import Reply, escape_for_slack
from bot.why import why_reply
from handlers.commands import settings, stop
from handlers.printing import print_reply


def register(cli: typer.Typer) -> None:
    """Add the commands."""
    cli.command(name="receipt")(receipt)


def receipt(receipt_id: Annotated[str, typer.Argument(help="The id that “Why this?” and --json show.")]) -> None:
    """What an answer rested on, on the day it was given."""
    with open_bot(settings(quiet=True)) as opened, Session(opened.engine) as session:
        rows = questions_with_receipt(session, read_id(receipt_id))
        if not rows:
            stop(f"{receipt_id}: no answer has this receipt; “Why this?” under an answer shows its own")
        console = Console(highlight=False)
        for row in rows:
            asked = f"{escape_for_slack(row.text or 'a question whose words are no longer kept')}"
            answered = " or ".join(row.codes.split()) or row.kind.replace("_", " ")
            told = f"{row.asked_at:%Y-%m-%d %H:%M} UTC, {row.door.replace('_', ' ')}, answered: {answered}"
            print_reply(console, Reply(title=asked, sections=(told,)))
            print_reply(console, why_reply(row, opened.bot.clinic(row.workspace)))
