"""Who is a curator in Slack, and what App Home shows them."""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog
from slack_bolt.async_app import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import Block
from sqlalchemy.exc import SQLAlchemyError

from bot.bot import Bot
from bot.clinic_tables import digest_channels
from handlers.blocks import Json, text_block
from handlers.curator_views import work_blocks
from handlers.posting import Poster
from handlers.slack_client import said_of

SCOPE = "users:read"  # with it Slack tells who is an admin; without it only the settings name curators
WEEK = timedelta(days=7)
AWAY = "I can't look up the curators' list just now. Please come back in a minute."


async def is_curator(bot: Bot, poster: Poster, workspace: str, person: str, context: AsyncBoltContext) -> bool:
    """Is this person named in the settings, or (where the app may ask Slack) an admin of the workspace?"""
    known = bot.curators.knows(workspace, person)
    told = context.authorize_result
    if known is not None or told is None or SCOPE not in (told.bot_scopes or ()):
        return bool(known)
    try:
        user = (await poster.client.users_info(user=person, token=context.bot_token)).get("user") or {}
    except SlackApiError as error:
        structlog.get_logger().warning("Slack did not tell who is an admin", error=said_of(error).get("error"))
        return False
    is_admin = bool(user.get("is_admin") or user.get("is_owner")) and not user.get("deleted")
    bot.curators.learn(workspace, person, is_admin=is_admin)
    return is_admin


async def curator_work(
    bot: Bot, poster: Poster, workspace: str, person: str, context: AsyncBoltContext
) -> list[Block | Json]:
    """A curator's part of App Home; nothing for others."""
    if not await is_curator(bot, poster, workspace, person, context):
        return []
    teacher = bot.teacher
    try:
        report = await asyncio.to_thread(teacher.report, workspace, datetime.now(UTC).date() - WEEK)
        still_open = await asyncio.to_thread(teacher.open_questions, workspace)
        channels = await asyncio.to_thread(digest_channels, bot.log.engine)
    except SQLAlchemyError:
        return [text_block(AWAY)]
    return work_blocks(report, still_open, channels.get(workspace))
