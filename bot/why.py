"""Why an answer was given, told from what was kept on that day, also after the knowledge has changed."""

from collections.abc import Iterator

from bot.answering import answer_text
from bot.clinics import Clinic
from bot.question_row import QuestionRow
from bot.receipts import Evidence, evidence_of, read_evidence, record_named, version_of
from bot.reply import Reply, escape_for_slack
from knowledge.library import Library

OF_TODAY = "From before receipts were kept: told as it would be found today."


def why_reply(row: QuestionRow, clinic: Clinic) -> Reply:
    """The words that fitted, the next best, how sure it was, the versions and sources of that day, and the receipt."""
    library, kept = clinic.index.library, read_evidence(row.evidence)
    evidence = kept or evidence_of(answer_text(row.whole or row.text, clinic, row.asked_at.date()), clinic)
    lines = [*_reasons(row, evidence, library), *_versions(evidence, library)]
    text = "\n".join(f"• {escape_for_slack(one)}" for one in lines)
    return Reply(title="Why this answer", sections=(text,), small=tuple(_small_print(row, evidence, library, kept)))


def _reasons(row: QuestionRow, evidence: Evidence, library: Library) -> Iterator[str]:
    if evidence.saying:
        yield f"Found by: “{evidence.saying}”"
    typed = [code for code in row.codes.split() if code.lower() in (row.whole or row.text).lower()]
    if typed and not evidence.saying:
        yield f"You typed: {' '.join(typed)}"
    fitting = _words(row.whole or row.text, evidence.matched)
    if fitting:
        yield f"Words of yours that fit: {', '.join(fitting)}"
    if evidence.reasons:
        yield f"Circumstances: {', '.join(evidence.reasons).replace('_', ' ')}"
    if evidence.runner_up:
        yield f"Next best: {_title(evidence.runner_up, library)}"
    elif evidence.saying:
        yield "Nothing else came near."
    yield f"How sure: {row.confidence:.0%}"


def _versions(evidence: Evidence, library: Library) -> Iterator[str]:
    for name, version in evidence.versions.items():
        record = record_named(name, library)
        since = "no longer kept" if record is None else "" if version_of(record) == version else "corrected since"
        told = name if ":" not in name else _title(name.partition(":")[2], library)
        yield f"{told}: version {version}{f', {since}' if since else ''}"
    for rule in evidence.house_rules:
        yield f"House rule: {rule}"


def _small_print(row: QuestionRow, evidence: Evidence, library: Library, kept: Evidence | None) -> Iterator[str]:
    titles = {key: library.sources[key].title if key in library.sources else key for key in evidence.sources}
    named = (f"{titles[key]} ({dated})" for key, dated in evidence.sources.items())
    sources = " · ".join(named)
    if sources:
        yield f"Sources: {sources}"
    parts = [
        f"Receipt {row.receipt}" if row.receipt else "",
        f"{row.asked_at:%Y-%m-%d}",
        f"knowledge {evidence.library}",
        f"rules {evidence.rules}",
        f"pair edits {evidence.pairs}" if evidence.pairs else "",
        f"clinic's own, version {evidence.clinic}" if evidence.clinic else "",
    ]
    yield " · ".join(one for one in parts if one)
    if kept is None:
        yield OF_TODAY


def _title(key: str, library: Library) -> str:
    if key in library.entries:
        return f"{key} · {library.entries[key].title}"
    found = library.contrasts.get(key) or library.topics.get(key)
    return found.title if found else key


def _words(text: str, stems: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a question as they were typed, for the stems that fitted; a stem that came of none stays itself."""
    typed = text.lower().replace("?", " ").replace(",", " ").split()
    return tuple(dict.fromkeys(next((word for word in typed if word.startswith(stem)), stem) for stem in stems))
