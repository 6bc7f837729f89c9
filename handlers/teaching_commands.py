"""A curator's work in the terminal: teach what people say, recall what was corrected, replay an upgrade."""

import sys
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlmodel import Session

from bot.opening import Opened, open_bot
from bot.own_knowledge import OwnKnowledge, OwnSaying, refusal
from bot.recall import Recall, leave_recall, recall_of
from bot.replay import replay, since_asked, stored_questions
from bot.where_asked import where_to_tell
from handlers.clinic_commands import MOST_SHOWN, YesOption, print_replayed, publish_if_wanted
from handlers.commands import WorkspaceOption, settings, stop, workspace_meant


def register(cli: typer.Typer, knowledge_cli: typer.Typer) -> None:
    """Add the commands."""
    cli.command(name="teach")(teach)
    cli.command(name="recall")(recall)
    knowledge_cli.command(name="replay")(replay_stored)


def teach(
    saying: Annotated[
        str | None, typer.Argument(help="What people say; left out, the open questions are listed.")
    ] = None,
    target: Annotated[str | None, typer.Argument(help="The code or topic that it means.")] = None,
    yes: YesOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Teach what people here say for a code or a topic; without words, list what has no answer."""
    with open_bot(settings(quiet=True)) as opened:
        whose = workspace_meant(opened.engine, workspace)
        if saying is None or target is None:
            _list_open(opened, whose)
            return
        own = OwnKnowledge(sayings=(_saying(opened, whose, saying, target),))
        publish_if_wanted(opened, whose, lambda one: one.with_more(own), yes=yes)


def _saying(opened: Opened, workspace: str, text: str, target: str) -> OwnSaying:
    """The saying; stops with a line where it cannot be taught."""
    library = opened.bot.clinic(workspace).index.library
    known = {"code": target.upper()} if target.upper() in library.entries else {"topic": target}
    if "topic" in known and target not in library.topics:
        stop(f"{target}: no code and no topic; coding-helper knowledge list shows the codes")
    why = refusal(text)
    if why:
        stop(f"the saying {why}; leave them out")
    try:
        return OwnSaying(text=" ".join(text.split()), **known)
    except ValidationError:
        stop("the saying: write a few words, at most 80 characters")


def _list_open(opened: Opened, workspace: str) -> None:
    console, found = Console(highlight=False), opened.bot.teacher.open_questions(workspace)
    if not found:
        console.print("Every question that is kept has an answer.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("asked", "without an answer", ""):
        table.add_column(heading)
    for one in found:
        table.add_row(f"{one.count}×", Text(one.text[:80]), f"and {one.alike} like it" if one.alike else "")
    console.print(table)
    console.print('Teach one: coding-helper teach "what people say" CODE')


def recall(
    code: Annotated[str, typer.Argument(help="The code whose entry was corrected.")],
    say: Annotated[str | None, typer.Option(help="A sentence of your own on what was wrong.")] = None,
    yes: YesOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Who was told a code's entry before it was corrected; on confirmation each place is told, once."""
    with open_bot(settings(quiet=True)) as opened:
        whose, code = workspace_meant(opened.engine, workspace), code.upper()
        clinic = opened.bot.clinic(whose)
        if code not in clinic.index.library.entries:
            stop(f"{code}: no entry has this code; coding-helper knowledge list shows all")
        if say and (why := refusal(say)):
            stop(f"--say: {why}; leave them out")
        found = recall_of(opened.engine, whose, clinic, code)
        typer.echo(
            f"{found.count:,} answers told an earlier version of {code} (it is {found.version} now): "
            f"{found.people:,} people, {len(found.told):,} places, {found.channels:,} channels among them"
        )
        if found.unreached:
            typer.echo(f"{found.unreached:,} of them in the terminal, where nobody can be told")
        if found.without_receipt:
            typer.echo(f"{found.without_receipt:,} more answers are from before receipts: which version is not known")
        if not found.told:
            return
        _list_told(found)
        if not yes and not (sys.stdin.isatty() and typer.confirm("Post the correction in these places?")):
            stop("nothing is posted; say --yes, or confirm at a terminal")
        count = leave_recall(opened.engine, whose, found, say)
        typer.echo(f"{count:,} corrections will be posted by the process that serves {whose}, each once")


def _list_told(found: Recall) -> None:
    """Where an earlier version was told, and on what question; who asked is shown to nobody."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("told on", "where", "question"):
        table.add_column(heading)
    for row in found.told[-MOST_SHOWN:]:
        place = where_to_tell(row)
        is_channel = place is not None and place.channel.startswith(("C", "G"))
        where = f"channel {row.place}, in its thread" if is_channel else "a direct message"
        table.add_row(f"{row.asked_at:%Y-%m-%d}", where, Text(row.text[:80]))
    console = Console(highlight=False)
    console.print(table)
    if len(found.told) > MOST_SHOWN:
        console.print(f"... and {len(found.told) - MOST_SHOWN:,} earlier ones")


def replay_stored(workspace: WorkspaceOption = None) -> None:
    """Ask the stored questions anew, and list which are answered otherwise than when they were asked."""
    with open_bot(settings(quiet=True)) as opened, Session(opened.engine) as session:
        whose = workspace_meant(opened.engine, workspace)
        asked = stored_questions(session, whose)
        print_replayed(Console(highlight=False), replay(asked, since_asked(opened.bot.clinic(whose))))
