"""CMS's own files through the command line: imported, they serve; refused, the old ones do."""

from pathlib import Path

import pytest

from tests.handlers.test_terminal import Terminal
from tests.knowledge.test_pair_imports import BARRED, fee_file, fee_row, pair_file

TIMED_PAIR_BARRED = "97110\t97140\t\t20261001\t*\t0\tStandards of medical/surgical practice"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def same_day(terminal: Terminal, question: str) -> dict[str, object]:
    (answer,) = terminal.answers(question)
    told = answer["same_day"]
    assert isinstance(told, dict)
    return told


def test_an_imported_quarter_serves_in_place_of_the_shipped_one(terminal: Terminal) -> None:
    before = same_day(terminal, "97110 and 97140 same day?")
    assert (before["allowed"], before["as_of"]) == (True, "2024-07-01")
    file = pair_file(terminal.folder, BARRED, TIMED_PAIR_BARRED)
    done = terminal.run("knowledge", "import-pairs", str(file), "--parts", "1")
    assert (done.returncode, "2 pair edits of 2026Q4" in done.stdout) == (0, True), done.stderr
    after = same_day(terminal, "97110 and 97140 same day?")
    assert (after["allowed"], after["indicator"], after["as_of"]) == (False, 0, "2026-10-01")
    (answer,) = terminal.answers("97110 and 97140 same day?")
    assert "2026Q4" in str(answer["reply"])
    assert "imported" in str(answer["reply"])


def test_a_file_that_is_not_what_it_claims_is_refused_in_a_line_and_the_old_one_serves(terminal: Terminal) -> None:
    file = terminal.folder / "ccipra-v323r0.TXT"
    file.write_text("this\tis\tno\tpair\tfile\n")
    done = terminal.run("knowledge", "import-pairs", str(file), "--parts", "1")
    assert done.returncode == 2
    assert "ccipra-v323r0.TXT" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert same_day(terminal, "97110 and 97140 same day?")["as_of"] == "2024-07-01"


def test_imported_relative_values_price_a_year_that_was_not_known(terminal: Terminal) -> None:
    assert "not known" in str(terminal.answers("how much does medicare pay for 97110 in 2027")[0]["reply"])
    file = fee_file(terminal.folder, fee_row("97110", "0.45", "0.42"), name="PPRRVU2027_Jan_nonQPP.csv")
    done = terminal.run("knowledge", "import-fees", str(file))
    assert done.returncode == 0, done.stderr
    reply = str(terminal.answers("how much does medicare pay for 97110 in 2027")[0]["reply"])
    assert "not known" not in reply
    assert "(imported)" in reply


def test_a_missing_file_is_told_in_a_line(terminal: Terminal) -> None:
    done = terminal.run("knowledge", "import-mue", "nowhere.csv")
    assert done.returncode == 2
    assert "nowhere.csv" in done.stderr
