"""What a question asks for, by its words and its form, and the odds that this is nothing of ours.

The weights are learned from questions (`python -m tests.scope.train`), so that no single phrase decides.
"""

import json
import math
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import pairwise

from knowledge.language import Understood
from knowledge.search import Hit, Index
from knowledge.vocabulary import stem

Features = dict[str, float]

_WORDS = re.compile(r"[a-z]+|\d+(?:[./]\d+)?|[?!]")
_SENTENCES = re.compile(r"[.?!;]\s+")
_CLAUSES = re.compile(r",\s")
_LONGEST = 3  # words of a phrase
_ASKING_WITHIN = frozenset({"how", "what", "whats", "why", "when", "where", "which", "who"})
_ASKING = _ASKING_WITHIN | set("is are does do can could would should will has any anyone".split())  # noqa: SIM905
_OURS = frozenset({"code", "billing", "notes", "rules", "services"})  # what a question of ours asks for
_OF_THE_SHELVES = "*"  # any word that things on the shelves are called by: "how many * of *" asks the same of each
_OF_US_TOO = frozenset({"treated", "time", "choice"})
_OF_ASKING = ("asks", "only", "twice", "end", "clause")  # the features that are of what is asked for
_SPEAKS = 0.5  # log odds from which it is worth telling
_MOST_TOLD = 3
_IN_WORDS = {  # what is asked for, as a person is told
    "norms": "norms and cut-offs",
    "grades": "grades and scales",
    "milestones": "milestones",
    "protocols": "protocols and timelines",
    "doses": "doses and settings",
    "records": "a patient's records",
    "vitals": "signs and vital signs",
    "safety": "safety",
    "advice": "advice on treatment",
    "knowledge": "clinical knowledge",
    "materials": "ideas and handouts",
    "orders": "an errand",
    "buying": "buying",
    "places": "where or when something is",
    "office": "the office",
    "benefits": "benefits and rates",
    "payers": "a payer",
    "drugs": "medication",
    "procedures": "another field's services",
    "other_codes": "other kinds of codes",
    "own_body": "your own health",
}
START = ""  # the weight that every question has


def features_of(text: str, said: Understood, hits: Sequence[Hit], index: Index) -> Features:
    """What speaks for or against a question being ours, each thing with how far it holds. The text is in lower case."""
    found = _of_words(_repaired(text, said), index)
    form = next(name for name in reversed(found) if name.startswith("form "))
    return {**found, **_of_hits(said, hits, index), f"hit score, {form}": hits[0].score if hits else 0.0}


def odds_of_elsewhere(found: Features) -> float:
    """Log odds that a question is about something else than therapy codes; a negative number speaks for us."""
    weights = _weights()
    return weights[START] + math.fsum([weights.get(name, 0.0) * held for name, held in found.items()])


def told_by(found: Features) -> tuple[str, ...]:
    """What the question asks for that speaks most for its being about something else, in words; empty where nothing."""
    weights = _weights()
    spoken: dict[str, float] = defaultdict(float)
    for name, held in found.items():
        kind, _, asked = name.partition(" ")
        if kind in _OF_ASKING and asked in _IN_WORDS:
            spoken[_IN_WORDS[asked]] += weights.get(name, 0.0) * held
    strong = sorted(((speaks, name) for name, speaks in spoken.items() if speaks > _SPEAKS), reverse=True)
    return tuple(name for _, name in strong[:_MOST_TOLD])


def _repaired(text: str, said: Understood) -> str:
    for typed, read in said.repairs:
        text = text.replace(typed, read)
    return text.replace("'", "").replace("’", "")


def _of_words(text: str, index: Index) -> Features:
    """The words, those that stand side by side, what they ask for, and the form of the whole and of the last clause."""
    words = _WORDS.findall(text)
    stems = [_plain(word) for word in words]
    asked = list(_asked_for(stems))
    known = _asking()
    frame = [_OF_THE_SHELVES if one not in known and index.is_telling(one) else one for one in stems]
    found = {f"word {one}": 1.0 for one in stems}
    found |= {f"pair {one} {two}": 1.0 for one, two in pairwise(["^", *frame, "$"])}
    is_ours = not _OURS.isdisjoint(asked)
    once: set[str] = set()
    for one in asked:
        found[f"{'twice' if one in once else 'asks'} {one}"] = 1.0
        if not is_ours:
            found[f"only {one}"] = 1.0
        once.add(one)
    others = len(once - _OURS - _OF_US_TOO)
    found[f"others {min(others, 3)}"] = 1.0
    begins = bool(words) and words[0] in _ASKING
    asks = begins or not _ASKING_WITHIN.isdisjoint(words) or "?" in words
    found[f"form {'begins' if begins else 'asks' if asks else 'tells'} {'ours' if is_ours else 'else'}"] = 1.0
    for kind, ends in (("end", _SENTENCES), ("clause", _CLAUSES)):
        parts = [one for one in ends.split(text.strip(" .?!")) if one.strip()]
        if len(parts) > 1:
            found |= _of_the_end(kind, _WORDS.findall(parts[-1]))
    return found


def _of_the_end(kind: str, words: Sequence[str]) -> Features:
    """In a long story the end is what is asked."""
    asked = set(_asked_for([_plain(word) for word in words]))
    is_ours = not _OURS.isdisjoint(asked)
    found = {f"{kind} {one}": 1.0 for one in asked}
    found[f"{kind} {'begins' if words and words[0] in _ASKING else 'tells'} {'ours' if is_ours else 'else'}"] = 1.0
    found[f"{kind} pair {' '.join(_plain(word) for word in words[:2])}"] = 1.0
    return found


def _of_hits(said: Understood, hits: Sequence[Hit], index: Index) -> Features:
    """How well the shelves know it: the best hit, and the words that it leaves over."""
    telling, best = said.strong_stems, hits[0] if hits else None
    matched = set(best.matched) if best else set()
    left = [one for one in telling if one not in matched]
    known = sum(index.is_called(one) for one in telling)
    return {
        "hit score": best.score if best else 0.0,
        "hit covered": best.covered if best else 0.0,
        "hit words": (len(telling) - len(left)) / 3,
        "hit topic": float(best is not None and best.shelf == "topics"),
        "length": math.log(1 + len(telling)),
        "unknown": (len(telling) - known) / 3,
        "known": known / len(telling) if telling else 0.0,
        "leaning": index.leaning.of(telling),
        "left": len(left) / 3,
        "left unknown": sum(not index.is_called(one) for one in left) / 3,
        "left leaning": index.leaning.of(left),
    }


def _plain(word: str) -> str:
    """A word's stem; any number as one of all."""
    return stem(word) if word.isalpha() else "#" if word[0].isdigit() else word


def _asked_for(stems: Sequence[str]) -> Iterator[str]:
    """What the words ask for, in order, as often as they do."""
    known, beginnings = _asking(), _beginnings()
    for at, one in enumerate(stems):
        yield from known.get(one, ())
        if one in beginnings:
            for end in range(at + 2, min(at + _LONGEST, len(stems)) + 1):
                yield from known.get(" ".join(stems[at:end]), ())


@cache
def _asking() -> Mapping[str, tuple[str, ...]]:
    """What each word or phrase can ask for, by its stems."""
    text = resources.files("knowledge").joinpath("asking.toml").read_text(encoding="utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for name, phrases in tomllib.loads(text).items():
        for phrase in phrases:
            stems = " ".join(_plain(word) for word in _WORDS.findall(phrase.lower()))
            found[stems] = (*found.get(stems, ()), name)
    return found


@cache
def _beginnings() -> frozenset[str]:
    """The stems with which phrases of several words begin."""
    return frozenset(one.split()[0] for one in _asking() if " " in one)


@cache
def _weights() -> Mapping[str, float]:
    weights: dict[str, float] = json.loads(resources.files("bot").joinpath("asking_weights.json").read_text("utf-8"))
    return weights
