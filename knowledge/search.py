"""From words with meaning to what the shelves hold on them, best first, with the reason for each hit."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import nlargest, nsmallest
from typing import Literal

from knowledge.contrast import Arm, Contrast
from knowledge.entry import Entry
from knowledge.language import Language, Understood
from knowledge.library import Library
from knowledge.pair import SETTINGS, PairTable, Setting
from knowledge.topic import Topic

Shelf = Literal["entries", "contrasts", "topics"]

# How a hit is scored; found by trying values on the cases of tests/questions and kept where accuracy was flat.
COVERED_POWER = 0.85  # a saying of which only half stands in the question counts for much less than half
OWN_SHARE = 0.12  # what a wholly covered saying gets in any case
WHOLE_SHARE = 0.44  # what it gets besides where it makes up the whole question
WEIGHT_SHARE = 0.1  # what it gets besides where its words weigh enough
ENOUGH = 10.7  # the weight of two rare words
FAINT = 0.8  # the weight of a word that says hardly anything, and of a number
BAG_SHARE = 0.41  # what the rest of the question's words add when the entry's prose has them
TOWARD = 0.11  # a circumstance of the question that leads here
AWAY = 0.24  # a circumstance of the question that leads away
REPAIRED = 0.96  # a word whose spelling was repaired weighs less
UNKNOWN_WORD = 0.75  # share of the rarest word's weight that a word gets which the shelves do not have
ARM_TOWARD = 1.5  # hint words that a circumstance is worth which leads to an arm
COMMON = 1_000  # sayings; a word that more of them have is not worth going through them all
LIKELY = 24  # documents whose best sayings are looked at more closely
LEAST = 0.12  # hits below this are noise


@dataclass(frozen=True)
class Hit:
    """Something on the shelves that fits the question.

    `score` lies between 0 and about 1.5; `saying` is what people call it that fitted best, `matched` the stems that
    the question shares with it, `reasons` the circumstances that moved it up (+) or down (-).
    """

    shelf: Shelf
    key: str
    score: float
    saying: str
    matched: tuple[str, ...]
    covered: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Saying:
    document: int
    text: str
    stems: frozenset[str]
    weight: float


@dataclass(frozen=True)
class _Document:
    shelf: Shelf
    key: str
    toward: frozenset[str]
    away: frozenset[str]
    bag: frozenset[str]


@dataclass(frozen=True)
class _Asked:
    """A question made ready: what was said, what each of its words weighs, and all of them together."""

    said: Understood
    weights: Mapping[str, float]
    whole: float


_Best = tuple[float, float, int]  # score of a saying, the share of it that the question covers, its position


def _score_of(found: tuple[int, _Best]) -> float:
    return found[1][0]


class Index:
    """The shelves made ready for finding. Make one for each library."""

    def __init__(self, library: Library, pair_tables: Mapping[Setting, PairTable] | None = None) -> None:
        """Read every saying and word of the shelves once. An imported quarter of pair edits serves for the shipped."""
        self.library = library
        newest = max(library.pairs.values(), key=lambda shelf: shelf.as_of, default=None)
        self.pair_tables = pair_tables or ({one: newest.table(one) for one in SETTINGS} if newest else {})
        self.language = Language(library.words, _all_texts(library), _limit_texts(library))
        self._documents: list[_Document] = []
        named: list[tuple[int, str, frozenset[str]]] = []
        for document, sayings in self._read_documents():
            for text in sayings:
                named.append((len(self._documents), text, frozenset(self.language.stems(text))))
            self._documents.append(document)
        self._weights = self._weigh(named)
        self._rarest = max(self._weights.values(), default=1.0)
        self._sayings = [_Saying(at, text, stems, self._weight(stems)) for at, text, stems in named if stems]
        self._by_stem: dict[str, list[int]] = defaultdict(list)
        for position, saying in enumerate(self._sayings):
            for one in saying.stems:
                self._by_stem[one].append(position)

    def find(self, said: Understood, most: int = 12) -> list[Hit]:
        """Hits for what was said, best first, at most `most` of them."""
        weights = self._question_weights(said)
        if not weights:
            return []
        asked = _Asked(said, weights, sum(weights.values()))
        likely = nlargest(LIKELY, self._best_sayings(asked).items(), key=_score_of)
        found = [self._ranked(document, best, asked) for document, best in likely]
        best = nsmallest(most, (one for one in found if one[0] <= -LEAST))
        return [self._hit(document, -score, best, asked) for score, _, document, best in best]

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
            bag = self._bag(_topic_texts(topic))
            document = _Document("topics", topic.name, frozenset(topic.toward), frozenset(topic.away), bag)
            yield document, (topic.title, *topic.names)
        for contrast in self.library.contrasts.values():
            document = _Document(
                "contrasts", contrast.name, frozenset(), frozenset(), self._bag(_contrast_texts(contrast))
            )
            yield document, (contrast.title, *contrast.names)

    def _bag(self, texts: Iterable[str]) -> frozenset[str]:
        return frozenset(one for text in texts for one in self.language.stems(text))

    def _weigh(self, named: list[tuple[int, str, frozenset[str]]]) -> dict[str, float]:
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

    def _weight(self, stems: Iterable[str]) -> float:
        return sum(self._weights.get(one, 0.0) for one in stems)

    def _question_weights(self, said: Understood) -> dict[str, float]:
        """What each word of the question weighs. A word that no saying has weighs as much as a middling one."""
        weights: dict[str, float] = {}
        for token in said.tokens:
            if token.denied or (token.faint and token.stem not in self._weights):
                continue
            weight = self._weights.get(token.stem, UNKNOWN_WORD * self._rarest)
            weights[token.stem] = max(weights.get(token.stem, 0.0), weight * (REPAIRED if token.repaired else 1.0))
        return weights

    def _best_sayings(self, asked: _Asked) -> dict[int, _Best]:
        """For each document the saying that fits best."""
        sayings = self._sayings
        best: dict[int, _Best] = {}
        for position, weight in self._shared(asked.weights).items():
            saying = sayings[position]
            covered = min(1.0, weight / saying.weight)
            enough = min(1.0, weight / ENOUGH)
            score = covered**COVERED_POWER * (OWN_SHARE + WHOLE_SHARE * weight / asked.whole + WEIGHT_SHARE * enough)
            before = best.get(saying.document)
            if before is None or score > before[0]:
                best[saying.document] = (score, covered, position)
        return best

    def _shared(self, weights: Mapping[str, float]) -> dict[int, float]:
        """What each saying shares with the question. Faint words, and those that very many sayings have, count only
        beside one that says something."""
        shared: dict[int, float] = defaultdict(float)
        telling = [one for one in weights if not self.language.is_faint(one)]
        strong = [one for one in telling if len(self._by_stem.get(one, ())) <= COMMON] or telling
        faint = weights.keys() - set(strong)
        for one in strong or faint:
            for position in self._by_stem.get(one, ()):
                shared[position] += weights[one]
        if strong and faint:
            for position in shared:
                for one in faint & self._sayings[position].stems:
                    shared[position] += weights[one]
        return shared

    def _ranked(self, document: int, best: _Best, asked: _Asked) -> tuple[float, str, int, _Best]:
        """A document with its whole score, made negative so that the best sorts first."""
        found, said = self._documents[document], asked.said
        in_bag = sum([asked.weights[one] for one in asked.weights.keys() & found.bag])
        score = best[0] + BAG_SHARE * in_bag / asked.whole
        if said.circumstances or said.denied:
            score += TOWARD * len(said.circumstances & found.toward)
            score -= AWAY * len((said.circumstances & found.away) | (said.denied & found.toward))
        return -score, found.key, document, best

    def _hit(self, document: int, score: float, best: _Best, asked: _Asked) -> Hit:
        found, said = self._documents[document], asked.said
        _, covered, position = best
        saying = self._sayings[position]
        led = sorted(said.circumstances & found.toward)
        led_away = sorted((said.circumstances & found.away) | (said.denied & found.toward))
        return Hit(
            shelf=found.shelf,
            key=found.key,
            score=score,
            saying=saying.text,
            matched=tuple(one for one in asked.weights if one in saying.stems),
            covered=covered,
            reasons=(*(f"+{one}" for one in led), *(f"-{one}" for one in led_away)),
        )


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


def _limit_texts(library: Library) -> Iterator[str]:
    for limit in library.limits.values():
        yield from limit.phrases
