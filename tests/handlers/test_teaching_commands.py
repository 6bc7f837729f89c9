"""A curator's work in the terminal."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.settings import SettingsError, read_settings
from handlers.terminal import cli

run = CliRunner().invoke


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_is_open_is_listed_and_taught() -> None:
    run(cli, ["ask", "--json"], input="zercher dolly haul\nzercher dolly haul?\nwhat is 97110\n")
    assert "zercher dolly haul" in run(cli, ["teach"]).output
    unconfirmed = run(cli, ["teach", "zercher dolly", "97530"])
    assert (unconfirmed.exit_code, "2 answers change: 2 gain a code" in unconfirmed.output) == (2, True)
    assert "Published" in run(cli, ["teach", "zercher dolly", "97530", "--yes"]).output
    assert "Every question that is kept has an answer." in run(cli, ["teach"]).output
    replayed = run(cli, ["knowledge", "replay"]).output
    assert "2 answers change: 2 gain a code" in replayed
    assert "97530" in replayed


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["teach", "sled", "99999"], "no code and no topic"),
        (["teach", "pt Maria Lopez", "97110"], "a person's details (name)"),
        (["teach", "x" * 81, "97110"], "at most 80 characters"),
        (["recall", "99999"], "no entry has this code"),
        (["clinic", "rule", "Send records."], "names neither a code nor a payer"),
        (["clinic", "rule", "Send records.", "--code", "99999"], "no entry has this code"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(arguments: list[str], told: str) -> None:
    done = run(cli, arguments)
    assert (done.exit_code, told in done.output) == (2, True)


def test_without_an_earlier_version_nobody_is_recalled() -> None:
    run(cli, ["ask", "what is 97530"])
    assert "0 answers told an earlier version of 97530" in run(cli, ["recall", "97530"]).output


@pytest.mark.parametrize(
    ("setting", "value", "ids"),
    [
        ("CURATORS", "U01AB, W02CD", ("U01AB", "W02CD")),
        ("CURATORS", "", ()),
        ("CURATORS", "someone@clinic.example", None),
        ("DIGEST_CHANNEL", "#billing", None),
    ],
)
def test_curators_are_named_by_their_ids(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str, ids: tuple[str, ...] | None
) -> None:
    monkeypatch.setenv(setting, value)
    if ids is None:
        with pytest.raises(SettingsError, match=setting):
            read_settings()
    else:
        assert read_settings().curators == ids
