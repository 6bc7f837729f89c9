"""The report: counted in the database, by day, door, kind and code; what is missing in clusters; never a person."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert
from sqlmodel import Session
from typer.testing import CliRunner

from bot.clusters import clustered
from bot.database import make_engine
from bot.question_log import QuestionRow, VoteRow
from bot.report import Day, make_report
from bot.report_page import bars_of, report_page
from handlers.terminal import cli
from knowledge.library import Library
from knowledge.search import Index

TODAY = datetime.now(UTC).replace(hour=12)
Asked = Callable[..., None]


@pytest.fixture
def asked(engine: Engine) -> Asked:
    """Puts questions in the log, each asked so many times."""
    numbers = iter(range(1, 10_000))

    def ask(
        text: str, kind: str = "looked_up", codes: str = "97110", times: int = 1, ago: int = 0, **more: Any
    ) -> None:
        at = TODAY - timedelta(days=ago)
        facts = {
            "workspace": "T01",
            "asked_at": at,
            "day": at.date(),
            "door": "mention",
            "place": "C01",
            "asker": "U01",
            "text": text,
            "kind": kind,
            "codes": codes,
            "confidence": 0.8,
            "took_ms": 2.0,
            "removed": "",
        }
        with engine.begin() as connection:
            for _ in range(times):
                number = next(numbers)
                connection.execute(insert(QuestionRow), [{**facts, "id": number, "delivery": f"m:{number}", **more}])

    return ask


def test_questions_are_counted_by_day_door_kind_and_code(index: Index, engine: Engine, asked: Asked) -> None:
    asked("a", times=3, ago=2)
    asked("b", codes="97110 97112", door="home", ago=2)
    asked("zorbit", kind="unknown", codes="", times=2)
    asked("elsewhere", workspace="T02")
    asked("long ago", ago=50)
    told = make_report(engine, "T01", index.language)
    today = TODAY.date()
    assert told.days == (Day(today - timedelta(days=2), 4, 0), Day(today, 2, 2))
    assert (told.asked, told.unanswered) == (6, 2)
    assert told.doors == (("mention", 5), ("home", 1))
    assert told.kinds == (("looked_up", 4), ("unknown", 2))
    assert told.codes == (("97110", 4), ("97112", 1))
    assert make_report(engine, "T01", index.language, date(2020, 1, 1)).asked == 7


def test_the_unanswered_are_put_together_by_what_they_ask_for(index: Index) -> None:
    texts = {
        "code for zorbit hauling": 3,
        "zorbit hauling?": 2,
        "zorbits hauled on wheels": 1,
        "quixotic blimp": 4,
        "": 0,
    }
    found = clustered(texts, index.language)
    assert [(one.text, one.count) for one in found][:2] == [("code for zorbit hauling", 6), ("quixotic blimp", 4)]
    assert found == clustered(dict(reversed(texts.items())), index.language)


def test_voted_down_and_slow_ones_are_listed_with_what_was_expected(index: Index, engine: Engine, asked: Asked) -> None:
    asked("stairs?", times=2, feedback=-1)
    asked("fine", feedback=1)
    asked("slow one", took_ms=250.0)
    with engine.begin() as connection:
        connection.execute(insert(VoteRow), [{"question": 1, "person": "U09", "vote": -1, "expected": "97530"}])
    told = make_report(engine, "T01", index.language)
    assert [(one.text, one.count, one.answered, one.expected) for one in told.down] == [
        ("stairs?", 2, "97110", ("97530",))
    ]
    assert (told.down_count, told.slow_count, told.slow[0].took_ms) == (2, 1, 250.0)


def test_a_row_that_a_program_of_the_release_before_wrote_is_counted_too(
    index: Index, engine: Engine, asked: Asked
) -> None:
    asked("of before", day=None)
    assert make_report(engine, "T01", index.language).days == (Day(TODAY.date(), 1, 0),)


def test_the_page_stands_alone_shows_no_person_and_lets_nothing_be_read_as_markup(
    index: Index, engine: Engine, asked: Asked, library: Library
) -> None:
    asked("<script>alert(1)</script> zorbit", kind="unknown", codes="", asker="U0SECRET")
    asked("stairs & co", times=2, feedback=-1, took_ms=500.0, asker="U0SECRET")
    page = report_page(make_report(engine, "T01", index.language), library)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; zorbit" in page
    assert "<script" not in page
    assert "U0SECRET" not in page
    assert not re.search(r"(?:src|href)=|url\(|@import|https?:", page)
    assert "97110 · Therapeutic exercise" in page
    assert page.count("<rect") == 2 * page.count("<g>") > 0
    assert "at most 3 a day" in page


def test_an_empty_report_is_one_too(index: Index, engine: Engine, library: Library) -> None:
    page = report_page(make_report(engine, "T01", index.language), library)
    assert "Nothing was asked." in page


def test_bars_are_drawn_by_day_by_week_or_by_month_so_that_all_have_room() -> None:
    first = date(2026, 1, 1)
    days = [Day(first + timedelta(days=at), 10, at % 2) for at in range(400)]
    assert len(bars_of(days[:30])) == 30
    assert len(bars_of(days[:100])) == 15
    assert len(bars_of(days)) == 15
    assert sum(one.asked > 0 for one in bars_of((days[0], days[20]))) == 2
    assert all(0 <= one.x <= one.x + one.width <= 640.1 and one.unanswered <= one.asked for one in bars_of(days))


def test_the_report_is_printed_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    run(cli, ["ask", "--json"], input="stairs\nstairs\nzorbit quux\n")
    shown = run(cli, ["report"]).output
    for part in ("3 questions, 1 without an answer", "by door", "terminal", "97116", "zorbit quux"):
        assert part in shown
    assert "written" in run(cli, ["report", "--html", "r.html", "--since", "2026-01-01"]).output
    assert "zorbit quux" in (tmp_path / "r.html").read_text(encoding="utf-8")
    with Session(make_engine(f"sqlite:///{tmp_path / 'coding-helper.db'}")) as session:
        session.add(QuestionRow(workspace="T01", delivery="m", asked_at=TODAY, door="mention", place="C", asker="U",
                                text="x", kind="unknown", confidence=0.0, took_ms=1.0))  # fmt: skip
        session.commit()
    asked_which = run(cli, ["report"])
    assert (asked_which.exit_code, "--workspace: say which of T01, local" in asked_which.output) == (2, True)
