"""From a question to the reply in its place: asked, kept, then posted in the background; what was left, taken over."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from bot.bot import Bot, removed_note
from bot.earlier import WORTH_ANSWERING
from bot.fates import Fate
from bot.faults import log_fault
from bot.question import SEEN_BY_ALL, Question
from bot.question_log import ComesAgainError, LogAwayError, QuestionRow
from bot.question_notes import QuestionKey
from bot.reply import Reply
from handlers.payloads import key_of, read_delivery
from handlers.posting import Post, Poster

WORDS_ONLY = "I read words only: no pictures, no files, no voice clips. Type what was done."
TokenOf = Callable[[str], Awaitable[str | None]]  # the token of a workspace; None where the app is not installed


@dataclass(frozen=True)
class KeptFate:
    """Keeps in the log what becomes of a question's reply. `is_claimed`: only the process that is at it may post."""

    bot: Bot
    key: QuestionKey
    is_claimed: bool = True

    async def begin(self) -> bool:
        """From here on nobody can be sure that the reply does not stand, until `end` says what became of it."""
        return not self.is_claimed or await self.bot.earlier.begin_post(self.key)

    async def end(self, fate: Fate, ts: str | None) -> Reply | None:
        """Keep the fate. The reply as it must read now, where an edit came meanwhile."""
        try:
            return await self.bot.earlier.settle(self.key, fate, ts)
        except LogAwayError:
            return None  # the fate is kept; only an edit cannot be looked for

    async def leave(self, *, may_stand: bool) -> None:
        """Let another process post it."""
        await self.bot.earlier.leave(self.key, may_stand=may_stand)


async def ask_and_post(
    bot: Bot, poster: Poster, question: Question, thread: str | None, token: str | None, *, has_files: bool = False
) -> None:
    """Ask, and post the reply where the question stands. It is in the log when this returns; a repeat is let go."""
    key, (_, ts) = key_of(question), read_delivery(question.delivery)
    try:
        told = await bot.tell(question)
    except ComesAgainError:
        raise
    except Exception:
        await bot.earlier.settle(key, "missed")  # the asker is told of the fault, and need not be told again
        raise
    if told is None:
        return
    reply = replace(told.reply, small=(*told.reply.small, WORDS_ONLY)) if has_files else told.reply
    poster.post(Post(reply, question.place, thread, token, key, question.asker, ts, KeptFate(bot, key)))
    if told.removed and question.door == SEEN_BY_ALL:
        under = None if thread == ts else thread  # in a thread that begins with this answer nobody would see it yet
        poster.whisper(removed_note(told.removed), question.place, question.asker, under, token)


async def keep_at_it(bot: Bot, poster: Poster, token_of: TokenOf) -> None:
    """Say again and again what this process is at, and take over what others left: they died, or lost their way."""
    is_first = True
    while True:
        await asyncio.sleep(bot.log.lease.total_seconds() / 3)
        try:
            if is_first:
                await bot.earlier.adopt()
                is_first = False
            await bot.earlier.stay_at(frozenset(poster.posting))
            await answer_left(bot, poster, token_of)
        except LogAwayError:
            continue
        except Exception as error:  # noqa: BLE001  # the next round comes
            log_fault(error)


async def answer_left(bot: Bot, poster: Poster, token_of: TokenOf) -> int:
    """Answer what was left by others and is fresh, mark what is not; to how many an answer is on its way.

    Not before the database has been in touch as long as a claim lasts: until then the claims of processes that live
    may have run out with the database away.
    """
    since = bot.log.status.in_touch_since
    if since is None or datetime.now(UTC) - since < bot.log.lease:
        return 0
    under_way: list[asyncio.Task[Fate | None]] = []
    while rows := await bot.earlier.take_over():
        for row in rows:
            if QuestionKey(row.workspace, row.delivery) not in poster.posting:  # this process is slow, but still at it
                under_way += await _answer_left(bot, poster, row, await token_of(row.workspace))
        await bot.earlier.stay_at(frozenset(poster.posting))
    if under_way:
        poster.start(_tell_of(under_way))
    return len(under_way)


async def _tell_of(under_way: Sequence[Awaitable[Fate | None]]) -> None:
    fates = await asyncio.gather(*under_way)
    posted = fates.count("posted")
    structlog.get_logger().warning(
        "questions were left unanswered by a stop, and are answered now", count=posted, not_answered=len(fates) - posted
    )


async def _answer_left(
    bot: Bot, poster: Poster, row: QuestionRow, token: str | None
) -> list[asyncio.Task[Fate | None]]:
    key, (channel, ts) = QuestionKey(row.workspace, row.delivery), read_delivery(row.delivery)
    may_stand = row.fate is not None
    reply = await _still_wanted(bot, row) if channel and token else None
    if reply is None:
        await bot.earlier.settle(key, "uncertain" if may_stand else "missed")
        return []
    thread = row.thread or (ts if row.door == "mention" else None)
    kept = KeptFate(bot, key)
    return [poster.post(Post(reply, channel, thread, token, key, row.asker, ts, kept, may_stand=may_stand))]


async def _still_wanted(bot: Bot, row: QuestionRow) -> Reply | None:
    """The reply, unless it comes too late, or would fail again the next time too."""
    if datetime.now(UTC) - row.asked_at_utc > WORTH_ANSWERING:
        return None
    try:
        return await bot.earlier.now(QuestionKey(row.workspace, row.delivery))
    except LogAwayError:
        raise
    except Exception as error:  # noqa: BLE001  # nobody waits for it: the fault is told in the log
        log_fault(error)
        return None
