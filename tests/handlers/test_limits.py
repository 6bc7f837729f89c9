"""Every reply that the bot can give, as Slack gets it, against the limits in Slack's reference."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.answers.contrasted import Contrasted, Side
from bot.answers.explained import Explained
from bot.answers.limited import Limited
from bot.bot import Bot
from bot.buttons import Button
from bot.cases import read_cases
from bot.examples import codes_of, examples, families
from bot.question import Question
from bot.question_log import QuestionRow
from bot.question_notes import QuestionKey
from bot.reply import Reply, Writer
from handlers.blocks import blocks, message
from handlers.views import answer_modal, expected_modal, family_modal, home
from knowledge.library import Library
from knowledge.search import Index

CASES = sorted((Path(__file__).parents[1] / "questions").glob("*.jsonl"))
ABOUT = QuestionKey("T" * 11, "message:" + "C" * 11 + ":1700000000.000100")
TEXTS = {"header": 150, "section": 3000, "button": 75}


def faults(said: dict[str, Any], *, most_blocks: int = 50) -> Iterator[str]:
    """What Slack would refuse."""
    blocks = said["blocks"]
    if not 0 < len(blocks) <= most_blocks:
        yield f"{len(blocks)} blocks"
    for block in blocks:
        yield from _block_faults(block)
    if most_blocks == 50 and sum(len(json.dumps(one, ensure_ascii=False)) for one in blocks) > 13_200:
        yield "the message as a whole is too long"
    if most_blocks == 50 and not 0 < len(said["text"]) <= 40_000:
        yield "the text for notifications is empty or would be cut"


def _block_faults(block: dict[str, Any]) -> Iterator[str]:
    kind = block["type"]
    if kind in ("header", "section") and not 0 < len(block["text"]["text"]) <= TEXTS[kind]:
        yield f"{kind} of {len(block['text']['text'])}"
    most = {"actions": 25, "context": 10, "context_actions": 5}.get(kind)
    elements = [*block.get("elements", []), *([block["accessory"]] if block.get("accessory") else [])]
    if most and not 0 < len(elements) <= most:
        yield f"{kind} with {len(elements)} elements"
    names = [one["action_id"] for one in elements if "action_id" in one]
    if len(set(names)) < len(names) or any(len(one) > 255 for one in names):
        yield f"{kind}: action_ids"
    for one in elements:
        yield from _element_faults(one)


def _element_faults(one: dict[str, Any]) -> Iterator[str]:
    match one["type"]:
        case "button":
            parts = [one]
        case "feedback_buttons":
            parts = [one["positive_button"], one["negative_button"]]
        case "mrkdwn":
            if not 0 < len(one["text"]) <= 3000:
                yield f"context of {len(one['text'])}"
            return
        case _:
            return
    for part in parts:
        if not 0 < len(part["text"]["text"]) <= 75 or not 0 < len(part["value"]) <= 2000:
            yield "button"


def check_gist(text: str) -> None:
    """The first line is what a phone shows: short, and without marks that stand for something below."""
    first = text.splitlines()[0]
    assert 0 < len(first) <= 150
    assert not any(mark in first for mark in ("*", "•", " °", "[1]"))


def check(reply: Reply, what: str) -> None:
    check_gist(message(reply, ABOUT)["text"])
    for private in (False, True):
        assert list(faults(message(reply, ABOUT, private=private))) == [], what
    view = answer_modal(reply, ABOUT).to_dict()
    assert list(faults(view, most_blocks=100)) == [], what


def test_every_code_passes_slacks_limits_described_and_documented(answering: Bot) -> None:
    for code in answering.index.library.entries:
        for question in (f"what is {code}", f"what goes in the note for {code}", f"{code}-59"):
            check(answering.answer(question).reply, question)


def test_every_retired_number_passes(answering: Bot) -> None:
    for number in answering.index.library.retired:
        check(answering.answer(f"what is {number}").reply, number)


def test_every_topic_passes(answering: Bot, library: Library) -> None:
    writer = Writer(library.sources)
    for topic in library.topics.values():
        check(writer.render(Explained(topic=topic)), topic.name)


@pytest.mark.parametrize("settled", [True, False])
def test_every_contrast_passes_with_a_button_for_each_code(library: Library, *, settled: bool) -> None:
    writer = Writer(library.sources)
    for contrast in library.contrasts.values():
        sides = tuple(
            Side(arm=arm, entries=tuple(library.entries[code] for code in arm.codes), hinted=False)
            for arm in contrast.arms
        )
        codes = tuple(dict.fromkeys(code for arm in contrast.arms for code in arm.codes))
        answer = Contrasted(contrast=contrast, sides=sides, settled=settled, apart=True, codes=codes, choice=True)
        reply = writer.render(answer)
        check(reply, contrast.name)
        assert [one.value for one in reply.buttons if one.action == "pick"] == list(codes)


def test_every_limit_passes(answering: Bot, library: Library) -> None:
    for limit in library.limits.values():
        check(Writer(library.sources).render(Limited(limit=limit, examples=("a" * 200,) * 3)), limit.name)


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_the_answers_to_all_cases_pass(answering: Bot, file: Path) -> None:
    for case in read_cases(file):
        check(answering.answer(case.question).reply, case.question)


@pytest.mark.parametrize(
    "question",
    [
        "kx threshold 2026",
        "conversion factor 2025",
        "what does medicare pay for 97110",
        "kx threshold 2040",
        "how much is 97530 and 97140 in 2026",
        "help",
        "hi",
        "zzz qqq",
        "97110 " * 300,
        "; ".join(f"{at + 8} min {code}" for at, code in enumerate(["97110", "97112", "97116", "97140", "97530"] * 6)),
    ],
)
def test_amounts_help_and_crowded_questions_pass(answering: Bot, question: str) -> None:
    check(answering.answer(question).reply, question)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_read_of_every_entry_and_every_contrast_passes(bot: Bot, library: Library) -> None:
    """Reasons, details, and the card after each of its codes was picked."""
    sayings = [entry.names[0] for entry in library.entries.values()]
    sayings += [f"{one.arms[0].codes[0]} or {one.arms[1].codes[0]}" for one in library.contrasts.values()]
    read = 0
    for number, saying in enumerate(sayings):
        key = QuestionKey("T01", f"view:{number}")
        told = await bot.tell(Question(text=saying, door="home", workspace=key.workspace, delivery=key.delivery))
        assert told is not None
        picks = [await bot.earlier.pick(key, one.value) for one in told.reply.buttons if one.action == "pick"]
        for reply in (await bot.earlier.why(key), await bot.earlier.details(key), await bot.earlier.now(key), *picks):
            if reply:
                check(reply, saying)
                read += 1
    assert read > 3 * len(sayings)


def test_a_visit_of_ten_and_of_thirty_services_passes(answering: Bot, library: Library) -> None:
    timed = [code for code, entry in library.entries.items() if entry.timing.value == "timed_15"]
    for count in (10, 30):
        visit = ", ".join(f"{8 + at} min {code}" for at, code in enumerate(timed[:count]))
        told = answering.answer(f"{visit}, the PTA did everything")
        assert told.answer.kind == "units"
        check(told.reply, visit)


def test_a_reply_far_over_all_limits_is_cut_and_says_so() -> None:
    long = "word " * 900
    picks = tuple(Button("pick", f"{at} {'long ' * 40}", "97110") for at in range(30))
    reply = Reply(title="t" * 900, sections=(long,) * 80, small=(long,) * 80, buttons=picks)
    check(reply, "long")
    assert "goes on" in json.dumps(message(reply, ABOUT))


def test_app_home_and_its_windows_pass(answering: Bot, library: Library) -> None:
    rows = [
        QuestionRow(workspace="T1", delivery=str(at), asked_at=datetime.now(UTC), door="home", place="home", asker="U1",
                    text="<&>" * 700, kind="unknown", confidence=0, took_ms=1)
        for at in range(5)
    ]  # fmt: skip
    view = home(answering.answer("help").reply, families(library), rows).to_dict()
    assert list(faults(view, most_blocks=100)) == []
    (chooser,) = [one for block in view["blocks"] if block["type"] == "actions" for one in block["elements"]
                  if one["type"] == "static_select"]  # fmt: skip
    assert 0 < len(chooser["options"]) <= 100
    assert all(len(one["text"]["text"]) <= 75 and len(one["value"]) <= 150 for one in chooser["options"])
    for family in families(library):
        assert list(faults(family_modal(family, codes_of(family.key, library)).to_dict(), most_blocks=100)) == []
        assert len(codes_of(family.key, library)) == family.count
    asking = expected_modal(ABOUT).to_dict()
    assert len(asking["private_metadata"]) <= 3000
    assert all(len(asking[one]["text"]) <= 24 for one in ("title", "submit", "close"))


def test_the_examples_of_every_day_of_a_year_are_answered(answering: Bot, index: Index) -> None:

    for day in (date(2026, 1, 1) + timedelta(days=at) for at in range(0, 366, 7)):
        drawn = examples(index, day)
        assert len(drawn) == 3
        assert all(answering.answer(one).answer.kind in ("looked_up", "described", "compared") for one in drawn)


def test_a_kept_message_is_the_one_that_would_be_put_together_anew(answering: Bot) -> None:
    replies = [
        answering.answer(one).reply for one in ("squats", "97110 with 97140", "20 min stairs", "help", "\\u0001")
    ]
    names = [ABOUT, QuestionKey("T02", 'command:"\\é'), QuestionKey("T" * 40, "d" * 120), QuestionKey("", "x"), None]
    for reply in replies:
        for about in (*names, *names):
            anew = [one.to_dict() for one in blocks(reply, about, private=True)]
            assert message(reply, about, private=True)["blocks"] == anew
