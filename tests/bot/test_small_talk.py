"""What people say that is no question: greetings, thanks, a word, a sign."""

import pytest

from bot.bot import Bot

WELCOME, HELLO, HELP, ALONE = "You're welcome", "Hello!", "Ask me which code fits", "A word alone"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        *(
            (text, WELCOME)
            for text in ("thanks", "Thank you so much!", "ok great", "perfect, thx", "that helps", "bye")
        ),
        *((text, WELCOME) for text in ("👍", "👍🏽", ":+1::skin-tone-3: :pray:", "❤️", ":thumbsup:", "ok thanks 🙏")),
        *((text, HELLO) for text in ("hi", "Hello", "hey!", "good morning", ":wave: hi", "hi 👋")),
        *(
            (text, HELP)
            for text in ("help", "HELP!", "help me please", "", "   ", "?", "!!!", "🙂🙃", ":wave:", "what can you do")
        ),
        *((text, HELP) for text in ("code", "the code", "what code??", "what's the code for it")),
        *((text, ALONE) for text in ("yes", "No.", "maybe", "not sure", "idk")),
    ],
)
def test_small_talk_gets_a_short_word_that_fits(answering: Bot, typed: str, told: str) -> None:
    reply = answering.answer(typed).reply
    assert told in reply.text
    assert len(reply.text) < 220


@pytest.mark.parametrize("typed", ["hi", "help"])
def test_a_greeting_and_help_come_with_three_questions_to_click(answering: Bot, typed: str) -> None:
    assert [one.action for one in answering.answer(typed).reply.buttons] == ["ask"] * 3


@pytest.mark.parametrize("typed", ["thanks", "👍", "yes"])
def test_thanks_and_a_word_alone_come_with_no_buttons(answering: Bot, typed: str) -> None:
    assert answering.answer(typed).reply.buttons == ()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("thanks, what code for stair training", "97116"),
        ("hi! what is 97530", "97530"),
        ("ok what about 97110", "97110"),
        ("not sure which code for manual therapy", "97140"),
        ("thanks! what code for ultrasound?", "97035"),
        (":wave: what code for ultrasound? :pray:", "97035"),
    ],
)
def test_a_question_beside_small_talk_is_answered(answering: Bot, typed: str, code: str) -> None:
    assert code in answering.answer(typed).answer.codes


@pytest.mark.parametrize("typed", ["forget me", "delete my questions please", "who can see my questions?"])
def test_who_asks_about_own_questions_hears_where_they_are_deleted(answering: Bot, typed: str) -> None:
    assert "“Forget my questions” in App Home" in answering.answer(typed).reply.text


def test_a_long_sentence_as_it_is_spoken_is_answered(answering: Bot) -> None:
    spoken = (
        "okay so today um I had her walking up and down the stairs with the rail and I was cueing her on which foot "
        "goes first and how to use the cane so what code would that be please"
    )
    assert "97116" in answering.answer(spoken).answer.codes
