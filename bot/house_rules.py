"""Which of a clinic's house rules belong to an answer."""

from collections.abc import Sequence
from dataclasses import replace

from bot.answers.answer import Answer
from bot.own_knowledge import HouseRule
from bot.query import Query

NOT_ABOUT_CODES = ("helped", "limited")


def with_house_rules(answer: Answer, rules: Sequence[HouseRule], query: Query) -> Answer:
    """The answer with the rules on a code that it asserts or that was typed, and on a payer that was named."""
    if not rules or answer.kind in NOT_ABOUT_CODES:
        return answer
    fitting = tuple(one for one in rules if _is_on(one, answer, query))
    return replace(answer, house_rules=fitting) if fitting else answer


def rules_on(code: str, rules: Sequence[HouseRule]) -> tuple[HouseRule, ...]:
    """Of rules that belong to an answer those that belong to one of its codes."""
    return tuple(one for one in rules if one.code in (None, code))


def _is_on(rule: HouseRule, answer: Answer, query: Query) -> bool:
    on_code = rule.code is None or rule.code in answer.codes or rule.code in query.codes
    return on_code and (rule.payer is None or query.says(*rule.payers))
