"""slack_sdk's stores of installations, on our database and with tokens encrypted at rest.

A room of its own, for they import what no deployment of one workspace needs.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from logging import Logger
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from slack_sdk.oauth.installation_store import Bot as InstalledBot
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import (
    ColumnElement,
    Dialect,
    Engine,
    String,
    Table,
    TypeDecorator,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)

STATE_LIVES = 600  # seconds between the click on "Add to Slack" and the way back from Slack
MOST_STATES = 10_000  # kept; whoever opens the page makes one, and past these the oldest go
TOKENS = ("bot_token", "bot_refresh_token", "user_token", "user_refresh_token", "incoming_webhook_url")


class Encrypted(TypeDecorator[str]):
    """A text that stands in the database encrypted, and is plain in the program."""

    impl = String
    cache_ok = True

    def __init__(self, keys: MultiFernet) -> None:
        """Written with the first key, read with any."""
        super().__init__()
        self.keys = keys

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """To the database."""
        return None if value is None else self.keys.encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """From the database. Raises UnreadableTokenError where no key fits."""
        try:
            return None if value is None else self.keys.decrypt(value.encode()).decode()
        except InvalidToken:
            raise UnreadableTokenError from None


class UnreadableTokenError(Exception):
    """A token that none of the keys reads."""


class Store(SQLAlchemyInstallationStore):
    """slack_sdk's store; of each workspace the newest installation alone is kept."""

    def __init__(self, client_id: str, engine: Engine, keys: Sequence[str]) -> None:
        """Tokens are written with the first of the keys and read with any."""
        super().__init__(client_id, engine)
        reading = MultiFernet([Fernet(one) for one in keys])
        for table in (self.installations, self.bots):
            for name in TOKENS:
                if name in table.c:
                    table.c[name].type = Encrypted(reading)

    def save(self, installation: Installation) -> None:
        """Keep an installation in the place of an earlier one of the same workspace."""
        super().save(installation)
        workspace = str(installation.team_id or installation.enterprise_id)
        self.remove(workspace, before=datetime.fromtimestamp(installation.installed_at, UTC))

    def remove(self, workspace: str, *, before: datetime) -> bool:
        """Delete what a workspace installed before a moment; was there anything?"""
        with self.engine.begin() as connection:
            for table in (self.installations, self.bots):
                is_older = table.c.installed_at < before.replace(tzinfo=None)  # the column has no zone
                gone = connection.execute(delete(table).where(_is_of(table, workspace), is_older)).rowcount
            return bool(gone)

    def find(self, workspace: str) -> InstalledBot | None:
        """The bot of a workspace."""
        found = self._bots(_is_of(self.bots, workspace))
        return found[-1] if found else None

    def all(self) -> list[InstalledBot]:
        """Every workspace's bot."""
        return self._bots(self.bots.c.client_id == self.client_id)

    def _bots(self, condition: ColumnElement[bool]) -> list[InstalledBot]:
        c = self.bots.c
        query = select(self.bots).where(c.client_id == self.client_id, condition).order_by(c.installed_at, c.id)
        with self.engine.connect() as connection:
            return [self.build_bot_entity(row) for row in connection.execute(query).mappings()]

    def encrypt_anew(self) -> int:
        """Write every token again, with the first key; how many installations that were."""
        with self.engine.begin() as connection:
            for table in (self.installations, self.bots):
                rows = connection.execute(select(table)).mappings().all()
                for row in rows:
                    tokens = {name: row[name] for name in TOKENS if name in table.c}
                    connection.execute(update(table).where(table.c.id == row["id"]).values(tokens))
            return len(rows)


def _is_of(table: Table, workspace: str) -> ColumnElement[bool]:
    """Rows of a workspace, or of an organisation that installed the app to all of it: those have no team."""
    c = table.c
    return or_(c.team_id == workspace, and_(c.team_id.is_(None), c.enterprise_id == workspace))


class _States(SQLAlchemyOAuthStateStore):
    """slack_sdk's store of installations under way. A state is taken once, whichever processes are asked for it."""

    def issue(self, *_: Any, **__: Any) -> str:  # noqa: ANN401  # as slack_sdk declares it
        c, now = self.oauth_states.c, datetime.now(UTC).replace(tzinfo=None)
        past = select(func.max(c.id) - MOST_STATES).scalar_subquery()
        with self.engine.begin() as connection:
            connection.execute(delete(self.oauth_states).where(or_(c.expire_at < now, c.id <= past)))
        return super().issue()

    def consume(self, state: str) -> bool:
        c = self.oauth_states.c
        is_alive = c.expire_at > datetime.now(UTC).replace(tzinfo=None)
        with self.engine.begin() as connection:
            return bool(connection.execute(delete(self.oauth_states).where(c.state == state, is_alive)).rowcount)


class States(AsyncOAuthStateStore):
    """The states of installations under way, in a thread beside the event loop.

    One at a time: anybody may open the page as often as they like, and questions need threads and the database too.
    """

    def __init__(self, engine: Engine) -> None:
        """They stand in the database, so that any process may take the way back from Slack."""
        self._store = _States(STATE_LIVES, engine)
        self._turn = asyncio.Lock()

    @property
    def logger(self) -> Logger:
        """slack_sdk asks for one."""
        return self._store.logger

    async def async_issue(self, *_: Any, **__: Any) -> str:  # noqa: ANN401  # as slack_sdk declares it
        """A new state."""
        async with self._turn:
            return await asyncio.to_thread(self._store.issue)

    async def async_consume(self, state: str) -> bool:
        """True the one time that a living state comes back."""
        async with self._turn:
            return await asyncio.to_thread(self._store.consume, state)
