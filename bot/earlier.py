"""What is done with an answer after it was told: choosing, reading on, asking why, voting, correcting, forgetting."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.answering import answer_text
from bot.answers.answer import Answer
from bot.answers.described import Described
from bot.buttons import VOTES, Button
from bot.clinics import Clinic
from bot.fates import RUN_OUT, Claims, Fate
from bot.house_rules import rules_on
from bot.own_knowledge import HouseRule
from bot.privacy import scrub
from bot.query import plain_text
from bot.question import LONGEST_READ, Question
from bot.question_log import LogAwayError, QuestionLog, QuestionRow
from bot.question_notes import QuestionKey, QuestionNotes
from bot.reply import Reply, Writer, either
from bot.why import why_reply
from knowledge.search import Index

WORTH_ANSWERING = timedelta(minutes=30)  # how long an answer that came to nothing is still wanted
MOST_RECENT = 5  # own questions that a person is shown


class Earlier:
    """The questions asked before. An answer is not kept: it is found again from the question, as it was understood."""

    def __init__(self, index: Index, writer: Writer, log: QuestionLog, clinic: Callable[[str], Clinic]) -> None:
        """Made anew whenever needed: all it has is shared. `clinic` gives what answers a workspace."""
        self._index = index
        self._writer = writer
        self._log = log
        self._notes = QuestionNotes(log.engine)
        self._claims = Claims(log.engine)
        self._clinic = clinic

    async def again(self, key: QuestionKey) -> Reply | None:
        """The reply as it was first told; None where the question is not, or no longer, kept."""
        found = await self._answered(key)
        return self._writer.render(found[1]) if found else None

    async def now(self, key: QuestionKey) -> Reply | None:
        """The reply as it stands: the chosen answer where one was chosen, else as it was first told."""
        found = await self._answered(key)
        if found is None:
            return None
        row, answer = found
        is_chosen = row.picked in self._index.library.entries
        return self._chosen(answer, row.picked) if row.picked and is_chosen else self._writer.render(answer)

    async def pick(self, key: QuestionKey, code: str) -> Reply | None:
        """The chosen answer in the place of the choice; None where the choice had no such code."""
        found = await self._answered(key)
        if found is None or code not in found[1].codes or code not in self._index.library.entries:
            return None
        await asyncio.wrap_future(self._log.note(key, {"picked": code}))
        return self._chosen(found[1], code)

    async def details(self, key: QuestionKey) -> Reply | None:
        """All that is known of the answer's first code."""
        found = await self._answered(key)
        codes = found[1].codes if found else ()
        if not found or not codes or codes[0] not in self._index.library.entries:
            return None
        return self._described(codes[0], found[1].house_rules)

    async def why(self, key: QuestionKey) -> Reply | None:
        """Which words led to the answer, how sure it was, what came next, where it is from: as it was on that day."""
        row = await self.find(key)
        return why_reply(row, self._clinic(row.workspace)) if row and row.text else None

    async def vote(self, key: QuestionKey, person: str, vote: int) -> bool:
        """Count a person's last vote; False where the question is not known."""
        row = await self.find(key)
        if row is None:
            return False
        if row.id is None:  # it is not in the table yet
            raise LogAwayError
        await self._log.read(self._notes.vote, row.id, person, 1 if vote > 0 else -1)
        return True

    async def expect(self, key: QuestionKey, person: str, expected: str) -> None:
        """Keep what a person had expected, without patients' details."""
        row = await self.find(key)
        if row is not None and row.id is None:
            raise LogAwayError
        if row is not None and row.id is not None and row.text:
            text = scrub(plain_text(expected[:LONGEST_READ])).text
            await self._log.read(self._notes.expect, row.id, person, text)

    async def begin_post(self, key: QuestionKey) -> bool:
        """Note that the reply is being posted from now on; False where another process is at it."""
        return await asyncio.wrap_future(self._log.note(key, {"fate": "posting"}, if_mine=True))

    async def settle(self, key: QuestionKey, fate: Fate, name: str | None = None) -> Reply | None:
        """Note what became of the reply, and the name by which it stands. The reply as it must read now, if edited."""
        what = {"fate": fate, "claimed_until": None} | ({"reply": name} if name else {})
        await asyncio.wrap_future(self._log.note(key, what))
        row = await self.find(key) if name else None
        return await self.again(key) if row and row.edit else None

    async def leave(self, key: QuestionKey, *, may_stand: bool) -> None:
        """Let another process post the reply, at once; `may_stand` where it may have been posted before."""
        what = {"fate": "posting" if may_stand else None, "claimed_until": RUN_OUT}
        await asyncio.wrap_future(self._log.note(key, what, if_mine=True))

    async def take_over(self) -> Sequence[QuestionRow]:
        """Questions whose reply was left to a process no longer at it; they are this one's now, some at a time."""
        return await self._log.read(self._claims.take, self._log.name, self._log.lease)

    async def adopt(self) -> None:
        """See to it that what the release before left unanswered is taken over."""
        await self._log.read(self._claims.adopt, datetime.now(UTC) - WORTH_ANSWERING, self._log.lease)

    async def stay_at(self, keys: Collection[QuestionKey]) -> None:
        """Say that this process is still at these replies."""
        if keys:
            await self._log.read(self._claims.renew, self._log.name, keys, self._log.lease)

    async def forget(self, key: QuestionKey) -> None:
        """Take a deleted question's text out of the log."""
        await asyncio.wrap_future(self._log.forget(key))

    async def find(self, key: QuestionKey) -> QuestionRow | None:
        """The question as it stands in the log."""
        return await self._log.find(key)

    async def recent(self, workspace: str, asker: str) -> Sequence[QuestionRow]:
        """A person's own last questions."""
        return await self._log.read(self._notes.recent, workspace, asker, MOST_RECENT)

    async def is_first(self, question: Question, within: timedelta) -> bool:
        """Did who asks this ask nothing else there within some time? False where nobody can tell."""
        try:
            return not await self._log.read(self._notes.asked_since, question, question.asked_at - within)
        except LogAwayError:
            return False

    async def greeting(self, workspace: str, person: str) -> Reply | None:
        """How to ask, for a person who is met for the first time; None ever after."""
        try:
            is_new = await self._log.read(self._notes.greet, workspace, person)
        except LogAwayError:
            return None  # the next time will be the first
        return self.help() if is_new else None

    def help(self) -> Reply:
        """How to ask, with three questions that work."""
        return self._writer.render(answer_text("help", Clinic(self._index), datetime.now(UTC).date()))

    async def _answered(self, key: QuestionKey) -> tuple[QuestionRow, Answer] | None:
        row = await self.find(key)
        if row is None or not row.text:
            return None
        return row, answer_text(row.whole or row.text, self._clinic(row.workspace), row.asked_at.date())

    def _chosen(self, answer: Answer, code: str) -> Reply:
        reply = self._described(code, answer.house_rules)
        chosen = f"Chosen from {either(answer.codes)}."
        return replace(reply, small=(*reply.small, chosen), buttons=(Button("again", "Choose again"), *VOTES))

    def _described(self, code: str, rules: Sequence[HouseRule]) -> Reply:
        entry = self._index.library.entries[code]
        fitting = rules_on(code, rules)
        return self._writer.render(Described(entry=entry, modifiers_typed=(), codes=(code,), house_rules=fitting))
