"""What a question means: the codes and modifiers typed in it, however they are joined, and the words left over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import find_answer
from bot.answers.compared import Compared
from bot.query import Query, plain_text, understand
from knowledge.library import read_library
from knowledge.search import Index

SHIPPED = Index(read_library())


def read(text: str) -> Query:
    return understand(plain_text(text), SHIPPED)


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("97110", ("97110",)),
        ("(97110)", ("97110",)),
        ("97110?", ("97110",)),
        ("97110.", ("97110",)),
        ("#97110", ("97110",)),
        ("CPT 97110", ("97110",)),
        ("CPT97110", ("97110",)),
        ("cpt-97110", ("97110",)),
        ("CPT:97110", ("97110",)),
        ("G0283", ("G0283",)),
        ("g0283", ("G0283",)),
        ("0552T", ("0552T",)),
        ("0552t", ("0552T",)),
        ("97110x2", ("97110",)),
        ("97110X2", ("97110",)),
        ("97110 x 2", ("97110",)),
        ("97110's", ("97110",)),
        ("97110 97112", ("97110", "97112")),
        ("97110,97112", ("97110", "97112")),
        ("97110/97112", ("97110", "97112")),
        ("97110-97112", ("97110", "97112")),
        ("97110+97112", ("97110", "97112")),
        ("97110;97112", ("97110", "97112")),
        ("97110 & 97112", ("97110", "97112")),
        ("97110 vs. 97530", ("97110", "97530")),
        ("G0283/97014", ("G0283", "97014")),
        ("97110x2,97112x1", ("97110", "97112")),
        ("97112 and 97110 and 97112", ("97112", "97110")),
    ],
)
def test_codes_are_found_in_the_order_typed_each_once(typed: str, codes: tuple[str, ...]) -> None:
    assert read(typed).codes == codes
    assert read(typed).numbers == ()


@pytest.mark.parametrize(
    ("typed", "modifiers"),
    [
        ("97110-59", ("59",)),
        ("97110 59", ("59",)),
        ("97110(59)", ("59",)),
        ("97110–59", ("59",)),
        ("97110 modifier 59", ("59",)),
        ("97110GP", ("GP",)),
        ("97110-gp", ("GP",)),
        ("97110:GO", ("GO",)),
        ("97110 GP KX", ("GP", "KX")),
        ("97110-GP-59", ("GP", "59")),
        ("97110GP59", ("GP", "59")),
        ("97110-59-GP-KX", ("59", "GP", "KX")),
        ("97110, GP, 59", ("GP", "59")),
        ("G0283-GP", ("GP",)),
        ("CPT 97530-59 GP", ("59", "GP")),
    ],
)
def test_a_modifier_is_told_apart_from_the_code_that_it_is_glued_to(typed: str, modifiers: tuple[str, ...]) -> None:
    query = read(typed)

    assert len(query.codes) == 1
    assert query.modifiers == modifiers


def test_each_code_may_have_its_modifier() -> None:
    query = read("97110/97140-59 and 97530-GP")

    assert query.codes == ("97110", "97140", "97530")
    assert query.modifiers == ("59", "GP")


@pytest.mark.parametrize(
    "typed",
    [
        "97110 25 min",
        "97110 for 8 to 22 min",
        "97110 22 minutes",
        "97110 25min",
        "97110, 52 minutes",
        "97110 and 97112, 25 min each",
        "97110 95.5 minutes",
        "97110 25 units",
    ],
)
def test_minutes_and_units_are_no_modifiers(typed: str) -> None:
    assert read(typed).modifiers == ()


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("97161/2/3", ("97161", "97162", "97163")),
        ("97161/2/3?", ("97161", "97162", "97163")),
        ("97161 / 2 / 3", ("97161", "97162", "97163")),
        ("97161/62/63", ("97161", "97162", "97163")),
        ("97161, 2, 3", ("97161", "97162", "97163")),
        ("97161,2,3", ("97161", "97162", "97163")),
        ("97165/6", ("97165", "97166")),
        ("97161/2/3 or 97164", ("97161", "97162", "97163", "97164")),
        ("97161-3", ("97161", "97162", "97163")),
        ("97161-97163", ("97161", "97162", "97163")),
        ("97161–63?", ("97161", "97162", "97163")),
        ("97161 to 97163", ("97161", "97162", "97163")),
        ("97161 thru 3", ("97161", "97162", "97163")),
        ("97110-97140", ("97110", "97140")),
        ("97112-97116", ("97112", "97116")),
        ("97165-8", ("97165", "97166", "97167", "97168")),
    ],
)
def test_a_code_whose_last_digits_alone_are_repeated_is_several_codes(typed: str, codes: tuple[str, ...]) -> None:
    assert read(typed).codes == codes


@pytest.mark.parametrize(
    "typed",
    [
        "97110, 2 units",
        "97110 - 2 units",
        "97110-2 units",
        "97110/2 units",
        "97110, 2 x a week",
        "97530, 8 minutes",
        "97110, 2.5 hours",
        "97110/59",
        "97110, 2 patients",
    ],
)
def test_an_amount_behind_a_code_does_not_make_another_code_of_it(typed: str) -> None:
    query = read(typed)

    assert len(query.codes) == 1
    assert query.numbers == ()


def test_units_behind_each_of_two_codes_make_no_third_and_fourth() -> None:
    assert read("97110, 2, 97140, 1").codes == ("97110", "97140")
    assert read("97110, 1 unit, 97112, 2 units").codes == ("97110", "97112")


@pytest.mark.parametrize(
    ("typed", "numbers"), [("971110", ("971110",)), ("97999", ("97999",)), ("what is 90210", ("90210",))]
)
def test_a_number_without_an_entry_that_could_be_a_code_is_kept_apart(typed: str, numbers: tuple[str, ...]) -> None:
    assert read(typed).codes == ()
    assert read(typed).numbers == numbers


@pytest.mark.parametrize(
    "typed", ["in 2026", "$97110", "€ 90210", "Beverly Hills, CA 90210", "1234567", "call 9711", "v1.97110"]
)
def test_years_amounts_zip_codes_and_longer_numbers_are_no_codes(typed: str) -> None:
    assert read(typed).codes == ()
    assert read(typed).numbers == ()


def test_codes_and_modifiers_are_not_searched_for_as_words() -> None:
    assert {token.word for token in read("gait training 97110-59 GP").said.tokens} == {"gait", "training"}


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("<@U0123ABC> what is 97530?", "what is 97530?"),
        ("<@U0123ABC|coder> 97530", "97530"),
        ("<#C024BE7LR|billing> 97530", "97530"),
        ("<!here> 97530", "97530"),
        ("<!subteam^S012|@coders> 97530", "97530"),
        ("see <https://example.com|97530 rules>", "see 97530 rules"),
        ("see <https://example.com>", "see https://example.com"),
        ("*97530* _or_ ~97112~ `97110`", "97530 or 97112 97110"),
        ("```97530```", "97530"),
        ("what&amp;how", "what&how"),
        ("ROM &lt; 90 and &gt; 20", "ROM < 90 and > 20"),
        ("&amp;lt;!channel&amp;gt;", "&lt;!channel&gt;"),
        ("home_exercise_program", "home_exercise_program"),
        ("  97530 \n\t 97112  ", "97530 97112"),
        ("", ""),
    ],
)
def test_slack_markup_goes_and_what_the_asker_saw_stays(sent: str, meant: str) -> None:
    assert plain_text(sent) == meant


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("971\u200b10", "97110"),
        ("971\u206010", "97110"),
        ("971\u00ad10", "97110"),
        ("\ufeff97110", "97110"),
        ("\u202e97110\u202c", "97110"),
        ("97110\u200d-59", "97110-59"),
        ("97110\u00a0GP", "97110 GP"),
        ("97110\x00GP", "97110 GP"),
        ("97110\x1b[31mGP", "97110 [31mGP"),
        ("97110 \ud800", "97110"),
    ],
)
def test_invisible_characters_part_no_word_and_control_characters_do(sent: str, meant: str) -> None:
    assert plain_text(sent) == meant


@given(st.text(max_size=300) | st.text(alphabet="<>@#!|&;ltgmp*_~` 97110/-", max_size=80))
def test_a_plain_text_can_be_stored_and_shown_anywhere(text: str) -> None:
    plain = plain_text(text)

    plain.encode("utf-8")
    assert "\x00" not in plain
    assert plain == plain.strip()


@given(st.text(max_size=200) | st.text(alphabet="97110253 /,-xGPcpt.", max_size=40))
def test_whatever_is_typed_is_understood_somehow(text: str) -> None:
    query = read(text)

    assert set(query.codes) <= SHIPPED.library.entries.keys()
    assert set(query.numbers).isdisjoint(SHIPPED.library.entries)


def test_a_phrase_is_said_only_as_whole_words() -> None:
    query = read("Can you HELP with gait?")

    assert query.says("help")
    assert query.says("nothing", "with gait")
    assert not query.says("hel")
    assert not query.says("gait training")


@pytest.mark.parametrize("text", ["97110 vs 97530", "97110 or 97112", "97530 or 97535"])
def test_codes_compared_without_a_further_word_get_no_question_of_a_special_case(index: Index, text: str) -> None:
    """Sport, tape and shoulders each tell them apart by a question of their own."""
    answer = find_answer(understand(text, index))
    assert isinstance(answer, Compared)
    assert answer.contrast is None


def test_a_further_word_calls_the_question_that_decides(index: Index) -> None:
    answer = find_answer(understand("97110 or 97112 in sport", index))
    assert isinstance(answer, Compared)
    assert answer.contrast is not None
    assert "sport" in answer.contrast.question
