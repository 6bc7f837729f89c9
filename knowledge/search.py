"""From words with meaning to what the shelves hold on them, best first, with the reason for each hit."""

import math
from collections import ChainMap, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from knowledge.contrast import Arm, Contrast
from knowledge.entry import Entry
from knowledge.language import Language, Understood
from knowledge.leaning import Leaning
from knowledge.library import Library
from knowledge.limit import Limit
from knowledge.pair import SETTINGS, PairTable, Setting
from knowledge.phrases import loosened, telling_word
from knowledge.sayings import Asked, Fit, Saying, Sayings
from knowledge.topic import Topic

Shelf = Literal["entries", "contrasts", "topics"]
_Named = tuple[int, str, tuple[str, ...]]  # a document's place, what it is called, the stems of that

# How a hit is scored beside its best saying; found as the values in knowledge/sayings.py were.
FAINT = 0.8  # the weight of a word that says hardly anything, and of a number
BAG_SHARE = 0.41  # what the rest of the question's words add when the entry's prose has them
TOWARD = 0.11  # a circumstance of the question that leads here
AWAY = 0.24  # a circumstance of the question that leads away
REPAIRED = 0.96  # a word whose spelling was repaired weighs less
UNKNOWN_WORD = 0.75  # share of the rarest word's weight that a word gets which the shelves do not have
ARM_TOWARD = 1.5  # hint words that a circumstance is worth which leads to an arm
LEAST = 0.12  # hits below this are noise


class Hit(NamedTuple):
    """Something on the shelves that fits the question.

    `score` lies between 0 and about 1.5; `saying` is what people call it that fitted best, `stems` those of that,
    `asked` those of the question; `reasons` are the circumstances that moved it up (+) or down (-).
    """

    shelf: Shelf
    key: str
    score: float
    covered: float
    saying: str
    stems: tuple[str, ...]
    asked: Collection[str]
    reasons: tuple[str, ...] = ()

    @property
    def matched(self) -> tuple[str, ...]:
        """The stems that the question shares with the saying."""
        return tuple([one for one in self.asked if one in self.stems])


@dataclass(frozen=True, slots=True)
class _Document:
    shelf: Shelf
    key: str
    toward: frozenset[str]
    away: frozenset[str]
    bag: frozenset[str]


class Index:
    """The shelves made ready for finding. Make one for each library; it is immutable in use."""

    def __init__(self, library: Library, pair_tables: Mapping[Setting, PairTable] | None = None) -> None:
        """Read every saying and word of the shelves once. An imported quarter of pair edits serves for the shipped."""
        self.library = library
        newest = max(library.pairs.values(), key=lambda shelf: shelf.as_of, default=None)
        self.pair_tables = pair_tables or ({one: newest.table(one) for one in SETTINGS} if newest else {})
        self.language = Language(library.words, _all_texts(library), _limit_texts(library))
        self.contrasts_of = _by_code(library.contrasts.values())
        self.limits_alone = tuple(limit for limit in library.limits.values() if limit.alone)
        self.limits_by_word = _by_telling_word(library.limits.values())
        self._documents: list[_Document] = []
        named: list[_Named] = []
        for document, sayings in self._read_documents():
            named.extend(self._named(len(self._documents), sayings))
            self._documents.append(document)
        self._places = {(one.shelf, one.key): at for at, one in enumerate(self._documents)}
        declined = (self.language.stems(phrase) for phrase in _limit_texts(library))
        self.leaning = Leaning((stems for _, _, stems in named), declined)
        self._weights: MutableMapping[str, float] = self._weigh(named)
        self._rarest = max(self._weights.values(), default=1.0)
        self._sayings: tuple[Sayings, ...] = (self._weighed(named),)

    def with_sayings(self, extra: Mapping[tuple[Shelf, str], Iterable[str]]) -> "Index":
        """This index with further sayings, each for a thing on the shelves; what both have in common they share.

        They are scored as if they stood on the shelves; where one fits as well as a saying of the shelves, it comes
        first. Words that the shelves have weigh what they weighed, so that other finds stay as they are.
        Raises KeyError where there is no such thing.
        """
        other = copy(self)
        other.language = self.language.knowing(text for texts in extra.values() for text in texts)
        other._documents = list(self._documents)
        named: list[_Named] = []
        for thing, texts in extra.items():
            at = self._places[thing]
            own = list(other._named(at, texts))
            named.extend(own)
            before = other._documents[at]
            other._documents[at] = replace(before, bag=before.bag.union(*(stems for _, _, stems in own)))
        other._weights = ChainMap(self._weights, other._weigh(named))
        other._sayings = (*self._sayings, other._weighed(named))
        other.leaning = self.leaning.knowing(one for _, _, stems in named for one in stems)
        return other

    def with_topics(self, topics: Iterable[Topic]) -> "Index":
        """This index with further topics; one of a name that the shelves have stands in the place of theirs."""
        other = copy(self)
        more = {one.name: one for one in topics}
        other.library = replace(self.library, topics={**self.library.topics, **more})
        other.language = self.language.knowing(text for one in more.values() for text in _topic_texts(one))
        other._documents, other._places = list(self._documents), dict(self._places)
        for one in more.values():
            document = self._document_of(one)
            at = other._places.setdefault(("topics", one.name), len(other._documents))
            other._documents[at : at + 1] = [document]
        return other.with_sayings({("topics", one.name): (one.title, *one.names) for one in more.values()})

    def find(self, said: Understood, most: int = 12) -> list[Hit]:
        """Hits for what was said, best first, at most `most` of them."""
        weights = self._question_weights(said)
        if not weights:
            return []
        asked = Asked(weights, sum(weights.values()), frozenset(filter(self.language.is_faint, weights)))
        best = sorted(self._ranked(said, asked))[:most]
        return [self._hit(-score, fit, -order, said, asked) for score, order, _, fit in best if score <= -LEAST]

    def is_called(self, one: str) -> bool:
        """Is anything on the shelves called by this stem?"""
        return one in self._weights

    def is_telling(self, one: str) -> bool:
        """Is something on the shelves called by this stem, and does it say something by itself?"""
        return one in self._weights and not self.language.is_faint(one)

    def hint_strength(self, arm: Arm, stems: Iterable[str], circumstances: frozenset[str]) -> float:
        """How much a question says for one arm of a contrast: hints wholly said, and circumstances."""
        said = set(stems)
        words = {one for hint in arm.hints if (asked := set(self.language.stems(hint))) <= said for one in asked}
        return len(words) + ARM_TOWARD * len(circumstances & set(arm.toward))

    def _read_documents(self) -> Iterator[tuple[_Document, tuple[str, ...]]]:
        for entry in self.library.entries.values():
            bag = self._bag(_entry_texts(entry))
            document = _Document("entries", entry.code, frozenset(entry.toward), frozenset(entry.away), bag)
            yield document, (entry.title, *entry.names)
        for topic in self.library.topics.values():
            yield self._document_of(topic), (topic.title, *topic.names)
        for contrast in self.library.contrasts.values():
            document = _Document(
                "contrasts", contrast.name, frozenset(), frozenset(), self._bag(_contrast_texts(contrast))
            )
            yield document, (contrast.title, *contrast.names)

    def _document_of(self, topic: Topic) -> _Document:
        bag = self._bag(_topic_texts(topic))
        return _Document("topics", topic.name, frozenset(topic.toward), frozenset(topic.away), bag)

    def _bag(self, texts: Iterable[str]) -> frozenset[str]:
        found = {one for text in texts for one in self.language.stems(text)}
        return frozenset(found)  # a set that grew one by one takes up to four times as much memory

    def _named(self, document: int, texts: Iterable[str]) -> Iterator[_Named]:
        return ((document, text, self.language.stems(text)) for text in texts)

    def _weigh(self, named: Iterable[_Named]) -> dict[str, float]:
        """Rarer words say more: the logarithm of how few documents are called by them."""
        holders: dict[str, set[int]] = defaultdict(set)
        for document, _, stems in named:
            for one in stems:
                holders[one].add(document)
        count = len(self._documents)
        return {one: self._rarity(one, count, len(where)) for one, where in holders.items()}

    def _rarity(self, one: str, count: int, holders: int) -> float:
        """What a word weighs: little where it is faint or a number, else the more the fewer documents have it."""
        if self.language.is_faint(one):
            return FAINT
        return math.log(1 + count / (0.5 + holders))

    def _weighed(self, named: Iterable[_Named]) -> Sayings:
        weights = self._weights
        return Sayings(Saying(*one, weight=math.fsum([weights[stem] for stem in one[2]])) for one in named)

    def _question_weights(self, said: Understood) -> dict[str, float]:
        """What each word of the question weighs. A word that no saying has weighs as much as a middling one."""
        weights: dict[str, float] = {}
        for token in said.tokens:
            if token.denied or (token.faint and token.stem not in self._weights):
                continue
            weight = self._weights.get(token.stem, UNKNOWN_WORD * self._rarest)
            weights[token.stem] = max(weights.get(token.stem, 0.0), weight * (REPAIRED if token.repaired else 1.0))
        return weights

    def _best_fits(self, asked: Asked) -> dict[int, tuple[Fit, int]]:
        """For each likely document what fits best, and which sayings had it: those of the shelves, or further ones."""
        best: dict[int, tuple[Fit, int]] = {}
        for order, sayings in enumerate(self._sayings):
            for fit in sayings.best(asked):
                score, document, _, _ = fit
                if document not in best or score <= best[document][0][0]:
                    best[document] = (fit, order)
        return best

    def _ranked(self, said: Understood, asked: Asked) -> Iterator[tuple[float, int, str, Fit]]:
        """The fits with their documents' whole scores, made negative so that the best sorts first."""
        words, leads = list(asked.weights.items()), bool(said.circumstances or said.denied)
        for fit, order in self._best_fits(asked).values():
            score, document, _, _ = fit
            found = self._documents[document]
            bag = found.bag
            score -= BAG_SHARE * sum([weight for one, weight in words if one in bag]) / asked.whole
            if leads:
                score -= TOWARD * len(said.circumstances & found.toward)
                score += AWAY * len((said.circumstances & found.away) | (said.denied & found.toward))
            yield score, -order, found.key, fit

    def _hit(self, score: float, fit: Fit, order: int, said: Understood, asked: Asked) -> Hit:
        _, document, position, covered = fit
        found, called = self._documents[document], self._sayings[order].at(position)
        reasons: tuple[str, ...] = ()
        if said.circumstances or said.denied:
            led_away = (said.circumstances & found.away) | (said.denied & found.toward)
            reasons = (
                *[f"+{one}" for one in sorted(said.circumstances & found.toward)],
                *[f"-{one}" for one in sorted(led_away)],
            )
        return Hit(found.shelf, found.key, score, covered, *called, asked.weights, reasons)


def _entry_texts(entry: Entry) -> Iterator[str]:
    yield from (entry.title, entry.plain.text, *entry.names)
    yield from (statement.text for statement in entry.use_when)


def _topic_texts(topic: Topic) -> Iterator[str]:
    yield from (topic.title, *topic.names, topic.answer.text)


def _contrast_texts(contrast: Contrast) -> Iterator[str]:
    yield from (contrast.title, *contrast.names)
    yield from (hint for arm in contrast.arms for hint in arm.hints)


def _all_texts(library: Library) -> Iterator[str]:
    for entry in library.entries.values():
        yield from _entry_texts(entry)
    for topic in library.topics.values():
        yield from _topic_texts(topic)
    for contrast in library.contrasts.values():
        yield from _contrast_texts(contrast)


def _by_code(contrasts: Iterable[Contrast]) -> Mapping[str, Sequence[Contrast]]:
    """The contrasts by the codes among which they decide."""
    found: dict[str, list[Contrast]] = defaultdict(list)
    for contrast in contrasts:
        for code in dict.fromkeys(code for arm in contrast.arms for code in arm.codes):
            found[code].append(contrast)
    return found


def _by_telling_word(limits: Iterable[Limit]) -> Mapping[str, Sequence[tuple[str, Limit]]]:
    """The phrases of the limits, loosened, by a word of each: a text without that word cannot have the phrase."""
    found: dict[str, list[tuple[str, Limit]]] = defaultdict(list)
    for limit in limits:
        for phrase in limit.phrases:
            found[telling_word(phrase)].append((loosened(phrase.lower()), limit))
    return found


def _limit_texts(library: Library) -> Iterator[str]:
    for limit in library.limits.values():
        yield from limit.phrases
