"""What goes on from the question before it, as people say it, through the bot and its log."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from bot.bot import Bot, Told
from bot.follow_up import is_follow_up, is_plainly_a_follow_up
from bot.question import Question
from bot.question_notes import QuestionKey

VISIT = "20 min 97110, 15 min 97140"
# What was said, one after the other; the kind of the last answer; and what must, or with "no " must not, stand in it.
CONVERSATIONS: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = (
    # A visit is changed
    ((VISIT, "and with an eval?"), "units", ("97161",)),
    ((VISIT, "plus a hot pack"), "units", ("97010",)),
    ((VISIT, "add 10 min gait"), "units", ("97116", "Minutes told: 45")),
    ((VISIT, "make the manual 30"), "units", ("Minutes told: 50",)),
    ((VISIT, "Change 97110 to 40"), "units", ("Minutes told: 55",)),
    ((VISIT, "without the manual"), "units", ("97110", "no 97140")),
    ((f"{VISIT}, hot pack", "drop the hot pack"), "units", ("97140", "no 97010")),
    (("20 min 97110", "same but 25 minutes"), "units", ("97110 ×2",)),
    (("20 min 97110, hot pack", "make it 40"), "units", ("97110 ×3",)),
    (("20 min 97110, medicare", "sorry, 38 min"), "units", ("97110 ×3",)),
    ((VISIT, "same but 25 minutes"), "impossible", ("cannot tell which",)),
    ((VISIT, "and 97530 too?"), "units", ("no minutes were told: 97530",)),
    ((VISIT, "and for OT?"), "units", ("97110 GO x1",)),
    ((VISIT, "what if the PTA did it?"), "units", ("97110 GP CQ x1", "97140 GP CQ x1")),
    ((VISIT, "and what if the pta did the manual?"), "units", ("97110 GP x1", "97140 GP CQ x1")),
    ((VISIT, "for OT", "and if the OTA did it?"), "units", ("97140 GO CO x1",)),
    ((VISIT, "what about medicare?"), "units", ("97110 ×1",)),
    ((VISIT, "commercial?"), "units", ("97110 ×1",)),
    ((VISIT, "which modifier?"), "units", ("To copy",)),
    ((VISIT, "can they be billed the same day?"), "same_day", ("97110 + 97140",)),
    ((VISIT, "make the manual 18", "and 12 min balance"), "units", ("97112", "Minutes told: 50")),
    # A code is asked more about
    (("what is 97530", "and 97140 too?"), "same_day", ("97530 + 97140",)),
    (("what is 97530", "with 97140 same day?"), "same_day", ("97530 + 97140",)),
    (("what is 97530", "vs 97110?"), "compared", ("97530", "97110")),
    (("what is 97530", "how many units for 38 minutes?"), "units", ("97530 ×3",)),
    (("what is 97530", "for 25 minutes?"), "units", ("97530 ×2",)),
    (("what is 97530", "how do I document that?"), "documented", ("In the note for 97530",)),
    (("what is 97530", "is it timed?"), "described", ("Timed: 15-minute units",)),
    (("what is 97530", "how much does it pay?"), "amounts", ("97530",)),
    (("what is 97530", "👍", "thanks", "and 97140 too?"), "same_day", ("97530 + 97140",)),
    (("manual therapy", "what about a PTA?"), "modifiers", ("CQ", "97140")),
    (("what code for ultrasound?", "how many units is 12 minutes?"), "units", ("97035 ×1",)),
    (("what is 97140", "can I bill it with 97530?"), "same_day", ("97140 + 97530",)),
    (("97140", "is it ok with 97530", "and 97124?"), "same_day", ("97140 + 97530 + 97124", "never together")),
    (("group therapy", "what about 97110 at the same time"), "same_day", ("97150 + 97110",)),
    (("97150 and 97110 same day?", "what about 97140 instead"), "same_day", ("97150 + 97140", "no 97110")),
    (("97110", "is it covered by medicare?"), "described", ("Medicare 2026: status A",)),
    (("97110", "who can bill it?"), "described", ("Billed by PT, OT",)),
    (("92507", "can an OT bill it?"), "described", ("Billed by SLP",)),
    (("97110", "what's the max per day"), "described", ("takes without question: 6",)),
    (("97110", "and for a PTA"), "modifiers", ("CQ", "97110")),
    (("what does medicare pay for 97110", "and 97140?"), "amounts", ("97110 $", "97140 $")),
    (("97597", "35 sq cm"), "described", ("97598 x1",)),
    (("97530", "how is that different from 97110?"), "compared", ("97530 or 97110",)),
    (("97140", "why not 97124"), "compared", ("97140 or 97124",)),
    (("97150 and 97110 same day?", "which gets the modifier"), "same_day", ("59",)),
    (("telehealth 97110", "modifier?"), "modifiers", ("95",)),
    (("e-stim", "unattended", "patient is medicare"), "looked_up", ("G0283",)),
    ((VISIT, "not medicare"), "units", ("97110 ×1",)),
    # A slip is corrected
    (("ot eval", "no i meant the pt one"), "contrasted", ("97161", "no 97165")),
    (("pt eval", "I mean OT"), "contrasted", ("97165", "no 97161")),
    (("15 min 97110 8 min 97140", "wait it was 7 min of 97140"), "units", ("97110 ×1", "97140 ×0")),
    (("15 min 97110 8 min 97140", "wait it was 7 min of 97140", "oops i mean 9"), "units", ("97140 ×1",)),
    ((VISIT, "same but 25 minutes", "make the manual 18"), "units", ("Minutes told: 38",)),
    (("cognition treatment 30 min", "for speech"), "units", ("97129", "GN")),
    (("23 min 97110, 8 min 97140", "actually 97140 was 7"), "units", ("97110 ×2", "97140 ×0")),
    (("20 min manual, 10 min ultrasound", "can you redo it with 12 of ultrasound"), "units", ("Minutes told: 32",)),
    ((VISIT, "what would that be for aetna"), "units", ("97110 ×1",)),
    # Something else is asked in between
    (("20 min gait, 15 min therex", "can an aide do it?", "make the gait 23"), "units", ("Minutes told: 38",)),
    (("dry needling", "the second one", "how many units", "is it covered by medicare"), "described", ("20561",)),
    # A choice is narrowed
    (("teaching the wife to transfer him", "he was not there"), "looked_up", ("97550",)),
    (("teaching the wife to transfer him", "he was not there", "40 minutes"), "units", ("97550 ×1", "97551 ×1")),
    (("wound debridement", "35 sq cm"), "looked_up", ("97598",)),
    (("what code for stair training?", "how many units is that for 40 min?"), "units", ("97116 ×3", "may be 97530")),
    (("what code for stair training?", "the second one"), "described", ("97530",)),
    (("dry needling", "4 muscles"), "looked_up", ("20561",)),
    (("pt eval", "moderate"), "looked_up", ("97162",)),
    (("pt eval", "and for OT?"), "contrasted", ("97165",)),
    (("e-stim", "attended"), "looked_up", ("97032",)),
    (("97110 or 97112", "the second one", "documentation?"), "documented", ("97112",)),
    # Years, payers, settings
    (("kx threshold 2026", "and 2025?"), "amounts", ("2,410",)),
    (("kx threshold 2026", "what about last year?"), "amounts", ("2,410",)),
    (("how much does 97110 pay", "and 97140?"), "amounts", ("97110", "97140")),
    (("97150 and 97110 same day?", "what about hospital?"), "same_day", ("outpatient hospital",)),
    (("97150 and 97110 same day?", "which one gets the 59?"), "same_day", ("59",)),
    # Reasons
    (("therapeutic ultrasound", "why?"), "looked_up", ("Why this answer", "ultrasound", "How sure")),
    (("what code for stair training?", "but why?"), "contrasted", ("Why this answer",)),
    ((VISIT, "why?"), "units", ("Working", "20 min = 1 × 15 + 5")),
    (("what is 97530", "is that right?"), "described", ("Why this answer", "You typed: 97530", "How sure")),
    (("what code for stair training?", "are you sure?"), "contrasted", ("Why this answer",)),
    # Questions of their own, though something was asked before
    (
        ("what code for stair training?", "pta did 1 of 15 min of manual, CQ?"),
        "modifiers",
        ("No: not CQ", "97140", "no 97116"),
    ),
    ((VISIT, "what code for ultrasound?"), "looked_up", ("97035", "no 97110")),
    (("can a PTA do evals?", "and re-evals"), "contrasted", ("97164",)),
    (("it's for falls", "what is 97112", "2 units"), "explained", ("8-minute rule",)),
    (("cupping", "xylophone practice"), "unknown", ("I don't know",)),
    ((VISIT, "can i bill 97012 and 97140 on the same day"), "same_day", ("97012 + 97140", "no 97110")),
    (("what is 97530", "97012 and 97140 on the same day"), "same_day", ("97012 + 97140", "no 97530")),
    (("what is 97530", "also what is 97012"), "described", ("97012", "no 97530")),
    (("what is 97530", "and then we did cupping"), "contrasted", ("Cupping",)),
    (("what is 97530", "what about dry needling?"), "contrasted", ("20560",)),
    (("what is 97530", "can a tech do ultrasound?"), "explained", ("aide",)),
    (("stair training", "pt left early"), "explained", ("52",)),
    (("what is 97530", "what about 97110?"), "described", ("97110",)),
)


async def said(bot: Bot, *texts: str) -> Told:
    """The last answer of a conversation."""
    place, told = uuid4().hex, None
    for text in texts:
        told = await bot.tell(Question(text=text, door="direct_message", workspace="T01", place=place, asker="U01"))
    assert told is not None
    return told


async def test_people_go_on_as_they_speak(bot: Bot) -> None:
    missed = []
    for texts, kind, parts in CONVERSATIONS:
        told = await said(bot, *texts)
        wanted = {part: (part.removeprefix("no ") in told.reply.text) != part.startswith("no 9") for part in parts}
        if told.answer.kind != kind or not all(wanted.values()):
            missed.append((texts, told.answer.kind, [part for part, is_met in wanted.items() if not is_met]))
    assert missed == []


async def test_the_code_that_was_picked_is_what_the_conversation_is_about(bot: Bot) -> None:
    first = Question(
        text="what code for stair training?", door="direct_message", workspace="T01", place="D9", asker="U01"
    )
    await bot.tell(first)
    await bot.earlier.pick(QuestionKey("T01", first.delivery), "97530")
    told = await bot.tell(replace(first, text="how many units for 25 min?", delivery="2", asked_at=first.asked_at))
    assert told is not None
    assert told.answer.codes == ("97530",)


@pytest.mark.parametrize("other", [{"asker": "U02"}, {"place": "D8"}, {"workspace": "T02"}, {"thread": "1.2"}])
async def test_nobody_goes_on_from_anothers_question_or_from_elsewhere(bot: Bot, other: dict[str, Any]) -> None:
    first = Question(text=VISIT, door="mention", workspace="T01", place="D9", asker="U01")
    await bot.tell(first)
    told = await bot.tell(replace(first, text="make the manual 30", delivery="2", **other))
    assert told is not None
    assert told.answer.kind != "units"


async def test_after_half_an_hour_nothing_goes_on(bot: Bot) -> None:
    first = Question(text=VISIT, door="direct_message", workspace="T01", place="D9", asker="U01")
    await bot.tell(first)
    later = replace(first, text="and for OT?", delivery="2", asked_at=first.asked_at + timedelta(minutes=31))
    told = await bot.tell(later)
    assert told is not None
    assert told.answer.kind != "units"


@pytest.mark.parametrize(
    "text",
    [
        *("what code for stair training?", "97530", "making coffee with one hand", "change of a wound dressing", ""),
        *(
            "same day?",
            "dry needling 3 muscles",
            "can a pta do it?",
            "and what code for tape?",
            "what is the 8 minute rule",
        ),
        *("ultrasound", "manual therapy and gait", "moderate assist transfers", "first aid for a burn", "x" * 5000),
    ],
)
def test_a_question_of_its_own_is_not_joined(text: str) -> None:
    assert not is_follow_up(text) or text.startswith("and what")


@pytest.mark.parametrize(
    "text", ["make the manual 18", "same but 25 minutes", "and with an eval?", "how many units for 40 min?"]
)
def test_what_goes_on_plainly_is_seen_without_a_mention(text: str) -> None:
    assert is_plainly_a_follow_up(text)


@pytest.mark.parametrize(
    "text",
    [
        *("why?", "commercial?", "25 min", "the first one", "moderate", "thanks", "for OT"),
        *("try again with 2 people", "are you sure?", "who can do it", "can you do it with Anna", "no, 3"),
    ],
)
def test_what_people_also_say_to_each_other_is_left_alone_without_a_mention(text: str) -> None:
    assert not is_plainly_a_follow_up(text)
