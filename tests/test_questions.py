"""What the bot understands: every case under tests/questions, asked as a clinic types it.

A case that is `open` is one that is not answered rightly yet; once it is, it must be closed.
"""

from collections import Counter
from pathlib import Path

import pytest

from bot.bot import Bot, as_json
from bot.cases import Case, points, read_cases
from knowledge.search import Index

FILES = sorted((Path(__file__).parent / "questions").glob("*.jsonl"))
MOST_OPEN = 0.10  # share of the cases of a kind that may be open


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_cases_of_a_kind_are_answered_rightly(file: Path, answering: Bot) -> None:
    wrong, to_close = [], []
    for case in read_cases(file):
        answer = as_json(answering.answer(case.question))
        is_right = points(case, answer, answering.index.library) == 1
        if not is_right and not case.open:
            wrong.append(f"{case.question!r}: got {answer['kind']} {answer['codes'][:4]}")
        if is_right and case.open:
            to_close.append(case.question)
    assert not wrong, f"{len(wrong)} cases are answered wrongly:\n" + "\n".join(wrong)
    assert not to_close, "these cases are open and answered rightly; close them:\n" + "\n".join(to_close)


def test_few_cases_are_open() -> None:
    for file in FILES:
        cases = list(read_cases(file))
        assert sum(case.open for case in cases) <= MOST_OPEN * len(cases), file.stem


def test_every_code_and_every_topic_is_asked_for(index: Index) -> None:
    cases = [case for file in FILES for case in read_cases(file)]
    asked = Counter(code for case in cases if isinstance(case.expect, list) for code in case.expect)
    assert not set(index.library.entries) - set(asked), "codes without a case"
    assert len(cases) >= 800


def test_no_case_stands_twice() -> None:
    questions = Counter(case.question.strip().lower() for file in FILES for case in read_cases(file))
    assert [question for question, count in questions.items() if count > 1] == []


def _names_its_source(case: Case) -> bool:
    return bool(case.source.strip())


def test_every_case_names_its_source() -> None:
    assert all(_names_its_source(case) for file in FILES for case in read_cases(file))
