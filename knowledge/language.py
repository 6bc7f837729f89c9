"""From typed text to words with meaning: abbreviations, spelling, word forms, negation and circumstances."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from knowledge.packed_words import PackedWords
from knowledge.vocabulary import TWO_SLIPS_FROM, Vocabulary, may_be_misspelt, stem
from knowledge.words import Words

SLP_TITLE = ("speech", "languag", "patholog")  # as stems
NEGATION_REACH = 2  # words that a "no" or "not" denies, unless the clause ends before

_ORDINARY = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": " , ", "‑": "-", "\u00a0": " "})
_PIECES = re.compile(r"[A-Za-z0-9]+(?:[/'&.:][A-Za-z0-9]+)*\+?|[,;.!?()]")
_SETS = re.compile(r"\d{1,2}x\d{1,3}|x\d{1,3}")  # sets and repetitions, "3x10"
_ANY_NUMBER = "<>"
_CLAUSE_ENDS = frozenset(",;.!?()")
_PEOPLE = frozenset({"all", "both", "folks", "guys", "ots", "ptas", "pts", "slps", "therapists", "too", "two"})
_DENIAL_ENDS = _CLAUSE_ENDS | {"but", "and", "or"}
_DIGIT = re.compile(r"\d")
_GLUED = re.compile(r"(\d{1,3})(min|mins|m|minutes|d|days|yo|x)")
_NUMBER_RANGE = re.compile(r"\{(\d+)-(\d+)\}")


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it was understood: its stem, the word it was read as, and whether its spelling was repaired."""

    stem: str
    word: str
    repaired: bool = False
    denied: bool = False
    faint: bool = False


@dataclass(frozen=True)
class Understood:
    """A text as words with meaning. `circumstances` hold, `denied` are spoken of and do not.

    `mended` is the whole text with its spelling repaired, empty where nothing was.
    """

    tokens: tuple[Token, ...]
    circumstances: frozenset[str]
    denied: frozenset[str]
    repairs: tuple[tuple[str, str], ...]
    mended: str = ""

    @property
    def stems(self) -> tuple[str, ...]:
        """The stems that count for a search, in order, each once."""
        return tuple(dict.fromkeys(token.stem for token in self.tokens if not token.denied))

    @property
    def hinting_stems(self) -> tuple[str, ...]:
        """The stems, but for those of the title "speech-language pathologist", which names who it was and not what."""
        if SLP_TITLE[-1] not in self.stems:
            return self.stems
        told = [token.stem for token in self.tokens if not token.denied]
        at = next((one for one in range(len(told)) if tuple(told[one : one + len(SLP_TITLE)]) == SLP_TITLE), None)
        return self.stems if at is None else tuple(dict.fromkeys(told[:at] + told[at + len(SLP_TITLE) :]))

    @property
    def strong_stems(self) -> tuple[str, ...]:
        """Those of the stems that say something by themselves."""
        return tuple(dict.fromkeys(token.stem for token in self.tokens if not (token.denied or token.faint)))


def pieces(text: str) -> list[str]:
    """Words, numbers and the marks that end a clause, as typed.

    >>> pieces("E-stim w/ US, 10min")
    ['E', 'stim', 'w', 'US', ',', '10', 'min']
    """
    typed: list[str] = _PIECES.findall(text if text.isascii() else text.translate(_ORDINARY))
    if not _DIGIT.search(text):
        return typed
    found: list[str] = []
    for piece in typed:
        glued = _GLUED.fullmatch(piece.lower()) if piece[0].isdigit() and not piece.isdigit() else None
        found.extend(glued.groups() if glued else (piece,))
    return found


@cache
def _ordinary_words() -> PackedWords:
    """Ordinary English words, which are read as typed however near they stand to a clinic's word."""
    text = resources.files("knowledge").joinpath("ordinary_words.txt").read_text(encoding="utf-8")
    return PackedWords({line: 0 for line in text.splitlines() if not line.startswith("#")})


class Language:
    """Reads text with the house's vocabulary. Make one for each library; it is immutable in use."""

    def __init__(self, words: Words, texts: Iterable[str], other_texts: Iterable[str] = ()) -> None:
        """Take the vocabulary, and every text whose words may be meant by a misspelt one; those of others come last."""
        self._words = words
        self._stems_of: dict[str, tuple[str, ...]] = {}  # of the shelves' texts, which are finitely many
        self._abbreviations = {
            tuple(key.lower().split()): value.lower().split() for key, value in words.abbreviations.items()
        }
        self._abbreviations_from = {**{word: [] for word in words.opening}, **_longest_first(self._abbreviations)}
        self._cased = {key: value.lower().split() for key, value in words.cased.items()}
        self._opening = {key: value.lower().split() for key, value in words.opening.items()}
        self._negations = frozenset(words.negations)
        self._silent = frozenset(words.silent)
        self.faint = frozenset(stem(word) for word in words.faint)
        self._listed = {
            name: [tuple(self._expand(pieces(one))) for one in names] for name, names in words.lists.items()
        }
        self._counted_beside = frozenset(rule.beside for rule in words.counted.values())
        self._ordinary = _ordinary_words()
        self._canonical = {stem(one): stem(group[0]) for group in words.synonyms for one in group}
        self._circumstances: dict[str, dict[str, list[tuple[str, tuple[str, ...]]]]] = {}
        for name, sayings in words.circumstances.items():
            for saying in sayings:
                phrase = self._phrase(saying)
                first, second = _opening(phrase)
                self._circumstances.setdefault(first, {}).setdefault(second, []).append((name, phrase))
        self._is_known = lru_cache(maxsize=20_000)(self._knows)
        self._token = lru_cache(maxsize=20_000)(self._make_token)
        self._vocabulary = self._read_vocabulary(texts, other_texts)

    def knowing(self, texts: Iterable[str]) -> "Language":
        """This language with the words of further texts known too. The two share what they have in common."""
        used = [word for text in texts for word in self._expand(pieces(text)) if word not in _CLAUSE_ENDS]
        other = copy(self)
        other._vocabulary = Vocabulary(used, Counter(map(stem, used)), beside=self._vocabulary)
        other._is_known = lru_cache(maxsize=20_000)(other._knows)
        return other

    def read(self, text: str) -> Understood:
        """What the text says, with misspelt words repaired. Words with digits are never repaired."""
        typed = self._expand(pieces(text))
        repaired, repairs = self._repair_all(typed)
        if repairs:  # a repaired word may be part of an abbreviation ("nuero re-ed")
            mended = {meant for _, meant in repairs}
            repaired = [(word, word in mended) for word in self._expand([word for word, _ in repaired])]
        spoken = [word for word, _ in repaired]
        circumstances, denied = self._circumstances_in(spoken)
        circumstances |= self._counted_in(spoken, circumstances)
        return Understood(
            tuple(self._tokens(repaired)), circumstances, denied, repairs, mended=" ".join(spoken) if repairs else ""
        )

    def stems(self, phrase: str) -> tuple[str, ...]:
        """The stems of a saying of the shelves: no spelling repair, no negation."""
        found = self._stems_of.get(phrase)
        return found if found is not None else self._stems_in(self._expand(pieces(phrase)))

    def _stems_in(self, spoken: Iterable[str]) -> tuple[str, ...]:
        words = [word for word in spoken if word not in _CLAUSE_ENDS]
        kept = [word for word in words if word not in self._silent] or words
        return tuple(dict.fromkeys([self._canonical_stem(word) for word in kept]))

    def is_faint(self, one: str) -> bool:
        """Does this stem say hardly anything by itself: a faint word, a number, a single letter?"""
        return one in self.faint or one.isdigit() or len(one) == 1

    def is_ordinary(self, word: str) -> bool:
        """Is this a word of everyday English, whatever a clinic means by it?"""
        return word in self._ordinary

    def _read_vocabulary(self, texts: Iterable[str], other_texts: Iterable[str]) -> Vocabulary:
        used = Counter[str]()
        for text in texts:
            words = self._expand(pieces(text))
            used.update(words)
            self._stems_of[text] = self._stems_in(words)
        uses = Counter[str]()
        for word, times in used.items():
            uses[stem(word)] += times
        known = {*used, *(word for text in other_texts for word in self._expand(pieces(text)))}
        known |= self._silent | self._negations | set(self._words.faint)
        known |= {word for names in self._listed.values() for phrase in names for word in phrase}
        known |= {
            part for sayings in self._words.circumstances.values() for one in sayings for part in self._phrase(one)
        }
        return Vocabulary(known - _CLAUSE_ENDS, uses)

    def _phrase(self, saying: str) -> tuple[str, ...]:
        spread = _NUMBER_RANGE.sub(lambda found: f"<{found[1]}-{found[2]}>", saying)
        parts: list[str] = []
        for part in spread.split():
            parts.extend([part] if part.startswith("<") else [stem(one.lower()) for one in pieces(part)])
        return tuple(parts)

    def _expand(self, typed: Sequence[str]) -> list[str]:
        """Lower-case words with abbreviations written out; the longest abbreviation wins."""
        low = [one.lower() for one in typed]
        found: list[str] = []
        at = 0
        while at < len(typed):
            length = 1
            if typed[at] in self._cased:
                found += self._cased[typed[at]]
            elif low[at] in self._abbreviations_from:
                length, meant = self._abbreviated(low, at)
                found += meant
            elif low[at].isalpha():
                found.append(low[at])
            else:
                found += self._plain(low[at])
            at += length
        return found

    def _abbreviated(self, low: Sequence[str], at: int) -> tuple[int, Sequence[str]]:
        """How many words stand for one abbreviation here, and what they mean; a word that is none means itself."""
        for phrase, meant in self._abbreviations_from[low[at]]:
            if tuple(low[at : at + len(phrase)]) == phrase:
                return len(phrase), meant
        return 1, self._by_itself(low, at)

    def _by_itself(self, low: Sequence[str], at: int) -> Sequence[str]:
        """What a word means that is part of no abbreviation; a clause's first one may mean something of its own."""
        if (
            low[at] in self._opening
            and (at == 0 or low[at - 1] in _CLAUSE_ENDS)
            and not _is_people(low[at + 1 : at + 2])
        ):
            return self._opening[low[at]]
        return self._plain(low[at])

    def _plain(self, word: str) -> list[str]:
        if word.isalpha() or word.isdigit() or word in _CLAUSE_ENDS or word in self._negations:
            return [word]
        if _SETS.fullmatch(word):
            return ["sets"]
        if word[-1] == "+" and word[:-1].isdigit():
            return [word[:-1], "or", "more"]
        parts = [part for part in re.split(r"[/&.]", word.rstrip("+")) if part]
        if len(parts) > 1 and not word[0].isdigit():
            return [one for part in parts for one in self._abbreviations.get((part,), [part])]
        return [word.removesuffix("'s").replace("'", "")]

    def _repair_all(self, typed: Sequence[str]) -> tuple[list[tuple[str, bool]], tuple[tuple[str, str], ...]]:
        """Words with whether each was repaired, and the repairs as (typed, read)."""
        if all(map(self._is_known, typed)):
            return [(word, False) for word in typed], ()
        found: list[tuple[str, bool]] = []
        repairs: list[tuple[str, str]] = []
        at = 0
        while at < len(typed):
            word = typed[at]
            if self._is_known(word) and not self._could_be_half(word, typed[at + 1 : at + 2]):
                found.append((word, False))
                at += 1
                continue
            joined = self._joined(word, typed[at + 1] if at + 1 < len(typed) else "")
            if joined:
                found.append((joined, True))
                repairs.append((f"{word} {typed[at + 1]}", joined))
                at += 2
                continue
            read = self._repair(word)
            found.extend((meant, meant != word) for meant in read)
            if read != (word,):
                repairs.append((word, " ".join(read)))
            at += 1
        return found, tuple(repairs)

    def _knows(self, word: str) -> bool:
        return not word.isalpha() or word in self._ordinary or self._vocabulary.has(word)

    def _could_be_half(self, word: str, following: Sequence[str]) -> bool:
        """Is this an ordinary word that no saying has, before an unknown one ("ultra sond")?"""
        return word.isalpha() and not self._vocabulary.has(word) and any(not self._is_known(one) for one in following)

    def _joined(self, word: str, following: str) -> str | None:
        """The one word that two typed ones were meant to be ("ultra sond")."""
        if not following.isalpha() or len(word + following) < TWO_SLIPS_FROM:
            return None
        meant = self._repair(word + following)
        return meant[0] if len(meant) == 1 and meant[0] in self._vocabulary else None

    def _repair(self, word: str) -> tuple[str, ...]:
        """What an unknown word was meant to be: a near known word, two known words run together, or itself."""
        if not may_be_misspelt(word) or word in self._vocabulary:
            return (word,)
        near = self._vocabulary.near(word)
        if near:
            return (near[2],)
        for cut in range(3, len(word) - 2):
            if word[:cut] in self._vocabulary and word[cut:] in self._vocabulary:
                return (word[:cut], word[cut:])
        return (word,)

    def _canonical_stem(self, word: str) -> str:
        plain = stem(word)
        return self._canonical.get(plain, plain)

    def _tokens(self, words: Sequence[tuple[str, bool]]) -> Iterator[Token]:
        reach = 0
        for word, repaired in words:
            if word in self._negations:
                reach = _reach(word)
                continue
            if word in _DENIAL_ENDS:
                reach = 0
                continue
            if word in self._silent:
                continue
            yield self._token(word, repaired, reach > 0)
            reach = max(0, reach - 1)

    def _make_token(self, word: str, repaired: bool, denied: bool) -> Token:
        plain = self._canonical_stem(word)
        return Token(plain, word, repaired, denied, faint=self.is_faint(plain))

    def _circumstances_in(self, words: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
        """Circumstances that hold, and those that are spoken of and denied."""
        holding: set[str] = set()
        denied: set[str] = set()
        stems = [stem(word) for word in words]
        for at, first in enumerate(stems):
            if first in self._circumstances or first.isdigit():
                for name, phrase in self._spoken_at(stems, at):
                    is_denied = phrase[0] not in self._negations and self._is_denied(words, at)
                    (denied if is_denied else holding).add(name)
        return frozenset(holding), frozenset(denied - holding)

    def _spoken_at(self, stems: Sequence[str], at: int) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Circumstances with those of their phrases that stand at a place of the text."""
        seconds = ("", *_as_asked_for(stems[at + 1])) if at + 1 < len(stems) else ("",)
        for first in _as_asked_for(stems[at]):
            following = self._circumstances.get(first, {})
            for name, phrase in (one for second in seconds for one in following.get(second, ())):
                if _stands_here(phrase, stems, at):
                    yield name, phrase

    def _counted_in(self, words: Sequence[str], holding: frozenset[str]) -> frozenset[str]:
        """Circumstances told by how many names of a list were said; none where a number already told one of them."""
        counted = self._words.counted
        if self._counted_beside.isdisjoint(holding) or holding & counted.keys():
            return frozenset()
        asked = {rule.of for rule in counted.values() if rule.beside in holding}
        stems = [stem(word) for word in words]
        found = {name: self._count(self._listed[name], stems) for name in asked}
        return frozenset(
            name
            for name, rule in counted.items()
            if rule.beside in holding and rule.least <= found.get(rule.of, 0) <= rule.most
        )

    def _count(self, phrases: Sequence[tuple[str, ...]], stems: Sequence[str]) -> int:
        """How many places of the text name something of the list; a longer name wins over one inside it."""
        taken: set[int] = set()
        count = 0
        for phrase in sorted(phrases, key=len, reverse=True):
            wanted = [stem(word) for word in phrase]
            for at in range(len(stems) - len(wanted) + 1):
                span = set(range(at, at + len(wanted)))
                if list(stems[at : at + len(wanted)]) == wanted and not span & taken:
                    taken |= span
                    count += 1
        return count

    def _is_denied(self, words: Sequence[str], at: int) -> bool:
        between = 0
        for word in reversed(words[:at]):
            if word in _DENIAL_ENDS or between == NEGATION_REACH:
                return False
            if word in self._negations:
                return between < _reach(word)
            between += word not in self._silent
        return False


def _is_people(following: Sequence[str]) -> bool:
    """Does the next word say that a pronoun stands before it ("us therapists")?"""
    return bool(following) and following[0] in _PEOPLE


def _longest_first(
    abbreviations: Mapping[tuple[str, ...], list[str]],
) -> dict[str, list[tuple[tuple[str, ...], list[str]]]]:
    """The abbreviations by their first word, those of more words first."""
    found: dict[str, list[tuple[tuple[str, ...], list[str]]]] = {}
    for phrase, meant in sorted(abbreviations.items(), key=lambda one: -len(one[0])):
        found.setdefault(phrase[0], []).append((phrase, meant))
    return found


def _reach(negation: str) -> int:
    return 1 if negation == "non" else NEGATION_REACH  # "non" is bound to the word behind it


def _opening(phrase: tuple[str, ...]) -> tuple[str, str]:
    """How a phrase begins: its first two stems, any number of a range as one of all, "" where there is no second."""
    first, second = (_ANY_NUMBER if part.startswith("<") else part for part in (*phrase, "")[:2])
    return first, second


def _as_asked_for(word: str) -> tuple[str, ...]:
    """What a phrase may ask for where this stem stands."""
    return (word, _ANY_NUMBER) if word.isdigit() else (word,)


def _stands_here(phrase: tuple[str, ...], stems: Sequence[str], at: int) -> bool:
    """Does the phrase stand in the text here, any number of a range that it asks for included?"""
    if at + len(phrase) > len(stems):
        return False
    for part, word in zip(phrase, stems[at : at + len(phrase)], strict=True):
        if part != word and not _is_in_range(part, word):
            return False
    return True


@lru_cache(maxsize=2_000)
def _is_in_range(part: str, word: str) -> bool:
    """Is this a number in the range that the part of a phrase asks for?"""
    if not part.startswith("<") or not word.isdigit():
        return False
    low, high = part[1:-1].split("-")
    return int(low) <= int(word) <= int(high)
