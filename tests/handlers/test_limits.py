"""Every reply that the bot can give, as Slack gets it, against the limits in Slack's reference."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from bot.answers.contrasted import Contrasted, Side
from bot.answers.explained import Explained
from bot.answers.limited import Limited
from bot.bot import Bot
from bot.buttons import Button
from bot.cases import read_cases
from bot.examples import codes_like, codes_of, examples, families, topics_like
from bot.question import Question
from bot.question_log import QuestionRow
from bot.question_notes import QuestionKey
from bot.replay import Asked, Change, Outcome, Replayed
from bot.reply import Reply, Writer
from bot.report import Day, Listed, Report
from bot.teaching import OpenQuestion
from handlers.blocks import blocks, message
from handlers.curator_views import (
    Lesson,
    published_view,
    target_options,
    teach_modal,
    tried_modal,
    waiting_view,
    work_blocks,
)
from handlers.views import answer_modal, expected_modal, family_modal, found_options, home, planner_modal
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
    if kind == "input" and not (
        0 < len(block["label"]["text"]) <= 2000 and len(block.get("hint", {}).get("text", "")) <= 2000
    ):
        yield "a field's label or hint"
    most = {"actions": 25, "context": 10, "context_actions": 5}.get(kind)
    elements = [*block.get("elements", ()), *(block[one] for one in ("accessory", "element") if block.get(one))]
    if most and not 0 < len(elements) <= most:
        yield f"{kind} with {len(elements)} elements"
    names = [one["action_id"] for one in elements if "action_id" in one]
    if len(set(names)) < len(names) or any(len(one) > 255 for one in names):
        yield f"{kind}: action_ids"
    for one in elements:
        yield from _element_faults(one)


def _option_faults(one: dict[str, Any]) -> Iterator[str]:
    if not 0 < len(one["text"]["text"]) <= 75 or not 0 < len(one["value"]) <= 150:
        yield "option"


def _element_faults(one: dict[str, Any]) -> Iterator[str]:
    if one.get("placeholder") and len(one["placeholder"]["text"]) > 150:
        yield "placeholder"
    for option in (*one.get("options", ()), *filter(None, [one.get("initial_option")])):
        yield from _option_faults(option)
    if not one.get("min_length", 0) <= len(one.get("initial_value") or "") <= one.get("max_length", 3000) <= 3000:
        yield "what stands in a field at first"
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


def long_questions(count: int) -> list[QuestionRow]:
    """Rows of the log as long as they may be, with what Slack escapes."""
    return [
        QuestionRow(workspace="T1", delivery=str(at), asked_at=datetime.now(UTC), door="home", place="home", asker="U1",
                    text="<&>" * 700, kind="unknown", confidence=0, took_ms=1)
        for at in range(count)
    ]  # fmt: skip


def check_view(view: dict[str, Any]) -> None:
    assert list(faults(view, most_blocks=100)) == []
    assert all(len(view[name]["text"]) <= 24 for name in ("title", "submit", "close") if view.get(name))
    assert len(view.get("private_metadata") or "") <= 3000
    named = [block["block_id"] for block in view["blocks"] if block.get("block_id")]
    assert len(named) == len(set(named))
    assert len(json.dumps(view)) < 250_000


@pytest.mark.parametrize("count", [0, 5, 200])
def test_app_home_passes_however_much_was_asked(answering: Bot, library: Library, count: int) -> None:
    """With the curators' part under it, as full as it gets."""
    key = QuestionKey("T" * 11, "d" * 120)
    still_open = [OpenQuestion(key, "<&>" * 700, 123_456, 99)] * count
    day = date(2026, 11, 22)
    listed = tuple(Listed("<&>" * 700, 5, "97110") for _ in range(count))
    report = Report("T1", day, day, (Day(day, 10**9, 10**6),), (), (), (), (), listed, count, listed, count)
    work = work_blocks(report, still_open, "C0123456789")
    view = home(answering.answer("help").reply, families(library), long_questions(count), work).to_dict()
    check_view(view)
    (chooser,) = [one for block in view["blocks"] if block["type"] == "actions" for one in block["elements"]
                  if one["type"] == "static_select"]  # fmt: skip
    assert 0 < len(chooser["options"]) <= 100
    check_view(home(answering.answer("help").reply, families(library), None).to_dict())


def test_the_windows_of_app_home_pass(library: Library) -> None:
    for family in families(library):
        check_view(family_modal(family, codes_of(family.key, library)).to_dict())
        assert len(codes_of(family.key, library)) == family.count
    check_view(expected_modal(ABOUT).to_dict())
    check_view(planner_modal().to_dict())


def test_the_windows_of_curators_pass(library: Library) -> None:
    longest = max(library.topics, key=len)
    lesson = Lesson("&" * 80, f"topics:{longest}")
    asked = Asked("<&>" * 700, date(2026, 11, 22), 5, Outcome("unknown", ()))
    codes = tuple(library.entries)[:13]
    changed = Change(asked, Outcome("looked_up", codes), Outcome("contrasted", codes))
    lost = Change(asked, Outcome("looked_up", codes), Outcome("unknown", ()))
    for view in (
        *(teach_modal(ABOUT, "<&>" * 700, (code, entry.title)) for code, entry in library.entries.items()),
        teach_modal(ABOUT, "<&>" * 700, None),
        tried_modal(lesson, Replayed(10**6, ())),
        tried_modal(lesson, Replayed(10**6, (changed, lost) * 100)),
        published_view(10**6),
        waiting_view("Publishing."),
    ):
        check_view(view.to_dict())


@pytest.mark.parametrize("typed", ["a", "9", "treat", "<&>"])
def test_what_is_searched_while_typing_passes(answering: Bot, typed: str) -> None:
    index = answering.index
    offered = (
        found_options(codes_like(typed, index, 20)),
        target_options(codes_like(typed, index, 20), topics_like(typed, index, 20)),
    )
    for options in offered:
        assert len(options) <= 100
        assert [one for at, one in enumerate(options) for fault in _option_faults(one)] == []


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
            assert message(reply, about, private=True)["blocks"] == blocks(reply, about, private=True)


@pytest.mark.parametrize("asked", ["squats", "97110 or 97530?", "97110 with 97140", "20 min stairs", "97011", "help"])
def test_slack_sdk_would_write_the_blocks_in_the_same_way(answering: Bot, asked: str) -> None:
    """Its own models check what they are made of; those of messages are written without them, for speed."""
    said = message(answering.answer(asked).reply, ABOUT, private=True)["blocks"]
    models = [Block.parse(one) for one in said]
    assert [one and one.to_dict() for one in models] == said
