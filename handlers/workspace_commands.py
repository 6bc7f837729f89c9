"""The workspaces that installed the app: who they are, forgetting one, and the keys of their tokens."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.database import ready_engine
from bot.forgetting import forget_workspace
from bot.installation_tables import workspace_named
from handlers.commands import settings, stop

if TYPE_CHECKING:
    from handlers.installations import Installations

workspaces_cli = typer.Typer(
    help="The workspaces that installed the app, and the keys of their tokens.", no_args_is_help=True
)


def register(cli: typer.Typer) -> None:
    """Add the commands."""
    cli.add_typer(workspaces_cli, name="workspaces")


@workspaces_cli.command(name="list")
def list_workspaces() -> None:
    """List the workspaces that have the app."""
    from handlers.installations import installations_of  # noqa: PLC0415  # half a second, for these commands alone

    given = settings(quiet=True)
    engine = ready_engine(given.database_url)
    installations = installations_of(given, engine)
    if installations is None:
        stop("SLACK_CLIENT_ID: is not set, so one workspace's token serves; coding-helper doctor tells whose")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("id", "name", "installed (UTC)", "scopes"):
        table.add_column(heading)
    for bot in installations.all():
        name = bot.team_name or f"{bot.enterprise_name or ''} (organisation)"
        when = f"{datetime.fromtimestamp(bot.installed_at, UTC):%Y-%m-%d %H:%M}"
        table.add_row(workspace_named(bot.team_id, bot.enterprise_id), name, when, ",".join(bot.bot_scopes or ()))
    Console(highlight=False).print(table)
    _tell_unreadable(installations)
    engine.dispose()


def _tell_unreadable(installations: "Installations") -> None:
    for workspace in installations.unreadable():
        typer.echo(f"TOKEN_KEYS: none of the keys reads the token of {workspace}; it stays as it is", err=True)


@workspaces_cli.command()
def forget(
    workspace: Annotated[str, typer.Argument(help="Slack's id of the workspace or organisation.")],
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
) -> None:
    """Delete all that is kept of a workspace: questions, votes, what the clinic added, tokens. Uninstall it first."""
    engine = ready_engine(settings(quiet=True).database_url)
    if not yes and not typer.confirm(f"Delete all that is kept of {workspace}? Nothing brings it back"):
        raise SystemExit(1)
    gone = forget_workspace(engine, workspace)
    for table, rows in gone.items():
        typer.echo(f"{rows:,} rows of {table} deleted")
    if not gone:
        typer.echo(f"nothing was kept of {workspace}")
    engine.dispose()


@workspaces_cli.command(name="new-key")
def new_key() -> None:
    """Print a new key for TOKEN_KEYS. To change keys put it in front of the old one, then run renew-keys."""
    from cryptography.fernet import Fernet  # noqa: PLC0415

    typer.echo(Fernet.generate_key().decode())


@workspaces_cli.command(name="renew-keys")
def renew_keys() -> None:
    """Write all tokens anew with the first key of TOKEN_KEYS; then the others may be taken out."""
    from handlers.installations import installations_of  # noqa: PLC0415

    given = settings(quiet=True)
    engine = ready_engine(given.database_url)
    installations = installations_of(given, engine)
    if installations is None:
        stop("SLACK_CLIENT_ID: is not set, so no tokens are kept")
    typer.echo(f"tokens written with the first key: those of {installations.encrypt_anew()} workspaces")
    _tell_unreadable(installations)
    engine.dispose()
