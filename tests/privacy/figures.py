"""What the gate takes out of invented people's details, and what it harms of clean questions, in figures."""

import re
import statistics
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.privacy import scrub
from bot.query import plain_text
from tests.privacy.generator import KINDS_TO_LOSE_ALL, LOWER_NAMES, Asked

SHORT, FULL = 300, 2_000  # questions
SHARE_GONE = 0.99
SHARE_OF_LOWER_NAMES_GONE = 0.90
ALL = "all, without names in lower case"


@dataclass
class Figure:
    """How many details of a kind were typed, how many are gone, and the questions that kept one."""

    kind: str
    typed: int = 0
    gone: int = 0
    kept_in: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Gone of typed."""
        return self.gone / self.typed if self.typed else 1.0

    @property
    def wanted(self) -> float:
        """The share that must be gone."""
        if self.kind in KINDS_TO_LOSE_ALL:
            return 1.0
        if self.kind not in (ALL, LOWER_NAMES):
            return 0.0  # they count in the sum
        return SHARE_OF_LOWER_NAMES_GONE if self.kind == LOWER_NAMES else SHARE_GONE


def figures_of(questions: Iterable[Asked]) -> list[Figure]:
    """Every kind of detail with its figure; the last one sums all but names in lower case."""
    by_kind: dict[str, Figure] = defaultdict(lambda: Figure(""))
    total = Figure(ALL)
    for asked in questions:
        kept = scrub(plain_text(asked.text)).text
        for detail in asked.details:
            is_gone = not remains_of(detail.typed, kept, asked.frame)
            for figure in (by_kind[detail.kind], *([total] if detail.kind != LOWER_NAMES else [])):
                figure.kind = figure.kind or detail.kind
                figure.typed += 1
                figure.gone += is_gone
                if not is_gone:
                    figure.kept_in.append(f"{detail.typed!r} in {asked.text!r} became {kept!r}")
    return [*sorted(by_kind.values(), key=lambda one: one.kind), total]


def remains_of(typed: str, kept: str, frame: str) -> set[str]:
    """The words and numbers of a detail that still stand in a text, but for those typed around it as well."""
    if typed.lower() in kept.lower() and typed.lower() not in frame.lower():
        return {typed.lower()}
    return (_parts(typed) & _parts(kept)) - _parts(frame)


def _parts(text: str) -> set[str]:
    """Words of two letters and more, numbers, and a name without its possessive."""
    return set(re.findall(r"[a-z]{2,}|\d+", re.sub(r"['’]s\b", "", text.lower())))


def harmed_of(questions: Iterable[str]) -> list[str]:
    """The clean questions that did not pass as they were."""
    harmed = []
    for question in map(plain_text, questions):
        scrubbed = scrub(question)
        if scrubbed.removed or scrubbed.text != question:
            harmed.append(f"{question!r} became {scrubbed.text!r}")
    return harmed


def typical_ms(questions: Iterable[str]) -> tuple[float, float]:
    """How long the gate takes for a question: the median and the 95th of a hundred."""
    times = []
    for question in questions:
        begun = time.perf_counter()
        scrub(question)
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times), statistics.quantiles(times, n=100)[94]
