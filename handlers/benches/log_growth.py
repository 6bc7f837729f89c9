"""How answering slows down as the log grows: the same questions, each kept, beside 1,000 to 1,000,000 in the log."""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from rich.table import Table
from sqlalchemy import Engine, insert, text

from bot.bot import Bot
from bot.database import make_engine, migrate
from bot.question import Question
from bot.question_log import QuestionLog, QuestionRow
from bot.reply import Writer
from handlers.benches.servers import databases
from handlers.benches.tables import left_then_right
from knowledge.search import Index

SIZES = (1_000, 100_000, 1_000_000)
ASKED = 300  # questions for each size
FOLLOW_UP = "and 15 min of manual therapy?"  # for which the log is searched
FOLLOWS_UP_EVERY = 5
WORKSPACES, PEOPLE = 50, 400  # among whom the log's questions are spread
YEARS = timedelta(days=730)  # over which they are spread
AT_A_TIME = 10_000


def log_table(index: Index, questions: Sequence[str], postgres: str | None, sizes: Sequence[int] = SIZES) -> Table:
    """A row for each size and kind of database: the median, and its ratio to the smallest log's."""
    table = left_then_right("database", "questions in the log", "p50 ms", "p95 ms", "p50 to the first")
    drawing = random.Random(1)  # noqa: S311  # the same questions for each size
    asked = [drawing.choice(questions) for _ in range(ASKED)]
    asked[FOLLOWS_UP_EVERY - 1 :: FOLLOWS_UP_EVERY] = [FOLLOW_UP] * (ASKED // FOLLOWS_UP_EVERY)
    unlogged = Bot(index, Writer(index.library.sources), None)  # type: ignore[arg-type]
    for one in asked:  # what is read when first needed is read now
        unlogged.answer(one)
    with tempfile.TemporaryDirectory() as folder, databases(Path(folder), postgres) as urls:
        for name, url in urls.items():
            engine = make_engine(url)
            migrate(engine)
            first = None
            for before, size in pairwise((0, *sizes)):
                _fill(engine, before, size, questions)
                times = asyncio.run(_times(index, engine, asked, str(size)))
                p50, p95 = statistics.median(times), sorted(times)[int(0.95 * len(times))]
                first = first or p50
                table.add_row(name, f"{size:,}", f"{p50:.2f}", f"{p95:.2f}", f"{p50 / first:.2f}")
            engine.dispose()
    return table


def _fill(engine: Engine, before: int, size: int, questions: Sequence[str]) -> None:
    for start in range(before, size, AT_A_TIME):
        with engine.begin() as connection:
            numbers = range(start, min(start + AT_A_TIME, size))
            connection.execute(insert(QuestionRow), list(_rows(numbers, size, questions)))
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))  # as the database does by itself in time


def _rows(numbers: range, size: int, questions: Sequence[str]) -> Iterator[dict[str, Any]]:
    now, drawing = datetime.now(UTC), random.Random(numbers.start)  # noqa: S311  # not a secret
    for number in numbers:
        asked_at = now - YEARS * (1 - number / size) - timedelta(hours=1)
        person = drawing.randrange(PEOPLE)
        yield {
            "workspace": f"T{person % WORKSPACES:02}",
            "delivery": f"message:D{person:03}:{number}.0",
            "asked_at": asked_at,
            "day": asked_at.date(),
            "door": "direct_message",
            "place": f"D{person:03}",
            "asker": f"U{person:03}",
            "text": drawing.choice(questions),
            "kind": "unknown" if number % 20 == 0 else "looked_up",
            "codes": "97530 97110",
            "confidence": 0.8,
            "took_ms": 1.0,
            "fate": "posted",
            "receipt": f"{number:08X}",
        }


async def _times(index: Index, engine: Engine, questions: Sequence[str], run: str) -> list[float]:
    log = QuestionLog(engine)
    bot = Bot(index, Writer(index.library.sources), log)
    times = []
    for number, asked in enumerate(questions):
        person = number // FOLLOWS_UP_EVERY % PEOPLE
        question = Question(
            text=asked,
            door="direct_message",
            workspace=f"T{person % WORKSPACES:02}",
            place=f"D{person:03}",
            asker=f"U{person:03}",
            delivery=f"message:D{person:03}:{run}.{number}",
        )
        begun = time.perf_counter()
        await bot.tell(question)
        times.append((time.perf_counter() - begun) * 1000)
    log.close()
    return times
