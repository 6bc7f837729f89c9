"""From typed text to words with meaning. The vocabulary is a small one, so that each test shows all that decides it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.language import Language, Understood, pieces
from knowledge.search import Index
from knowledge.vocabulary import stem
from knowledge.words import Counted
from tests.knowledge.small_words import small_words

WORDS = small_words(
    abbreviations={
        "te": "therapeutic exercise",
        "ther ex": "therapeutic exercise",
        "e stim": "electrical stimulation",
        "stim": "stimulation",
        "w/c": "wheelchair",
        "1:1": "one-on-one",
    },
    cased={"US": "ultrasound", "IT": "iliotibial"},
    opening={"us": "ultrasound"},
    synonyms=(("walk", "ambulate"),),
    circumstances={
        "water": ("pool", "in the water"),
        "several_people": ("group", "{2-30} patients"),
        "three_or_more": ("{3-99} muscles",),
        "half_hour": ("second {15-30} minutes",),
        "patient_absent": ("without patient", "no patient"),
        "needles": ("needle",),
    },
    negations=("no", "not", "without"),
    lists={"muscles": ("quad", "glute med", "hamstring", "calf")},
    services={},
    counted={"three_or_more": Counted(of="muscles", least=3, most=99, beside="needles")},
    silent=("the", "a", "in", "of", "for", "we", "us", "it", "did", "was", "patient", "minutes", "and", "or", "but"),
)
TEXTS = (
    *("therapeutic exercise", "electrical stimulation", "wheelchair", "ultrasound knee", "iliotibial band"),
    *("walking gait training", "balance", "massage heat", "needle", "pool", "strengthening"),
)


@pytest.fixture(scope="module")
def language() -> Language:
    return Language(WORDS, TEXTS)


def words(said: Understood) -> list[str]:
    return [token.word for token in said.tokens]


def denied(said: Understood) -> list[str]:
    return [token.word for token in said.tokens if token.denied]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gaitt", "gait"),
        ("gati", "gait"),
        ("agit", "gait"),
        ("balence", "balance"),
        ("theraputic", "therapeutic"),
        ("excercise", "exercise"),
        ("wheelchiar", "wheelchair"),
        ("strenghtening", "strengthening"),
        ("massgae", "massage"),
    ],
)
def test_a_misspelt_word_is_read_as_the_near_word_that_the_shelves_have(
    language: Language, typed: str, meant: str
) -> None:
    said = language.read(typed)

    assert words(said) == [meant]
    assert said.repairs == ((typed, meant),)
    assert said.tokens[0].repaired


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("hat", id="shorter than four letters: heat is one letter away"),
        pytest.param("gaxx", id="two slips in a short word"),
        pytest.param("xalance", id="another first letter"),
        pytest.param("ultrxxxnd", id="three slips in a long word"),
        pytest.param("astronaut", id="nothing near"),
    ],
)
def test_a_word_that_is_near_to_nothing_stays_as_typed(language: Language, typed: str) -> None:
    said = language.read(typed)

    assert words(said) == [typed]
    assert said.repairs == ()


@pytest.mark.parametrize("known", ["gait", "walked", "ambulate", "exercises", "Balance"])
def test_a_known_word_in_whatever_form_is_not_repaired(language: Language, known: str) -> None:
    assert language.read(known).repairs == ()


@pytest.mark.parametrize("typed", ["97110", "97l10", "9711o", "G0283", "g028e", "gait2", "10min", "t7", "L3908", "4ww"])
def test_a_word_with_digits_is_never_repaired(language: Language, typed: str) -> None:
    assert language.read(typed).repairs == ()


def test_two_typed_words_that_are_one_are_joined(language: Language) -> None:
    said = language.read("ultra sond knee")

    assert words(said) == ["ultrasound", "knee"]
    assert said.repairs == (("ultra sond", "ultrasound"),)


def test_two_known_words_that_were_run_together_are_parted(language: Language) -> None:
    said = language.read("gaittraining")

    assert words(said) == ["gait", "training"]
    assert said.repairs == (("gaittraining", "gait training"),)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("TE", ["therapeutic", "exercise"]),
        ("te", ["therapeutic", "exercise"]),
        ("Ther Ex", ["therapeutic", "exercise"]),
        ("w/c", ["wheelchair"]),
        ("stim", ["stimulation"]),
    ],
)
def test_an_abbreviation_is_read_as_what_it_stands_for(language: Language, typed: str, meant: list[str]) -> None:
    assert words(language.read(typed)) == meant


def test_the_longest_abbreviation_wins(language: Language) -> None:
    assert words(language.read("E-stim")) == ["electrical", "stimulation"]


def test_an_abbreviation_is_no_repair(language: Language) -> None:
    said = language.read("ther ex")

    assert said.repairs == ()
    assert not any(token.repaired for token in said.tokens)


def test_an_abbreviation_inside_a_longer_word_is_left_alone(language: Language) -> None:
    assert "exercise" not in words(language.read("tea"))


def test_an_abbreviation_that_is_also_a_word_counts_only_as_it_must_be_typed(language: Language) -> None:
    assert words(language.read("US to the knee")) == ["ultrasound", "to", "knee"]
    assert words(language.read("it was us")) == []
    assert words(language.read("IT band")) == ["iliotibial", "band"]
    assert words(language.read("it band")) == ["band"]


def test_synonyms_count_as_the_first_of_their_group(language: Language) -> None:
    assert language.read("ambulate").stems == language.read("walks").stems == ("walk",)


def test_silent_words_say_nothing(language: Language) -> None:
    assert language.read("we did it for the patient").stems == ()


@pytest.mark.parametrize(
    ("text", "not_said"),
    [
        ("no heat", ["heat"]),
        ("without massage or heat", ["massage"]),
        ("not walking, balance", ["walking"]),
        ("no heat but massage", ["heat"]),
        ("gait training not balance", ["balance"]),
        ("not the heat", ["heat"]),
        ("no heat massage gait", ["heat", "massage"]),
        ("heat no", []),
        ("heat. no. massage", []),
    ],
)
def test_a_no_denies_the_two_words_after_it_unless_the_clause_ends(
    language: Language, text: str, not_said: list[str]
) -> None:
    assert denied(language.read(text)) == not_said


def test_a_denied_word_does_not_count_for_a_search(language: Language) -> None:
    assert language.read("massage without heat").stems == ("massag",)


@pytest.mark.parametrize(
    ("text", "holding"),
    [
        ("walking in the pool", {"water"}),
        ("pools", {"water"}),
        ("balance in the water", {"water"}),
        ("water bottle", set()),
        ("group", {"several_people"}),
        ("group in the pool", {"several_people", "water"}),
        ("gait without patient", {"patient_absent"}),
        ("balance", set()),
    ],
)
def test_a_circumstance_holds_where_one_of_its_phrases_is_said(
    language: Language, text: str, holding: set[str]
) -> None:
    assert language.read(text).circumstances == holding


@pytest.mark.parametrize(
    ("text", "holding"),
    [
        ("1 patients", set()),
        ("2 patients", {"several_people"}),
        ("30 patients", {"several_people"}),
        ("31 patients", set()),
        ("2 muscles", set()),
        ("3 muscles", {"three_or_more"}),
        ("3muscles", set()),
        ("second 15 minutes", {"half_hour"}),
        ("second 30 min", set()),
        ("second 31 minutes", set()),
        ("3 patients and 4 muscles", {"several_people", "three_or_more"}),
    ],
)
def test_a_range_of_numbers_holds_from_its_first_to_its_last(language: Language, text: str, holding: set[str]) -> None:
    assert language.read(text).circumstances == holding


@pytest.mark.parametrize(
    "text",
    ["no pool", "not in the pool", "without the pool", "not a pool", "gait, not in the pool", "not pool walking"],
)
def test_a_circumstance_that_is_spoken_of_and_denied_does_not_hold(language: Language, text: str) -> None:
    said = language.read(text)

    assert said.circumstances == frozenset()
    assert said.denied == {"water"}


@pytest.mark.parametrize(
    "text",
    [
        "no, in the pool",
        "no heat but in the pool",
        "not heat massage pool",
        "not heat and pool",
        "pool not heat",
        "not in the pool. later in the pool",
    ],
)
def test_a_no_that_does_not_reach_a_circumstance_leaves_it(language: Language, text: str) -> None:
    assert "water" in language.read(text).circumstances


def test_a_circumstance_that_begins_with_a_no_is_not_denied_by_it(language: Language) -> None:
    said = language.read("needle work, no patient")

    assert said.circumstances == {"needles", "patient_absent"}


def test_a_saying_of_the_shelves_is_read_without_repair(language: Language) -> None:
    assert language.stems("gaitt training") == ("gaitt", "train")


def test_a_saying_of_silent_words_alone_keeps_them(language: Language) -> None:
    assert language.stems("the patient") == (stem("the"), stem("patient"))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("10min 2x 3days", ["10", "min", "2", "x", "3", "days"]),
        ("gait/balance; heat.", ["gait/balance", ";", "heat", "."]),
        ("patient’s", ["patient's"]),
        ("heat—massage", ["heat", ",", "massage"]),
        ("97110-59", ["97110", "59"]),
        ("👍 ok", ["ok"]),
        ("", []),
    ],
)
def test_a_text_falls_into_words_numbers_and_the_marks_that_end_a_clause(text: str, parts: list[str]) -> None:
    assert pieces(text) == parts


@given(st.text(max_size=300))
def test_whatever_is_typed_can_be_read(text: str) -> None:
    said = LANGUAGE.read(text)

    assert said == LANGUAGE.read(text)
    assert said.denied.isdisjoint(said.circumstances)


LANGUAGE = Language(WORDS, TEXTS)


@pytest.mark.parametrize(
    ("typed", "as_if"),
    [
        ("theraputic excercise", "therapeutic exercise"),
        ("therex for quad strenght", "therapeutic exercise for quad strength"),
        ("US to knee", "ultrasound to knee"),
        ("ultra sound knee", "ultrasound knee"),
        ("w/c managment", "wheelchair management"),
        ("nmr", "neuromuscular reeducation"),
        ("e stim", "electrical stimulation"),
        ("PT eval", "physical therapy evaluation"),
        ("AMBULATING WITH FWW", "walking with a front wheeled walker"),
    ],
)
def test_the_shipped_vocabulary_reads_how_people_type(index: Index, typed: str, as_if: str) -> None:
    assert index.language.read(typed).stems == index.language.read(as_if).stems


@pytest.mark.parametrize(
    ("typed", "circumstance"),
    [
        ("gait training in the pool", "water"),
        ("4 pts at once", "several_people"),
        ("training the wife, pt not there", "patient_absent"),
        ("16 days of data", "sixteen_days_or_more"),
        ("needled 5 muscles", "three_or_more"),
        ("e stim left on unattended", "unattended"),
    ],
)
def test_the_shipped_vocabulary_hears_what_turns_one_code_into_another(
    index: Index, typed: str, circumstance: str
) -> None:
    assert circumstance in index.language.read(typed).circumstances


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("us knee", ["ultrasound", "knee"]),
        ("massage, us knee", ["massage", "ultrasound", "knee"]),
        ("walking us", ["walking"]),
        ("us therapists", ["therapists"]),
    ],
)
def test_a_word_that_opens_a_clause_may_mean_something_of_its_own(
    language: Language, typed: str, meant: list[str]
) -> None:
    assert words(language.read(typed)) == meant


def test_a_number_with_a_plus_is_that_number_or_more(language: Language) -> None:
    assert words(language.read("3+ quad")) == ["3", "more", "quad"]


def test_a_speech_language_pathologists_title_hints_at_nothing(language: Language) -> None:
    said = language.read("speech language pathologist language")

    assert said.hinting_stems == ("languag",)
