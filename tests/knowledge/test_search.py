"""From words with meaning to the shelves. Small shelves are used where a test shows what moves a score."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.contrast import Contrast
from knowledge.entry import Entry
from knowledge.library import read_library
from knowledge.search import LEAST, Hit, Index, Shelf
from knowledge.topic import Topic
from tests.knowledge.small_words import small_words

REVIEW = {"status": "draft", "on": "2026-11-23"}
WORDS = small_words(
    abbreviations={"us": "ultrasound"},
    cased={},
    opening={},
    synonyms=(("walk", "ambulate"),),
    circumstances={"water": ("pool",), "several_people": ("group", "{2-30} people")},
    negations=("no", "not", "without"),
    silent=("the", "a", "in", "for", "with", "what", "code"),
)


def entry(code: str, *names: str, toward: Iterable[str] = (), away: Iterable[str] = ()) -> Entry:
    fact = {"value": "required"}
    return Entry.model_validate_json(
        json.dumps(
            {
                "code": code,
                "title": names[0],
                "plain": {"text": f"Described for {names[0]}."},
                "family": "unlisted",
                "disciplines": ["PT"],
                "timing": {"value": "timed_15"},
                "one_on_one": fact,
                "therapy_class": {"value": "always"},
                "medicare": {"letter": "A", "year": 2026, "therapy_mppr": True, "sources": []},
                "names": [names[0], *names, "spare saying one", "spare saying two"][:6],
                "toward": list(toward),
                "away": list(away),
                "use_when": [{"text": "Somebody asked."}],
                "document": [{"text": "That it was done."}],
                "review": REVIEW,
            }
        )
    )


def shelves(*entries: Entry, topics: Iterable[Topic] = (), contrasts: Iterable[Contrast] = ()) -> Index:
    return Index(
        replace(
            read_library(),
            entries=MappingProxyType({one.code: one for one in entries}),
            topics=MappingProxyType({one.name: one for one in topics}),
            contrasts=MappingProxyType({one.name: one for one in contrasts}),
            limits=MappingProxyType({}),
            retired=MappingProxyType({}),
            words=WORDS,
        )
    )


SMALL = shelves(
    entry("90001", "gait training", "walking practice"),
    entry("90002", "balance training", "standing balance"),
    entry("90003", "aquatic exercise", "exercise", toward=["water"]),
    entry("90004", "therapeutic exercise", "exercise", away=["water", "several_people"]),
    entry("90005", "group exercise", toward=["several_people"]),
    entry("90006", "ultrasound", "ultrasound of the knee"),
)


def find(index: Index, text: str, most: int = 12) -> list[Hit]:
    return index.find(index.language.read(text), most)


def score(index: Index, text: str, key: str) -> float:
    return next((hit.score for hit in find(index, text) if hit.key == key), 0.0)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("gait training", "90001"),
        ("walking practice", "90001"),
        ("what code for walking practice", "90001"),
        ("practice walks", "90001"),
        ("ambulating practice", "90001"),
        ("US knee", "90006"),
        ("standing balence", "90002"),
    ],
)
def test_what_people_call_a_thing_finds_its_code_first(text: str, code: str) -> None:
    assert find(SMALL, text)[0].key == code


def test_every_name_of_every_shipped_entry_finds_that_entry(index: Index) -> None:
    lost = [
        (one.code, name)
        for one in index.library.entries.values()
        for name in (one.title, *one.names)
        if ("entries", one.code) not in {(hit.shelf, hit.key) for hit in find(index, name)}
    ]

    assert lost == []


def test_every_name_of_every_shipped_topic_and_contrast_finds_it_unless_it_denies_itself(index: Index) -> None:
    """ "Patient not improving" is such a name: what is denied does not count in a question."""
    named: list[Topic | Contrast] = [*index.library.topics.values(), *index.library.contrasts.values()]
    lost = [
        (one.name, name)
        for one in named
        for name in (one.title, *one.names)
        if one.name not in {hit.key for hit in find(index, name)}
        and not any(token.denied for token in index.language.read(name).tokens)
    ]

    assert lost == []


@pytest.mark.parametrize("text", ["", "   ", "what code for the", "!!!", "no", "👍"])
def test_a_text_that_says_nothing_finds_nothing(text: str) -> None:
    assert find(SMALL, text) == []


def test_words_that_no_shelf_has_find_nothing() -> None:
    assert find(SMALL, "quantum astrology") == []


def test_hits_come_best_first_and_none_is_noise(index: Index) -> None:
    hits = find(index, "exercise for balance on stairs with a walker")

    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(hit.score >= LEAST for hit in hits)


def test_no_more_hits_are_given_than_were_asked_for(index: Index) -> None:
    assert len(find(index, "exercise", most=3)) == 3


def test_each_entry_is_found_once_however_many_of_its_names_fit(index: Index) -> None:
    keys = [(hit.shelf, hit.key) for hit in find(index, "strengthening exercise with bands", most=99)]

    assert len(keys) == len(set(keys))


def test_of_two_that_fit_alike_the_lower_code_comes_first() -> None:
    twins = shelves(entry("90012", "dry work", "dry job"), entry("90011", "dry work", "dry job"))

    first, second = find(twins, "dry work")
    assert (first.key, second.key) == ("90011", "90012")
    assert first.score == second.score


def test_a_hit_tells_the_saying_that_fitted_and_the_words_shared() -> None:
    hit = find(SMALL, "practice of walking in the hall")[0]

    assert hit.saying == "walking practice"
    assert set(hit.matched) == {"practic", "walk"}
    assert hit.covered == pytest.approx(1.0)


def test_half_a_saying_fits_less_than_half_as_well() -> None:
    whole, half = find(SMALL, "walking practice")[0], find(SMALL, "walking")[0]

    assert half.saying == "walking practice"
    assert half.covered < 1.0
    assert half.score < whole.score


def test_a_word_that_fits_nothing_makes_a_find_less_sure() -> None:
    assert score(SMALL, "gait training astrology", "90001") < score(SMALL, "gait training", "90001")


def test_a_repaired_word_makes_a_find_no_surer_than_a_well_spelt_one() -> None:
    assert 0 < score(SMALL, "gaitt training", "90001") <= score(SMALL, "gait training", "90001")


def test_a_denied_word_finds_nothing() -> None:
    assert "90006" not in {hit.key for hit in find(SMALL, "gait training without ultrasound")}


def test_a_circumstance_leads_toward_a_code_and_away_from_another() -> None:
    in_pool = {hit.key: hit for hit in find(SMALL, "exercise in the pool")}

    assert in_pool["90003"].reasons == ("+water",)
    assert in_pool["90004"].reasons == ("-water",)
    assert in_pool["90003"].score > in_pool["90004"].score
    assert score(SMALL, "exercise in the pool", "90004") < score(SMALL, "exercise", "90004")


def test_a_denied_circumstance_leads_away_from_the_code_that_needs_it() -> None:
    on_land = {hit.key: hit for hit in find(SMALL, "exercise not in the pool", most=99)}

    assert on_land["90004"].reasons == ()
    assert "90003" not in on_land or on_land["90003"].reasons == ("-water",)
    assert find(SMALL, "exercise not in the pool")[0].key == "90004"


def test_a_number_of_people_leads_to_the_group_code() -> None:
    with_four = {hit.key: hit for hit in find(SMALL, "exercise with 4 people")}

    assert with_four["90005"].reasons == ("+several_people",)
    assert with_four["90005"].score > with_four["90004"].score
    assert with_four["90005"].score > score(SMALL, "exercise with 1 people", "90005")


def test_a_rare_word_says_more_than_a_common_one() -> None:
    hits = find(SMALL, "balance exercise")

    assert hits[0].key == "90002"


def test_topics_and_contrasts_are_found_as_codes_are() -> None:
    topic = Topic.model_validate_json(
        json.dumps(
            {
                "name": "missed",
                "title": "Missed visits",
                "names": ["no-show", "missed visit", "late cancel"],
                "answer": {"text": "No code."},
                "review": REVIEW,
            }
        )
    )
    arm = {"codes": ["90001"], "when": {"text": "It was so."}, "hints": ["handrail"]}
    contrast = Contrast.model_validate_json(
        json.dumps(
            {
                "name": "stairs",
                "title": "Stairs",
                "question": "Which of them?",
                "names": ["stair work"],
                "arms": [arm, {**arm, "codes": ["90002"]}],
                "review": REVIEW,
            }
        )
    )
    index = shelves(*SMALL.library.entries.values(), topics=[topic], contrasts=[contrast])

    assert (find(index, "missed visit")[0].shelf, find(index, "missed visit")[0].key) == ("topics", "missed")
    assert (find(index, "stair work")[0].shelf, find(index, "stair work")[0].key) == ("contrasts", "stairs")


def test_an_empty_library_finds_nothing_and_does_not_fail() -> None:
    assert find(shelves(), "gait training") == []


SHIPPED = Index(read_library())


@given(st.text(max_size=200))
def test_whatever_is_typed_the_same_words_find_the_same(text: str) -> None:
    hits = find(SHIPPED, text)

    assert hits == find(SHIPPED, text)
    assert all(0.0 <= hit.covered <= 1.0 for hit in hits)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("theraband strengthening", "97110"),
        ("gait training with a walker", "97116"),
        ("joint mobs", "97140"),
        ("US to the knee", "97035"),
        ("iontophoresis", "97033"),
        ("mechanical traction", "97012"),
        ("self care training, dressing", "97535"),
    ],
)
def test_the_shipped_shelves_are_found_by_what_clinics_say(index: Index, text: str, code: str) -> None:
    assert code in [hit.key for hit in find(index, text) if hit.shelf == "entries"][:2]


@pytest.mark.parametrize("text", ["can i bill a no show", "no-show code?", "patient did not show up", "pt no showed"])
def test_a_no_show_is_a_thing_and_not_the_denial_of_a_show(index: Index, text: str) -> None:
    assert find(index, text)[0].key == "missed_visit"


OWN: Mapping[tuple[Shelf, str], Iterable[str]] = {
    ("entries", "97530"): ("Zumbo lane", "the gauntlet"),
    ("topics", "missed_visit"): ("ghosted us on the books",),
}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("zumbo lane", "97530"),
        ("what code for the zumbo lane", "97530"),
        ("Zumbo lanes for 20 min", "97530"),
        ("zumbbo lane", "97530"),
        ("gauntlet", "97530"),
        ("pt ghosted us on the books", "missed_visit"),
    ],
)
def test_a_further_saying_is_found_at_once(index: Index, text: str, key: str) -> None:
    assert find(index.with_sayings(OWN), text)[0].key == key


def test_a_further_saying_is_told_as_what_fitted(index: Index) -> None:
    hit = find(index.with_sayings(OWN), "the gauntlet today")[0]

    assert (hit.saying, hit.matched) == ("the gauntlet", ("gauntlet",))
    assert hit.covered == pytest.approx(1.0)


def test_a_further_saying_is_scored_as_if_it_stood_on_the_shelves() -> None:
    own = SMALL.with_sayings({("entries", "90002"): ["wobble job"]})
    built_in = shelves(
        *(one for one in SMALL.library.entries.values() if one.code != "90002"), _named_too("wobble job")
    )

    for text in ("wobble job", "wobble", "balance job", "wobble job in the pool"):
        assert score(own, text, "90002") == pytest.approx(score(built_in, text, "90002"), abs=0.03)


def _named_too(saying: str) -> Entry:
    known = SMALL.library.entries["90002"]
    return known.model_copy(update={"names": (*known.names, saying)})


def test_of_two_that_fit_alike_the_further_saying_comes_first() -> None:
    own = SMALL.with_sayings({("entries", "90005"): ["gait training"]})

    assert [hit.key for hit in find(own, "gait training")][:2] == ["90005", "90001"]


def test_a_word_of_a_further_saying_is_read_as_typed_and_meant_by_misspelt_ones(index: Index) -> None:
    own = index.with_sayings({("entries", "97530"): ["balanse run"]})

    assert [token.word for token in index.language.read("balanse").tokens] == ["balance"]
    assert [token.word for token in own.language.read("balanse").tokens] == ["balanse"]
    assert own.language.read("balansee").repairs == (("balansee", "balanse"),)


def test_further_sayings_leave_the_index_and_all_other_finds_as_they_were(index: Index) -> None:
    typed = [name for one in index.library.entries.values() for name in one.names[:3]]
    before = [find(index, text) for text in typed]
    own = index.with_sayings(OWN)

    assert [find(own, text) for text in typed] == before
    assert [find(index, text) for text in typed] == before
    assert "97530" not in {hit.key for hit in find(index, "zumbo lane")}


def test_sayings_may_be_added_to_added_ones() -> None:
    own = SMALL.with_sayings({("entries", "90002"): ["wobble job"]}).with_sayings({("entries", "90001"): ["hall laps"]})

    assert find(own, "wobble job")[0].key == "90002"
    assert find(own, "hall laps")[0].key == "90001"


@pytest.mark.parametrize("text", ["", "the", "...", "👍"])
def test_a_further_saying_that_says_nothing_is_never_found(text: str) -> None:
    own = SMALL.with_sayings({("entries", "90002"): [text]})

    assert find(own, "gait training") == find(SMALL, "gait training")


def test_a_saying_for_what_is_not_on_the_shelves_is_refused() -> None:
    with pytest.raises(KeyError, match="12345"):
        SMALL.with_sayings({("entries", "12345"): ["gait"]})


_ALIKE = """
from knowledge.library import read_library
from knowledge.search import Index
index = Index(read_library())
for text in ("RTM msk 16+ days data", "wrapped whole arm for lymphedma", "portal thread, 12 min"):
    print([(hit.key, hit.score, hit.saying) for hit in index.find(index.language.read(text))])
"""


def test_finds_that_stand_alike_come_in_one_order_in_every_process() -> None:
    """Sets of words stand in another order in each process: nothing may hang on that."""
    told = {
        subprocess.check_output([sys.executable, "-c", _ALIKE], env={**os.environ, "PYTHONHASHSEED": seed})
        for seed in ("1", "2")
    }

    assert len(told) == 1
