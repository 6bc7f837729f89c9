"""How fast slash commands are answered over HTTP, beside stock Bolt's empty handler, and by two processes."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from rich.console import Console
from rich.table import Table

from handlers.benches.asked import Asked
from handlers.benches.loading import Load, load
from handlers.benches.servers import POSTGRES, Server, coding_helpers, databases, slack, stock_bolt
from handlers.benches.signing import commands
from handlers.benches.stock import FLOOR
from handlers.benches.tables import left_then_right

AT_ONCE = (1, 32, 100)
ASKED = 2_000  # questions for each figure; a third of them one at a time
BOTH_AT_ONCE = 32  # questions under way where two processes are measured
ROUNDS = 2  # one process and two in turn, so that what else runs on the machine meets both


def print_http(
    console: Console,
    questions: Sequence[str],
    postgres: str | None,
    at_once: Sequence[int] = AT_ONCE,
    count: int = ASKED,
) -> None:
    """One table: stock Bolt, its floor, and the whole answer kept in the log, never seen and seen before.

    Never seen are the questions as they are, each asked once, and others made of them by two words more.
    """
    table = left_then_right("server", "questions", "at once", "a second", "to stock", "p50 ms", "p99 ms", "CPU ms each")
    with (
        tempfile.TemporaryDirectory() as folder,
        slack() as api,
        databases(Path(folder), postgres) as urls,
        stock_bolt() as stock,
        stock_bolt(FLOOR) as floor,
        _readied(api.url, [*urls.values()]),
        coding_helpers(api.url, [*urls.values(), *([urls[POSTGRES]] if POSTGRES in urls else [])]) as servers,
    ):
        ours = dict(zip(urls, servers, strict=False))
        asked_in_all = 0
        for part, width in enumerate(at_once):
            asked = Asked(questions, count if width > 1 else count // 3)
            first = _row(table, stock, "stock Bolt, empty handler", "any", width, asked.new())
            _row(table, floor, "the same, process_before_response", "any", width, asked.new(), first)
            for name, server in ours.items():
                typed = asked.as_typed(part, len(at_once))
                _row(table, server, f"Coding Helper, {name}", "never seen", width, typed, first)
                _row(table, server, f"Coding Helper, {name}", "never seen, two words more", width, asked.new(), first)
                load([server.port], commands(asked.few, uuid4().hex), width)
                _row(table, server, f"Coding Helper, {name}", "seen before", width, asked.again(), first)
            asked_in_all += len(typed) + len(asked.new()) + len(asked.few) + len(asked.again())
        console.print(table)
        for name, server in ours.items():
            memory = f"{server.megabytes:.0f} MB after {asked_in_all:,} questions"
            console.print(f"- {name}: serves {server.up_after:.2f} s after its start, and holds {memory}.")
        if POSTGRES in urls:
            console.print(two_processes_table(servers[1:], questions, count))


@contextmanager
def _readied(api: str, databases: Sequence[str]) -> Iterator[None]:
    """Databases on which a process was started before: the first one makes tables, and reads the shelves' files."""
    with coding_helpers(api, databases):
        pass
    yield


def two_processes_table(servers: Sequence[Server], questions: Sequence[str], count: int) -> Table:
    """Never-seen questions to the first process alone and to both, the best of each."""
    best = [0.0, 0.0]
    for _ in range(ROUNDS):
        for more, known in enumerate(best):
            ports = [server.port for server in servers[: more + 1]]
            done = _loaded(ports, Asked(questions, count).new(), BOTH_AT_ONCE, "two processes")
            best[more] = max(known, done.per_second)
    cores = f"{os.cpu_count()} cores, with the load and Postgres on them too"
    table = left_then_right(f"processes on one Postgres ({cores})", "never-seen questions a second", "to one")
    for more, per_second in enumerate(best):
        table.add_row(str(more + 1), f"{per_second:,.0f}", f"{per_second / best[0]:.2f}")
    return table


def _loaded(ports: Sequence[int], texts: Sequence[str], at_once: int, name: str) -> Load:
    done = load(ports, commands(texts, uuid4().hex), at_once)
    if not done.is_good:
        raise RuntimeError(f"{name}: answers other than 200: {done.statuses}")
    return done


def _row(  # noqa: PLR0917  # a row's facts, in the table's order
    table: Table, server: Server, name: str, what: str, at_once: int, texts: Sequence[str], first: Load | None = None
) -> Load:
    before = server.cpu_seconds
    done = _loaded([server.port], texts, at_once, name)
    each = (server.cpu_seconds - before) / len(texts) * 1000
    ratio = f"{done.per_second / first.per_second:.2f}" if first else "1"
    times = (f"{done.part(0.5):.2f}", f"{done.part(0.99):.2f}", f"{each:.2f}")
    table.add_row(name, what, str(at_once), f"{done.per_second:,.0f}", ratio, *times)
    return done
