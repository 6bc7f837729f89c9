"""Cases: questions as clinics type them, with what a right answer must give, and the judging of an answer."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from knowledge.library import Library

Kind = Literal[
    "lookup",
    "describe_code",
    "compare",
    "units",
    "same_day",
    "modifier",
    "documentation",
    "rule",
    "out_of_scope",
    "ambiguous",
]

_NEGATION = re.compile(r"\b(?:no|not|never|cannot|none|neither)\b|n't\b")
_ORDINARY = str.maketrans({"‐": "-", "‑": "-", "–": "-", "’": "'", "\u00a0": " "})
_MODIFIER = re.compile(r"\b(?:\d{2}|[A-Z]{2})\b")
_CODE = re.compile(r"\b(?:\d{5}|\d{4}[TU]|[A-Z]\d{4})\b")
MOST_OTHERS = 3  # modifiers that a right answer may name beside the expected ones


class Case(BaseModel):
    """A question with what is expected. `source` backs the expectation; "composed" says that it follows from our facts.

    `open` marks a case that is not answered rightly yet; it is counted, and closed once it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str
    kind: Kind
    expect: Any
    also: tuple[str, ...] = ()
    min_options: int = 2
    trap: str | None = None
    dispute: bool = False
    hidden: tuple[str, ...] = Field(default=(), description="patients' details that must not come back")
    source: str
    open: bool = False


def read_cases(file: Path) -> Iterator[Case]:
    """The cases of a file, one JSON object a line."""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield Case.model_validate(json.loads(line))


def points(case: Case, answer: Mapping[str, Any], library: Library) -> float:
    """One point for a right answer, half where the right code is merely shown, else none.

    `answer` is what `coding-helper ask --json` gives.
    """
    said = f"{answer['reply']} {answer['question']}".lower()
    if any(re.search(rf"(?<!\w){re.escape(one.lower())}(?!\w)", said) for one in case.hidden):
        return 0.0
    return float(_JUDGES[case.kind](case, answer, library))


def _lookup(case: Case, answer: Mapping[str, Any], _: Library) -> float:
    codes, expected = answer["codes"], set(case.expect)
    if codes and codes[0] in expected:
        return 1.0
    if case.trap in codes[:1]:
        return 0.0
    if answer["choice"] and set(codes) <= expected | set(case.also) and set(codes) & expected:
        return 1.0
    return 0.5 if expected & {*codes, *answer["also"]} else 0.0


def _described(case: Case, answer: Mapping[str, Any], _: Library) -> bool:
    return bool(answer["codes"]) and answer["codes"][0] in case.expect


def _compared(case: Case, answer: Mapping[str, Any], library: Library) -> bool:
    shown = {*answer["codes"], *answer["also"]}
    return all(_siblings(code, library) & shown for code in case.expect)


def _siblings(code: str, library: Library) -> set[str]:
    """The code, and for an evaluation the other levels of its discipline."""
    entry = library.entries.get(code)
    if entry is None or entry.family != "evaluation" or "re-eval" in entry.title.lower():
        return {code}
    same = (entry.family, entry.disciplines)
    return {one.code for one in library.entries.values() if (one.family, one.disciplines) == same}


def _units(case: Case, answer: Mapping[str, Any], _: Library) -> bool:
    units = answer.get("units") or {}
    for theirs, ours in (("cms", "medicare"), ("ama", "midpoint")):
        wanted = case.expect.get(theirs)
        if not wanted:
            continue
        allowed = [wanted["per_code"], *wanted.get("also_ok", ()), *wanted.get("lenient_ok", ())]
        if ours not in units or not any(_same_units(units[ours], one) for one in allowed):
            return False
    return "medicare" in units


def _same_units(one: Mapping[str, int], other: Mapping[str, int]) -> bool:
    return all(one.get(code, 0) == other.get(code, 0) for code in {*one, *other} if _CODE.fullmatch(code))


def _same_day(case: Case, answer: Mapping[str, Any], _: Library) -> bool:
    told = answer.get("same_day") or {}
    if told.get("allowed") is None:
        return False
    if case.dispute:
        return True
    if case.expect.get("allowed") is False or case.expect.get("modifier_allowed") is False:
        return told["allowed"] is False
    needs_one = case.expect.get("modifier_allowed")
    return told["allowed"] is True and (not needs_one or bool(re.search(r"59|X[ESPU]", str(told["modifier"]))))


def _modifiers(case: Case, answer: Mapping[str, Any], _: Library) -> bool:
    told, expected = answer.get("modifiers"), set(case.expect)
    known = answer["kind"] != "unknown"
    if expected == {"NONE"}:
        return known and not set(_MODIFIER.findall(case.question)) & set(told or ())
    if told is None:
        return known and all(re.search(rf"\b{one}\b", answer["reply"]) for one in expected)
    return expected <= set(told) and len(set(told) - expected) <= MOST_OTHERS


def _said(case: Case, answer: Mapping[str, Any], _: Library) -> bool:
    reply = answer["reply"].translate(_ORDINARY).lower()
    reply = reply.replace("1:1", "one-on-one").replace("one on one", "one-on-one")
    return answer["kind"] != "unknown" and all(_says(reply, word) for word in case.expect.get("must_include", ()))


def _says(reply: str, word: str) -> bool:
    if word.lower() == "no":
        return _NEGATION.search(reply) is not None
    stem = re.escape(word.translate(_ORDINARY).lower().removesuffix("s"))
    return re.search(rf"\b{stem}(?:s|es|ed|ing)?\b", reply) is not None


def _declined(case: Case, answer: Mapping[str, Any], _: Library) -> bool:
    return bool(answer["reply"]) and set(answer["codes"]) <= set(_CODE.findall(case.question))


def _chosen(case: Case, answer: Mapping[str, Any], _: Library) -> bool:
    offered = [code for code in (*answer["codes"], *answer["also"]) if code in case.expect]
    return len(offered) >= case.min_options and (answer["choice"] or len(answer["codes"]) > 1)


_JUDGES: Mapping[Kind, Callable[[Case, Mapping[str, Any], Library], float]] = {
    "lookup": _lookup,
    "describe_code": _described,
    "compare": _compared,
    "units": _units,
    "same_day": _same_day,
    "modifier": _modifiers,
    "documentation": _said,
    "rule": _said,
    "out_of_scope": _declined,
    "ambiguous": _chosen,
}
