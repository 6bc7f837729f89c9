"""slack_sdk's stores of installations, on our database and with tokens encrypted at rest.

A room of its own, for they import what no deployment of one workspace needs.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
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
    RowMapping,
    Select,
    String,
    Table,
    TypeDecorator,
    and_,
    delete,
    func,
    or_,
    select,
    type_coerce,
    update,
)

from bot.installation_tables import UnreadableTokenError, workspace_named

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
        return _plain(self.keys, value)


def _plain(keys: MultiFernet, value: str | None) -> str | None:
    try:
        return None if value is None else keys.decrypt(value.encode()).decode()
    except InvalidToken:
        raise UnreadableTokenError from None


class Store(SQLAlchemyInstallationStore):
    """slack_sdk's store; of each workspace the newest installation alone is kept."""

    def __init__(self, client_id: str, engine: Engine, keys: Sequence[str]) -> None:
        """Tokens are written with the first of the keys and read with any."""
        super().__init__(client_id, engine)
        self._keys = MultiFernet([Fernet(one) for one in keys])
        for table in (self.installations, self.bots):
            for name in TOKENS:
                if name in table.c:
                    table.c[name].type = Encrypted(self._keys)

    def save(self, installation: Installation) -> None:
        """Keep an installation in the place of an earlier one of the same workspace."""
        super().save(installation)
        workspace = workspace_named(installation.team_id, installation.enterprise_id)
        self.remove(workspace, before=datetime.fromtimestamp(installation.installed_at, UTC))

    def remove(self, workspace: str, *, before: datetime) -> bool:
        """Delete what a workspace installed before a moment; was there anything?"""
        with self.engine.begin() as connection:
            for table in (self.installations, self.bots):
                is_older = table.c.installed_at < before.replace(tzinfo=None)  # the column has no zone
                gone = connection.execute(delete(table).where(_is_of(table, workspace), is_older)).rowcount
            return bool(gone)

    def find(self, workspace: str) -> InstalledBot | None:
        """The bot of a workspace. Raises UnreadableTokenError."""
        found = self._bots(_is_of(self.bots, workspace))
        return self._bot_of(found[-1]) if found else None

    def all(self) -> dict[str, InstalledBot | None]:
        """Every workspace's bot; None where no key reads its token."""
        found: dict[str, InstalledBot | None] = {}
        for row in self._bots():
            try:
                found[_whose(row)] = self._bot_of(row)
            except UnreadableTokenError:
                found[_whose(row)] = None
        return found

    def _bots(self, *wanted: ColumnElement[bool]) -> Sequence[RowMapping]:
        c = self.bots.c
        query = _as_they_stand(self.bots).where(c.client_id == self.client_id, *wanted)
        with self.engine.connect() as connection:
            return connection.execute(query.order_by(c.installed_at, c.id)).mappings().all()

    def _bot_of(self, row: RowMapping) -> InstalledBot:
        return self.build_bot_entity({**row, **self._tokens_of(row)})

    def _tokens_of(self, row: RowMapping) -> dict[str, str | None]:
        return {name: _plain(self._keys, row[name]) for name in TOKENS if name in row}

    def encrypt_anew(self) -> int:
        """Write every token that can be read again, with the first key; how many installations that were."""
        with self.engine.begin() as connection:
            for table in (self.installations, self.bots):
                done = 0
                for row in connection.execute(_as_they_stand(table)).mappings().all():
                    with suppress(UnreadableTokenError):
                        tokens = self._tokens_of(row)
                        connection.execute(update(table).where(table.c.id == row["id"]).values(tokens))
                        done += 1
            return done


def _as_they_stand(table: Table) -> Select[Any]:
    """Rows with their tokens unread: one that no key reads must not keep the others from being read."""
    return select(*(type_coerce(one, String).label(one.name) if one.name in TOKENS else one for one in table.c))


def _whose(row: RowMapping) -> str:
    return workspace_named(row["team_id"], row["enterprise_id"])


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
