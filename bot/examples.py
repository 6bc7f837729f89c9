"""Questions that work, drawn from the knowledge base, and the shelves to browse."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from operator import itemgetter

from bot.answers import find_answer
from bot.answers.answer import Answer
from bot.answers.helped import Helped
from bot.answers.limited import Limited
from bot.query import understand
from knowledge.library import Library
from knowledge.search import Index

_PLAIN = re.compile(r"[a-z]{4,}(?: [a-z]{4,})*")
# Where a family's key makes no good name for people.
_TITLES = {
    "commercial_only": "Commercial plans only",
    "communication_based": "Phone calls and e-visits",
    "constant_attendance_modality": "Modalities you attend",
    "supervised_modality": "Modalities that run alone",
    "orthotic_prosthetic": "Orthotics and prosthetics",
    "speech_swallow": "Speech and swallowing",
    "strapping_splinting": "Strapping and splinting",
    "test_and_measure": "Tests and measures",
    "therapeutic_procedure": "Therapeutic procedures",
    "evaluation": "PT and OT evaluations",
}
TRIED = 20  # candidates of a kind that are tried before one is done without


@dataclass(frozen=True)
class Family:
    """A family of codes: its key, its name in words, and how many codes it has."""

    key: str
    title: str
    count: int


def with_examples(answer: Answer, index: Index, day: date) -> Answer:
    """Help and greetings show three questions that work; every other answer stays as it is."""
    if isinstance(answer, Helped) or (isinstance(answer, Limited) and answer.limit.tone == "friendly"):
        return replace(answer, examples=examples(index, day))
    return answer


@lru_cache(maxsize=8)  # drawing takes longer than an answer
def examples(index: Index, day: date) -> tuple[str, ...]:
    """Three questions: by words, by number, and between two codes. Each day draws others; each one was tried."""
    shapes = ((_by_words, "looked_up"), (_by_number, "described"), (_between, "compared"))
    drawn = (_first_that_works(index, day, list(shape(index.library)), kind) for shape, kind in shapes)
    return tuple(one for one in drawn if one)


def _first_that_works(index: Index, day: date, candidates: list[str], kind: str) -> str | None:
    start = day.toordinal() % max(1, len(candidates))
    for question in [*candidates[start:], *candidates[:start]][:TRIED]:
        if find_answer(understand(question, index, day)).kind == kind:
            return question
    return None


def _by_words(library: Library) -> Iterator[str]:
    """By names in plain words: no abbreviations, brands or numbers."""
    names = (entry.names[0] for _, entry in sorted(library.entries.items()))
    return (f"what code for {name}?" for name in names if _PLAIN.fullmatch(name))


def _by_number(library: Library) -> Iterator[str]:
    return (f"what is {code}?" for code in sorted(library.entries))


def _between(library: Library) -> Iterator[str]:
    for _, contrast in sorted(library.contrasts.items()):
        yield f"{contrast.arms[0].codes[0]} or {contrast.arms[1].codes[0]}?"


def families(library: Library) -> tuple[Family, ...]:
    """The families of codes, by name."""
    counts = Counter(entry.family for entry in library.entries.values())
    named = ((key, _TITLES.get(key) or key.replace("_", " ").capitalize()) for key in counts)
    return tuple(Family(key, title, counts[key]) for key, title in sorted(named, key=itemgetter(1)))


def codes_like(typed: str, index: Index, most: int) -> tuple[tuple[str, str], ...]:
    """Codes with their titles that what is being typed may mean: by number, by title, then by what people call them."""
    low, entries = typed.strip().lower(), index.library.entries
    starting = (code for code in sorted(entries) if code.lower().startswith(low))
    titled = (code for code, entry in sorted(entries.items()) if low in entry.title.lower())
    hits = index.find(index.language.read(low)) if low else ()
    called = (hit.key for hit in hits if hit.shelf == "entries")
    found = [*dict.fromkeys((*starting, *titled, *called))][:most]
    return tuple((code, entries[code].title) for code in found)


def topics_like(typed: str, index: Index, most: int) -> tuple[tuple[str, str], ...]:
    """Topics, by name and title, that what is being typed may mean."""
    low, topics = typed.strip().lower(), index.library.topics
    titled = (name for name, topic in sorted(topics.items()) if low in topic.title.lower())
    hits = index.find(index.language.read(low)) if low else ()
    called = (hit.key for hit in hits if hit.shelf == "topics")
    return tuple((name, topics[name].title) for name in [*dict.fromkeys((*titled, *called))][:most])


def codes_of(family: str, library: Library) -> tuple[tuple[str, str], ...]:
    """The codes of a family with their titles; none where there is no such family."""
    found = ((code, entry.title) for code, entry in library.entries.items() if entry.family == family)
    return tuple(sorted(found))
