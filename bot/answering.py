"""From a scrubbed text to its answer at one clinic, without the log."""

from datetime import date

from bot.answers import find_answer
from bot.answers.answer import Answer
from bot.clinics import Clinic
from bot.examples import with_examples
from bot.house_rules import with_house_rules
from bot.query import understand


def answer_text(text: str, clinic: Clinic, day: date) -> Answer:
    """What a clinic's shelves answer, its house rules with it. The text is scrubbed."""
    query = understand(text, clinic.index, day)
    return with_examples(with_house_rules(find_answer(query), clinic.rules, query), clinic.index, day)
