"""The command line, a door like the others."""

import asyncio
import csv
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.console import Console
from rich.progress import Progress as ProgressBar
from rich.table import Table
from rich.text import Text
from sqlalchemy import Engine
from sqlmodel import Session

from bot.answers.helped import EXAMPLES
from bot.bot import Bot, as_json
from bot.database import DatabaseAwayError, DatabaseError, make_engine, migrate, ready_engine, transaction
from bot.faults import error_reply, log_fault
from bot.opening import open_bot
from bot.question import Question
from bot.question_log import QuestionFilter, QuestionRow, read_questions
from bot.reply import Reply
from bot.settings import AwayError, SettingsError
from handlers import (
    bench_commands,
    clinic_commands,
    doctor_commands,
    forget_commands,
    manifest_commands,
    preview_commands,
    report_commands,
    teaching_commands,
    workspace_commands,
)
from handlers.commands import AWAY
from handlers.commands import settings as _settings
from handlers.commands import stop as _stop
from handlers.printing import print_reply
from knowledge.cms_files import FileRefusedError
from knowledge.imports import ImportOvertakenError, import_fees, import_mue, import_pairs
from knowledge.library import KnowledgeError, files_digest, read_library
from knowledge.pair import SETTINGS
from knowledge.pair_files import OnProgress
from knowledge.tables import load_library

cli = typer.Typer(
    help="Answers billing-code questions of rehab clinics: CPT and HCPCS codes of PT, OT and speech therapy.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
knowledge_cli = typer.Typer(help="The knowledge base: check its files, list it, show a code.", no_args_is_help=True)
cli.add_typer(knowledge_cli, name="knowledge")
bench_commands.register(cli)
clinic_commands.register(cli)
doctor_commands.register(cli)
manifest_commands.register(cli)
workspace_commands.register(cli)
preview_commands.register(cli)
report_commands.register(cli)
teaching_commands.register(cli, knowledge_cli)
forget_commands.register(cli)


class Form(StrEnum):
    """How questions of the log are written out."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def main() -> None:
    """Run the command line; a fault that can be mended is told in a line."""
    try:
        cli()
    except DatabaseAwayError as error:
        _stop(f"{error} ({error.reason})", AWAY)
    except AwayError as error:
        _stop(str(error), AWAY)
    except (SettingsError, DatabaseError) as error:
        _stop(str(error))
    except KnowledgeError as error:
        _stop(f"{error}\n{len(error.faults)} faults in the knowledge files")
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; nobody is left to tell


@cli.command()
def chat() -> None:
    """Ask and be answered in the terminal: no Slack, no server, no account."""
    with _opened() as bot:
        console = Console(highlight=False)
        _say_hello(console, bot)
        conversation = uuid4().hex
        with asyncio.Runner() as runner:
            for line in _typed_lines(console):
                print_reply(console, runner.run(_answer(bot, line, conversation)))


@cli.command()
def ask(
    question: Annotated[
        str | None, typer.Argument(help="The question; left out, one a line is read from standard input.")
    ] = None,
    json_lines: Annotated[bool, typer.Option("--json", help="One JSON object a line, in order.")] = False,
) -> None:
    """Answer one question, or one a line from standard input (a JSON object with "question" works too)."""
    with _opened() as bot, asyncio.Runner() as runner:
        console = Console(highlight=False)
        for line in [question] if question is not None else _lines_of_input():
            if json_lines:
                sys.stdout.write(json.dumps(runner.run(_answer_as_json(bot, line)), ensure_ascii=False) + "\n")
                sys.stdout.flush()
            else:
                print_reply(console, runner.run(_answer(bot, line)))


@cli.command()
def questions(
    *,
    unanswered: Annotated[bool, typer.Option("--unanswered", help="Only those without an answer.")] = False,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only since this day (UTC).")] = None,
    code: Annotated[str | None, typer.Option(help="Only those answered with this code.")] = None,
    workspace: Annotated[
        str | None, typer.Option(help="Only this one's: Slack's team id, or local for this terminal.")
    ] = None,
    form: Annotated[Form, typer.Option("--as", help="table, csv or json.")] = Form.TABLE,
    most: Annotated[int | None, typer.Option(min=1, help="At most so many, the newest.")] = None,
) -> None:
    """The questions asked, newest first."""
    wanted = QuestionFilter(
        unanswered=unanswered,
        since=since.replace(tzinfo=UTC) if since else None,
        code=code.upper() if code else None,
        workspace=workspace,
        most=most,
    )
    with open_bot(_settings(quiet=True)) as opened, Session(opened.engine) as session:
        _WRITERS[form](read_questions(session, wanted))


@cli.command()
def serve(
    socket: Annotated[bool, typer.Option("--socket", help="Socket Mode, whatever else is set.")] = False,
    http: Annotated[bool, typer.Option("--http", help="HTTP, whatever else is set.")] = False,
) -> None:
    """Serve Slack: Socket Mode where SLACK_APP_TOKEN is set, HTTP where SLACK_SIGNING_SECRET is."""
    if socket and http:
        _stop("--socket and --http: give one of the two")
    # The libraries for Slack take half a second to import; only this command needs them.
    from handlers.serving import serve as serve_slack  # noqa: PLC0415

    serve_slack(_settings(quiet=False), socket=socket, http=http)


@cli.command(name="migrate")
def migrate_command() -> None:
    """Bring the database up to date, and load the knowledge into it."""
    engine = make_engine(_settings(quiet=True).database_url)
    changed = migrate(engine)
    with transaction(engine) as session:
        loaded = load_library(session, read_library(), files_digest())
    typer.echo("tables brought up to date" if changed else "tables were up to date")
    typer.echo("knowledge loaded" if loaded.changed else "knowledge was loaded already")


@knowledge_cli.command()
def check() -> None:
    """Read all knowledge files, and list every fault of every file."""
    library = read_library()
    drafts = sum(entry.review.status == "draft" for entry in library.entries.values())
    typer.echo(
        f"{len(library.entries)} codes, {len(library.topics)} topics, {len(library.contrasts)} contrasts, "
        f"{len(library.limits)} limits, {len(library.retired)} retired or misprinted codes, "
        f"{len(library.sources)} sources: no faults"
    )
    typer.echo(f"{drafts} codes are drafts, not yet reviewed")


@knowledge_cli.command(name="list")
def list_codes() -> None:
    """List the codes by family."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("code", "title", "family", "timing", "status"):
        table.add_column(heading)
    for entry in sorted(read_library().entries.values(), key=lambda one: (one.family, one.code)):
        table.add_row(entry.code, entry.title, entry.family, entry.timing.value, entry.review.status)
    Console(highlight=False).print(table)


@knowledge_cli.command()
def show(code: Annotated[str, typer.Argument(help="A code, such as 97530.")]) -> None:
    """Show what the knowledge base holds on one code."""
    with _opened() as bot:
        if code.upper() not in bot.index.library.entries:
            _stop(f"{code}: no entry has this code; coding-helper knowledge list shows all")
        print_reply(Console(highlight=False), bot.describe(code.upper()))


@knowledge_cli.command(name="import-pairs")
def import_pairs_command(
    files: Annotated[list[Path], typer.Argument(help="All files of one quarter and setting, or the folder with them.")],
    setting: Annotated[str | None, typer.Option(help="practitioner or hospital, where the names do not tell.")] = None,
    quarter: Annotated[str | None, typer.Option(help="Such as 2026Q4, where the names do not tell.")] = None,
    parts: Annotated[int, typer.Option(min=1, help="In how many files CMS published the quarter.")] = 4,
) -> None:
    """Bring in a quarter of CMS's own pair edits (NCCI PTP): the text files or zips that CMS publishes."""
    if setting not in (None, *SETTINGS):
        _stop(f"--setting: {setting} is none; write one of {', '.join(SETTINGS)}")
    with _importing() as (engine, show):
        done = import_pairs(engine, files, show, setting=setting, quarter=quarter, parts=parts)
    before = f" in place of {done.replaced}" if done.replaced else ""
    typer.echo(
        f"{done.rows:,} pair edits of {done.quarter} ({done.setting}), {done.standing:,} standing{before}. {_LIVE}"
    )


@knowledge_cli.command(name="import-mue")
def import_mue_command(file: Annotated[Path, typer.Argument(help="CMS's file of unit limits, csv or zip.")]) -> None:
    """Bring in CMS's unit limits (MUE)."""
    with _importing() as (engine, show):
        done = import_mue(engine, file, show)
    typer.echo(f"{done.rows:,} unit limits ({done.setting}) as of {done.as_of}. {_LIVE}")


@knowledge_cli.command(name="import-fees")
def import_fees_command(
    file: Annotated[Path, typer.Argument(help="CMS's relative value file (PPRRVU), csv or zip.")],
) -> None:
    """Bring in a release of CMS's relative values; descriptors are never stored."""
    with _importing() as (engine, show):
        done = import_fees(engine, file, show)
    typer.echo(f"{done.rows:,} fee schedule values from {done.effective} ({done.basis}). {_LIVE}")


_LIVE = "A bot that is running takes them up when it starts again."


@contextmanager
def _importing() -> Iterator[tuple[Engine, OnProgress]]:
    """An engine, and a bar that shows how far the import is; a file that is refused is told in a line."""
    engine = ready_engine(_settings(quiet=True).database_url)
    console = Console(stderr=True)
    try:
        with ProgressBar(console=console, transient=True) as bar:
            task = bar.add_task("reading", total=1.0)
            yield engine, lambda seen: bar.update(task, completed=seen.share, description=f"{seen.rows:,} rows")
    except (FileRefusedError, ImportOvertakenError) as error:
        _stop(str(error))
    finally:
        engine.dispose()


@contextmanager
def _opened() -> Iterator[Bot]:
    with open_bot(_settings(quiet=True)) as opened:
        yield opened.bot


async def _answer(bot: Bot, text: str, conversation: str | None = None) -> Reply:
    try:
        reply = await bot.ask(Question(text=text, door="terminal", thread=conversation))
    except Exception as error:  # noqa: BLE001  # the conversation goes on; the fault is in the log with its id
        return error_reply(log_fault(error))
    assert reply is not None  # noqa: S101  # every asking in the terminal is a new one
    return reply


async def _answer_as_json(bot: Bot, line: str) -> dict[str, Any]:
    begun = time.perf_counter()
    try:
        told = await bot.tell(Question(text=line, door="terminal", thread=uuid4().hex))
    except Exception as error:  # noqa: BLE001  # one line in, one line out, whatever happens
        error_id = log_fault(error)
        return {"question": "", "kind": "unknown", "codes": [], "also": [], "choice": False, "confidence": 0.0,
                "reply": error_reply(error_id).text, "error": error_id, "ms": _since(begun)}  # fmt: skip
    assert told is not None  # noqa: S101  # every asking in the terminal is a new one
    return {**as_json(told), "ms": _since(begun)}


def _since(begun: float) -> float:
    return round((time.perf_counter() - begun) * 1000, 3)


def _lines_of_input() -> Iterator[str]:
    for raw in sys.stdin.buffer:
        line = raw.decode("utf-8", errors="replace").rstrip("\r\n")
        yield _question_in(line)


def _question_in(line: str) -> str:
    """The line itself, or its "question" where it is a JSON object that has one."""
    if not line.startswith("{"):
        return line
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return line
    asked = data.get("question") if isinstance(data, dict) else None
    return asked if isinstance(asked, str) else line


def _typed_lines(console: Console) -> Iterator[str]:
    """Lines as a person types them, with history and editing in a terminal, until the end or "quit"."""
    if sys.stdin.isatty():
        import readline  # noqa: F401, PLC0415  # gives input() its history; not on every system

    while True:
        try:
            line = input("\nyou: " if sys.stdin.isatty() else "")
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
        if line.strip().lower() in ("quit", "exit", "bye"):
            return
        if not sys.stdin.isatty():
            console.print(f"\nyou: {line}", markup=False)
        yield line


def _say_hello(console: Console, bot: Bot) -> None:
    count = len(bot.index.library.entries)
    console.print(f"Coding Helper knows {count} therapy codes. Ask in your own words, for example:")
    for example in EXAMPLES:
        console.print(f"  {example}")
    console.print("Leave patients' details out. “quit” ends the conversation.")


_COLUMNS = (
    *("asked_at", "workspace", "door", "place", "text", "removed"),
    *("kind", "codes", "confidence", "took_ms", "feedback"),
)


def _as_table(rows: Iterator[QuestionRow]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("asked (UTC)", "door", "question", "kind", "codes", "sure"):
        table.add_column(heading)
    for row in rows:
        asked = row.asked_at.strftime("%Y-%m-%d %H:%M")
        table.add_row(asked, row.door, Text(row.text[:80]), row.kind, row.codes, f"{row.confidence:.2f}")
    Console(highlight=False).print(table)


def _as_csv(rows: Iterator[QuestionRow]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(_COLUMNS)
    for row in rows:
        writer.writerow([_safe_cell(getattr(row, name)) for name in _COLUMNS])


def _safe_cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula, whatever somebody typed as a question."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")) else value


def _as_json(rows: Iterator[QuestionRow]) -> None:
    for row in rows:
        sys.stdout.write(row.model_dump_json(include=set(_COLUMNS)) + "\n")


_WRITERS: dict[Form, Callable[[Any], None]] = {Form.TABLE: _as_table, Form.CSV: _as_csv, Form.JSON: _as_json}


if __name__ == "__main__":
    main()
