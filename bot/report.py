"""The report: what was asked, how it was answered, what is missing. It counts questions and never shows people."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, func, select, update
from sqlmodel import Session, col

from bot.clusters import Cluster, clustered
from bot.question_log import UNANSWERED
from bot.question_row import SLOW_MS, QuestionRow, VoteRow
from knowledge.language import Language

USUAL_SPAN = timedelta(days=30)
MOST_READ = 5_000  # unanswered questions, the newest, that are put into clusters
MOST_CLUSTERS = 20
MOST_LISTED = 15  # questions of a list
MOST_EXPECTED = 3  # things expected instead, of one question

Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Day:
    """How much was asked on a day, and how much of it was not answered."""

    day: date
    asked: int
    unanswered: int


@dataclass(frozen=True)
class Listed:
    """A question of a list: its words, how often, how it was answered; what people had expected; how long it took."""

    text: str
    count: int
    answered: str
    expected: tuple[str, ...] = ()
    took_ms: float = 0.0


@dataclass(frozen=True)
class Report:
    """One workspace's questions over a span of days."""

    workspace: str
    since: date
    until: date
    days: tuple[Day, ...]
    doors: Counts
    kinds: Counts
    codes: Counts
    clusters: tuple[Cluster, ...]
    down: tuple[Listed, ...]
    down_count: int
    slow: tuple[Listed, ...]
    slow_count: int

    @property
    def asked(self) -> int:
        """Questions in all."""
        return sum(one.asked for one in self.days)

    @property
    def unanswered(self) -> int:
        """Questions without an answer."""
        return sum(one.unanswered for one in self.days)


def make_report(engine: Engine, workspace: str, language: Language, since: date | None = None) -> Report:
    """The report of a workspace, since a day (the last thirty, if none is given)."""
    until = datetime.now(UTC).date()
    span = (workspace, since or until - USUAL_SPAN)
    _fill_days(engine, workspace)
    with Session(engine) as session:
        groups = _groups(session, *span)
        down, down_count = _down(session, *span)
        slow, slow_count = _slow(session, *span)
        return Report(
            *span,
            until,
            days=_days(groups),
            doors=_summed((door, count) for _, door, _, count in groups),
            kinds=_summed((kind, count) for _, _, kind, count in groups),
            codes=_codes(session, *span),
            clusters=tuple(clustered(unanswered_texts(session, *span), language)[:MOST_CLUSTERS]),
            down=down,
            down_count=down_count,
            slow=slow,
            slow_count=slow_count,
        )


def unanswered_texts(session: Session, workspace: str, since: date) -> Counter[str]:
    """The newest unanswered questions whose words are kept, with how often each was asked."""
    row = QuestionRow
    statement = _in_span(select(col(row.text)), workspace, since).where(col(row.kind) == UNANSWERED[0])
    newest = statement.order_by(col(row.day).desc()).limit(MOST_READ)
    return Counter(text for text in session.execute(newest).scalars() if text)


def _fill_days(engine: Engine, workspace: str) -> None:
    """The day of questions that a program of the release before put in the log while this one was started."""
    row = QuestionRow
    missing = (col(row.workspace) == workspace, col(row.day).is_(None))
    what: tuple[Any, ...] = (col(row.id), col(row.asked_at))
    with Session(engine) as session:
        found = session.execute(select(*what).where(*missing)).all()
    days = [{"id": number, "day": asked_at.date()} for number, asked_at in found]
    if days:
        with Session(engine) as session, session.begin():
            session.execute(update(row), days)


def _in_span(statement: Any, workspace: str, since: date) -> Any:  # noqa: ANN401  # a select of any columns
    return statement.where(col(QuestionRow.workspace) == workspace, col(QuestionRow.day) >= since)


def _groups(session: Session, workspace: str, since: date) -> Sequence[tuple[date, str, str, int]]:
    """How often each door gave each kind of answer on each day: few enough to sum up here."""
    row = QuestionRow
    by = (col(row.day), col(row.door), col(row.kind))
    statement = _in_span(select(*by, func.count()), workspace, since).group_by(*by)
    return [(day, door, kind, count) for day, door, kind, count in session.execute(statement)]


def _days(groups: Iterable[tuple[date, str, str, int]]) -> tuple[Day, ...]:
    asked: Counter[date] = Counter()
    unanswered: Counter[date] = Counter()
    for day, _, kind, count in groups:
        asked[day] += count
        unanswered[day] += count if kind in UNANSWERED else 0
    return tuple(Day(day, asked[day], unanswered[day]) for day in sorted(asked))


def _summed(counts: Iterable[tuple[str, int]]) -> Counts:
    total: Counter[str] = Counter()
    for name, count in counts:
        total[name] += count
    return tuple(sorted(total.items(), key=lambda one: (-one[1], one[0])))


def _codes(session: Session, workspace: str, since: date) -> Counts:
    """How often each code was told; an answer with several counts for each of them."""
    by = col(QuestionRow.codes)
    found = session.execute(_in_span(select(by, func.count()), workspace, since).group_by(by))
    return _summed((code, count) for codes, count in found for code in codes.split())


def _down(session: Session, workspace: str, since: date) -> tuple[tuple[Listed, ...], int]:
    """Answers that more people found wrong than right, with what they had expected."""
    row = QuestionRow
    what = (col(row.id), col(row.text), col(row.kind), col(row.codes))
    found = session.execute(_in_span(select(*what), workspace, since).where(col(row.feedback) < 0)).all()
    expected = _expected(session, workspace, since)
    counts = Counter((text, _answered(kind, codes)) for _, text, kind, codes in found if text)
    told: dict[tuple[str, str], list[str]] = {}
    for number, text, kind, codes in found:
        told.setdefault((text, _answered(kind, codes)), []).extend(expected.get(number, ()))
    most = counts.most_common(MOST_LISTED)
    return tuple(Listed(*key[:1], count, key[1], tuple(told[key][:MOST_EXPECTED])) for key, count in most), len(found)


def _expected(session: Session, workspace: str, since: date) -> Mapping[int, list[str]]:
    votes: tuple[Any, ...] = (col(VoteRow.question), col(VoteRow.expected))
    statement = select(*votes).join(QuestionRow, col(QuestionRow.id) == col(VoteRow.question))
    are_told = (col(QuestionRow.feedback) < 0, col(VoteRow.expected).is_not(None))
    told: dict[int, list[str]] = {}
    for number, words in session.execute(_in_span(statement, workspace, since).where(*are_told)):
        told.setdefault(number, []).append(words)
    return told


def _slow(session: Session, workspace: str, since: date) -> tuple[tuple[Listed, ...], int]:
    row = QuestionRow
    is_slow = col(row.took_ms) >= SLOW_MS
    count = session.execute(_in_span(select(func.count()), workspace, since).where(is_slow)).scalar_one()
    what = (col(row.text), col(row.kind), col(row.codes), col(row.took_ms))
    found = _in_span(select(*what), workspace, since).where(is_slow).order_by(col(row.took_ms).desc())
    listed = [
        Listed(text or "(words no longer kept)", 1, _answered(kind, codes), took_ms=took_ms)
        for text, kind, codes, took_ms in session.execute(found.limit(MOST_LISTED))
    ]
    return tuple(listed), count


def _answered(kind: str, codes: str) -> str:
    return " or ".join(codes.split()) or kind.replace("_", " ")
