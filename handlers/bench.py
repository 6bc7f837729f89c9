"""`coding-helper bench`: how many questions are answered rightly, how well sureness tells it, and how fast."""

import importlib
import itertools
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.bot import Bot, as_json
from bot.cases import Case, points, read_cases
from handlers.benches.tables import left_then_right
from knowledge.library import Library

CASES = Path("tests") / "questions"
BANDS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


@dataclass(frozen=True)
class Judged:
    """A case, the answer it got, its points, and how long answering took."""

    case: Case
    answer: dict[str, Any]
    points: float
    ms: float


def judge_cases(bot: Bot, cases: Iterable[Case]) -> list[Judged]:
    """Every case asked of the bot, without the log."""
    judged = []
    for case in cases:
        begun = time.perf_counter()
        told = bot.answer(case.question)
        took = (time.perf_counter() - begun) * 1000
        answer = as_json(told)
        judged.append(Judged(case, answer, points(case, answer, bot.index.library), took))
    return judged


def cases_under(path: Path) -> list[Case]:
    """The cases of a file, or of all files of a folder. Raises FileNotFoundError where there are none."""
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not files or not all(file.is_file() for file in files):
        raise FileNotFoundError(f"{path}: no cases here; run it in a checkout, or name a file or folder of cases")
    return [case for file in files for case in read_cases(file)]


def print_bench(console: Console, judged: Sequence[Judged], *, misses: bool) -> None:
    """Accuracy by kind, reliability of the confidence, and times in process."""
    if misses:
        for one in judged:
            if one.points < 1:
                told = f"{one.answer['kind']} {' '.join(one.answer['codes'][:4])}"
                console.print(
                    f"{one.points:.1f} {one.case.kind:14} {one.case.question[:90]!r} got {told}", markup=False
                )
    console.print(_accuracy(judged))
    console.print(_lookups(judged))
    console.print(_reliability(judged))
    times = sorted(one.ms for one in judged)
    console.print(
        f"understanding, finding and wording, in process: p50 {statistics.median(times):.2f} ms, "
        f"p95 {times[int(0.95 * len(times))]:.2f} ms, p99 {times[int(0.99 * len(times))]:.2f} ms"
    )


def _accuracy(judged: Sequence[Judged]) -> Table:
    table = left_then_right("kind", "right", "of", "share")
    by_kind: dict[str, list[float]] = defaultdict(list)
    for one in judged:
        by_kind[one.case.kind].append(one.points)
    for kind, got in [*sorted(by_kind.items()), ("all", [one.points for one in judged])]:
        table.add_row(kind, f"{sum(got):g}", f"{len(got)}", f"{sum(got) / len(got):.1%}")
    return table


def _lookups(judged: Sequence[Judged]) -> Table:
    lookups = [one for one in judged if one.case.kind == "lookup"]
    table = left_then_right("lookups", "share")
    measures: list[tuple[str, Callable[[Judged], bool]]] = [
        ("right first (a fair choice counts)", lambda one: one.points == 1),
        ("right among those shown", _is_shown),
        ("wrong without the right one", lambda one: bool(_shown(one)) and not _is_shown(one)),
        ("wrong and sure (0.7 or more)", _is_wrong_and_sure),
        ("no answer", lambda one: not _shown(one)),
    ]
    for name, holds in measures:
        table.add_row(name, f"{sum(map(holds, lookups)) / max(1, len(lookups)):.1%}")
    return table


def _shown(one: Judged) -> list[str]:
    return [*one.answer["codes"], *one.answer["also"]]


def _is_shown(one: Judged) -> bool:
    return bool(set(_shown(one)) & set(one.case.expect))


def _is_wrong_and_sure(one: Judged) -> bool:
    answer = one.answer
    sure = answer["confidence"] >= 0.7 and not answer["choice"]  # noqa: PLR2004  # what a reader takes for sure
    return sure and bool(answer["codes"]) and answer["codes"][0] not in one.case.expect


def _reliability(judged: Sequence[Judged]) -> Table:
    """Of the answers by search, how many are right in each band of confidence."""
    table = left_then_right("confidence", "answers", "right")
    found = [one for one in judged if one.answer["kind"] in ("looked_up", "contrasted", "explained")]
    for low, high in itertools.pairwise(BANDS):
        band = [one.points for one in found if low <= one.answer["confidence"] < high]
        if band:
            table.add_row(f"{low:.1f} to {min(high, 1):.1f}", str(len(band)), f"{sum(band) / len(band):.0%}")
    return table


def print_privacy(console: Console, library: Library) -> bool:
    """What the gate takes out of 2,000 questions with invented people in them, and harms of clean ones; is it enough?

    Raises FileNotFoundError where the generator or Faker is not at hand: both belong to a checkout.
    """
    sys.path.insert(0, str(Path.cwd()))
    try:
        generator, figures = (importlib.import_module(f"tests.privacy.{name}") for name in ("generator", "figures"))
    except ImportError as error:
        message = f"{error}: run it in a checkout with the tests' needs installed, pip install -e '.[dev]'"
        raise FileNotFoundError(message) from error
    measured = figures.figures_of(generator.Clinic().questions(figures.FULL))
    table = left_then_right("details of invented people", "gone", "of", "share", "wanted")
    for one in measured:
        table.add_row(
            one.kind, f"{one.gone:,}", f"{one.typed:,}", f"{one.share:.2%}", f"{one.wanted:.0%}" if one.wanted else ""
        )
    clean = generator.clean_questions(library)
    harmed, (median, slow) = figures.harmed_of(clean), figures.typical_ms(clean[: figures.FULL])
    console.print(table)
    for one in harmed:
        console.print(f"harmed: {one}", markup=False)
    console.print(f"clean questions: {len(harmed)} of {len(clean):,} harmed")
    console.print(f"the gate, per question: p50 {median:.3f} ms, p95 {slow:.3f} ms")
    return not harmed and all(one.share >= one.wanted for one in measured)
