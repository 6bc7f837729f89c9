"""One module for each kind of answer: a frozen type with the facts, and the function that finds it."""

from collections.abc import Callable

from bot.answers import (
    amounts,
    compared,
    contrasted,
    described,
    documented,
    explained,
    helped,
    limited,
    looked_up,
    modifiers,
    no_such_code,
    same_day,
    units,
    unknown,
)
from bot.answers.answer import Answer
from bot.query import Query

# In the order in which they are tried; the first that finds an answer gives it. `unknown` always does.
KINDS: tuple[Callable[[Query], Answer | None], ...] = (
    limited.find,
    helped.find,
    units.find,
    modifiers.find,
    same_day.find,
    amounts.find,
    no_such_code.find,
    compared.find,
    documented.find,
    described.find,
    contrasted.find,
    explained.find,
    looked_up.find,
    explained.find_at_last,
    unknown.find,
)


def find_answer(query: Query) -> Answer:
    """The answer of the first kind that has one."""
    for find in KINDS:
        answer = find(query)
        if answer is not None:
            return answer
    raise AssertionError("unknown.find answers every question")
