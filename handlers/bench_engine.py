"""What the engine costs in process: finding, wording, blocks, a whole visit, memory, and the time to a first answer."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from bot.bot import Bot
from bot.query import understand
from handlers.benches.tables import left_then_right
from handlers.blocks import message

Asked = TypeVar("Asked")

ADDED = 1_000_000  # additions of the yardstick, by which figures of two machines can be compared
ASKED = 10_000  # questions before memory is looked at
VISITS, LINES = 400, 10
# What visits are made of: ten of these services each, and how they end.
SERVICES = (
    *("stairs", "manual", "e-stim", "balance", "gait", "ther ex on the bike", "ultrasound", "transfers", "cupping"),
    *("wheelchair mobility", "97110", "97140", "97116 GP", "NMR", "TE", "group", "dressing", "kinesio tape", "massage"),
    *("hamstring stretching", "soft tissue mobilization", "bed mobility", "joint mobs", "sit to stands", "paraffin"),
    *("neuro re-ed", "core strengthening", "cognitive training", "mechanical traction", "iontophoresis"),
)
ENDS = ("PTA did the manual, medicare", "medicare", "how many units", "units for bcbs", "")


def print_engine(console: Console, bot: Bot, questions: Sequence[str]) -> None:
    """All figures of the engine, one after another."""
    console.print(engine_table(bot, questions))
    console.print(memory_line(bot, questions))
    console.print(start_line())


def engine_table(bot: Bot, questions: Sequence[str]) -> Table:
    """Times of each part over questions that were not asked before, and their ratio to the yardstick's."""
    known, new = questions[::2], questions[1::2]
    _times(lambda text: message(bot.answer(text).reply), known)  # what is made when first needed is made now
    _times(bot.answer, list(visits(VISITS, seed=1)))
    yardstick = min(_times(_added, [ADDED] * 5))
    parts: tuple[tuple[str, list[float]], ...] = (
        ("understand and find", _times(lambda text: bot.index.find(understand(text, bot.index).said), new)),
        ("answer, words and blocks", _times(lambda text: message(bot.answer(text).reply), new)),
        ("a visit of ten lines, worded", _times(bot.answer, list(visits(VISITS, seed=2)))),
    )
    table = left_then_right("in process", "CPU ms, p50", "p95", "p99", "p50 to the yardstick")
    table.add_row(f"yardstick: {ADDED:,} additions", f"{yardstick:.2f}", "", "", "1.000")
    for name, times in parts:
        p50, p95, p99 = statistics.median(times), _at(times, 0.95), _at(times, 0.99)
        table.add_row(name, f"{p50:.2f}", f"{p95:.2f}", f"{p99:.2f}", f"{p50 / yardstick:.3f}")
    return table


def visits(count: int, seed: int) -> Iterator[str]:
    """Visits of ten lines with minutes of their own, so that no answer to a whole visit that is kept can serve."""
    chance = Random(seed)  # noqa: S311  # no secret
    for _ in range(count):
        lines = [f"{chance.randint(5, 40)} min {one}" for one in chance.sample(SERVICES, LINES)]
        yield chance.choice((", ", " + ", "; ")).join(lines) + f", {chance.choice(ENDS)}"


def memory_line(bot: Bot, questions: Sequence[str]) -> str:
    """Resident memory of this process after many questions."""
    for text in islice(cycle(questions), ASKED):
        bot.answer(text)
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
    return f"resident memory after {ASKED:,} questions: at most {most:.0f} MB"


def start_line() -> str:
    """How long a new process takes from its start to its first answer, with a database that is there already."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {**os.environ, "DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.db'}"}
        command = [sys.executable, "-m", "handlers", "ask", "what code for stair training?"]

        def ask(_: int) -> None:
            subprocess.run(command, env=settings, capture_output=True, check=True)  # noqa: S603  # this program

        times = _measured(ask, range(4), time.perf_counter)
    return f"start to first answer: {min(times[1:]) / 1000:.2f} s"


def _added(count: int) -> None:
    number = 0
    while number < count:
        number += 1


def _times(do: Callable[[Asked], object], asked: Sequence[Asked]) -> list[float]:
    """The CPU time that each took, in milliseconds: what else a machine does disturbs that least."""
    return _measured(do, asked, time.process_time)


def _measured(do: Callable[[Asked], object], asked: Sequence[Asked], clock: Callable[[], float]) -> list[float]:
    times = []
    for one in asked:
        begun = clock()
        do(one)
        times.append((clock() - begun) * 1000)
    return times


def _at(times: Sequence[float], share: float) -> float:
    return sorted(times)[int(share * len(times))]
