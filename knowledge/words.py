"""Words that belong to no single code: abbreviations, synonyms, circumstances, and words that say nothing."""

from typing import Annotated

from pydantic import Field

from knowledge.statement import Code, Name, Record, Saying


class Counted(Record):
    """How many names of a list make a circumstance, and beside which other circumstance alone."""

    of: Name
    least: int
    most: int
    beside: Name


class Words(Record):
    """The house's vocabulary.

    `abbreviations` maps what is typed to what it means ("te" -> "therapeutic exercise"); where an abbreviation is
    also an ordinary word, `cased` holds it as it must be typed to count ("US", "TA", "IT"), and `opening` what it means
    as a clause's first word ("us to the shoulder").
    `synonyms` are groups of single words that mean the same to a searcher, the first being the one kept.
    `circumstances` are what turns one code into another (water, several people, a further quarter hour ...): each
    with the phrases that say so. `counted` are circumstances told by how many names of one of the `lists` a question
    holds ("glute med, piriformis and TFL" are three muscles), with the least and the most of them.
    `services` are the short names that clinicians write beside minutes ("TE 15, MT 23").
    `negations` come before a phrase and deny it; `silent` words carry no meaning, `faint` ones hardly any.
    """

    abbreviations: dict[str, str]
    cased: dict[str, str]
    opening: dict[str, str]
    synonyms: tuple[Annotated[tuple[str, ...], Field(min_length=2)], ...]
    circumstances: dict[Name, tuple[Saying, ...]]
    negations: tuple[str, ...] = Field(min_length=1)
    silent: tuple[str, ...] = Field(min_length=1)
    faint: tuple[str, ...] = ()
    lists: dict[Name, tuple[Saying, ...]]
    counted: dict[Name, Counted]
    services: dict[Saying, Code]
