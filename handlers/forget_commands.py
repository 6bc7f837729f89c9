"""Forgetting in the terminal: what a person asked, or what is old."""

import sys
from typing import Annotated

import typer

from bot.database import ready_engine
from bot.forgetting import count_to_forget, forget_older, forget_person
from handlers.commands import settings, stop


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="forget")(forget)


def forget(
    user: Annotated[str | None, typer.Option(help="Delete all that this person asked: a Slack id, U012AB3CD.")] = None,
    older_than: Annotated[
        int | None, typer.Option(min=1, metavar="DAYS", help="Delete what was asked so many days ago and before.")
    ] = None,
    workspace: Annotated[str | None, typer.Option(help="In this workspace alone; else in all.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
) -> None:
    """Delete questions for good, with their votes and receipts: a person's, or those that are old."""
    if bool(user) == bool(older_than):
        stop("say whose, or how old: coding-helper forget --user U012AB3CD, or --older-than 400")
    if workspace == "":
        stop("--workspace: is empty; name one, T012AB3CD, or leave it out for all")
    engine = ready_engine(settings(quiet=True).database_url)
    try:
        count = count_to_forget(engine, user, older_than, workspace)
        asked = f"Delete {count:,} questions? Nothing brings them back"
        if not yes and not (sys.stdin.isatty() and typer.confirm(asked)):
            stop(f"{count:,} questions would be deleted, and none is; say --yes, or confirm at a terminal")
        if user:
            with engine.begin() as connection:
                count = forget_person(connection, user, workspace)
        elif older_than:
            count = forget_older(engine, older_than, workspace)
    finally:
        engine.dispose()
    typer.echo(f"{count:,} questions deleted")
