"""Logs: one JSON object a line on standard error, and never a question's text."""

import logging
import sys

import structlog


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
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(
        level=logging.ERROR, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s", force=True
    )
    for name in ("slack_bolt", "slack_sdk", "uvicorn", "aiohttp", "sqlalchemy", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
