"""From a question to the reply in its place: asked, kept, then posted in the background."""

from dataclasses import replace
from datetime import datetime

from bot.bot import Bot
from bot.question import Question
from bot.question_notes import QuestionKey
from bot.reply import Reply
from handlers.payloads import key_of, read_delivery
from handlers.posting import Noted, Post, Poster

WORDS_ONLY = "I read words only: no pictures, no files, no voice clips. Type what was done."


async def ask_and_post(
    bot: Bot, poster: Poster, question: Question, thread: str | None, token: str | None, *, has_files: bool = False
) -> None:
    """Ask, and post the reply where the question stands. It is in the log when this returns; a repeat is let go."""
    reply = await bot.ask(question)
    if reply is None:
        return
    if has_files:
        reply = replace(reply, small=(*reply.small, WORDS_ONLY))
    key, (_, ts) = key_of(question), read_delivery(question.delivery)
    poster.post(Post(reply, question.place, thread, token, key, question.asker, ts, _noted_by(bot, key)))


async def answer_unposted(bot: Bot, poster: Poster, until: datetime) -> int:
    """Post what a process that was killed had kept and not posted, asked up to a moment; how many there were."""
    rows = await bot.earlier.unposted(("direct_message", "mention"), until)
    for row in rows:
        key, (channel, ts) = QuestionKey(row.workspace, row.delivery), read_delivery(row.delivery)
        reply = await bot.earlier.now(key)
        if reply and channel:
            thread = row.thread or (ts if row.door == "mention" else None)
            noted = _noted_by(bot, key)
            poster.post(Post(reply, channel, thread, None, key, row.asker, ts, noted, may_stand=True))
    return len(rows)


def _noted_by(bot: Bot, key: QuestionKey) -> Noted:
    async def note(ts: str) -> Reply | None:
        return await bot.earlier.posted(key, ts)

    return note
