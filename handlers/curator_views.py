"""What curators see: their part of App Home, and the windows in which they teach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    ConversationFilter,
    ConversationSelectElement,
    DividerBlock,
    ExternalDataSelectElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    SectionBlock,
)
from slack_sdk.models.views import View

from bot.own_knowledge import LONGEST_SAYING, OwnKnowledge, OwnSaying
from bot.question_notes import QuestionKey
from bot.replay import Change, Replayed
from bot.reply import Reply, escape_for_slack
from bot.report import Report
from bot.teaching import OpenQuestion
from handlers.blocks import Json, button, header, plain, text_block, value_of
from handlers.modals import Sends, modal, read_held

TEACH, TEACH_TO, TRY, PUBLISH, DIGEST = "teach", "teach_to", "teach_try", "teach_publish", "digest_channel"
SAYING = "saying"
OPTION_LIMIT = 75  # characters; Slack's text of an option
MOST_OPEN = 12  # questions without an answer that App Home shows
MOST_LISTED = 5  # questions voted down, and as many slow ones
MOST_CODES = 10
MOST_CHANGES = 12  # changed answers that the window lists
SHOWN = 150  # characters of a question that are shown

NOT_A_CURATOR = Reply(
    title="Teaching is for curators",
    sections=("Your clinic's curators add what people here call things. Whoever runs this bot can name you one.",),
)


@dataclass(frozen=True)
class Lesson:
    """What a curator wants to teach: what people say, and the code or topic that it means, as "entries:97110"."""

    saying: str
    target: str

    @property
    def own(self) -> OwnKnowledge:
        """The lesson as the clinic's own knowledge."""
        shelf, _, key = self.target.partition(":")
        means = {"code": key} if shelf == "entries" else {"topic": key}
        return OwnKnowledge(sayings=(OwnSaying(text=self.saying, **means),))


def work_blocks(report: Report, open_questions: Sequence[OpenQuestion], channel: str | None) -> list[Block | Json]:
    """A curator's part of App Home: the week in numbers, what has no answer, and where the digest goes."""
    week = (
        f"{report.asked:,} asked, {report.unanswered:,} without an answer, {report.down_count:,} voted down, "
        f"{report.slow_count:,} slow."
    )
    rows = [_open_row(at, one) for at, one in enumerate(open_questions[:MOST_OPEN])]
    none = [] if rows else [text_block("Every question that is kept has an answer now.")]
    return [
        DividerBlock(),
        header("For curators"),
        text_block("\n".join((f"*This week*: {week}", *_counted(report)))),
        text_block("*Without an answer*, those asked most first"),
        *rows,
        *none,
        *_listed("Answered, and voted down", [(one.text, f"answered: {one.answered}") for one in report.down]),
        *_listed("Slow", [(one.text, f"{one.took_ms:,.0f} ms") for one in report.slow]),
        _digest_chooser(channel),
    ]


def _counted(report: Report) -> list[str]:
    """What was asked by day, door, kind and code, a line each; a line without anything is left out."""
    days = tuple((f"{one.day:%a %d}", one.asked) for one in report.days)
    counts = {"day": days, "door": report.doors, "kind": report.kinds, "code": report.codes[:MOST_CODES]}
    told = {name: " · ".join(f"{key.replace('_', ' ')} ×{count:,}" for key, count in of) for name, of in counts.items()}
    return [f"By {name}: {line}" for name, line in told.items() if line]


def _listed(title: str, questions: Sequence[tuple[str, str]]) -> list[Json]:
    rows = [f"• {escape_for_slack(text[:SHOWN])} ({told})" for text, told in questions[:MOST_LISTED]]
    return [text_block("\n".join((f"*{title}*", *rows)))] if rows else []


def _open_row(at: int, one: OpenQuestion) -> Json:
    like = f" · {one.alike} like it" if one.alike else ""
    often = "Asked once" if one.count == 1 else f"Asked {one.count:,} times"
    text = f"{escape_for_slack(one.text[:SHOWN])}\n{often}{like}"
    return text_block(text, button("Teach", f"{TEACH}:{at}", value_of(one.key)))


def _digest_chooser(channel: str | None) -> Block:
    chooser = ConversationSelectElement(
        action_id=DIGEST,
        placeholder="Choose a channel",
        initial_conversation=channel,
        filter=ConversationFilter(include=["public", "private"], exclude_bot_users=True),
    )
    text = "*Weekly digest* of what was asked, once a week in a channel that I am in"
    return SectionBlock(text=text, accessory=chooser)


def teach_modal(about: QuestionKey, question: str, chosen: tuple[str, str] | None) -> View:
    """What people say, and what it means: the question's own words to begin with, and the code that it was given."""
    saying = PlainTextInputElement(
        action_id=SAYING, initial_value=saying_in(question), max_length=LONGEST_SAYING, min_length=2
    )
    option = Option(value=f"entries:{chosen[0]}", text=f"{chosen[0]} · {chosen[1]}"[:OPTION_LIMIT]) if chosen else None
    target = ExternalDataSelectElement(
        action_id=TEACH_TO, min_query_length=1, placeholder="Type a code, or what was done", initial_option=option
    )
    asked: list[Block | Json] = [
        text_block(f"Asked: {escape_for_slack(question[:SHOWN])}"),
        InputBlock(
            block_id=SAYING,
            label=plain("What people say"),
            element=saying,
            hint=plain("The few words that matter. Leave patients' details out."),
        ),
        InputBlock(block_id=TEACH_TO, label=plain("What it means: a code or a topic"), element=target),
        text_block("Nothing is published yet: first you see which answers change."),
    ]
    return modal("Teach", asked, Sends("Try it", TRY, (about.workspace, about.delivery)))


def saying_in(question: str) -> str:
    """The words of a question that are worth teaching, as a start.

    >>> saying_in("what code for the sled push?")
    'sled push'
    """
    low = question.strip().rstrip("?!. ")
    for start in ("what is the", "what's the", "whats the", "which", "what", "cpt", "code", "codes", "for", "the", "a"):
        if low.lower().startswith(f"{start} ") and len(low) > len(start) + 2:
            low = low[len(start) + 1 :].strip()
    return low[:LONGEST_SAYING].strip()


def waiting_view(text: str) -> View:
    """A window that says what is going on."""
    return modal("Teach", [text_block(text)])


def tried_modal(lesson: Lesson, replayed: Replayed) -> View:
    """What a lesson changes, and the button that publishes it."""
    rows = [text_block(_changed(one)) for one in replayed.changes[:MOST_CHANGES]]
    more = len(replayed.changes) - MOST_CHANGES
    rest = [text_block(f"and {more:,} more")] if more > 0 else []
    lead = f"“{escape_for_slack(lesson.saying)}” means {escape_for_slack(lesson.target.partition(':')[2])}"
    told = f"*{replayed.sentence}*\nStored questions asked anew: {replayed.tried:,}."
    sends = Sends("Publish", PUBLISH, (lesson.saying, lesson.target))
    return modal("Publish?", [text_block(lead), text_block(told), *rows, *rest], sends, close="Not now")


def published_view(told: int) -> View:
    """It is live."""
    one = "1 question that had no answer is answered now, where it was asked."
    many = f"{told:,} questions that had no answer are answered now, where they were asked."
    where = f" {one if told == 1 else many}" if told else ""
    return waiting_view(f"Published: live everywhere within five seconds.{where}")


def target_options(codes: Sequence[tuple[str, str]], topics: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """What the list of codes and topics shows while somebody types."""
    found = [Option(value=f"entries:{code}", text=f"{code} · {title}"[:OPTION_LIMIT]) for code, title in codes]
    found += [Option(value=f"topics:{name}"[:150], text=f"Topic: {title}"[:OPTION_LIMIT]) for name, title in topics]
    return [one.to_dict() for one in found]


def read_lesson(view: Mapping[str, Any]) -> Lesson:
    """What was typed and chosen in the window; empty where nothing was."""
    values = _part(_part(view, "state"), "values")
    saying = _part(_part(values, SAYING), SAYING).get("value")
    target = _part(_part(_part(values, TEACH_TO), TEACH_TO), "selected_option").get("value")
    return Lesson(
        " ".join(saying.split()) if isinstance(saying, str) else "", target if isinstance(target, str) else ""
    )


def read_tried(view: Mapping[str, Any]) -> Lesson | None:
    """The lesson that was tried; None where the window holds none."""
    held = read_held(view)
    return Lesson(*held) if held else None


def _changed(one: Change) -> str:
    words = {"gained": "gains", "changed": "changes to", "lost": "loses its answer, before:", "ruled": "house rule:"}
    outcome = one.before if one.what == "lost" else one.after
    before = f" (before: {one.before})" if one.what == "changed" else ""
    return f"• {escape_for_slack(one.asked.text[:SHOWN])}\n{words[one.what]} *{escape_for_slack(str(outcome))}*{before}"


def _part(fields: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = fields.get(key)
    return found if isinstance(found, Mapping) else {}
