"""Nothing of what identifies a person is kept anywhere: every table, file, log line, error report, reply and post."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, MetaData
from typer.testing import CliRunner

from bot.logs import start_logs
from bot.question import Question
from handlers.terminal import cli
from tests.handlers.conftest import Served, served
from tests.handlers.slack_stand_in import command, direct_message, mention

__all__ = ["served"]  # a fixture

SECRETS = {
    "pt Zebulon Quackenbush needs stair training, which code?": ["Zebulon", "Quackenbush"],
    "for Ludmilla Oyelaran's gait 97116, DOB 4/12/1951": ["Ludmilla", "Oyelaran", "1951"],
    "Mrs. Vanderbrink had 97110 x2, MRN 77445566, ssn 078-05-1120": ["Vanderbrink", "77445566", "078-05", "1120"],
    "97140 for Ottoline Featherstone, call 555-867-5309 or otti at example dot com": [
        "Ottoline",
        "555-867",
        "5309",
        "otti",
    ],
    "MBI 1EG4-TE5-MK73, lives at 4711 Larkspur Avenue, 97530?": ["1EG4", "MK73", "Larkspur", "4711"],
    "my 97 year old patient, serial number QX-99812-7, G0283": ["97 year", "99812"],
    "https://portal.example.com/p/8675309 97112 acct 99887766": ["portal.example", "8675309", "99887766"],
    "my patient hildegard thistlewood did 20 min of TE and 10 MT": ["hildegard"],
}
EVERY_SECRET = [secret for secrets in SECRETS.values() for secret in secrets]


class LeakyError(Exception):
    """An exception that quotes the question, as libraries' do."""


def written(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> str:
    """Standard output and error, and every record that a library logged."""
    out, err = capfd.readouterr()
    return f"{out}\n{err}\n{caplog.text}"


def stored(engine: Engine) -> str:
    """Every row of every table, as text; and the bytes of the files, where the database is a file."""
    tables = MetaData()
    tables.reflect(engine)
    rows = []
    with engine.connect() as connection:
        for table in tables.tables.values():
            rows += [str(row) for row in connection.execute(table.select())]
    database = engine.url.database
    if engine.dialect.name == "sqlite" and database:
        rows += [file.read_bytes().decode("latin-1") for file in Path(database).parent.glob(f"{Path(database).name}*")]
    return "\n".join(rows)


def leaks(text: str) -> list[str]:
    """The secrets in a text; digits after a point are a fraction of a measured time."""
    low = text.lower()
    return [secret for secret in EVERY_SECRET if re.search(rf"(?<![\w.]){re.escape(secret.lower())}(?!\w)", low)]


async def ask_at_every_http_door(served: Served) -> str:
    """Every question as a slash command, a message and a mention; what came back and what was posted."""
    said = []
    for number, question in enumerate(SECRETS):
        said.append(json.dumps(await served.send_command(command(question, trigger=f"{number}.1"))))
        assert await served.send_event(direct_message(question, f"17000001{number:02}.000100")) == 200
        assert await served.send_event(mention(question, f"17000002{number:02}.000100")) == 200
        said += [json.dumps(await served.slack.next_post()) for _ in ("message", "mention")]
    return "\n".join(said)


async def test_questions_through_the_signed_http_door_leave_nothing_of_a_person(
    served: Served, engine: Engine, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    start_logs("DEBUG")

    said = await ask_at_every_http_door(served)

    assert "97116" in said  # the coding question is answered all the same
    assert "I took out what looked like a patient's details" in said
    kept = stored(engine)
    assert "[name]" in kept
    assert leaks(kept) == []
    assert leaks(written(caplog, capfd)) == []
    assert leaks(said) == []
    page = served.app.metrics.page().decode()
    assert 'door="mention"' in page
    assert leaks(re.sub(r" [\d.e+-]+$", "", page, flags=re.MULTILINE)) == []  # a time may end in any digits


@pytest.fixture(params=["bot.answering.find_answer", "bot.answering.understand", "bot.reply.Writer.render"])
def leaky(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A place of the search or the templates that raises an exception with all questions in its message."""

    def fail(*_: object, **__: object) -> None:
        raise LeakyError(" ".join(SECRETS))

    monkeypatch.setattr(request.param, fail)
    return str(request.param)


@pytest.mark.usefixtures("leaky")
async def test_an_error_that_quotes_the_question_tells_nobody_of_it(
    served: Served, engine: Engine, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    start_logs("DEBUG")

    said = await ask_at_every_http_door(served)

    told = written(caplog, capfd)
    assert "LeakyError" in told
    assert leaks(told) == []
    assert leaks(said) == []
    assert leaks(stored(engine)) == []


def settings_of_terminal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{folder / 'asked.db'}")
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")


def files_of(folder: Path) -> str:
    return "\n".join(file.read_bytes().decode("latin-1") for file in folder.rglob("*") if file.is_file())


def test_questions_in_the_terminal_leave_nothing_of_a_person(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    settings_of_terminal(tmp_path, monkeypatch)

    asked = CliRunner().invoke(cli, ["ask", "--json"], input="\n".join(SECRETS) + "\n")
    listed = [CliRunner().invoke(cli, ["questions", "--as", form]).output for form in ("table", "csv", "json")]

    assert asked.exit_code == 0
    assert "97116" in asked.output
    assert leaks(asked.output) == []
    assert leaks("\n".join(listed)) == []
    assert leaks(written(caplog, capfd)) == []
    assert "[name]" in files_of(tmp_path)
    assert leaks(files_of(tmp_path)) == []


@pytest.mark.usefixtures("leaky")
def test_an_error_in_the_terminal_tells_its_id_and_nothing_of_a_person(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    settings_of_terminal(tmp_path, monkeypatch)

    asked = CliRunner().invoke(cli, ["ask", "--json"], input="\n".join(SECRETS) + "\n")

    assert asked.exit_code == 0
    assert "error" in asked.output
    assert leaks(asked.output + written(caplog, capfd) + files_of(tmp_path)) == []


def test_a_question_shows_nothing_of_its_text_when_it_is_printed() -> None:
    for text in SECRETS:
        assert leaks(repr(Question(text=text, door="terminal"))) == []
