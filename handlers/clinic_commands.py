"""What a clinic added, as a file or one rule at a time: published after its replay was seen."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlmodel import Session

from bot.clinic_files import as_toml, read_toml
from bot.clinic_tables import read_own
from bot.database import ready_engine
from bot.opening import Opened, open_bot
from bot.own_knowledge import HouseRule, OwnKnowledge, refusal
from bot.replay import Replayed
from bot.teaching import OwnChange
from handlers.commands import WorkspaceOption, settings, stop, workspace_meant
from knowledge.library import read_record

MOST_SHOWN = 40  # changes that are listed

YesOption = Annotated[bool, typer.Option("--yes", help="Publish without asking.")]

clinic_cli = typer.Typer(help="What a clinic added: its sayings, house rules and topics.", no_args_is_help=True)


def register(cli: typer.Typer) -> None:
    """Add the commands."""
    cli.add_typer(clinic_cli, name="clinic")


@clinic_cli.command(name="export")
def export_own(workspace: WorkspaceOption = None) -> None:
    """Write what the clinic added, as TOML, to standard output."""
    engine = ready_engine(settings(quiet=True).database_url)
    with Session(engine) as session:
        sys.stdout.write(as_toml(read_own(session, workspace_meant(engine, workspace))))
    engine.dispose()


@clinic_cli.command(name="import")
def import_own(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What `clinic export` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Take out what the file does not have.")] = False,
    yes: YesOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Bring in what a clinic added elsewhere, or what was edited in a file; twice is the same as once."""
    try:
        more = read_toml(file.read_text(encoding="utf-8"), file.name)
    except UnicodeDecodeError:
        stop(f"{file.name}: is no UTF-8; save it as UTF-8")
    with open_bot(settings(quiet=True)) as opened:
        whose = workspace_meant(opened.engine, workspace)
        publish_if_wanted(opened, whose, (lambda _: more) if replace else (lambda own: own.with_more(more)), yes=yes)
        for one in more.homeless(opened.bot.clinic(whose).index.library):
            typer.echo(f"kept, and does nothing: {one.text!r} names what the shelves do not have", err=True)


@clinic_cli.command(name="rule")
def add_rule(
    text: Annotated[str, typer.Argument(help='A sentence, such as "Aetna denies 97530 with 97140: send records."')],
    code: Annotated[str | None, typer.Option(help="The code that it is on.")] = None,
    payer: Annotated[str | None, typer.Option(help="The payer; several spellings with commas between them.")] = None,
    yes: YesOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Add a house rule on a code, on a payer, or on a code with a payer."""
    given = {"text": text, "code": code.upper() if code else None, "payer": payer}
    rule, faults = read_record("rule", {key: one for key, one in given.items() if one}, HouseRule)
    if rule is None:
        stop("\n".join(map(str, faults)))
    own = OwnKnowledge(rules=(rule,))
    for refused in filter(None, map(refusal, own.texts())):
        stop(f"rule: {refused}; take it out")
    with open_bot(settings(quiet=True)) as opened:
        if rule.code and rule.code not in opened.bot.index.library.entries:
            stop(f"--code: {rule.code}: no entry has this code; coding-helper knowledge list shows all")
        publish_if_wanted(opened, workspace_meant(opened.engine, workspace), lambda one: one.with_more(own), yes=yes)


def publish_if_wanted(opened: Opened, workspace: str, change: OwnChange, *, yes: bool) -> None:
    """Show what a change does to the stored questions, and publish it once that is confirmed."""
    teacher, console = opened.bot.teacher, Console(highlight=False)
    if change(teacher.own(workspace)) == teacher.own(workspace):
        console.print("Nothing to do: the clinic has all of it.")
        return
    print_replayed(console, teacher.try_out(workspace, change))
    if not yes and not (sys.stdin.isatty() and typer.confirm("Publish?")):
        stop("not published; say --yes, or confirm at a terminal")
    told = teacher.publish(workspace, change).told
    console.print("Published. Every process that serves takes it up within five seconds.")
    if told:
        console.print(
            f"Questions without an answer that have one now, and are answered where they were asked: {told:,}"
        )


def print_replayed(console: Console, replayed: Replayed) -> None:
    """What a replay found, and the list of it."""
    console.print(f"{replayed.sentence}. Stored questions asked anew: {replayed.tried:,}.")
    if not replayed.changes:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("asked", "question", "before", "after"):
        table.add_column(heading)
    for one in replayed.changes[:MOST_SHOWN]:
        table.add_row(f"{one.asked.times}×", Text(one.asked.text[:80]), str(one.before), _after(one.after, one.what))
    console.print(table)
    if len(replayed.changes) > MOST_SHOWN:
        console.print(f"... and {len(replayed.changes) - MOST_SHOWN:,} more")


def _after(outcome: object, what: str) -> str:
    return f"{outcome}, with another house rule" if what == "ruled" else str(outcome)
