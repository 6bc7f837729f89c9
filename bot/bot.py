"""The whole middle: from a question to its reply, the same for every door."""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.answering import answer_text
from bot.answers.answer import Answer
from bot.answers.described import Described
from bot.buttons import Button
from bot.clinics import Clinic, Clinics
from bot.curators import Curators
from bot.earlier import Earlier
from bot.fates import POSTED_DOORS
from bot.follow_up import Before, is_follow_up, is_plainly_a_follow_up, is_why, joined, may_settle, settling
from bot.house_rules import rules_on
from bot.kept_answers import Kept, KeptAnswers
from bot.privacy import Detail, scrub
from bot.query import plain_text
from bot.question import LOCAL, LONGEST_READ, SEEN_BY_ALL, Question
from bot.question_log import LogAwayError, QuestionLog, QuestionRow, Subject
from bot.question_notes import QuestionKey, QuestionNotes
from bot.question_row import SMALL_TALK
from bot.receipts import evidence_of, receipt_id
from bot.reply import Reply, Writer
from bot.teaching import Teacher
from knowledge.search import Index

SEEN_BY_ONE = ("slash_command", "direct_message", "message_shortcut", "home")  # doors whose answer one person sees
TEACH = Button("teach", "Teach")
FOLLOW_UP_WITHIN = timedelta(minutes=30)  # how long a conversation waits for its next question
REMOVED_NOTE = "I took out what looked like a patient's details: {}. They are kept nowhere. Please leave them out."
CUT_OFF_NOTE = "I can't look up just now what you asked before. If this goes on from it, please ask again in a minute."


@dataclass(frozen=True)
class Told:
    """A question's answer, its words, the scrubbed question, what was taken out of it, and how long finding took.

    `receipt` is the id under which the log keeps what the answer rests on; empty where it was not logged.
    """

    question: str
    answer: Answer
    reply: Reply
    removed: tuple[Detail, ...]
    took_ms: float
    receipt: str = ""


@dataclass(frozen=True)
class Corrected:
    """A corrected question's new reply, and the name by which the earlier one was posted."""

    reply: Reply
    posted: str


@dataclass(frozen=True)
class _Found:
    text: str
    whole: str
    removed: tuple[Detail, ...]
    kept: Kept
    took_ms: float
    is_cut_off: bool = False  # from the questions before it, which cannot be looked up

    @property
    def answer(self) -> Answer:
        return self.kept.answer


Listener = Callable[[Question, str, float], None]  # a new question, its answer's kind, the milliseconds it took


class Bot:
    """Answers questions from one library and keeps the log of them."""

    def __init__(
        self,
        index: Index,
        writer: Writer,
        log: QuestionLog,
        clinics: Clinics | None = None,
        curators: Curators | None = None,
    ) -> None:
        """All of them may serve many questions at once. Without clinics all workspaces have what ships."""
        self.curators = curators or Curators()
        self.index = index
        self._clinics = clinics
        self._shipped = Clinic(index)
        self._writer = writer
        self._log = log
        self._kept = KeptAnswers()
        self._turn = asyncio.Lock()
        self.listeners: list[Listener] = []

    @property
    def earlier(self) -> Earlier:
        """The questions asked before, and what may be done with their answers."""
        return Earlier(self.index, self._writer, self._log, self.clinic)

    def clinic(self, workspace: str) -> Clinic:
        """What answers a workspace's questions."""
        return self._clinics.of(workspace) if self._clinics else self._shipped

    @property
    def teacher(self) -> Teacher:
        """By whom the clinics' own knowledge is changed."""
        return Teacher(self._log.engine, self._clinics or Clinics(self._log.engine, self.index))

    @property
    def log(self) -> QuestionLog:
        """The log of the questions asked."""
        return self._log

    async def ask(self, question: Question) -> Reply | None:
        """The reply, or None where this very delivery was asked before. It is in the log before the words are made."""
        told = await self.tell(question)
        return told.reply if told else None

    async def tell(self, question: Question) -> Told | None:
        """As `ask`, with the answer's facts beside its words."""
        found = await self._find(question)
        values = _columns(question, found)
        if question.door in POSTED_DOORS:
            values |= self._log.claim()
        is_new = await self._log.keep(values, comes_again=question.comes_again)
        if not is_new:
            return None
        for listen in self.listeners:
            listen(question, found.answer.kind, found.took_ms)
        told = self._told(found, seen_by_all=question.door == SEEN_BY_ALL, receipt=values["receipt"])
        asks_why = found.whole != found.text and is_why(found.text) and _has_reasons(found.answer)
        reasons = await self.earlier.why(QuestionKey(question.workspace, question.delivery)) if asks_why else None
        return replace(told, reply=reasons) if reasons else self._to_asker(told, question)

    def _to_asker(self, told: Told, question: Question) -> Told:
        """A curator who alone sees the answer may teach from it at once."""
        if question.door not in SEEN_BY_ONE or not self.curators.knows(question.workspace, question.asker):
            return told
        reply = told.reply
        at = next((at for at, one in enumerate(reply.buttons) if one.action == "vote_up"), len(reply.buttons))
        return replace(told, reply=replace(reply, buttons=(*reply.buttons[:at], TEACH, *reply.buttons[at:])))

    async def goes_on(self, question: Question) -> bool:
        """Does a text that nobody addressed to the bot go on from what its asker asked in this very thread?"""
        text = scrub(plain_text(question.text[:LONGEST_READ])).text
        return is_plainly_a_follow_up(text) and await self._with_what_went_before(text, question, of_all=False) != text

    async def correct(self, question: Question, edit: str) -> Corrected | None:
        """The new reply to a question that its asker edited; None where nothing is to be changed.

        `edit` names the edit and sorts by time: an edit sent again, or overtaken by a later one, changes nothing.
        """
        key = QuestionKey(question.workspace, question.delivery)
        row = await self.earlier.find(key)
        if row is None or not row.text:
            return None
        found = await self._find(replace(question, asked_at=row.asked_at_utc))
        if found.text == row.text:
            return None
        notes = QuestionNotes(self._log.engine)
        is_newest = await self._log.read(notes.correct, key, edit, QuestionRow(**_columns(question, found)))
        told = self._told(found, seen_by_all=question.door == SEEN_BY_ALL)
        return Corrected(told.reply, row.reply) if is_newest and row.reply else None

    def answer(self, text: str, clinic: Clinic | None = None) -> Told:
        """The answer to a text by itself: without the log, and without a conversation before it."""
        begun = time.perf_counter()
        scrubbed = scrub(plain_text(text[:LONGEST_READ]))
        found = answer_text(scrubbed.text, clinic or Clinic(self.index), datetime.now(UTC).date())
        took_ms = (time.perf_counter() - begun) * 1000
        return self._told(_Found(scrubbed.text, scrubbed.text, scrubbed.removed, Kept(found), took_ms))

    def describe(self, code: str, workspace: str = LOCAL) -> Reply:
        """What is known of one code, in words and without the log. Raises KeyError where no entry has the code."""
        entry = self.index.library.entries[code]
        rules = rules_on(code, [one for one in self.clinic(workspace).rules if not one.payer])
        return self._writer.render(Described(entry=entry, modifiers_typed=(), codes=(code,), house_rules=rules))

    async def _find(self, question: Question) -> _Found:
        typed = question.text[:LONGEST_READ]
        if not self._kept.has_read(typed):
            await self._wait_for_turn()
        begun = time.perf_counter()
        scrubbed = self._kept.scrub(typed)
        try:
            asked, is_cut_off = await self._with_what_went_before(scrubbed.text, question), False
        except LogAwayError:
            asked, is_cut_off = scrubbed.text, True
        clinic, day = self.clinic(question.workspace), question.asked_at.date()
        kept = self._kept.find(asked, day, clinic, lambda: answer_text(asked, clinic, day))
        if kept.answer.kind == "unknown" and may_settle(asked) and not is_cut_off:
            asked, kept = await self._as_what_settles(question, clinic, (asked, kept))
        kept.evidence = kept.evidence or evidence_of(kept.answer, clinic).line()
        took_ms = (time.perf_counter() - begun) * 1000
        return _Found(scrubbed.text, asked, scrubbed.removed, kept, took_ms, is_cut_off)

    async def _wait_for_turn(self) -> None:
        """One new question to each turn of the event loop, in the order they came.

        uvloop takes one new connection a turn: many questions understood in one turn would keep others at the door.
        """
        async with self._turn:
            await asyncio.sleep(0)

    async def _with_what_went_before(self, text: str, question: Question, *, of_all: bool = True) -> str:
        """The text, joined to the question of this conversation that it corrects or goes on from.

        One's own come first; in a channel's thread, where all see them, others' questions come after these.
        """
        if not is_follow_up(text):
            return text
        whole = _first_joined(await self._subjects(question), text)
        if whole is None and of_all and question.thread and question.door == SEEN_BY_ALL:
            whole = _first_joined(await self._subjects(question, of_all=True), text)
        return whole or text

    async def _subjects(self, question: Question, *, of_all: bool = False) -> list[Before]:
        """What this conversation may be about: its last codes, and before these what named none since then.

        Small talk is no subject, nor is a change that could not be made.
        """
        rows = await self._log.recent(question, question.asked_at - FOLLOW_UP_WITHIN, of_all=of_all)
        subjects = [_before(row) for row in rows if row.kind not in SMALL_TALK and not _is_undone(row)]
        last = next((at for at, one in enumerate(subjects, start=1) if one.codes), None)
        return subjects[:last]

    async def _as_what_settles(self, question: Question, clinic: Clinic, alone: tuple[str, Kept]) -> tuple[str, Kept]:
        """Words that say nothing by themselves, such as "he was not there", where they decide what was left open."""
        text, day = alone[0], question.asked_at.date()
        try:
            before = next(iter(await self._subjects(question)), None)
        except LogAwayError:
            before = None
        asked = settling(before, text) if before and _leaves_open(before, text) else None
        if before is None or asked is None:
            return alone
        kept = self._kept.find(asked, day, clinic, lambda: answer_text(asked, clinic, day))
        codes = set(kept.answer.codes)
        is_settled = bool(codes) and codes < set(before.codes)
        is_counted = kept.answer.kind == "units" and bool(codes & set(before.codes))
        return (asked, kept) if is_settled or is_counted else alone

    def _told(self, found: _Found, *, seen_by_all: bool = False, receipt: str = "") -> Told:
        """The answer in words. That details were taken out is told to the asker alone: see `removed_note`."""
        reply = found.kept.reply = found.kept.reply or self._writer.render(found.answer)
        if found.removed and not seen_by_all:
            reply = replace(reply, small=(*reply.small, removed_note(found.removed)))
        if found.is_cut_off:
            reply = replace(reply, small=(*reply.small, CUT_OFF_NOTE))
        return Told(found.text, found.answer, reply, found.removed, found.took_ms, receipt)


def removed_note(removed: Sequence[Detail]) -> str:
    """The word to the asker of what was taken out of a question."""
    return REMOVED_NOTE.format(", ".join(removed))


def _first_joined(subjects: Sequence[Before], text: str) -> str | None:
    wholes = (joined(before, text) for before in subjects)
    return next((whole for whole in wholes if whole != text), None)


def _leaves_open(before: Before, text: str) -> bool:
    """Are there codes to decide between, or may there be minutes to count? Else words after it settle nothing."""
    return len(set(before.codes)) > 1 or _COUNTABLE.search(f"{before.text} {text}") is not None


# Without any of these no units are counted (see bot.answers.units).
_COUNTABLE = re.compile(
    r"\d|h(?:ou)?r|half|quarter|min|teen|twenty|thirty|forty|fifty|sixty|ninety"
    r"|\b(?:four|five|six|seven|eight|nine|ten|eleven|twelve)\b",
    re.IGNORECASE,
)


def _has_reasons(answer: Answer) -> bool:
    """Is there more to tell than the answer says itself? A rule's answer has its working and its reasons in it."""
    return bool(answer.why.saying) or answer.kind in ("described", "documented")


def _is_undone(row: Subject) -> bool:
    return row.kind == "impossible" and row.whole is not None


def _before(row: Subject) -> Before:
    return Before(row.whole or row.text, row.kind, (row.picked,) if row.picked else tuple(row.codes.split()))


def _columns(question: Question, found: _Found) -> dict[str, Any]:
    """What is kept of a question in its row."""
    return {
        "workspace": question.workspace,
        "delivery": question.delivery,
        "asked_at": question.asked_at,
        "door": question.door,
        "place": question.place,
        "thread": question.thread,
        "asker": question.asker,
        "text": found.text,
        "whole": found.whole if found.whole != found.text else None,
        "removed": " ".join(found.removed),
        "kind": found.answer.kind,
        "codes": " ".join(found.answer.codes),
        "confidence": found.answer.confidence,
        "took_ms": round(found.took_ms, 3),
        "receipt": receipt_id(question.workspace, question.delivery),
        "evidence": found.kept.evidence,
        "day": question.asked_at.date(),
    }


def as_json(told: Told) -> dict[str, Any]:
    """An answer as scripts read it, without keys that do not apply. What is declined is `unknown` too."""
    answer = told.answer
    return {
        "question": told.question,
        "kind": "unknown" if answer.kind in ("limited", "helped") else answer.kind,
        "codes": list(answer.codes),
        "also": list(answer.also),
        "choice": answer.choice,
        "confidence": answer.confidence,
        "reply": told.reply.text,
        **({"receipt": told.receipt} if told.receipt else {}),
        **answer.for_scripts(),
        **_house_rules(answer),
        **_why(answer),
    }


def _house_rules(answer: Answer) -> dict[str, Any]:
    """The clinic's own rules that were told, if any."""
    told = [one.model_dump(exclude_none=True) for one in answer.house_rules]
    return {"house_rules": told} if told else {}


def _why(answer: Answer) -> dict[str, Any]:
    """Why a searched answer is what it is; nothing for an answer that needed no search."""
    if not answer.why.saying:
        return {}
    return {"why": asdict(answer.why)}
