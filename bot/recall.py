"""Recall: who was told what an entry said before it was corrected, and the correction for each of those places."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, literal, select
from sqlmodel import Session, col

from bot.clinics import Clinic
from bot.question_row import QuestionRow
from bot.receipts import read_evidence, version_of
from bot.tellings import leave
from bot.where_asked import Place, where_to_tell

MOST_READ = 20_000  # questions, the newest, that are looked at


@dataclass(frozen=True)
class Recall:
    """Answers that rest on an earlier version of an entry.

    `told` is one question for each place that can be told of the correction, the newest there; `count` are all such
    answers, `unreached` those in the terminal; `without_receipt` told the code before versions were kept, and nobody
    knows which.
    """

    code: str
    version: str
    count: int
    told: tuple[QuestionRow, ...]
    channels: int
    people: int
    unreached: int
    without_receipt: int


def recall_of(engine: Engine, workspace: str, clinic: Clinic, code: str) -> Recall:
    """Who was told an earlier version of a code's entry. Raises KeyError where no entry has the code."""
    version = version_of(clinic.index.library.entries[code])
    rows = _told_the_code(engine, workspace, code)
    known = [(row, read_evidence(row.evidence)) for row in rows]
    old = [row for row, evidence in known if evidence and evidence.versions.get(code, version) != version]
    places: dict[Place, QuestionRow] = {}
    for row in old:  # the newest comes first
        place = where_to_tell(row)
        if place and row.id and row.text:
            places.setdefault(place, row)
    in_channels = {one.channel for one in places if one.thread or one.channel.startswith(("C", "G"))}
    return Recall(
        code=code,
        version=version,
        count=len(old),
        told=tuple(sorted(places.values(), key=lambda row: row.id or 0)),
        channels=len(in_channels),
        people=len({row.asker for row in old if where_to_tell(row)}),
        unreached=sum(where_to_tell(row) is None for row in old),
        without_receipt=sum(evidence is None for _, evidence in known),
    )


def leave_recall(engine: Engine, workspace: str, recall: Recall, words: str | None) -> int:
    """Have the correction told in each of these places, once for this version; how many are new."""
    round_ = f"{recall.code}:{recall.version}"
    questions = [row.id for row in recall.told if row.id]
    return leave(engine, workspace, "recall", questions, round_=round_, words=words)


def _told_the_code(engine: Engine, workspace: str, code: str) -> Sequence[QuestionRow]:
    row = QuestionRow
    padded = literal(" ") + col(row.codes) + literal(" ")
    statement = (
        select(row)
        .where(col(row.workspace) == workspace, padded.contains(f" {code} ", autoescape=True))
        .order_by(col(row.id).desc())
        .limit(MOST_READ)
    )
    with Session(engine) as session:
        return session.execute(statement).scalars().all()
