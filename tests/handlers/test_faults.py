"""A fault of our own: logged with an id and without the question, and the asker is told the id."""

import re
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.handlers.conftest import Served
from tests.handlers.slack_stand_in import DM, command, direct_message, mention, press
from tests.handlers.test_buttons import button, posted

TOLD = re.compile(r"tell whoever runs this bot the id ([0-9a-f]{8})")
SECRET_WORDS = "xylophone gait training"


@pytest.fixture
def no_words(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The templates fail."""
    break_templates(monkeypatch)


def break_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(SECRET_WORDS)

    monkeypatch.setattr("bot.reply.Writer.render", fail)


def the_id(said: str, logs: list[Any]) -> None:
    """The id that the asker was told stands in the log, and the question does not."""
    found = TOLD.search(said)
    assert found
    assert found[1] in [one.get("error_id") for one in logs]
    assert "xylophone" not in str(logs)


async def test_a_command_that_fails_tells_the_asker_an_id(served: Served, no_words: None) -> None:
    with capture_logs() as logs:
        answer = await served.send_command(command(SECRET_WORDS))
    assert answer["response_type"] == "ephemeral"
    the_id(answer["text"], logs)


@pytest.mark.parametrize("said", [direct_message(SECRET_WORDS), mention(SECRET_WORDS)])
async def test_a_message_that_fails_is_answered_with_an_id(
    served: Served, no_words: None, said: dict[str, Any]
) -> None:
    with capture_logs() as logs:
        assert await served.send_event(said) == 200
        post = await served.slack.next_post()
    the_id(post["text"], logs)
    assert post["thread_ts"] == "1700000000.000100" if post["channel"] != DM else "thread_ts" not in post


async def test_a_button_that_fails_tells_the_one_who_pressed_it(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = await posted(served, "therapeutic ultrasound")
    break_templates(monkeypatch)
    with capture_logs() as logs:
        status, _ = await served.send_payload(press(button(said, "Details"), url=served.slack.response_url))
        answer = await served.slack.next_call("response_url")
    assert (status, answer["replace_original"]) == (200, False)
    the_id(answer["text"], logs)
