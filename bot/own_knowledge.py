"""What a clinic adds of its own: sayings, house rules and topics. Kept apart from what ships, and laid over it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import Field, StringConstraints, model_validator

from bot.privacy import scrub
from bot.query import plain_text
from knowledge.library import Library
from knowledge.statement import Code, Name, Record, Review, Saying, Source, Statement, Text
from knowledge.topic import Topic

CLINIC = Source(key="CLINIC", title="Your clinic's own", where="the clinic's curators", dated="kept here", trust="high")
LONGEST_SAYING = 80  # characters; knowledge.statement.Saying
LONGEST_RULE = 300  # characters; more does not read well on a phone
LONGEST_PAYER = 60  # characters

OwnShelf = Literal["entries", "topics"]
Sentence = Annotated[str, StringConstraints(min_length=2, max_length=LONGEST_RULE, strip_whitespace=True)]
PayerNames = Annotated[str, StringConstraints(min_length=2, max_length=LONGEST_PAYER, pattern=r"[A-Za-z0-9]")]


class OwnSaying(Record):
    """What people of this clinic call a code or a topic."""

    text: Saying
    code: Code | None = None
    topic: Name | None = None

    @model_validator(mode="after")
    def _means_one_thing(self) -> "OwnSaying":
        if (self.code is None) == (self.topic is None):
            raise ValueError("names either a code or a topic")
        return self

    @property
    def shelf(self) -> OwnShelf:
        """The shelf on which it stands."""
        return "entries" if self.code else "topics"

    @property
    def key(self) -> str:
        """The code's or the topic's key."""
        return self.code or self.topic or ""


class HouseRule(Record):
    """A sentence of the clinic on a code, on a payer, or on a code with a payer.

    `payer` may hold several spellings with commas between them ("BCBS, Blue Cross").
    """

    text: Sentence
    code: Code | None = None
    payer: PayerNames | None = None

    @model_validator(mode="after")
    def _is_on_something(self) -> "HouseRule":
        if self.code is None and self.payer is None:
            raise ValueError("names neither a code nor a payer")
        return self

    @property
    def payers(self) -> tuple[str, ...]:
        """The spellings of the payer's name."""
        return tuple(one.strip() for one in (self.payer or "").split(",") if one.strip())

    @property
    def about(self) -> str:
        """What it is on, in words."""
        return ", ".join(one for one in (self.code, self.payers[0] if self.payers else None) if one)


class OwnTopic(Record):
    """A topic that only this clinic has: how people ask for it, the short answer, the points that carry it."""

    name: Name
    title: Text
    names: tuple[Saying, ...] = Field(min_length=3)
    answer: Sentence
    points: tuple[Sentence, ...] = ()


AnyOwn = TypeVar("AnyOwn", bound=Record)


@dataclass(frozen=True)
class OwnKnowledge:
    """All that one clinic added. Each text stands in it once."""

    sayings: tuple[OwnSaying, ...] = ()
    rules: tuple[HouseRule, ...] = ()
    topics: tuple[OwnTopic, ...] = ()

    def __bool__(self) -> bool:
        """Is there anything?"""
        return bool(self.sayings or self.rules or self.topics)

    def with_more(self, other: "OwnKnowledge") -> "OwnKnowledge":
        """This with another's laid over it: the same saying then means what the other says, the same topic too."""
        return OwnKnowledge(
            sayings=_merged(self.sayings, other.sayings, lambda one: one.text.lower()),
            rules=_merged(self.rules, other.rules, lambda one: f"{one.code} {one.payer} {one.text}"),
            topics=_merged(self.topics, other.topics, lambda one: one.name),
        )

    def homeless(self, library: Library) -> tuple[OwnSaying | HouseRule, ...]:
        """What names a code or a topic that the shelves do not have (any more). It is kept and does nothing."""
        topics = library.topics.keys() | {one.name for one in self.topics}
        sayings = (one for one in self.sayings if one.key not in (library.entries if one.code else topics))
        return (*sayings, *(one for one in self.rules if one.code and one.code not in library.entries))

    def texts(self) -> Iterable[str]:
        """Every text that somebody typed."""
        for saying in self.sayings:
            yield saying.text
        for rule in self.rules:
            yield from (rule.text, *rule.payers)
        for topic in self.topics:
            yield from (topic.title, *topic.names, topic.answer, *topic.points)


def _merged(mine: Iterable[AnyOwn], theirs: Iterable[AnyOwn], key: Callable[[AnyOwn], str]) -> tuple[AnyOwn, ...]:
    return tuple({key(one): one for one in (*mine, *theirs)}.values())


NOTHING_OWN = OwnKnowledge()


def refusal(text: str) -> str | None:
    """Why a curator's text may not be kept, or None: the gate that guards the questions guards these too."""
    if not text.isprintable():
        return "holds characters that cannot be shown"
    removed = scrub(plain_text(text)).removed
    return f"holds what looks like a person's details ({', '.join(removed)})" if removed else None


def as_topic(own: OwnTopic) -> Topic:
    """The clinic's topic as the shelves hold one; its source is the clinic."""
    return Topic(
        name=own.name,
        title=own.title,
        names=own.names,
        answer=_statement(own.answer),
        points=tuple(map(_statement, own.points)),
        review=Review(status="reviewed", on=date.min),
    )


def _statement(text: str) -> Statement:
    return Statement(text=text if text.endswith((".", "?", "!", ":")) else f"{text}.", sources=(CLINIC.key,))
