"""A report over very many questions is made in time, on SQLite and on Postgres.

The full form, a million questions: CODING_HELPER_SLOW_TESTS=1 pytest -s tests/bot/test_report_size.py
"""

import os
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, text

from bot.cases import read_cases
from bot.question_log import QuestionRow
from bot.report import make_report
from knowledge.search import Index
from tests.test_questions import FILES

IS_FULL = bool(os.environ.get("CODING_HELPER_SLOW_TESTS"))
DRAWN = 10_000  # questions that are drawn; the others repeat them
TIMES = 100 if IS_FULL else 4
SPAN = 365  # days
IN_TIME = 3.0  # seconds
WORKSPACE = "T01"


def drawn() -> Iterator[dict[str, object]]:
    """Questions of the cases, each with some words of its own, over a year; one in twelve without an answer."""
    chooser = random.Random(6)  # noqa: S311  # no secret hangs on it
    asked = [case.question for file in FILES for case in read_cases(file)]
    codes = ("97110", "97140", "97530", "97112", "97116", "97535", "92507", "97161", "G0283", "97110 97530")
    today = datetime.now(UTC).replace(hour=12)
    for number in range(DRAWN):
        at = today - timedelta(days=chooser.randrange(SPAN))
        is_known = chooser.random() > 1 / 12
        yield {
            "workspace": WORKSPACE if chooser.random() < 0.95 else "T02",
            "delivery": f"message:C1:{number}",
            "asked_at": at,
            "day": at.date(),
            "door": chooser.choice(("slash_command", "direct_message", "mention", "home")),
            "place": "C1",
            "asker": f"U{chooser.randrange(200)}",
            "text": f"{chooser.choice(asked)} {chooser.randrange(40)}",
            "kind": chooser.choice(("looked_up", "described", "units", "same_day")) if is_known else "unknown",
            "codes": chooser.choice(codes) if is_known else "",
            "confidence": 0.8,
            "took_ms": 600.0 if chooser.random() < 0.002 else 2.0,
            "feedback": -1 if chooser.random() < 0.01 else None,
            "removed": "",
        }


@pytest.fixture
def many(engine: Engine) -> Engine:
    """A log of so many questions."""
    names = [name for name in QuestionRow.model_fields if name not in ("id", "delivery")]
    kept = ", ".join(names)
    with engine.begin() as connection:
        connection.execute(insert(QuestionRow), list(drawn()))
        connection.execute(
            text(
                f"INSERT INTO question_log (delivery, {kept}) "  # noqa: S608  # names of columns
                "WITH RECURSIVE again (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM again WHERE number < :n) "
                f"SELECT delivery || ':' || number, {kept} FROM question_log CROSS JOIN again WHERE number > 1"
            ),
            {"n": TIMES},
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return engine


def test_a_report_over_very_many_questions_is_made_in_time(many: Engine, index: Index) -> None:
    since = datetime.now(UTC).date() - timedelta(days=SPAN)
    for span, asked in ((since, 0.9 * DRAWN * TIMES), (None, 0.05 * DRAWN * TIMES)):
        begun, busy = time.perf_counter(), time.process_time()
        made = make_report(many, WORKSPACE, index.language, span)
        took, own = time.perf_counter() - begun, time.process_time() - busy
        load = os.getloadavg()[0]
        told = (
            f"{made.asked:,} questions on {many.dialect.name}: {took:.2f} s, {own:.2f} s of it our own, load {load:.1f}"
        )
        sys.stderr.write(told + "\n")
        assert made.asked > asked, told
        assert made.clusters, told
        assert took < IN_TIME, told
