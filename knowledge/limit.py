"""A limit: what this product does not answer, and the fitting short word for it."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from knowledge.statement import Name, Record, Saying, Statement, Text


class Limit(Record):
    """A kind of question that gets no code: which words give it away, and what to say instead.

    `phrases` decide on sight wherever they stand in a question; they are matched as whole words. `alone` are words and
    signs that decide where nothing else was typed.
    `unless` are words that make it a coding question after all; so does a code typed in it, but for urgent limits
    and those that hold `even_with_a_code`.
    """

    name: Name
    title: Text
    tone: Literal["urgent", "decline", "parting", "friendly"]
    phrases: tuple[Saying, ...] = Field(min_length=1)
    alone: tuple[Annotated[str, StringConstraints(min_length=1)], ...] = ()
    unless: tuple[Saying, ...] = ()
    even_with_a_code: bool = False
    answer: Statement
    points: tuple[Text, ...] = ()
