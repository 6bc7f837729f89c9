"""The report as an HTML page that stands alone: plots drawn inline, no scripts, for a phone too, light and dark."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from bot.report import Counts, Day, Report
from knowledge.library import Library

MOST_BARS = 45  # more days than these are drawn by the week, and more weeks by four of them
MOST_CODES = 20
WIDTH, HEIGHT = 640, 160  # of the plot, in its own units


@dataclass(frozen=True)
class Bar:
    """A bar of the plot of days: where it stands, how high it is, how much of it was not answered, and its words.

    `count` is what was asked in its days, which `span` tells in words.
    """

    x: float
    width: float
    asked: float
    unanswered: float
    words: str
    count: int
    span: str


def report_page(report: Report, library: Library) -> str:
    """The page."""
    return _template().render(
        report=report,
        made=datetime.now(UTC),
        bars=bars_of(report.days),
        width=WIDTH,
        height=HEIGHT,
        codes=report.codes[:MOST_CODES],
        titles={code: entry.title for code, entry in library.entries.items()},
        share=_share,
    )


def bars_of(days: Sequence[Day]) -> tuple[Bar, ...]:
    """The days as bars, each for so many days that there is room for all. Days without a question are empty places."""
    if not days:
        return ()
    first, span = days[0].day, (days[-1].day - days[0].day).days + 1
    step = next(one for one in (1, 7, 28, span) if span / one <= MOST_BARS or one == span)
    asked, unanswered = ([0] * (-(-span // step)) for _ in range(2))
    for one in days:
        at = (one.day - first).days // step
        asked[at] += one.asked
        unanswered[at] += one.unanswered
    highest, width = max(asked), WIDTH / len(asked)
    return tuple(
        Bar(
            at * width,
            width * 0.85,
            HEIGHT * count / highest,
            HEIGHT * unanswered[at] / highest,
            f"{_span_words(first + timedelta(days=at * step), step)}: {count:,} asked, {unanswered[at]:,} unanswered",
            count,
            "a day" if step == 1 else f"in {step} days",
        )
        for at, count in enumerate(asked)
    )


def _span_words(day: object, step: int) -> str:
    return f"{day}" if step == 1 else f"{step} days from {day}"


def _share(count: int, counts: Counts) -> float:
    """A count as a share of the highest, in percent."""
    return 100 * count / max((one for _, one in counts), default=1)


@lru_cache(maxsize=1)
def _template() -> Template:
    pages = PackageLoader("bot", "pages")
    environment = Environment(
        loader=pages, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html.j2")
