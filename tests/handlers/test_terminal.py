"""The command line, run as a person runs it: in a process of its own."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


class Terminal:
    """Runs `coding-helper` with an empty environment and a database of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str, typed: str | bytes = "", **settings: str) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        given = typed if isinstance(typed, bytes) else typed.encode()
        done = subprocess.run(
            [sys.executable, "-m", "handlers", *arguments],
            input=given,
            capture_output=True,
            cwd=self.folder,
            env={**kept, "PYTHONPATH": str(Path(__file__).parents[2]), **settings},
            timeout=60,
            check=False,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    def answers(self, *questions: str) -> list[dict[str, object]]:
        done = self.run("ask", "--json", typed="\n".join(questions) + "\n")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_chat_answers_until_it_is_told_to_quit(terminal: Terminal) -> None:
    done = terminal.run("chat", typed="what code for stair training?\nquit\nnever read\n")
    assert done.returncode == 0
    assert "97116" in done.stdout
    assert "97530" in done.stdout
    assert done.stderr == ""


def test_ask_answers_one_question(terminal: Terminal) -> None:
    done = terminal.run("ask", "what is 97530")
    assert done.returncode == 0
    assert "97530 · Therapeutic activities" in done.stdout


def test_scripts_get_one_json_object_a_line_in_order(terminal: Terminal) -> None:
    first, second, third = terminal.answers("what is 97530", '{"question": "97110", "id": 7}', "zzz qqq")
    assert (first["kind"], first["codes"]) == ("described", ["97530"])
    assert (second["question"], second["codes"]) == ("97110", ["97110"])
    assert (third["kind"], third["codes"]) == ("unknown", [])
    for answer in (first, second, third):
        assert {"question", "kind", "codes", "also", "choice", "confidence", "reply", "ms"} <= answer.keys()
        assert 0 <= float(str(answer["confidence"])) <= 1


def test_a_choice_is_left_to_the_asker(terminal: Terminal) -> None:
    (answer,) = terminal.answers("what code for stair training?")
    assert (answer["choice"], answer["codes"]) == (True, ["97116", "97530"])


@pytest.mark.parametrize(
    "odd", [b"\xff\xfe\n", b"\x00\n", b"{\n", b'{"question": 5}\n', b"[1,2]\n", b"\n", b"x" * 40_000 + b"\n"]
)
def test_an_odd_line_still_gets_its_line(terminal: Terminal, odd: bytes) -> None:
    done = terminal.run("ask", "--json", typed=odd)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1
    json.loads(done.stdout)


def test_the_questions_asked_are_listed_filtered_and_exported(terminal: Terminal) -> None:
    terminal.answers("what is 97530", "zzz qqq", "=cmd() 97110")
    assert "what is 97530" in terminal.run("questions").stdout
    unanswered = terminal.run("questions", "--unanswered", "--as", "json").stdout.splitlines()
    assert [json.loads(line)["text"] for line in unanswered] == ["zzz qqq"]
    by_code = list(csv.DictReader(io.StringIO(terminal.run("questions", "--code", "97530", "--as", "csv").stdout)))
    assert [row["text"] for row in by_code] == ["what is 97530"]
    assert terminal.run("questions", "--since", "2999-01-01", "--as", "json").stdout == ""
    assert len(terminal.run("questions", "--workspace", "local", "--as", "json").stdout.splitlines()) == 3
    assert terminal.run("questions", "--workspace", "T01", "--as", "json").stdout == ""
    assert "\n=cmd" not in terminal.run("questions", "--as", "csv").stdout.replace(",", "\n")


def test_the_knowledge_is_checked_listed_and_shown(terminal: Terminal) -> None:
    assert "no faults" in terminal.run("knowledge", "check").stdout
    assert "97116" in terminal.run("knowledge", "list").stdout
    assert "Gait training" in terminal.run("knowledge", "show", "97116").stdout
    wrong = terminal.run("knowledge", "show", "99999")
    assert (wrong.returncode, "no entry" in wrong.stderr) == (2, True)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({}, "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET"),
        ({"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN: is missing"),
        ({"SLACK_BOT_TOKEN": "hunter2"}, "SLACK_BOT_TOKEN: does not start with xoxb-"),
        ({"SLACK_SIGNING_SECRET": "hunter2"}, "SLACK_SIGNING_SECRET"),
        ({"PORT": "hunter2"}, "PORT"),
        ({"DATABASE_URL": "mysql://hunter2@x/y"}, "DATABASE_URL"),
        ({"TEMPLATES_DIR": "/hunter2"}, "TEMPLATES_DIR"),
        ({"LOG_LEVEL": "hunter2"}, "LOG_LEVEL"),
        ({"SLACK_API_URL": "hunter2"}, "SLACK_API_URL"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line_and_no_secret(
    terminal: Terminal, settings: dict[str, str], named: str
) -> None:
    done = terminal.run("serve", **settings)
    assert done.returncode == 2
    assert named in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"DATABASE_URL": "postgres://u:hunter2@127.0.0.1:9/x"}, "DATABASE_URL: the database does not answer"),
        ({"SLACK_API_URL": "http://127.0.0.1:9/api/"}, "SLACK_API_URL: Slack does not answer"),
    ],
)
def test_what_does_not_answer_stops_the_start_so_that_it_is_tried_again(
    terminal: Terminal, settings: dict[str, str], named: str
) -> None:
    """docs/coding-helper.service starts it again after any exit status but that of a wrong setting."""
    done = terminal.run("serve", SLACK_APP_TOKEN="xapp-1", SLACK_BOT_TOKEN="xoxb-hunter2", **settings)
    assert done.returncode == 1
    assert named in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "hunter2" not in done.stderr


def test_socket_and_http_at_once_are_refused(terminal: Terminal) -> None:
    assert terminal.run("serve", "--socket", "--http").returncode == 2


def test_settings_are_read_from_a_file_too(terminal: Terminal) -> None:
    (terminal.folder / ".env").write_text("PORT=nonsense\n")
    assert "PORT" in terminal.run("ask", "97110").stderr


def test_migrate_says_what_it_did(terminal: Terminal) -> None:
    assert terminal.run("migrate").stdout.split("\n")[:2] == ["tables brought up to date", "knowledge loaded"]
    assert terminal.run("migrate").stdout.split("\n")[:2] == ["tables were up to date", "knowledge was loaded already"]
