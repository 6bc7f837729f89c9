"""A fault while answering: logged with an id and without the question, and what the asker is told."""

from uuid import uuid4

import structlog

from bot.logs import places_of
from bot.reply import Reply


def log_fault(error: BaseException) -> str:
    """Put a fault in the log by its type and place, without its message, which may quote a question. Returns its id."""
    error_id = uuid4().hex[:8]
    structlog.get_logger().error(
        "a question could not be answered", error_id=error_id, fault=type(error).__name__, places=places_of(error)
    )
    return error_id


def error_reply(error_id: str) -> Reply:
    """What the asker is told."""
    return Reply(
        title="Something went wrong on my side",
        sections=(f"Please ask again. If it keeps failing, tell whoever runs this bot the id {error_id}.",),
    )


def away_reply() -> Reply:
    """What somebody is told who asks for what cannot be looked up while the database is away."""
    return Reply(title="I can't look that up just now", sections=("Please ask again in a minute.",))
