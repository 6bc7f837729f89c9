"""A clinic's own knowledge as a TOML file: written out, and read with every fault told in one run."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from bot.own_knowledge import HouseRule, OwnKnowledge, OwnSaying, OwnTopic, refusal
from knowledge.library import Fault, KnowledgeError, read_record
from knowledge.statement import Record

HEADING = "# What this clinic added to Coding Helper: sayings, house rules, topics of its own.\n"
_KINDS: Mapping[str, type[Record]] = {"sayings": OwnSaying, "rules": HouseRule, "topics": OwnTopic}


def as_toml(own: OwnKnowledge) -> str:
    """The clinic's knowledge as a file that `read_toml` takes back unchanged."""
    parts = [HEADING]
    for name, records in (("sayings", own.sayings), ("rules", own.rules), ("topics", own.topics)):
        parts.extend(sorted(f"\n[[{name}]]\n{_fields(one)}" for one in records))
    return "".join(parts)


def _fields(record: Record) -> str:
    # A JSON string, and a list of them, is TOML as it stands.
    told = record.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in told.items())


def read_toml(text: str, file: str) -> OwnKnowledge:
    """The knowledge that a file holds. Raises KnowledgeError with all its faults."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError([Fault(file, "", f"is no TOML: {error}", "mend that line")]) from None
    faults = [
        Fault(file, key, "is no known part", f"write [[{']], [['.join(_KINDS)}]]") for key in data if key not in _KINDS
    ]
    found: dict[str, list[Record]] = {name: [] for name in _KINDS}
    for name, kind in _KINDS.items():
        for under, one in _listed(data, name):
            if not isinstance(one, dict):
                faults.append(Fault(file, under, "is no table", f"begin each with [[{name}]]"))
                continue
            record, wrong = read_record(file, one, kind, under)
            faults.extend(wrong)
            if record is not None:
                found[name].append(record)
                faults.extend(_refused(file, under, record))
    own = OwnKnowledge(**{name: tuple(records) for name, records in found.items()})  # type: ignore[arg-type]
    faults.extend(_doubled(file, own))
    if faults:
        raise KnowledgeError(faults)
    return own


def _listed(data: Mapping[str, Any], name: str) -> Iterator[tuple[str, Any]]:
    listed = data.get(name, [])
    for at, one in enumerate(listed if isinstance(listed, list) else [listed], start=1):
        yield f"{name}.{at}", one


def _refused(file: str, under: str, record: Record) -> Iterator[Fault]:
    own = OwnKnowledge(
        sayings=(record,) if isinstance(record, OwnSaying) else (),
        rules=(record,) if isinstance(record, HouseRule) else (),
        topics=(record,) if isinstance(record, OwnTopic) else (),
    )
    for text in own.texts():
        why = refusal(text)
        if why:
            yield Fault(file, under, why, "take it out")


def _doubled(file: str, own: OwnKnowledge) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for one in own.sayings:
        meant = seen.setdefault(one.text.lower(), one.key)
        if meant != one.key:
            yield Fault(file, "sayings", f"has {one.text!r} for {meant} and for {one.key}", "take one out")
    names = [one.name for one in own.topics]
    for name in sorted({one for one in names if names.count(one) > 1}):
        yield Fault(file, "topics", f"has {name!r} twice", "take one out")
