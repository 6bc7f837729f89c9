"""From a scrubbed text to its answer at one clinic, without the log."""

from collections.abc import Sequence
from datetime import date

from bot.answers import find_answer
from bot.answers.answer import Answer
from bot.clinics import Clinic
from bot.examples import with_examples
from bot.house_rules import with_house_rules
from bot.own_knowledge import HouseRule
from bot.query import understand
from knowledge.search import Index


def answer_text(text: str, clinic: Clinic, day: date) -> Answer:
    """What a clinic's shelves answer, its house rules with it. The text is scrubbed."""
    return with_examples(answers_under(text, clinic.index, day, clinic.rules)[0], clinic.index, day)


def answers_under(text: str, index: Index, day: date, *rules: Sequence[HouseRule]) -> tuple[Answer, ...]:
    """What the shelves answer with each of these sets of house rules, found once."""
    query = understand(text, index, day)
    answer = find_answer(query)
    return tuple(with_house_rules(answer, one, query) for one in rules)
