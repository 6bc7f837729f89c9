"""Logs: one JSON object a line on standard error, and never a question's text."""

import json
import logging
import sys
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TextIO

import structlog

LONGEST_EVENT = 300  # characters of what a library says


def start_logs(level: str) -> None:
    """Log from this level up. Slack's and the server's libraries log errors only: below that they print payloads."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=partial(_own_line, sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_LibraryLine())
    logging.basicConfig(level=logging.ERROR, handlers=[handler], force=True)
    for name in ("slack_bolt", "slack_sdk", "uvicorn", "aiohttp", "sqlalchemy", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _own_line(stream: TextIO, *_: object) -> "_OwnLine":
    return _OwnLine(stream)


class _OwnLine(structlog.PrintLogger):
    """A line of ours. Where nobody takes it (the pipe is broken, the disk full), the work that it tells of goes on."""

    def msg(self, message: str) -> None:
        """Write the line."""
        with suppress(OSError, ValueError):
            super().msg(message)

    debug = info = warning = error = critical = msg


class _LibraryLine(logging.Formatter):
    """What a library logs, as a line like our own; of a fault the type and the place, for its message may quote."""

    def format(self, record: logging.LogRecord) -> str:
        first, _, _ = record.getMessage().partition("\n")
        line = {
            **structlog.contextvars.get_contextvars(),
            "event": first[:LONGEST_EVENT],
            "library": record.name,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
        }
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            line |= {"fault": type(error).__name__, "places": places_of(error)}
        return json.dumps(line)


def places_of(error: BaseException) -> list[str]:
    """Where a fault happened: the last calls, each by file, line and function."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames][-8:]
