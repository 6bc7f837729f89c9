"""The workspaces that installed the app, and by whose token a payload is answered."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from logging import Logger, getLogger
from typing import TYPE_CHECKING, TypeVar

import structlog
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.oauth.installation_store import Bot as InstalledBot
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from sqlalchemy import Engine

from bot.installation_tables import UnreadableTokenError, workspace_named
from bot.question_log import LogAwayError
from bot.settings import Settings, SettingsError, split_keys

if TYPE_CHECKING:
    from bot.question_log import QuestionLog
    from handlers.installation_store import States, Store

Found = TypeVar("Found")
REMEMBERED_FOR = 5.0  # seconds; an uninstall that another process was told of is known here after these


class Installations(AsyncInstallationStore):
    """Who installed the app. Read in threads beside the event loop, and remembered for a few seconds.

    While the database is away it is as it was last read, however long ago: of a token that is good no longer Slack
    itself says so. A workspace is named by its id, an organisation that installed the app to all of it by its own, as
    in the log.
    """

    def __init__(self, store: "Store", states: "States", log: "QuestionLog | None" = None) -> None:
        """What is installed, and what is under way, in the database. The log knows whether that is away.

        Raises SettingsError where no key reads any of the tokens that are kept.
        """
        self.states = states
        self._store = store
        self._log = log
        kept = store.all()
        self._remembered = {workspace: (0.0, bot) for workspace, bot in kept.items() if bot}
        self._unreadable = {workspace for workspace, bot in kept.items() if bot is None}
        if kept and not self._remembered:
            raise SettingsError(
                "TOKEN_KEYS: none of the keys reads the tokens that are kept; add the key with which they were written"
            )
        if log:
            for workspace in self._unreadable:
                _tell_unreadable(workspace)

    @property
    def logger(self) -> Logger:
        """slack_sdk asks for one."""
        return getLogger("slack_sdk.coding_helper")

    async def async_save(self, installation: Installation) -> None:
        """Keep an installation in the place of an earlier one."""
        await asyncio.to_thread(self._store.save, installation)
        bot = installation.to_bot()
        self._remembered[workspace_named(bot.team_id, bot.enterprise_id)] = (0.0, bot)

    async def find(self, workspace: str) -> InstalledBot | None:
        """The bot of a workspace; None where the app is not, or no longer, installed.

        Raises LogAwayError where the database is away and this process does not know the workspace, and
        UnreadableTokenError where no key reads what stands there and never did here.
        """
        until, bot = self._remembered.get(workspace, (0.0, None))
        if bot is not None and until > time.monotonic():
            return bot
        try:
            found = await self._in_time(partial(self._store.find, workspace))
        except (LogAwayError, UnreadableTokenError) as error:
            if isinstance(error, UnreadableTokenError) and workspace not in self._unreadable:
                self._unreadable.add(workspace)
                _tell_unreadable(workspace)
            if bot is None:
                raise
            found = bot
        else:
            self._unreadable.discard(workspace)
        if found is None:
            self._remembered.pop(workspace, None)
        else:
            self._remembered[workspace] = (time.monotonic() + REMEMBERED_FOR, found)
        return found

    async def remove(self, workspace: str, before: datetime) -> bool:
        """Forget a workspace that took the app away at a moment; False where it has installed it again since.

        Raises LogAwayError.
        """
        was_there = await self._in_time(partial(self._store.remove, workspace, before=before))
        self._remembered.pop(workspace, None)
        return was_there

    async def _in_time(self, work: Callable[[], Found]) -> Found:
        """For no longer than Slack waits. Raises LogAwayError."""
        return await (self._log.read(work) if self._log else asyncio.to_thread(work))

    def all(self) -> list[InstalledBot]:
        """Every workspace's bot, but for those whose token no key reads."""
        return [bot for bot in self._store.all().values() if bot]

    def unreadable(self) -> list[str]:
        """The workspaces whose token no key reads."""
        return [workspace for workspace, bot in self._store.all().items() if bot is None]

    def encrypt_anew(self) -> int:
        """Write every token that can be read again, with the first key; those of how many workspaces."""
        return self._store.encrypt_anew()


def _tell_unreadable(workspace: str) -> None:
    structlog.get_logger().error(
        "TOKEN_KEYS: none of the keys reads a workspace's token; add the key with which it was written, or have the "
        "workspace install the app again",
        workspace=workspace,
    )


class Authorize(AsyncAuthorize):
    """By whose token a payload is answered: as it stands in the database, without asking Slack each time."""

    def __init__(self, installations: Installations) -> None:
        """Those who installed the app."""
        self._installations = installations

    async def __call__(
        self,
        *,
        context: AsyncBoltContext,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        actor_enterprise_id: str | None = None,
        actor_team_id: str | None = None,
        actor_user_id: str | None = None,
    ) -> AuthorizeResult | None:
        """Who the bot is there; None where the app is not installed. Raises LogAwayError."""
        workspace = enterprise_id if context.is_enterprise_install else team_id or enterprise_id
        bot = await self._installations.find(workspace) if workspace else None
        if bot is None:
            return None
        return AuthorizeResult(
            enterprise_id=bot.enterprise_id,
            team_id=bot.team_id,
            bot_user_id=bot.bot_user_id,
            bot_id=bot.bot_id,
            bot_token=bot.bot_token,
            bot_scopes=bot.bot_scopes,
        )


def check_installing(settings: Settings) -> None:
    """Raises SettingsError where many workspaces are wanted, and something for it is missing, or only for one."""
    if settings.slack_client_id is None:
        return
    if settings.slack_bot_token is not None:
        raise SettingsError(
            "SLACK_CLIENT_ID: is set beside SLACK_BOT_TOKEN; keep the token for one workspace, the client id for many"
        )
    if settings.slack_client_secret is None:
        raise SettingsError("SLACK_CLIENT_SECRET: is missing; copy the Client Secret from Basic Information")
    if settings.digest_channel is not None:
        raise SettingsError(
            "DIGEST_CHANNEL: is set beside SLACK_CLIENT_ID, and one channel must not have every workspace's questions; "
            "leave it out: curators choose each workspace's own in App Home"
        )
    if settings.token_keys is None:
        raise SettingsError(
            "TOKEN_KEYS: is missing; tokens are kept encrypted: make a key with coding-helper workspaces new-key"
        )


def installations_of(settings: Settings, engine: Engine, log: "QuestionLog | None" = None) -> Installations | None:
    """Who installed the app; None where one workspace's token is set. With the log beside it nobody waits long.

    Raises SettingsError where a setting is missing, or no key reads any of the tokens that are kept.
    """
    check_installing(settings)
    if settings.slack_client_id is None or settings.token_keys is None:
        return None
    # slack_sdk's stores import SQLAlchemy's asynchronous side, which one workspace needs nothing of.
    from handlers.installation_store import States, Store  # noqa: PLC0415

    store = Store(settings.slack_client_id, engine, split_keys(settings.token_keys))
    return Installations(store, States(engine), log)
