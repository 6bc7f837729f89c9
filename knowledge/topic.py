"""A topic: guidance that belongs to no single code."""

from pydantic import Field

from knowledge.statement import Code, Name, Record, Review, Saying, Statement, Text


class Topic(Record):
    """Guidance on one matter: the short answer first, then the points that carry it.

    `codes` are related codes that a reply may mention; a topic asserts none. `disputed` says that authorities disagree.
    """

    name: Name
    title: Text
    names: tuple[Saying, ...] = Field(min_length=3)
    toward: tuple[Name, ...] = ()
    away: tuple[Name, ...] = ()
    answer: Statement
    points: tuple[Statement, ...] = ()
    codes: tuple[Code, ...] = ()
    disputed: bool = False
    review: Review
