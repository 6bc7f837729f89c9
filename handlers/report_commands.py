"""What was asked and how it was answered: the receipt of an answer, and the report."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlmodel import Session

from bot.clusters import Cluster
from bot.opening import open_bot
from bot.question_log import questions_with_receipt
from bot.receipts import read_id
from bot.reply import Reply, escape_for_slack
from bot.report import Counts, Report, make_report
from bot.report_page import report_page
from bot.why import why_reply
from handlers.commands import WorkspaceOption, settings, stop, workspace_meant
from handlers.printing import print_reply

BAR = 30  # characters of the longest bar
MOST_DAYS = 31
MOST_CODES = 20


def register(cli: typer.Typer) -> None:
    """Add the commands."""
    cli.command(name="receipt")(receipt)
    cli.command(name="report")(report)


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


def report(
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Since this day (UTC); else the last 30 days.")
    ] = None,
    workspace: WorkspaceOption = None,
    html: Annotated[Path | None, typer.Option(help="Write it to this file, as a page that stands alone.")] = None,
) -> None:
    """What was asked by day, door, kind and code; what was not answered, voted down, or slow."""
    with open_bot(settings(quiet=True)) as opened:
        whose, index = workspace_meant(opened.engine, workspace), opened.bot.index
        made = make_report(opened.engine, whose, index.language, since.date() if since else None)
        if html:
            html.write_text(report_page(made, index.library), encoding="utf-8")
            typer.echo(f"{html} written")
        else:
            _print_report(Console(highlight=False), made)


def _print_report(console: Console, made: Report) -> None:
    console.print(f"{made.workspace}, {made.since} to {made.until}", style="bold")
    console.print(
        f"{made.asked:,} questions, {made.unanswered:,} without an answer, "
        f"{made.down_count:,} voted down, {made.slow_count:,} slow"
    )
    days = tuple((str(one.day), one.asked) for one in made.days[-MOST_DAYS:])
    for title, counts in (("day", days), ("door", made.doors), ("kind", made.kinds), ("code", made.codes[:MOST_CODES])):
        _print_counts(console, title, counts)
    _print_listed(console, "without an answer", [(f"{one.count:,}×", one.text, _alike(one)) for one in made.clusters])
    down = [(f"{one.count:,}×", one.text, "; ".join((one.answered, *one.expected))) for one in made.down]
    _print_listed(console, "answered, and voted down", down)
    _print_listed(console, "slow", [(f"{one.took_ms:.0f} ms", one.text, one.answered) for one in made.slow])


def _alike(cluster: Cluster) -> str:
    return f"and {len(cluster.texts) - 1} like it" if len(cluster.texts) > 1 else ""


def _print_counts(console: Console, title: str, counts: Counts) -> None:
    if not counts:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(f"by {title}")
    table.add_column("", justify="right")
    table.add_column("")
    highest = max(count for _, count in counts)
    for name, count in counts:
        table.add_row(name.replace("_", " "), f"{count:,}", "█" * max(1, round(BAR * count / highest)))
    console.print()
    console.print(table)


def _print_listed(console: Console, title: str, rows: list[tuple[str, str, str]]) -> None:
    if not rows:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in (title, "", ""):
        table.add_column(heading)
    for count, text, more in rows:
        table.add_row(count, Text(text[:80]), Text(more, style="dim"))
    console.print()
    console.print(table)
