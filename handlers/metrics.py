"""What Prometheus may know: counts and times, by kind. No text, no ids, no names of people or workspaces."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import prometheus_client
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.bot import Bot
from bot.question import Question
from handlers.posting import Poster

PREFIX = "coding_helper_"
# Seconds. Most answers take a few milliseconds; Slack gives up after three seconds.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0)


class Metrics:
    """The counts of one process, in a registry of their own.

    What is counted at every request is counted here, in the event loop's thread, and made into Prometheus' own when it
    asks: its own counting, under locks, takes several times as long.
    """

    def __init__(self, bot: Bot, poster: Poster) -> None:
        """Watch a bot and what it posts."""
        self._registry = CollectorRegistry()
        self._questions: Counter[tuple[str, str]] = Counter()
        self._acknowledged: Counter[tuple[str, str]] = Counter()
        self._repeats: Counter[tuple[str]] = Counter()
        self._finding = defaultdict[tuple[str, ...], _Times](_Times, {(): _Times()})
        self._requests = defaultdict[tuple[str, ...], _Times](_Times)
        self._errors = prometheus_client.Counter(
            f"{PREFIX}slack_errors",
            "Calls that Slack refused or left open.",
            ("method", "error"),
            registry=self._registry,
        )
        self._registry.register(_Counted(self._families))
        self._registry.register(_Standing(bot, poster))
        bot.listeners.append(self.count_question)

    def count_question(self, question: Question, kind: str, took_ms: float) -> None:
        """A question that was answered for the first time."""
        self._questions[question.door, kind] += 1
        self._finding[()].add(took_ms / 1000)

    def count_request(self, what: str, status: int, seconds: float, *, is_repeat: bool) -> None:
        """A request of Slack's that was acknowledged, or refused."""
        self._requests[what,].add(seconds)
        self._acknowledged[what, str(int(status))] += 1
        if is_repeat:
            self._repeats[what,] += 1

    def _families(self) -> Iterable[Metric]:
        yield _counts("questions", "Questions answered, each once.", ("door", "kind"), self._questions)
        yield _times("finding_seconds", "Time to understand a question and find its answer.", (), self._finding)
        told = "Time from Slack's request to its acknowledgement, with the question in the log."
        yield _times("request_seconds", told, ("what",), self._requests)
        told = "Requests of Slack, by HTTP status."
        yield _counts("acknowledgements", told, ("what", "status"), self._acknowledged)
        yield _counts("slack_retries", "Requests that Slack sent again.", ("what",), self._repeats)

    def count_error(self, method: str, error: str) -> None:
        """A call that failed, by Slack's name for it: only what looks like a name is taken for one."""
        self._errors.labels(method, error if re.fullmatch(r"[A-Za-z_]{1,60}", error) else "other").inc()

    def page(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)


class _Times:
    """Times in buckets, as a histogram of Prometheus has them."""

    def __init__(self) -> None:
        self.counts, self.seconds = [0] * (len(BUCKETS) + 1), 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.seconds += seconds

    @property
    def buckets(self) -> list[tuple[str, float]]:
        """Each bucket's end with what came up to there."""
        ends = [*map(str, BUCKETS), "+Inf"]
        return [(end, float(count)) for end, count in zip(ends, accumulate(self.counts), strict=True)]


def _counts(name: str, told: str, labels: Sequence[str], found: Mapping[Any, int]) -> Metric:
    family = CounterMetricFamily(PREFIX + name, told, labels=labels)
    for values, count in found.items():
        family.add_metric(values, count)
    return family


def _times(name: str, told: str, labels: Sequence[str], found: Mapping[tuple[str, ...], _Times]) -> Metric:
    family = HistogramMetricFamily(PREFIX + name, told, labels=labels)
    for values, times in found.items():
        family.add_metric(values, buckets=times.buckets, sum_value=times.seconds)
    return family


class _Counted(Collector):
    def __init__(self, families: Callable[[], Iterable[Metric]]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families()


class _Standing(Collector):
    """What is looked up when Prometheus asks: how much waits, and whether the database is there."""

    def __init__(self, bot: Bot, poster: Poster) -> None:
        self._bot = bot
        self._poster = poster

    def collect(self) -> Iterable[Metric]:
        fates = CounterMetricFamily("coding_helper_posts", "Replies posted, by what became of them.", labels=["fate"])
        for fate, posts in self._poster.fates.items():
            fates.add_metric([fate], posts)
        yield fates
        status = self._bot.log.status
        waiting = GaugeMetricFamily(
            "coding_helper_log_waiting", "Changes to the log, by where they wait.", labels=["where"]
        )
        waiting.add_metric(["disk"], status.on_disk)
        waiting.add_metric(["memory"], status.waiting - status.on_disk)
        yield waiting
        yield GaugeMetricFamily(
            "coding_helper_database_away", "1 while the database does not answer.", value=status.is_away
        )
        yield GaugeMetricFamily(
            "coding_helper_posts_under_way", "Posts to Slack under way.", value=self._poster.under_way
        )
