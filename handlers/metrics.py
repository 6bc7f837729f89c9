"""What Prometheus may know: counts and times, by kind. No text, no ids, no names of people or workspaces."""

import re
from collections.abc import Iterable
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.bot import Bot
from bot.question import Question
from handlers.posting import Poster

# Seconds. Most answers take a few milliseconds; Slack gives up after three seconds.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0)


class Metrics:
    """The counts of one process, in a registry of their own."""

    def __init__(self, bot: Bot, poster: Poster) -> None:
        """Watch a bot and what it posts."""
        self._registry = CollectorRegistry()
        self._questions = self._counter("questions", "Questions answered, each once.", ("door", "kind"))
        self._finding = self._histogram("finding_seconds", "Time to understand a question and find its answer.", ())
        self._requests = self._histogram(
            "request_seconds",
            "Time from Slack's request to its acknowledgement, with the question in the log.",
            ("what",),
        )
        self._acknowledged = self._counter("acknowledgements", "Requests of Slack, by HTTP status.", ("what", "status"))
        self._repeats = self._counter("slack_retries", "Requests that Slack sent again.", ("what",))
        self._errors = self._counter("slack_errors", "Calls that Slack refused or left open.", ("method", "error"))
        # Looking the labels up takes longer than counting; they are few.
        self._of_question, self._of_request = cache(self._questions.labels), cache(self._requests.labels)
        self._of_status = cache(self._acknowledged.labels)
        self._registry.register(_Standing(bot, poster))
        bot.listeners.append(self.count_question)

    def count_question(self, question: Question, kind: str, took_ms: float) -> None:
        """A question that was answered for the first time."""
        self._of_question(question.door, kind).inc()
        self._finding.observe(took_ms / 1000)

    def count_request(self, what: str, status: int, seconds: float, *, is_repeat: bool) -> None:
        """A request of Slack's that was acknowledged, or refused."""
        self._of_request(what).observe(seconds)
        self._of_status(what, status).inc()
        if is_repeat:
            self._repeats.labels(what).inc()

    def count_error(self, method: str, error: str) -> None:
        """A call that failed, by Slack's name for it: only what looks like a name is taken for one."""
        self._errors.labels(method, error if re.fullmatch(r"[A-Za-z_]{1,60}", error) else "other").inc()

    def page(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)

    def _counter(self, name: str, told: str, labels: tuple[str, ...]) -> Counter:
        return Counter(f"coding_helper_{name}", told, labels, registry=self._registry)

    def _histogram(self, name: str, told: str, labels: tuple[str, ...]) -> Histogram:
        return Histogram(f"coding_helper_{name}", told, labels, registry=self._registry, buckets=BUCKETS)


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
