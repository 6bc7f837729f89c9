"""Reads the shelves from their files, lists every fault of every file in one run, hands out one immutable Library."""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import ValidationError

from knowledge.contrast import Contrast
from knowledge.entry import Entry, RetiredCode
from knowledge.fee import FeeSchedule
from knowledge.limit import Limit
from knowledge.modifier import Modifier
from knowledge.pair import DayRule, PairShelf
from knowledge.parameter import Parameter
from knowledge.statement import Record, Source, Statement
from knowledge.topic import Topic
from knowledge.words import Words

SHELVES = Path(__file__).parent
ONE_SENTENCE = 320  # characters; more does not read well on a phone

AnyRecord = TypeVar("AnyRecord", bound=Record)


@dataclass(frozen=True, order=True)
class Fault:
    """What is wrong in a knowledge file, where, and how to mend it."""

    file: str
    key: str
    what: str
    mend: str

    def __str__(self) -> str:
        """The fault as a line: file, key, what, how to mend."""
        return (
            f"{self.file}: {self.key}: {self.what}; {self.mend}"
            if self.key
            else f"{self.file}: {self.what}; {self.mend}"
        )


class KnowledgeError(Exception):
    """The shelves cannot be read as they are. `faults` lists everything wrong with all files."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the faults, sorted by file."""
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True)
class Library:
    """All that the house knows, at one moment. `digest` names that moment: equal digests, equal knowledge."""

    entries: Mapping[str, Entry]
    topics: Mapping[str, Topic]
    contrasts: Mapping[str, Contrast]
    limits: Mapping[str, Limit]
    retired: Mapping[str, RetiredCode]
    sources: Mapping[str, Source]
    words: Words
    pairs: Mapping[str, PairShelf]
    day_rules: Mapping[str, DayRule]
    parameters: Mapping[str, Parameter]
    fees: Mapping[str, FeeSchedule]
    modifiers: Mapping[str, Modifier]

    @cached_property
    def digest(self) -> str:
        """Content hash over every record, in hexadecimal."""
        whole = hashlib.sha256()
        for shelf in self.shelves.values():
            for key in sorted(shelf):
                whole.update(record_digest(shelf[key]).encode())
        return whole.hexdigest()

    @property
    def shelves(self) -> Mapping[str, Mapping[str, Record]]:
        """Every shelf under its name; the vocabulary is a shelf with one record."""
        named = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**named, "words": {"words": self.words}}


def record_digest(record: Record) -> str:
    """Content hash of one record, in hexadecimal."""
    return hashlib.sha256(record.model_dump_json().encode()).hexdigest()


def files_digest(shelves: Path = SHELVES) -> str:
    """Names the files as they are, with the code that reads them: read again, they make the same library."""
    whole = hashlib.sha256()
    for path in (*sorted(SHELVES.glob("*.py")), *sorted(shelves.rglob("*.toml"))):
        whole.update(f"{path.parent.name}/{path.name}\0".encode() + path.read_bytes())
    return whole.hexdigest()


def read_library(shelves: Path = SHELVES) -> Library:
    """The library as the files under `shelves` have it. Raises KnowledgeError with all faults of all files."""
    reading = _Reading(shelves)
    library = Library(
        entries=reading.folder("entries", Entry, "code"),
        topics=reading.folder("topics", Topic, "name"),
        contrasts=reading.folder("contrasts", Contrast, "name"),
        limits=reading.folder("limits", Limit, "name"),
        retired=reading.table("retired.toml", RetiredCode),
        sources=reading.table("sources.toml", Source),
        words=reading.words("words.toml"),
        pairs=reading.folder("pairs", PairShelf, "name"),
        day_rules=reading.table("day_rules.toml", DayRule),
        parameters=reading.folder("parameters", Parameter, "name"),
        fees=reading.folder("fees", FeeSchedule, "name"),
        modifiers=reading.table("modifiers.toml", Modifier),
    )
    faults = [*reading.faults, *faults_between(library, reading.unread)]
    if faults:
        raise KnowledgeError(faults)
    return library


@dataclass
class _Reading:
    """One run over the files, which goes on after a fault so that all of them are told."""

    shelves: Path
    faults: list[Fault] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)  # files and keys that are there, and faulty

    def folder(self, name: str, kind: type[AnyRecord], key: str) -> Mapping[str, AnyRecord]:
        """A record a file; the file is named by the record's key."""
        records: dict[str, AnyRecord] = {}
        for path in sorted((self.shelves / name).glob("*.toml")):
            file = f"{name}/{path.name}"
            record = self.record(file, self.toml(path, file), kind)
            if record is None:
                self.unread.add(path.stem)
                continue
            if getattr(record, key) != path.stem:
                self.faults.append(
                    Fault(file, key, f"says {getattr(record, key)!r}", "name the file by it, or mend the key")
                )
            records[path.stem] = record
        return MappingProxyType(records)

    def table(self, file: str, kind: type[AnyRecord]) -> Mapping[str, AnyRecord]:
        """Many records in one file, each under its own key; the key is the record's first field."""
        first = next(iter(kind.model_fields))
        records: dict[str, AnyRecord] = {}
        for key, data in (self.toml(self.shelves / file, file) or {}).items():
            body = {first: key, **data} if isinstance(data, dict) else data
            record = self.record(file, body, kind, under=key)
            if record is None:
                self.unread.add(key)
                continue
            if getattr(record, first) != key:
                mend = "take it out: the key in brackets says it"
                self.faults.append(Fault(file, f"{key}.{first}", f"says {getattr(record, first)!r}", mend))
            records[key] = record
        return MappingProxyType(records)

    def words(self, file: str) -> Words:
        """The vocabulary; an empty one stands in for a faulty one, so that the other files are still checked."""
        record = self.record(file, self.toml(self.shelves / file, file), Words)
        if record is None:
            self.unread.add(file)
        return record or Words(
            abbreviations={},
            cased={},
            opening={},
            synonyms=(),
            circumstances={},
            negations=("not",),
            silent=("the",),
            lists={},
            counted={},
            services={},
        )

    def toml(self, path: Path, file: str) -> dict[str, Any] | None:
        """What the file holds, or None where it is no TOML."""
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            self.faults.append(Fault(file, "", "is missing", "put it back"))
        except UnicodeDecodeError as error:
            self.faults.append(Fault(file, "", f"is no UTF-8 at byte {error.start}", "save it as UTF-8"))
        except tomllib.TOMLDecodeError as error:
            self.faults.append(Fault(file, "", f"is no TOML: {error}", "mend that line"))
        self.unread.add(file)
        return None

    def record(
        self, file: str, data: dict[str, Any] | None, kind: type[AnyRecord], under: str = ""
    ) -> AnyRecord | None:
        """The record that `data` holds, or None with its faults noted."""
        if data is None:
            return None
        record, faults = read_record(file, data, kind, under)
        self.faults.extend(faults)
        return record


def read_record(
    file: str, data: Mapping[str, Any], kind: type[AnyRecord], under: str = ""
) -> tuple[AnyRecord | None, list[Fault]]:
    """The record that `data` of a file holds, or None with all its faults."""
    try:
        return kind.model_validate_json(json.dumps(data, default=str)), []
    except ValidationError as error:
        found = error.errors()
        faults = []
        for one in found:
            if one["type"] == "too_short" and any(_is_under(other["loc"], one["loc"]) for other in found):
                continue  # it counts only what is without fault, and the faulty ones are told
            key = ".".join(str(part) for part in ((under,) if under else ()) + one["loc"])
            faults.append(Fault(file, key, *_in_plain_words(one["type"], one["msg"], one["input"])))
        return None, faults


def _is_under(place: tuple[int | str, ...], other: tuple[int | str, ...]) -> bool:
    return len(place) > len(other) and place[: len(other)] == other


def _in_plain_words(kind: str, message: str, value: object) -> tuple[str, str]:
    """What is wrong and how to mend it, from pydantic's error."""
    shown = repr(value)[:60]
    match kind:
        case "missing":
            return "is missing", "add it"
        case "extra_forbidden":
            return "is no known key", "take it out, or spell it as the other files do"
        case "string_type":
            return f"is {shown}, not text", f'write it in quotes, "{value}"'
        case "string_too_long":
            return f"is too long: {message}", "say it in fewer words"
        case "too_short":
            return f"has too few: {message}", "add what is missing"
        case "literal_error":
            return f"is {shown}", message.replace("Input should be", "write one of")
        case "value_error":
            return message.removeprefix("Value error, "), "mend it"
        case _:
            return f"is {shown}: {message}", "mend the value"


def faults_between(library: Library, unread: AbstractSet[str] = frozenset()) -> Iterator[Fault]:
    """Faults that no file shows alone: sources, codes and circumstances that do not exist.

    Naming what is `unread` is no fault: it is there, and its own fault is told already.
    """
    known_codes = library.entries.keys() | unread
    known_sources = library.sources.keys() | unread
    for file, under, record in _all_records(library):
        fields = list(_fields_under(record, under))
        for key, statement in fields:
            if isinstance(statement, Statement):
                yield from _statement_faults(file, key, statement)
        for key, code in _named_in(fields, "instead", "codes", "add_on_to"):
            if code not in known_codes:
                yield Fault(file, key, f"names {code}, which has no entry", "add the entry, or name another code")
        for key, source in _named_in(fields, "sources"):
            if source not in known_sources and "sources.toml" not in unread:
                yield Fault(
                    file, key, f"names the source {source}, which sources.toml lacks", "add it there, or mend it"
                )
        for key, circumstance in _named_in(fields, "toward", "away"):
            if circumstance not in library.words.circumstances and "words.toml" not in unread:
                mend = "add it to [circumstances] in words.toml, or mend it"
                yield Fault(file, key, f"names the circumstance {circumstance}, which words.toml lacks", mend)
        yield from _doubled_sayings(file, record)
    for name, code in library.words.services.items():
        if code not in known_codes:
            what = f"names {code}, which has no entry"
            yield Fault("words.toml", f"services.{name}", what, "add the entry, or name another code")
    yield from _counted_faults(library.words)


def _counted_faults(words: Words) -> Iterator[Fault]:
    for name, rule in words.counted.items():
        if rule.of not in words.lists:
            what, mend = f"names {rule.of}, which [lists] lacks", "add it there, or mend it"
            yield Fault("words.toml", f"counted.{name}.of", what, mend)
        if rule.beside not in words.circumstances:
            what, mend = f"names {rule.beside}, which [circumstances] lacks", "add it there, or mend it"
            yield Fault("words.toml", f"counted.{name}.beside", what, mend)


def _all_records(library: Library) -> Iterator[tuple[str, str, Record]]:
    """Every record with its file, and the key that it stands under where the file holds several."""
    for shelf in ("entries", "topics", "contrasts", "limits", "pairs", "parameters", "fees"):
        for key, record in library.shelves[shelf].items():
            yield f"{shelf}/{key}.toml", "", record
    for shelf in ("retired", "day_rules", "modifiers"):
        for key, record in library.shelves[shelf].items():
            yield f"{shelf}.toml", key, record


def _fields_under(record: Record, under: str) -> Iterator[tuple[str, object]]:
    """Every field of a record and of the records in it, with its dotted key."""
    for name, value in record:
        key = f"{under}.{name}" if under else name
        yield key, value
        if isinstance(value, Record):
            yield from _fields_under(value, key)
        elif isinstance(value, tuple):
            for position, one in enumerate(value):
                if isinstance(one, Record):
                    yield f"{key}.{position}", one
                    yield from _fields_under(one, f"{key}.{position}")


def _statement_faults(file: str, key: str, statement: Statement) -> Iterator[Fault]:
    if len(statement.text) > ONE_SENTENCE:
        yield Fault(file, key, f"has {len(statement.text)} characters", f"say it in {ONE_SENTENCE} or make two of it")
    if not statement.text.endswith((".", "?", "!", ":")):
        yield Fault(file, key, "does not end as a sentence does", "end it with a full stop")


def _named_in(fields: Iterable[tuple[str, object]], *names: str) -> Iterator[tuple[str, str]]:
    for key, value in fields:
        if key.rpartition(".")[2] in names:
            for one in (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ():
                yield key, str(one)


def sources_of(record: Record) -> tuple[str, ...]:
    """The keys of all sources that a record names, each once."""
    return tuple(dict.fromkeys(source for _, source in _named_in(_fields_under(record, ""), "sources")))


def _doubled_sayings(file: str, record: Record) -> Iterator[Fault]:
    names: tuple[str, ...] = getattr(record, "names", ())
    seen: set[str] = set()
    for saying in names:
        if saying.lower() in seen:
            yield Fault(file, "names", f"has {saying!r} twice", "take one out")
        seen.add(saying.lower())
