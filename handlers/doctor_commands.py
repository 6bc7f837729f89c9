"""`coding-helper doctor`: each thing that a working bot needs, ok or how to mend it."""

import asyncio

import typer

from bot.settings import Settings, SettingsError
from handlers.commands import settings
from handlers.finding import Finding


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="doctor")(doctor)


def doctor() -> None:
    """Look at settings, database, knowledge, clock and the live Slack app. The exit status is 1 where one is wrong."""
    try:
        given = settings(quiet=True)
    except SettingsError as error:
        typer.echo(Finding("settings", False, str(error)).line)
        raise SystemExit(1) from None
    if not asyncio.run(_print_all(given)):
        raise SystemExit(1)


async def _print_all(given: Settings) -> bool:
    # The libraries for Slack take half a second to import.
    from handlers.doctor import examine  # noqa: PLC0415

    is_well = True
    async for one in examine(given):
        typer.echo(one.line)
        is_well = is_well and one.is_well is not False
    return is_well
