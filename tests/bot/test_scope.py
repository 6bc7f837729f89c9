"""What is ours and what is not, by the form and the words of a question rather than by listed phrases."""

from collections.abc import Callable

import pytest

from bot.answers.looked_up import LookedUp
from bot.answers.unknown import Unknown
from bot.bot import Bot
from bot.query import understand
from bot.scope import is_clearly_ours, is_elsewhere, is_surely_elsewhere
from knowledge.search import Index


@pytest.fixture
def elsewhere(index: Index) -> Callable[[str], bool]:
    return lambda text: is_elsewhere(understand(text, index))


@pytest.mark.parametrize(
    "text",
    [
        "do you ever sleep",
        "which stock should I buy",
        "how long does a hip replacement last",
        "how do I fire a patient who never shows up",
        "best treadmill for a clinic",
        "how do i clean the hydrocollator",
    ],
)
def test_a_request_without_a_coding_word_is_of_the_world(elsewhere: Callable[[str], bool], text: str) -> None:
    assert elsewhere(text)


@pytest.mark.parametrize(
    "text",
    [
        "treadmill",
        "hydrocollator to the low back",
        "how do I bill a hydrocollator pack",
        "58 yo s/p TKA 3 weeks ago, diabetic, did quad sets and heel slides for strength",
        "patient walked up and down stairs today",
        "we worked on getting out of his truck",
        "which code for a toddler who won't touch textures",
    ],
)
def test_what_was_done_is_ours_however_long_the_story(elsewhere: Callable[[str], bool], text: str) -> None:
    assert not elsewhere(text)


def test_a_code_typed_is_ours_whatever_stands_beside_it(elsewhere: Callable[[str], bool]) -> None:
    assert not elsewhere("should I worry about 97110")


def test_what_is_elsewhere_is_told_so_and_nothing_far_off_is_named(answering: Bot) -> None:
    told = answering.answer("do you ever sleep")
    assert isinstance(told.answer, Unknown) and told.answer.elsewhere
    assert told.answer.codes == told.answer.also == ()
    assert "does not read like one" in told.reply.text


def test_what_is_asked_for_instead_is_told(answering: Bot) -> None:
    assert "it asks for doses and settings" in answering.answer("what settings for ultrasound on a tendon").reply.text


def test_a_declining_phrase_inside_a_report_of_treatment_does_not_decide(index: Index, answering: Bot) -> None:
    text = "pressing on trigger pts in the upper trap with my thumb, no needles"
    assert is_clearly_ours(understand(text, index))
    assert isinstance(answering.answer(text).answer, LookedUp)
    assert not is_clearly_ours(understand("should I take pain killers for my shoulder", index))


def test_far_and_near_are_told_apart(index: Index) -> None:
    assert is_surely_elsewhere(understand("who won the super bowl", index))
    assert not is_surely_elsewhere(understand("gait training", index))


def test_what_a_clinic_added_is_ours(index: Index) -> None:
    own = index.with_sayings({("entries", "97150"): ["llama mornings"]})
    assert is_elsewhere(understand("llama mornings", index))
    assert not is_elsewhere(understand("llama mornings", own))


@pytest.mark.parametrize("text", ["repair of flexor tendon zone 2 cpt", "code for removal of hardware ankle"])
def test_an_operation_asked_for_is_a_surgeons(elsewhere: Callable[[str], bool], text: str) -> None:
    assert elsewhere(text)
    assert not elsewhere("passive motion after repair of flexor tendon zone 2")
