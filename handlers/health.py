"""Can this process take questions? For load balancers: one plain line each."""

import asyncio

from bot.bot import Bot
from bot.database import DatabaseError, standing_of
from bot.question_log import LogStatus
from handlers.finding import Finding

LOOK_WITHIN = 2.0  # seconds; who asks has a time limit of its own


async def find_health(bot: Bot) -> list[Finding]:
    """How the process stands. While the database is away it is well as long as the questions are kept safely."""
    status = bot.log.status
    if status.is_away:
        return [away(status), _knowledge(bot)]
    try:
        async with asyncio.timeout(LOOK_WITHIN):
            standing = await asyncio.to_thread(standing_of, bot.log.engine)
    except DatabaseError as error:
        return [Finding("database", False, str(error)), _knowledge(bot)]
    except TimeoutError:
        return [Finding("database", False, f"no answer within {LOOK_WITHIN:g} seconds"), _knowledge(bot)]
    told = f"answers, at migration {standing.migration}" if standing.is_served else standing.fault
    return [Finding("database", standing.is_served, told), _knowledge(bot)]


def away(status: LogStatus) -> Finding:
    """What to say of a database that is away."""
    since = f"{status.since:%H:%M:%S} UTC" if status.since else "a moment ago"
    told = f"does not answer since {since} ({status.fault}); {status.waiting} changes of the log wait"
    if status.spool_fault or status.in_memory:
        return Finding("database", False, f"{told}, in memory alone: {status.spool_fault or 'the disk takes nothing'}")
    return Finding("database", True, f"{told} safely on this machine, and questions are answered")


def _knowledge(bot: Bot) -> Finding:
    codes = len(bot.index.library.entries)
    return Finding("knowledge", codes > 0, f"{codes} codes loaded" if codes else "nothing is loaded; start again")
