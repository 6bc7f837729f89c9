"""The benches run and print their figures; how large these are depends on the machine, and no test judges that."""

import os
import sys
from io import StringIO

import pytest
from rich.console import Console

from bot.cases import read_cases
from handlers.bench import CASES
from handlers.benches.direct_messages import messages_table
from handlers.benches.log_growth import log_table
from handlers.benches.over_http import print_http
from handlers.benches.rivals import INSTALL, rivals_table, with_fts5
from knowledge.library import Library
from knowledge.search import Index
from tests.conftest import POSTGRES

IS_FULL = bool(os.environ.get("CODING_HELPER_SLOW_TESTS"))  # with Postgres and two processes too
QUESTIONS = ["what code for stair training?", "97110 with 97140 same day", "20 min gait, 10 min ultrasound"]


class Printed:
    """What a bench prints, by the cells of its table's rows, without the headings."""

    def __init__(self) -> None:
        self.written = StringIO()
        self.console = Console(file=self.written, width=200)

    @property
    def rows(self) -> list[list[str]]:
        lines = [line for line in self.written.getvalue().splitlines() if line.startswith("|")]
        return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines][2:]


@pytest.fixture
def printed() -> Printed:
    return Printed()


def are_figures(cells: list[str]) -> bool:
    return all(float(cell.split()[0].rstrip("%").replace(",", "")) >= 0 for cell in cells)


def test_an_engine_that_is_there_finds_codes_and_one_that_is_not_says_how_to_get_it(
    index: Index, printed: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "bm25s", None)
    printed.console.print(rivals_table(index, list(read_cases(CASES / "lookup.jsonl"))[:40]))
    rows = {name: figures for name, *figures in printed.rows}
    assert rows["bm25s, Snowball stems and stop words"][0] == INSTALL
    assert rows["Coding Helper, search alone"][-1] == "1.00"
    assert are_figures(rows["Coding Helper, search alone"])
    assert are_figures(rows["SQLite FTS5, Porter stems"])
    assert float(rows["SQLite FTS5, Porter stems"][1].rstrip("%")) > 50


def test_a_rival_is_given_titles_sayings_and_descriptions_and_no_odd_sign_stops_it(library: Library) -> None:
    search = with_fts5(library)
    assert search("therapeutic ultrasound")[0] == "97035"
    assert search('"stairs" AND (NOT *) ?! -x: ^')
    assert search("?!") == []


def test_slash_commands_are_measured_beside_stock_bolt_and_two_processes_beside_one(printed: Printed) -> None:
    postgres = POSTGRES if IS_FULL else None
    print_http(printed.console, QUESTIONS, postgres, at_once=(2,), count=20)
    names = ["stock Bolt, empty handler", "the same, process_before_response", *["Coding Helper, SQLite"] * 3]
    names += ["Coding Helper, Postgres"] * 3 if postgres else []
    rows = [row for row in printed.rows if len(row) == 8]
    assert [row[0] for row in rows] == names
    assert all(are_figures(row[2:]) for row in rows)
    assert [row[0] for row in printed.rows[-2:]] == (["1", "2"] if postgres else names[-2:])
    assert "MB after 103 questions" in printed.written.getvalue()


def test_direct_messages_are_acknowledged_and_answered_while_slack_is_slow(printed: Printed) -> None:
    printed.console.print(messages_table(QUESTIONS, waits=(0.2,), at_once=(4,), count=20))
    assert [row[0] for row in printed.rows] == ["200 ms"]
    assert all(are_figures(row[1:]) for row in printed.rows)


def test_a_log_that_grows_is_measured_on_each_database(index: Index, printed: Printed) -> None:
    printed.console.print(log_table(index, QUESTIONS, POSTGRES or None, sizes=(10, 50)))
    databases = ["SQLite", "Postgres"] if POSTGRES else ["SQLite"]
    assert [row[:2] for row in printed.rows] == [[name, size] for name in databases for size in ("10", "50")]
    assert all(are_figures(row[2:]) for row in printed.rows)
