"""Receipts: a short id for each answer, and what it rested on that day, kept with the question."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib import resources
from typing import Any
from weakref import WeakKeyDictionary

from bot.answers.answer import Answer
from bot.clinics import Clinic
from knowledge.library import Library, sources_of
from knowledge.search import Index
from knowledge.statement import Record

VERSION_LENGTH = 8  # hexadecimal digits that name a version
_HOW_IT_IS_FOUND = {"names", "toward", "away", "review"}  # of a record; the rest is what it says
_UNAMBIGUOUS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O or U, which are misread
_PAIRS = [first + second for first in _UNAMBIGUOUS for second in _UNAMBIGUOUS]
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_MISREAD = str.maketrans("ILO", "110")


def receipt_id(workspace: str, delivery: str) -> str:
    """The id of a question's answer: the same question has the same, also when it was edited.

    Eight characters of 32: a million answers share hardly an id, and a person can read it out.

    >>> receipt_id("T01", "message:C01:1700000000.000100")
    '163T648S'
    """
    whole = hashlib.blake2b(f"{workspace}\0{delivery}".encode(), digest_size=5).digest()
    number = int.from_bytes(whole)
    return "".join([_PAIRS[number >> shift & 0x3FF] for shift in (30, 20, 10, 0)])


def read_id(typed: str) -> str:
    """An id as somebody typed it, with the letters that are misread mended.

    >>> read_id(" dn9m-y8fl ")
    'DN9MY8F1'
    """
    return typed.strip().replace("-", "").upper().translate(_MISREAD)


@dataclass(frozen=True)
class Evidence:
    """What an answer rested on. `versions` names each entry, topic or contrast with the version of what it said;
    `sources` each source with its date; `rules` is the version of the rule set, `pairs` the quarter of pair edits.
    """

    versions: Mapping[str, str]
    sources: Mapping[str, str]
    library: str
    rules: str
    pairs: str
    clinic: int
    saying: str = ""
    matched: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    runner_up: str | None = None
    also: tuple[str, ...] = ()
    house_rules: tuple[str, ...] = ()

    def line(self) -> str:
        """The evidence as it is kept: what does not apply is left out."""
        told = {key: value for key, value in vars(self).items() if value}
        return _JSON.encode(told)


def read_evidence(line: str | None) -> Evidence | None:
    """What was kept; None for an answer of the time before receipts."""
    if not line:
        return None
    told: dict[str, Any] = json.loads(line)
    known = {one.name for one in fields(Evidence)}
    empty: dict[str, Any] = {"versions": {}, "sources": {}, "library": "", "rules": "", "pairs": "", "clinic": 0}
    return Evidence(**empty | {key: value for key, value in told.items() if key in known})


def evidence_of(answer: Answer, clinic: Clinic) -> Evidence:
    """What an answer rests on now."""
    index = clinic.index
    known = _KNOWN.get(index) or _KNOWN.setdefault(index, _Known(index.library))
    versions: dict[str, str] = {}
    sources: dict[str, str] = {}
    for name, record in _records(answer, index.library):
        one = known.of(name, record)
        versions[name] = one.version
        sources.update(one.sources)
    table = index.pair_tables.get("practitioner")
    return Evidence(
        versions=versions,
        sources=sources,
        library=known.library,
        rules=rule_set(),
        pairs=table.quarter if table else "",
        clinic=clinic.version,
        saying=answer.why.saying,
        matched=answer.why.matched,
        reasons=answer.why.reasons,
        runner_up=answer.why.runner_up,
        also=answer.also,
        house_rules=tuple(one.text for one in answer.house_rules),
    )


def version_of(record: Record) -> str:
    """The version of what an entry, a topic or a contrast says; how it is found does not count."""
    return _digest(record.model_dump_json(exclude=_HOW_IT_IS_FOUND))


def record_named(name: str, library: Library) -> Record | None:
    """The record that evidence names: a code, "topic:NAME" or "contrast:NAME"."""
    shelf, _, key = name.rpartition(":")
    shelves: Mapping[str, Mapping[str, Record]] = {
        "": library.entries,
        "topic": library.topics,
        "contrast": library.contrasts,
    }
    return shelves.get(shelf, {}).get(key)


@lru_cache(maxsize=1)
def rule_set() -> str:
    """The version of the rules, which are code: a digest of their source."""
    files = sorted(resources.files("knowledge.rules").iterdir(), key=lambda one: one.name)
    return _digest("".join(one.read_text(encoding="utf-8") for one in files if one.name.endswith(".py")))


@dataclass(frozen=True)
class _Version:
    version: str
    sources: Mapping[str, str]


class _Known:
    """The versions and sources of one library's records, each worked out when first asked for."""

    def __init__(self, library: Library) -> None:
        self.library = library.digest[:VERSION_LENGTH]
        self._dated = {key: one.dated for key, one in library.sources.items()}
        self._versions: dict[str, _Version] = {}

    def of(self, name: str, record: Record) -> _Version:
        found = self._versions.get(name)
        if found is None:
            dated = {key: self._dated[key] for key in sources_of(record) if key in self._dated}
            found = self._versions[name] = _Version(version_of(record), dated)
        return found


_KNOWN: WeakKeyDictionary[Index, _Known] = WeakKeyDictionary()


def _records(answer: Answer, library: Library) -> Iterator[tuple[str, Record]]:
    """The entries, the topic and the contrast that an answer tells, under names that do not clash."""
    for code in answer.codes:
        if code in library.entries:
            yield code, library.entries[code]
    for name in ("topic", "contrast"):
        record = getattr(answer, name, None)
        if record is not None:
            yield f"{name}:{record.name}", record


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:VERSION_LENGTH]
