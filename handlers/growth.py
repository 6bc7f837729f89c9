"""How finding slows down as the shelves grow: the same questions asked of 136, 1,000 and 10,000 entries."""

import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from rich.table import Table

from bot.answers import find_answer
from bot.query import understand
from handlers.benches.tables import left_then_right
from knowledge.entry import Entry
from knowledge.library import Library
from knowledge.search import Index

SIZES = (136, 1_000, 10_000)
ASKED = 300  # questions for each size


def growth_table(library: Library, questions: Sequence[str]) -> Table:
    """Median time of understanding and finding for each size, and its ratio to the shipped shelves'."""
    table = left_then_right("entries", "p50 ms", "times the first")
    asked = random.Random(1).sample(list(questions), min(ASKED, len(questions)))  # noqa: S311  # not a secret
    first = None
    for size in SIZES:
        p50 = _median_ms(Index(grown(library, size)), asked)
        first = first or p50
        table.add_row(f"{size:,}", f"{p50:.2f}", f"{p50 / first:.1f}")
    return table


def grown(library: Library, size: int) -> Library:
    """The library with made-up entries beside the real ones: each called by words of real names, newly mixed."""
    mixing = random.Random(size)  # noqa: S311  # not a secret
    words = sorted({word for entry in library.entries.values() for name in entry.names for word in name.split()})
    real = list(library.entries.values())
    made = (_made_up(number, real[number % len(real)], words, mixing) for number in range(size))
    extra = {entry.code: entry for entry in islice(made, max(0, size - len(real)))}
    return replace(library, entries={**library.entries, **extra})


def _made_up(number: int, like: Entry, words: Sequence[str], mixing: random.Random) -> Entry:
    """An entry with as many names as a real one; a third of their words are words that nothing else has."""
    names = tuple(
        " ".join(
            f"{mixing.choice(words)}q{number % 97}" if mixing.random() < 1 / 3 else mixing.choice(words)
            for _ in name.split()
        )
        for name in like.names
    )
    letter = "JKLMNPQRTUVW"[number // 10_000 % 12]
    return like.model_copy(update={"code": f"{letter}{number % 10_000:04}", "names": names, "toward": (), "away": ()})


def _median_ms(index: Index, questions: Sequence[str]) -> float:
    for question in questions:  # once before, so that what is read lazily is read
        find_answer(understand(question, index))
    times = []
    for question in questions:
        begun = time.perf_counter()
        find_answer(understand(question, index))
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)
