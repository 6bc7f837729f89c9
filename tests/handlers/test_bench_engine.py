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
    assert [line.split("  ")[0] for line in lines[2:]] == [
        "understand and find",
        "answer, words and blocks",
        "a visit of ten lines, worded",
    ]
    assert all(float(number) > 0 for line in lines[2:] for number in line.split()[-4:])


def test_the_time_to_a_first_answer_is_that_of_a_new_process() -> None:
    assert start_line().startswith("start to first answer: ")
