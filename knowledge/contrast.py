"""A contrast: look-alike codes side by side, and the one question that decides between them."""

from pydantic import Field

from knowledge.statement import Code, Name, Record, Review, Saying, Statement, Text


class Arm(Record):
    """One of the codes of a contrast: what must be true for it, and the words of a question that already say so."""

    codes: tuple[Code, ...] = Field(min_length=1)
    when: Statement
    hints: tuple[Saying, ...] = ()
    toward: tuple[Name, ...] = ()


class Contrast(Record):
    """An activity or a word that several codes share. Without a hint in the question the asker must decide.

    `our_call`: no source settles it, so what is told is our own reading and never sure.
    """

    name: Name
    title: Text
    question: Text
    names: tuple[Saying, ...] = Field(min_length=1)
    arms: tuple[Arm, ...] = Field(min_length=2)
    cautions: tuple[Statement, ...] = ()
    our_call: bool = False
    review: Review
