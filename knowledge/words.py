"""Words that belong to no single code: abbreviations, synonyms, circumstances, and words that say nothing."""

from pydantic import Field

from knowledge.statement import Name, Record, Saying


class Words(Record):
    """The house's vocabulary.

    `abbreviations` maps what is typed to what it means ("te" -> "therapeutic exercise"); where an abbreviation is
    also an ordinary word, `cased` holds it as it must be typed to count ("US", "TA", "IT").
    `synonyms` are groups of single words that mean the same to a searcher, the first being the one kept.
    `circumstances` are what turns one code into another (water, several people, a further quarter hour ...): each
    with the phrases that say so. `negations` come before a phrase and deny it; `silent` words carry no meaning.
    """

    abbreviations: dict[str, str]
    cased: dict[str, str]
    synonyms: tuple[tuple[str, ...], ...]
    circumstances: dict[Name, tuple[Saying, ...]]
    negations: tuple[str, ...] = Field(min_length=1)
    silent: tuple[str, ...] = Field(min_length=1)
