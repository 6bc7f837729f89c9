"""`coding-helper bench`: how right the answers are, how fast, and how that stands beside others."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.cases import Case
from bot.opening import open_bot
from handlers.bench import CASES, cases_under, judge_cases, print_bench, print_privacy
from handlers.commands import settings, stop
from knowledge.library import read_library
from knowledge.search import Index

POSTGRES = "TEST_POSTGRES_URL"  # a server on which databases may be made
WIDE = 200  # characters, where no terminal says how wide it is


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="bench")(bench)


def bench(  # noqa: PLR0917  # options of the command line
    cases: Annotated[Path, typer.Argument(help="A file of cases, or a folder with such files.")] = CASES,
    misses: Annotated[bool, typer.Option("--misses", help="List the cases that lost points.")] = False,
    privacy: Annotated[bool, typer.Option("--privacy", help="What the privacy gate takes out, and harms.")] = False,
    engine: Annotated[bool, typer.Option("--engine", help="Times in process, memory, time to a first answer.")] = False,
    rivals: Annotated[bool, typer.Option("--rivals", help="The search beside FTS5, bm25s and tantivy.")] = False,
    growth: Annotated[bool, typer.Option("--growth", help="How finding slows down as the shelves grow.")] = False,
    log: Annotated[bool, typer.Option("--log", help="How answering slows down as the log grows.")] = False,
    http: Annotated[
        bool, typer.Option("--http", help="Slash commands beside stock Bolt's, by two processes too.")
    ] = False,
    messages: Annotated[bool, typer.Option("--messages", help="Direct messages while Slack is slow.")] = False,
    every: Annotated[bool, typer.Option("--all", help="All of these, one after another.")] = False,
) -> None:
    """Ask all cases: accuracy by kind, reliability of the confidence, and times in process.

    The options measure something else instead. Tables are written in Markdown. Postgres is measured where
    TEST_POSTGRES_URL names a server on which databases may be made.
    """
    try:
        asked = cases_under(cases)
    except (FileNotFoundError, ValueError) as error:
        stop(str(error))
    if every:
        _print_all(cases)
        return
    wanted = zip((privacy, engine, rivals, growth, log, http, messages), PARTS.values(), strict=True)
    part = next((print_part for is_wanted, (_, print_part) in wanted if is_wanted), None)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
    if part:
        part(console, asked)
        return
    with open_bot(settings(quiet=True)) as opened:
        print_bench(console, judge_cases(opened.bot, asked), misses=misses)


def _print_all(cases: Path) -> None:
    """Each part in a process of its own, so that none finds the memory or the caches of another."""
    before = os.getloadavg()[0]
    parts = [("Accuracy, and times in process", []), *((title, [f"--{name}"]) for name, (title, _) in PARTS.items())]
    for title, options in parts:
        sys.stdout.write(f"### {title}\n\n")
        sys.stdout.flush()
        command = [sys.executable, "-m", "handlers", "bench", str(cases), *options]
        told = subprocess.run(command, check=False)  # noqa: S603  # this program
        sys.stdout.write("\n" if told.returncode == 0 else "\nThis part failed.\n\n")
    sys.stdout.write(
        f"{datetime.now(UTC):%-d %B %Y}, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"load {before:.1f} before and {os.getloadavg()[0]:.1f} at the end; {_yardstick()}.\n"
    )


def _yardstick() -> str:
    begun, total = time.perf_counter(), 0
    for one in range(10_000_000):
        total += one
    return f"10 million additions in a loop take {time.perf_counter() - begun:.2f} s"


def _questions(asked: Sequence[Case]) -> list[str]:
    return [case.question for case in asked]


def _print_privacy(console: Console, _: Sequence[Case]) -> None:
    """The privacy figures; the exit status is 1 where they fall short."""
    try:
        is_enough = print_privacy(console, read_library())
    except FileNotFoundError as error:
        stop(str(error))
    if not is_enough:
        raise SystemExit(1)


# What measures Slack's side imports its libraries, which takes long: each part imports what it needs.


def _print_engine(console: Console, asked: Sequence[Case]) -> None:
    from handlers.bench_engine import print_engine  # noqa: PLC0415

    with open_bot(settings(quiet=True)) as opened:
        print_engine(console, opened.bot, _questions(asked))


def _print_rivals(console: Console, asked: Sequence[Case]) -> None:
    from handlers.benches.rivals import rivals_table  # noqa: PLC0415

    console.print(rivals_table(Index(read_library()), asked))


def _print_growth(console: Console, asked: Sequence[Case]) -> None:
    from handlers.growth import growth_table  # noqa: PLC0415

    console.print(growth_table(read_library(), _questions(asked)))


def _print_log(console: Console, asked: Sequence[Case]) -> None:
    from handlers.benches.log_growth import log_table  # noqa: PLC0415

    console.print(log_table(Index(read_library()), _questions(asked), os.environ.get(POSTGRES)))


def _print_http(console: Console, asked: Sequence[Case]) -> None:
    from handlers.benches.over_http import print_http  # noqa: PLC0415

    print_http(console, _questions(asked), os.environ.get(POSTGRES))


def _print_messages(console: Console, asked: Sequence[Case]) -> None:
    from handlers.benches.direct_messages import messages_table  # noqa: PLC0415

    console.print(messages_table(_questions(asked)))


PARTS: dict[str, tuple[str, Callable[[Console, Sequence[Case]], None]]] = {
    "privacy": ("The privacy gate", _print_privacy),
    "engine": ("The engine in process", _print_engine),
    "rivals": ("Search beside other engines", _print_rivals),
    "growth": ("Growth of the shelves", _print_growth),
    "log": ("Growth of the log", _print_log),
    "http": ("Slash commands over HTTP", _print_http),
    "messages": ("Direct messages", _print_messages),
}
