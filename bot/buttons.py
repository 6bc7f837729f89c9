"""What an asker may do with an answer: named buttons, which a door shows in its own way."""

from dataclasses import dataclass
from typing import Literal

from bot.answers.answer import Answer
from bot.answers.compared import Compared
from bot.answers.contrasted import Contrasted
from bot.answers.described import Described
from bot.answers.helped import Helped
from bot.answers.limited import Limited
from bot.answers.looked_up import LookedUp
from bot.answers.no_such_code import NoSuchCode
from bot.answers.same_day import SameDay
from bot.answers.unknown import Unknown
from knowledge.entry import Entry

Action = Literal["pick", "again", "details", "why", "ask", "teach", "vote_up", "vote_down"]


@dataclass(frozen=True)
class Button:
    """A named thing that the asker may do with the reply."""

    action: Action
    label: str
    value: str = ""


PAIR = 2  # codes
VOTES = (Button("vote_up", "That helped"), Button("vote_down", "That did not help"))


def buttons_of(answer: Answer) -> tuple[Button, ...]:
    """The buttons of an answer: to choose, to read on, to see why, to say whether it helped; or examples to ask."""
    if isinstance(answer, Helped | Limited):
        return tuple(Button("ask", one, one) for one in answer.examples)
    return (*_picks(answer), *_nearest(answer), *_of_two(answer), *_reading(answer), *VOTES)


def _picks(answer: Answer) -> tuple[Button, ...]:
    if not answer.choice and not isinstance(answer, Compared):
        return ()
    titles = {entry.code: entry.title for entry in _entries(answer)}
    return tuple(Button("pick", f"{code} · {titles[code]}", code) for code in answer.codes if code in titles)


def _nearest(answer: Answer) -> tuple[Button, ...]:
    """Where there is no such code, or no answer, what may be meant is a click away."""
    meant = answer.meant if isinstance(answer, NoSuchCode) else answer.nearest if isinstance(answer, Unknown) else ()
    return tuple(Button("ask", f"{one.code} · {one.title}", f"what is {one.code}") for one in meant)


def _of_two(answer: Answer) -> tuple[Button, ...]:
    """Two codes are asked about to choose between them, or to bill both; the other of these is a click away."""
    if len(answer.codes) != PAIR:
        return ()
    if isinstance(answer, Compared):
        both = " + ".join(answer.codes)
        return (Button("ask", f"{both} on one day?", both),)
    either = " or ".join(answer.codes)
    return (Button("ask", f"{either}?", either),) if isinstance(answer, SameDay) else ()


def _reading(answer: Answer) -> tuple[Button, ...]:
    is_one = len(answer.codes) == 1 and isinstance(answer, LookedUp | Contrasted)
    details = (Button("details", "Details", answer.codes[0]),) if is_one else ()
    return (*details, Button("why", "Why this?"))


def _entries(answer: Answer) -> tuple[Entry, ...]:
    """The entries among which an answer leaves the choice."""
    match answer:
        case Contrasted():
            return answer.entries
        case Compared():
            return tuple(side.entry for side in answer.sides)
        case LookedUp():
            return answer.entries
        case Described():
            return (answer.entry, *answer.instead)
    return ()
