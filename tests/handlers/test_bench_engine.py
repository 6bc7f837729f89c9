"""The figures of the engine are printed; how large they are depends on the machine, and no test judges that."""

from io import StringIO

from rich.console import Console

from bot.bot import Bot
from handlers.bench_engine import engine_table, start_line


def test_each_part_of_an_answer_has_its_times(answering: Bot) -> None:
    out = StringIO()
    Console(file=out, width=120).print(
        engine_table(answering, ["squats", "97110 with 97140", "estim", "20 min stairs"])
    )

    lines = out.getvalue().splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("|")][3:]
    assert [name for name, *_ in rows] == [
        "understand and find",
        "answer, words and blocks",
        "a visit of ten lines, worded",
    ]
    assert all(float(number) > 0 for _, *numbers in rows for number in numbers)


def test_the_time_to_a_first_answer_is_that_of_a_new_process() -> None:
    assert start_line().startswith("start to first answer: ")
