"""From a visit as a clinician types it to services, minutes, units, lines to copy, and corrections."""

import gc
from weakref import ref

import pytest

from bot.answers import find_answer
from bot.answers.units import Impossible, OfWhat, Units
from bot.bot import Bot
from bot.durations import mark_durations
from bot.query import understand
from bot.visit import read_visit
from knowledge.library import Library
from knowledge.search import Index


def minutes(index: Index, text: str) -> dict[str, int | None]:
    return {one.code: one.minutes for one in read_visit(understand(text, index)).services}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("97110 x18min 97140 x13", [18, 13]),
        ("1:00-1:15 ther ex then 1:15-1:45 group", [15, 30]),
        ("97116 1:05pm to 1:28pm", [23]),
        ("8am to noon", [240]),
        ("11:50-12:20", [30]),
        ("an hour and ten of gait", [70]),
        ("hour and a half", [90]),
        ("half an hour", [30]),
        ("2 hrs", [120]),
        ("1 hr 10 min", [70]),
        ("15' of manual", [15]),
        ("53 mintues", [53]),
        ("3x10 squats", []),
        ("bridges 3 x 10", []),
        ("squats x15 and bridges x20", []),
        ("TE x23, MT x15", [23, 15]),
        ("97110 GP x 18", [18]),
        ("TE 20 min, hip work x15", [20, 15]),
        ("the 8 minute rule", []),
        ("a 15 minute unit", []),
        ("97110 x2 units", []),
        ("a full hour", [60]),
        (".5 hr", [30]),
        ("0900-0925 TE", [25]),
        ("the 2024-2025 rules", []),
        ("20 whole minutes", [20]),
        ("pool in the AM, land in the PM", []),
        ("1:1 time", []),
    ],
)
def test_durations_are_read_as_people_write_them(text: str, expected: list[int]) -> None:
    assert [span.minutes for span in mark_durations(text).spans] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24 min NMR + 23 ther ex", {"97112": 24, "97110": 23}),
        ("mfr21/te22/nmr10", {"97140": 21, "97110": 22, "97112": 10}),
        ("te25-mt15|nmr10", {"97110": 25, "97140": 15, "97112": 10}),
        ("97112x2 97110x1, times were 25 and 5", {"97112": 25, "97110": 5}),
        ("2 units 97110 and 1 unit 97140, 26 and 9 min", {"97110": 26, "97140": 9}),
        ("timed was 50 (35 ther ex, 15 manual)", {"97110": 35, "97140": 15}),
        ("the remainder 25 min was gait, te 20", {"97116": 25, "97110": 20}),
        ("50 min visit: 20 min te, the rest manual", {"97110": 20, "97140": 30}),
        ("knee 10 hip 16", {}),
        ("aquatic: 22 adl: 28 mt: 37", {"97113": 22, "97535": 28, "97140": 37}),
        ("97140: 17-ther act: 21", {"97140": 17, "97530": 21}),
        ("31 of aquatic-36 of te-27 of manual", {"97113": 31, "97110": 36, "97140": 27}),
        ("18ionto, 18nmr, 34ther ex", {"97033": 18, "97112": 18, "97110": 34}),
        ("adl (27)-97110 (11)-massage (25)", {"97535": 27, "97110": 11, "97124": 25}),
        ("te 20, rest was given 5 min between", {"97110": 20}),
        ("Medicare NMR 44 units?", {"97112": 44}),
        ("how many units 44 NMR", {"97112": 44}),
        ("ultrasond 8/parrafin 10", {"97035": 8, "97018": 10}),
        ("aquatic ther ex 30 land based ther ex 15 both", {"97113": 30, "97110": 15}),
        ("did 33 of TE and 7 manual", {"97110": 33, "97140": 7}),
        ("TE 23 NMR 8 MT 15 how many units", {"97110": 23, "97112": 8, "97140": 15}),
        ("20 min each of NMR, TE and manual", {"97112": 20, "97110": 20, "97140": 20}),
        ("97110 9:00-9:20, 97112 9:20-9:32", {"97110": 20, "97112": 12}),
        ("heat pack 10 min, TE 23 min", {"97010": 10, "97110": 23}),
        ("ultrasound 7 min, manual 20 min. 97035 and 97140", {"97035": 7, "97140": 20}),
        ("97110 10 min and later 97110 12 min", {"97110": 22}),
        ("TE 20, manual 15... sorry, make that 25 TE", {"97110": 25, "97140": 15}),
        ("97110 20 min, 97140 15 min, oops 97140 was 25 min", {"97110": 20, "97140": 25}),
        ("97150 at 9 and 97530 at 10", {}),
        ("pt seen 9:02-9:47. TE 9:02-9:20, MT 9:20-9:32, NMR 9:32-9:47", {"97110": 18, "97140": 12, "97112": 15}),
        ("TE 20 min, MFR 12, core stab 18", {"97110": 20, "97140": 12, "97112": 18}),
        ("TE 20 min, bridges 20, squats 15", {"97110": 20}),
        ("fluidotherapy 15, PROM 10, scar mob 8", {"97022": 15, "97110": 10, "97140": 8}),
        ("TherEx-25, Manual-15, Gait-10", {"97110": 25, "97140": 15, "97116": 10}),
        ("bridges 20, squats 15, clams 15", {}),
        ("97110(30) 97112 (15)", {"97110": 30, "97112": 15}),
        ("sensory integration 30 min, handwriting 15 min, fine motor 15", {"97533": 30, "97530": 30}),
        ("TE, MT, NMR 15 min each + eval", {"97110": 15, "97140": 15, "97112": 15, "97161": None}),
        ("PT eval mod complexity 45min + TE 15", {"97162": 45, "97110": 15}),
        ("did 18 of manual and 22 on the treadmill for gait", {"97140": 18, "97116": 22}),
        ("28 min on nustep and bike unsupervised, 16 min manual", {"97140": 16}),
        ("patient late, only did 12 min ther ex and 5 min manual", {"97110": 12, "97140": 5}),
        ("speech: swallow tx 40m, memory tx 15m", {"92526": 40, "97129": 15}),
        ("an hour session: half NMR half TE", {"97112": 30, "97110": 30}),
        ("47 min session, 22 te, 10 mt, rest was nmr", {"97110": 22, "97140": 10, "97112": 15}),
        ("15 each gait, balance and TE", {"97116": 15, "97112": 15, "97110": 15}),
        ("caregiver training 20 min, gait 15 min", {"97550": 20, "97116": 15}),
        ("epley 10 min, vestibular rehab 25 min", {"95992": 10, "97112": 25}),
        ("wheelchair eval and fitting 60 min", {"97542": 60}),
        ("10 min bike by himself, 25 min TE with me", {"97110": 25}),
        ("30 min group of 4, 15 min individual gait", {"97150": 30, "97116": 15}),
        ("gt18mt12", {"97116": 18, "97140": 12}),
        ("nmr20 ta16 ex9", {"97112": 20, "97530": 16, "97110": 9}),
        ("18gt 12mt", {"97116": 18, "97140": 12}),
        ("MT-18 GT-12", {"97140": 18, "97116": 12}),
        ("97530/18 97116/12", {"97530": 18, "97116": 12}),
        ("GT 18/MT 12/TE 9", {"97116": 18, "97140": 12, "97110": 9}),
        ("MT/GT 18/12", {"97140": 18, "97116": 12}),
        ("97530 and 97116, 18 and 12 minutes", {"97530": 18, "97116": 12}),
        ("18, 12 and 9 min of gait, manual and TA", {"97116": 18, "97140": 12, "97530": 9}),
        ("TA 25, MHP/IFC 15 min", {"97530": 25, "97010": None, "G0283": 15}),
        ("97530 18 min at 9 and again in the afternoon 12 min", {"97530": 30}),
        ("two sessions of gait, 18 min and 12 min", {"97116": 30}),
        ("our manager says 22 one-on-one minutes of manual", {"97140": 22}),
        ("1 hr. 10 min of gait", {"97116": 70}),
        ("how would 22 + 14 + 3 split 97116 97140 97530", {"97116": 22, "97140": 14, "97530": 3}),
        ("voice tx 25 and swallow tx 20, units", {"92507": 25, "92526": 20}),
        ("us 3 mhz 8 min, TE 15", {"97035": 8, "97110": 15}),
        ("two 20-minute sessions of gait", {"97116": 40}),
        ("97530 10 min twice today", {"97530": 20}),
        ("50 min session: 20 gait, rest ther ex", {"97116": 20, "97110": 30}),
        ("97535 (38)/transfer training (14)/97035 (10)", {"97535": 38, "97530": 14, "97035": 10}),
        ("ultrasound: 9 min; therapeutic exercise: 27 min units", {"97035": 9, "97110": 27}),
        ("walking practice - 18 min, then dressing practice - 22 min medicare", {"97116": 18, "97535": 22}),
        ("how many units for 9 min manual with 26 min neuro re-ed", {"97140": 9, "97112": 26}),
        ("TE (22), dressing practice (13), 97035 (8) units", {"97110": 22, "97535": 13, "97035": 8}),
        ("30 min of gait/11 min of dressing practice/8 min of 97140", {"97116": 30, "97535": 11, "97140": 8}),
        ("gait-22 and 97530-15 today", {"97116": 22, "97530": 15}),
        ("transfer training 30. US took 8 minutes", {"97530": 30, "97035": 8}),
        ("can we bill 7 min of 97140 if he also had 31 min of 97110", {"97140": 7, "97110": 31}),
        ("had 12 min of 97116 with 9 min of 97112", {"97116": 12, "97112": 9}),
        ("pt seen 10:05 to 10:47, all ther ex", {"97110": 42}),
        ("gait 1 hr. 10 min cold pack", {"97116": 60, "97010": 10}),
    ],
)
def test_minutes_go_to_the_services_they_stand_beside(index: Index, text: str, expected: dict[str, int]) -> None:
    assert minutes(index, text) == expected


def test_shelves_that_changed_are_let_go(library: Library) -> None:
    shelves = Index(library)
    assert minutes(shelves, "20 min stairs") == {"97116": 20}
    gone = ref(shelves)
    del shelves
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize(
    ("text", "unnamed"),
    [
        ("20 min TE, 15 min blorp", [("blorp", 15)]),
        ("20 min TE, 5 min with the doctor", [("the doctor", 5)]),
        ("97110 20 min, 97140 15 min, 35 min saw him at home", []),
        ("20 min TE, 15 min", []),
        ("te20/xyz15", [("xyz", 15)]),
        ("zorbing 30 + 97140 22 + us 13", [("zorbing", 30)]),
        ("gait: 20, zorbing: 35, units?", [("zorbing", 35)]),
        ("TE 20, MT 15, age 65", []),
        ("TE 20, MT 15, bridges 10, pain 6", []),
    ],
)
def test_minutes_whose_words_name_no_service_are_told(index: Index, text: str, unnamed: list[tuple[str, int]]) -> None:
    """None is taken for a service by an ordinary word alone; the time of all the others needs no name."""
    assert [(what, count) for what, count in units(index, text).unnamed] == unnamed


@pytest.mark.parametrize("text", ["45 mins", "how many units is 45 minutes", "1:00-1:45", "45 min session"])
def test_minutes_of_nothing_are_asked_about(index: Index, text: str) -> None:
    answer = find_answer(understand(text, index))
    assert isinstance(answer, OfWhat)
    assert (answer.minutes, answer.units) == (45, 3)


@pytest.mark.parametrize(
    "text",
    ["gait and manual 40 min units", "TA/TE 40 min units", "40 minutes of 97116 and 97530", "97116 97530 40 min"],
)
def test_minutes_of_several_services_together_are_not_given_to_one(index: Index, text: str) -> None:
    answer = find_answer(understand(text, index))
    assert isinstance(answer, OfWhat)
    assert (answer.minutes, answer.units, len(answer.among)) == (40, 3, 2)


@pytest.mark.parametrize("text", ["neuro re ed 25", "25 nmr", "97112 25", "97112/25", "nmr25"])
def test_a_service_and_a_number_that_can_only_be_its_minutes_are_a_visit(index: Index, text: str) -> None:
    answer = find_answer(understand(text, index))
    assert isinstance(answer, Units)
    assert [(line.entry.code, line.medicare) for line in answer.lines] == [("97112", 2)]


@pytest.mark.parametrize("text", ["97112/59", "97112-59", "97112-95", "97161/62", "97110/12", "97112 2", "gait 150 ft"])
def test_a_modifier_a_second_code_or_a_distance_is_no_time(index: Index, text: str) -> None:
    assert not isinstance(find_answer(understand(text, index)), Units)


def test_rest_and_aides_minutes_are_left_out_and_told(index: Index) -> None:
    visit = read_visit(understand("pt rested 5 min, ther ex 20 min", index))
    assert [(one.code, one.minutes) for one in visit.services] == [("97110", 20)]
    assert [left for _, left in visit.left_out] == [5]


def units(index: Index, text: str) -> Units:
    answer = find_answer(understand(text, index))
    assert isinstance(answer, Units)
    return answer


def test_both_methods_stand_side_by_side(index: Index) -> None:
    """MCPM5 example 1."""
    told = units(index, "24 min NMR + 23 min ther ex how many units").for_scripts()["units"]
    assert told == {"medicare": {"97112": 2, "97110": 1}, "midpoint": {"97112": 2, "97110": 2}}


def test_a_tie_is_shown_as_a_choice(index: Index) -> None:
    """MCPM5 example 2."""
    ties = units(index, "97112 20 min 97110 20 min").for_scripts()["ties"]
    assert ties["medicare"] == [{"units": 1, "among": ["97112", "97110"]}]


def test_a_visit_has_lines_with_modifiers_to_copy(index: Index) -> None:
    answer = units(index, "20 min stairs, 15 min manual, 10 min e-stim, hot pack, PTA did the manual, medicare")
    lines = {line["code"]: (line["units"]["medicare"], line["modifiers"]) for line in answer.for_scripts()["lines"]}
    assert lines["97116"] == (1, ["GP"])
    assert lines["97140"] == (1, ["GP", "CQ"])
    assert lines["G0283"] == (1, ["GP"])
    assert lines["97010"][0] == 0
    assert answer.also == ("97530",), "stairs may be another code, and that is shown"


def test_a_pair_that_a_modifier_unlocks_gets_59_on_its_column_two(index: Index) -> None:
    answer = units(index, "97110 15 min, 97150 30 min")
    assert {line.code: line.modifiers for line in answer.billed} == {"97110": ("59",), "97150": ()}


def test_a_pair_that_nothing_unlocks_is_told(index: Index) -> None:
    assert [finding.column_two for finding in units(index, "97140 20 min, 97124 15 min").locked] == ["97124"]


@pytest.mark.parametrize("text", ["97110 25 hours how many units", "1:00-1:15 TE then 1:10-1:30 MT", "-5 min of 97110"])
def test_minutes_that_cannot_be_get_a_clear_answer(index: Index, text: str) -> None:
    answer = find_answer(understand(text, index))
    assert isinstance(answer, Impossible)
    assert answer.why_not


def lines(index: Index, text: str) -> list[str]:
    """The lines to copy by Medicare's rule."""
    found = find_answer(understand(text, index))
    assert isinstance(found, Units)
    return [line.text(line.medicare) for line in found.billed]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PTA did 10 of the 20 minutes of ther ex", ["97110 GP x1"]),
        ("PT 5 min and PTA 12 min of 97110, medicare", ["97110 GP CQ x1"]),
        ("COTA did half of the 30 min ADL session", ["97535 GO CO x1", "97535 GO x1"]),
        ("TE 22 min: PT 5 min, PTA 17 min", ["97110 GP CQ x1"]),
        ("assistant did 15 min TE, I did 15 min TE", ["97110 x2"]),
        ("pta did 20 min TA, 10 min gait, and i did 15 MT", ["97530 GP CQ x1", "97116 GP CQ x1", "97140 GP x1"]),
        ("telehealth visit 30 min ther ex, PT, GP", ["97110 GP 95 x2"]),
        ("PTA gave 15 minutes of ultrasound by herself", ["97035 GP CQ x1"]),
        ("the PTA and I each did 12 min of NMR", ["97112 GP CQ x1", "97112 GP x1"]),
        ("eval and treat 97161 30 mins 97530 23 mins", ["97161 x1", "97530 x2"]),
        ("97140 59 15 min, 97530 23 min", ["97140 x1", "97530 x2"]),
        ("pta co treat w pt, gait 20 min", ["97116 GP x1"]),
        ("97110-GP 25m; 97140-GP-59 15m", ["97110 GP x2", "97140 GP x1"]),
        (
            "debrided 30 sq cm of wound in 25 min, vac 15 min, PT plan GP",
            ["97597 GP x1", "97598 GP x1", "97605 GP 59 x1"],
        ),
        ("97542 30 min, PTA did all of the set up and check", ["97542 GP CQ x2"]),
        ("20 min attended e-stim, PTA did all of the set up", ["97032 GP CQ x1"]),
        ("20 min TE, PTA did the manual", ["97110 GP x1"]),
        ("97110 45 minutes, PTA did 20 of it", ["97110 GP CQ x1", "97110 GP x2"]),
        ("ther ex 45 min, PTA did 20 of the 45", ["97110 GP CQ x1", "97110 GP x2"]),
        ("45 min ther ex (PTA did 20), 15 min manual", ["97110 GP CQ x1", "97110 GP x2", "97140 GP x1"]),
        ("gait 30 min of which 12 by PTA", ["97116 GP CQ x1", "97116 GP x1"]),
        ("50 min of aquatic, 15 of it with the PTA", ["97113 GP CQ x1", "97113 GP x2"]),
        ("20 of the 45 minutes of 97110 were by the cota", ["97110 GO CO x1", "97110 GO x2"]),
        ("97110 30, 97140 15, PTA did 10 of the manual", ["97110 GP x2", "97140 GP CQ x1"]),
        ("97530 38 min, the PTA took the last 15", ["97530 GP CQ x1", "97530 GP x2"]),
        ("30 min gait, i did 20 and the pta did 10", ["97116 GP CQ x1", "97116 GP x1"]),
        ("we did 40 min of gait. 25 was me, 15 was the PTA", ["97116 GP CQ x1", "97116 GP x2"]),
        ("97110 30 min, manual 15 min was by the PTA", ["97110 GP x2", "97140 GP CQ x1"]),
        ("PT 25 min and PTA 20 min of ther ex", ["97110 GP CQ x1", "97110 GP x2"]),
        ("97129/97130 for 45 minutes, COTA did 20 of it", ["97129 GO CO x1", "97130 GO CO x2"]),
        ("97110 40 min. 15 of the 40 min were by the PTA", ["97110 GP CQ x1", "97110 GP x2"]),
        ("97110 20 min and 97140 15 min, PTA did 10 of the 20 min of 97110", ["97110 GP x1", "97140 GP x1"]),
        ("97110 20 min, 97140 15 min. i did 10 of the 97110 and the pta did 10", ["97110 GP x1", "97140 GP x1"]),
        ("total 30 min gait. I did 20, PTA did 10", ["97116 GP CQ x1", "97116 GP x1"]),
    ],
)
def test_a_service_parted_between_assistant_and_therapist_has_its_modifier(
    index: Index, text: str, expected: list[str]
) -> None:
    """MONCQ, PTMCQ: whole blocks to who gave them; a last unit with eight minutes by the therapist is theirs."""
    assert lines(index, text) == expected


@pytest.mark.parametrize(
    "text", ["1 hr 10 min total 97110 30 97140 25 97530 15", "97110 30 97140 25 97530 15, 70 min in all"]
)
def test_the_time_of_the_whole_visit_is_no_services_time(index: Index, text: str) -> None:
    assert minutes(index, text) == {"97110": 30, "97140": 25, "97530": 15}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "55 minutes one on one. 20 of it manual, 10 neuro re-ed, the rest was exercise",
            {"97140": 20, "97112": 10, "97110": 25},
        ),
        ("48 minutes of timed treatment, half of it 97530 and half 97110", {"97530": 24, "97110": 24}),
        ("20 each of gait training and therapeutic activities", {"97116": 20, "97530": 20}),
        ("twenty three minutes of exercise and uh eight minutes of gait training", {"97110": 23, "97116": 8}),
        (
            "started therex at 2:05 and stopped 2:32 then manual till 2:41 then gait till 2:56",
            {"97110": 27, "97140": 9, "97116": 15},
        ),
        ("quarter past 2 til 2:50 wheelchair training, 2:50-3:03 self care", {"97542": 35, "97535": 13}),
        ("5 min each: manual, ultrasound, exercise... 15 minutes in all", {"97140": 5, "97035": 5, "97110": 5}),
    ],
)
def test_minutes_are_read_as_parts_of_a_whole_in_words_and_one_after_the_other(
    index: Index, text: str, expected: dict[str, int]
) -> None:
    assert minutes(index, text) == expected


@pytest.mark.parametrize("typed", ["97110 x 2 and 97140 x 1", "97110 x2, 97140 x1", "97110 x 3"])
def test_a_code_times_a_few_counts_units_and_no_minutes(answering: Bot, typed: str) -> None:
    assert answering.answer(typed).answer.kind != "units"
