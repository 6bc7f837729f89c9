"""Tells those who asked earlier what is known now or was corrected, and posts the weekly digest: each once."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session
from structlog.contextvars import bound_contextvars

from bot.bot import Bot
from bot.clinic_tables import digest_channels
from bot.fates import Fate
from bot.faults import log_fault
from bot.later_replies import digest_reply, recalled_reply, taught_reply
from bot.question_log import LogAwayError, workspaces_of
from bot.question_notes import QuestionKey
from bot.question_row import QuestionRow
from bot.reply import Reply
from bot.tellings import TellingRow, claim_digest, give_back, take, told, waiting_workspaces
from bot.where_asked import where_to_tell
from handlers.posting import Post, Poster
from handlers.replying import TokenOf

LOOK_EVERY = 2.0  # seconds between looks for what waits to be told
DIGEST_HOUR = 13  # on Monday, in UTC: morning in the United States
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class _Kept:
    """Marks a telling as told once it stands."""

    engine: Engine
    telling: TellingRow

    async def begin(self) -> bool:
        """It was taken by this process alone."""
        return True

    async def end(self, fate: Fate, _: str | None) -> Reply | None:
        """Of one whose fate is unknown nothing is noted: it stays taken, and is not told again."""
        if fate == "posted":
            await asyncio.to_thread(told, self.engine, self.telling)
        return None

    async def leave(self, *, may_stand: bool) -> None:
        """Let another process tell it."""
        if not may_stand:
            await asyncio.to_thread(give_back, self.engine, [self.telling])


async def keep_telling(bot: Bot, poster: Poster, token_of: TokenOf, digest_channel: str | None) -> None:
    """Look every few seconds for what waits to be told, and for a digest that is due."""
    posted: set[str] = set()
    while True:
        await asyncio.sleep(LOOK_EVERY)
        try:
            waiting = await asyncio.to_thread(waiting_workspaces, bot.log.engine)
            await tell_waiting(bot, poster, {one: await token_of(one) for one in waiting})
            week = week_of_digest(datetime.now(UTC))
            if week not in posted:
                await post_digests(bot, poster, token_of, digest_channel)
                posted.add(week)
        except (SQLAlchemyError, LogAwayError):
            continue  # the log says that the database is away; what waits is told when it is back
        except Exception as error:  # noqa: BLE001  # the next round comes
            log_fault(error)


async def tell_waiting(bot: Bot, poster: Poster, tokens: Mapping[str, str | None]) -> int:
    """Tell what waits for the workspaces whose token is at hand; how much it was."""
    engine, count = bot.log.engine, 0
    served = [workspace for workspace, token in tokens.items() if token]
    while served and (taken := await asyncio.to_thread(take, engine, served)):
        try:
            await asyncio.to_thread(bot.teacher.take_up)  # what is told may have been taught elsewhere just now
            while taken:
                workspace = taken[0].workspace
                count += await _tried(_tell(bot, poster, taken[0], tokens[workspace]), workspace)
                del taken[0]
        finally:
            if taken:  # the database was slow or away before anything was posted of these
                await asyncio.to_thread(give_back, engine, taken)
    return count


async def _tried(work: Awaitable[bool], workspace: str) -> bool:
    """What fails for one workspace, but for the database, holds up none of the others."""
    try:
        return await work
    except (SQLAlchemyError, LogAwayError):
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, the other workspaces have nothing of it
        with bound_contextvars(workspace=workspace):
            log_fault(error)
        return False


async def _tell(bot: Bot, poster: Poster, telling: TellingRow, token: str | None) -> bool:
    row = await asyncio.to_thread(_question_of, bot.log.engine, telling)
    place = where_to_tell(row) if row else None
    if row is None or place is None or not row.text:  # it was forgotten meanwhile
        return False
    key = QuestionKey(row.workspace, row.delivery)
    reply = await bot.earlier.again(key)
    if reply is None:
        return False
    if telling.what == "recall":
        reply = recalled_reply(row, reply, telling.round.partition(":")[0], telling.words)
    else:
        reply = taught_reply(row, reply)
    kept = _Kept(bot.log.engine, telling)
    poster.post(Post(reply, place.channel, place.thread, token, key, row.asker, kept=kept))
    return True


def _question_of(engine: Engine, telling: TellingRow) -> QuestionRow | None:
    with Session(engine) as session:
        row = session.get(QuestionRow, telling.question)
        return row if row and row.workspace == telling.workspace else None


async def post_digests(bot: Bot, poster: Poster, token_of: TokenOf, fallback: str | None) -> int:
    """Post the week's digest where a channel was chosen (or set), once among all processes; how many were posted."""
    count = 0
    for workspace, channel in (await asyncio.to_thread(_channels, bot.log.engine, fallback)).items():
        token = await token_of(workspace)
        if token:
            count += await _tried(_post_digest(bot, poster, workspace, channel, token), workspace)
    return count


async def _post_digest(bot: Bot, poster: Poster, workspace: str, channel: str, token: str) -> bool:
    week = week_of_digest(datetime.now(UTC))
    if not await asyncio.to_thread(claim_digest, bot.log.engine, workspace, week):
        return False
    report = await asyncio.to_thread(bot.teacher.report, workspace, date.fromisoformat(week) - WEEK)
    poster.post(Post(digest_reply(report), channel, token=token))
    return True


def week_of_digest(now: datetime) -> str:
    """The Monday whose digest is due: the last one whose hour has come.

    >>> [week_of_digest(datetime(2026, 11, 23, hour, tzinfo=UTC)) for hour in (12, 13)]
    ['2026-11-16', '2026-11-23']
    """
    reached = now - timedelta(hours=DIGEST_HOUR)
    return str(reached.date() - timedelta(days=reached.weekday()))


def _channels(engine: Engine, fallback: str | None) -> dict[str, str]:
    """Where each workspace's digest goes: the channel chosen in App Home, else the one in the settings."""
    asked = [one for one in workspaces_of(engine) if one != "local"] if fallback else []
    return {**dict.fromkeys(asked, fallback or ""), **digest_channels(engine)}
