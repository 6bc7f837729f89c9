"""Keeps questions no longer than the settings say."""

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.faults import log_fault
from bot.question_log import QuestionLog

LOOK_EVERY = 3_600.0  # seconds between looks for what is to be forgotten


async def keep_for(log: QuestionLog, days: int) -> None:
    """Delete what is older, at the start and every hour."""
    while True:
        try:
            count = await asyncio.to_thread(log.forget_older, days)
            if count:
                structlog.get_logger().info("questions are forgotten, as RETENTION_DAYS says", questions=count)
        except SQLAlchemyError:
            pass  # the database is away, and the log says so; the next look comes
        except Exception as error:  # noqa: BLE001  # the next look comes
            log_fault(error)
        await asyncio.sleep(LOOK_EVERY)
