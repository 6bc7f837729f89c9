"""`coding-helper manifest`: the manifest to create the Slack app from."""

import json
import re
from enum import StrEnum
from typing import Annotated

import typer

from bot.settings import read_settings
from handlers.commands import stop
from handlers.manifest import make_manifest


class Mode(StrEnum):
    """How Slack reaches the bot."""

    SOCKET = "socket"
    HTTP = "http"


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="manifest")(print_manifest)


def print_manifest(
    mode: Annotated[
        Mode | None, typer.Option(help="socket needs no public address; http with --host is the default.")
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="The public address, such as https://codes.example.org; else PUBLIC_URL.")
    ] = None,
    history: Annotated[
        bool, typer.Option("--history", help="Read channels, to follow threads without a mention.")
    ] = False,
    org: Annotated[bool, typer.Option("--org", help="May be installed to a whole Enterprise organisation.")] = False,
) -> None:
    """Print the manifest to create the Slack app from."""
    address = host.rstrip("/") if host else None
    if address is None and mode == Mode.HTTP:
        address = read_settings().public_url
        if address is None:
            stop("--host: is missing; give the address at which Slack reaches this service, or set PUBLIC_URL")
    if host and not re.fullmatch(r"https://[\w.-]+(:\d+)?(/[\w./-]+)?", str(address)):
        stop(f"--host: {host} is no https: address; write one such as https://codes.example.org")
    over_http = mode == Mode.HTTP or (mode is None and address is not None)
    made = make_manifest(host=address, over_http=over_http, reads_channels=history, for_organisations=org)
    typer.echo(json.dumps(made, indent=2, ensure_ascii=False))
