"""Slack's views: an answer in a modal, App Home, and the modal that asks what was expected."""

from collections.abc import Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ConfirmObject,
    DividerBlock,
    ExternalDataSelectElement,
    InputBlock,
    NumberInputElement,
    Option,
    PlainTextInputElement,
    StaticSelectElement,
)
from slack_sdk.models.blocks.basic_components import DispatchActionConfig
from slack_sdk.models.views import View

from bot.examples import Family
from bot.question_log import QuestionRow
from bot.question_notes import QuestionKey
from bot.reply import Reply, escape_for_slack
from handlers.blocks import Json, blocks, button, header, plain, text_block, value_of
from handlers.modals import Sends, modal
from handlers.payloads import PLANNED

NAME = "Coding Helper"  # a title, which Slack limits to 24 characters
ASK, FAMILY, ENTRY, PLAN, FORGET = "home_ask", "home_family", "home_entry", "plan_visit", "forget_mine"
OPTION_LIMIT = 75  # characters; Slack's text of an option
EXPECTED = "expected"  # names the modal, its block and its field
MOST_LISTED = 45  # codes of a family in one view; Slack allows 100 blocks
MOST_OWN = 20  # own questions in App Home
SHOWN = 200  # characters of an own question that are shown in App Home
LONGEST_TYPED = 1000  # characters that a box takes


def answer_modal(reply: Reply, about: QuestionKey | None = None) -> View:
    """An answer in a window of its own, seen by one person."""
    return modal(NAME, blocks(reply, about, in_view=True))


def expected_modal(about: QuestionKey) -> View:
    """Asks what was expected of an answer that did not help."""
    field = PlainTextInputElement(action_id=EXPECTED, multiline=True, max_length=LONGEST_TYPED)
    asked = InputBlock(block_id=EXPECTED, label=plain("Which answer did you expect?"), element=field, optional=True)
    note = text_block("It goes to the people who keep this knowledge. Leave patients' details out.")
    sends = Sends("Send", EXPECTED, (about.workspace, about.delivery))
    return modal("What was wrong?", [asked, note], sends, close="Skip")


def family_modal(family: Family, codes: Sequence[tuple[str, str]]) -> View:
    """The codes of a family, each with a button to read about it."""
    rows = [
        text_block(f"*{code}* · {escape_for_slack(title)}", button("Open", f"{ENTRY}:{code}", value_of(None, code)))
        for code, title in codes[:MOST_LISTED]
    ]
    return modal(NAME, [header(family.title), *rows])


def planner_modal() -> View:
    """Plans a visit: what was done, found by typing, and for how many minutes."""
    return modal("Plan a visit", [block for at in range(PLANNED) for block in _planned(at)], Sends("Count", PLAN))


def _planned(at: int) -> tuple[Block, Block]:
    done = ExternalDataSelectElement(action_id=PLAN, min_query_length=1, placeholder="Type what was done, or a code")
    minutes = NumberInputElement(
        action_id=PLAN, is_decimal_allowed=False, min_value="1", max_value="600", placeholder="How many"
    )
    return (
        InputBlock(block_id=f"done_{at}", label=plain(f"Service {at + 1}"), element=done, optional=True),
        InputBlock(block_id=f"minutes_{at}", label=plain("Minutes"), element=minutes, optional=True),
    )


def found_options(codes: Sequence[tuple[str, str]]) -> list[dict[str, object]]:
    """What a list that is searched while typing shows."""
    return [Option(value=code, text=f"{code} · {title}"[:OPTION_LIMIT]).to_dict() for code, title in codes]


def home(
    help_: Reply,
    families: Sequence[Family],
    recent: Sequence[QuestionRow] | None,
    for_curators: Sequence[Block | Json] = (),
) -> View:
    """App Home: how to ask, a box to ask in, the families of codes, one's own last questions (None: not at hand).

    Curators have their work below it.
    """
    asking = [*blocks(help_), _ask_box(), DividerBlock(), *_browse(families), DividerBlock(), *_own(recent)]
    return View(type="home", blocks=[*asking, *for_curators])


def _ask_box() -> Block:
    on_enter = DispatchActionConfig(trigger_actions_on=["on_enter_pressed"])
    field = PlainTextInputElement(
        action_id=ASK, max_length=LONGEST_TYPED, dispatch_action_config=on_enter, placeholder="What was done?"
    )
    return InputBlock(label=plain("Ask here, and press Enter"), element=field, dispatch_action=True)


def _browse(families: Sequence[Family]) -> list[Block | Json]:
    options = [Option(value=one.key, text=f"{one.title} ({one.count})") for one in families]
    chooser = StaticSelectElement(action_id=FAMILY, placeholder="Choose a family of codes", options=options)
    plan = button("Plan a visit", PLAN, value_of(None), is_primary=True)
    return [text_block("*Browse the codes, or count a visit's units*"), ActionsBlock(elements=[chooser, plan])]


_SURELY = ConfirmObject(
    title="Forget my questions",
    text=plain("All that you asked here is deleted for good, with the votes you gave. Replies in Slack stay."),
    confirm="Forget them",
    deny="Keep them",
).to_dict()


def _own(recent: Sequence[QuestionRow] | None) -> list[Block | Json]:
    if recent is None:
        return [text_block("I can't look up *your last questions* just now. Please come back in a minute.")]
    forgetting = ActionsBlock(elements=[button("Forget my questions", FORGET, value_of(None), confirm=_SURELY)])
    if not recent:
        return [text_block("*Your last questions* will stand here."), forgetting]
    rows = [
        text_block(escape_for_slack(one.text[:SHOWN]), button("Ask again", f"ask:{at}", value_of(None, one.text)))
        for at, one in enumerate(recent[:MOST_OWN])
    ]
    return [text_block("*Your last questions*, seen by you only"), *rows, forgetting]
