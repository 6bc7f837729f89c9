"""What the commands of the terminal share: settings with quiet logs, stopping with a line, whose clinic is meant."""

from typing import Annotated, NoReturn

import typer
from sqlalchemy import Engine

from bot.logs import start_logs
from bot.question_log import workspaces_of
from bot.settings import Settings, read_settings

WRONG_USE = 2  # exit status for settings, files or words that are wrong; docs/coding-helper.service starts no more then
AWAY = 1  # exit status where the database or Slack does not answer, and a later start may find it there

WorkspaceOption = Annotated[
    str | None, typer.Option("--workspace", help="Whose: Slack's team id, or local for this terminal.")
]


def settings(*, quiet: bool) -> Settings:
    """The settings, with the logs begun; quiet commands log warnings and worse."""
    found = read_settings()
    start_logs("WARNING" if quiet and found.log_level == "INFO" else found.log_level)
    return found


def stop(message: str, status: int = WRONG_USE) -> NoReturn:
    """End with a line that says what is wrong, and how to mend it."""
    typer.echo(message, err=True)
    raise SystemExit(status)


def workspace_meant(engine: Engine, given: str | None) -> str:
    """The workspace given, or the only one that asked anything; among several it must be said which."""
    if given:
        return given
    known = workspaces_of(engine)
    if len(known) > 1:
        stop(f"--workspace: say which of {', '.join(known)}")
    return known[0]
