"""Looks at everything that a working bot needs, as far as it can be seen from here, and says how to mend it."""

import os
import platform
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Set
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from sqlalchemy import Engine, func, inspect, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from bot.clinic_tables import unreadable_clinics
from bot.database import DatabaseAwayError, make_engine, standing_of
from bot.installation_tables import workspace_named
from bot.settings import Settings, SettingsError
from bot.spool import Spool, mark_of
from handlers.finding import Finding
from handlers.installations import check_installing, installations_of
from handlers.manifest import INSTALL, differences, make_manifest, scopes
from handlers.posting import SIGNED_OFF
from handlers.public_address import look_at_address
from handlers.slack_client import SlackClient
from knowledge.library import KnowledgeError, read_library
from knowledge.tables import KnowledgeLoadRow

LARGEST_DRIFT = timedelta(seconds=60)  # five minutes off, and no signature of Slack's is taken any more
MOST_LOOKED_AT = 50  # workspaces whose tokens are tried
SPARED = {"assistant:write"}  # where the workspace's plan has no agents
HOW_TO_MEND = {
    "invalid_auth": "copy the token anew",
    "not_authed": "copy the token anew",
    "token_revoked": "install the app again, and copy the token anew",
    "account_inactive": "install the app again, and copy the token anew",
    "token_expired": "token rotation is on: create the Slack app anew without it",
    "not_allowed_token_type": "this is a token of another kind: copy the right one",
    "missing_scope": "generate the token anew with connections:write",
    "invalid_client_id": "copy SLACK_CLIENT_ID anew from Basic Information",
    "bad_client_secret": "copy SLACK_CLIENT_SECRET anew from Basic Information",
    "app_not_found": "the configuration token must be of the workspace where the app was created",
}


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Everything, one after the other."""
    yield _program()
    try:
        check_installing(settings)
        yield _mode(settings)
    except SettingsError as error:
        yield Finding("settings", False, str(error))
        return
    engine = make_engine(settings.database_url)
    try:
        for one in (_database(engine, settings), _spool(settings), _knowledge(engine), *_clinics(engine)):
            yield one
        async for found in _slack(engine, settings):
            yield found
    finally:
        engine.dispose()


def _program() -> Finding:
    return Finding("program", True, f"coding-helper {version('coding-helper')} on Python {platform.python_version()}")


def _mode(settings: Settings) -> Finding:
    """What `serve` would do."""
    whose = "many workspaces" if settings.slack_client_id else "one workspace"
    if not (settings.slack_bot_token or settings.slack_client_id):
        return Finding("settings", True, "no tokens of Slack are set: chat and ask work, serve does not")
    if settings.slack_app_token:
        return Finding("settings", True, f"{whose}, Socket Mode")
    if settings.slack_signing_secret:
        return Finding("settings", True, f"{whose}, HTTP on {settings.host}, port {settings.port}")
    told = f"{whose}, and no way to it; set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP"
    return Finding("settings", False, told)


def _database(engine: Engine, settings: Settings) -> Finding:
    kind = "Postgres" if engine.dialect.name == "postgresql" else "SQLite"
    file = Path(engine.url.database or "")
    if kind == "SQLite" and not file.exists():
        is_well = os.access(file.absolute().parent, os.W_OK)
        told = "will be made at the first start" if is_well else "its folder does not exist, or takes no files; make it"
        return Finding("database", is_well, f"SQLite, {file}: {told}")
    if kind == "SQLite" and not (os.access(file, os.W_OK) and os.access(file.absolute().parent, os.W_OK)):
        return Finding("database", False, f"SQLite, {file}: cannot be written; give it to the user who runs the bot")
    try:
        standing = standing_of(engine)
    except DatabaseAwayError as error:
        return Finding("database", False, f"{error} ({error.reason})")
    if standing.is_served:
        return Finding("database", True, f"{kind} answers, at migration {standing.migration}")
    if kind == "SQLite" and standing.is_ours:
        return Finding(
            "database", True, f"SQLite, at migration {standing.migration}; brought up to date at the next start"
        )
    return Finding("database", False, standing.fault)


def _spool(settings: Settings) -> Finding:
    fault = Spool(settings.spool_folder, mark_of(settings.database_url)).fault()
    folder = settings.spool_folder
    if fault:
        return Finding("spool", False, f"{folder} takes no files ({fault}); set SPOOL_DIR to a folder that does")
    told = f"{folder} takes questions while the database is away; repeats are then known in each process by itself"
    set_aside = sum(1 for _ in folder.glob("damaged-*.db"))
    if set_aside:
        told += f"; {set_aside} damaged there: see what sqlite3's .recover finds in them, then delete them"
    return Finding("spool", True, told)


def _knowledge(engine: Engine) -> Finding:
    try:
        library = read_library()
    except KnowledgeError as error:
        told = (
            f"{len(error.faults)} faults in the files, the first: {error.faults[0]}; run: coding-helper knowledge check"
        )
        return Finding("knowledge", False, told)
    told = f"{len(library.entries)} codes, {len(library.topics)} topics"
    return Finding(
        "knowledge", True, f"{told}, {'loaded' if _is_loaded(engine, library.digest) else 'loaded at the next start'}"
    )


def _is_loaded(engine: Engine, digest: str) -> bool:
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
        return False
    try:
        with Session(engine) as session:
            is_there = inspect(engine).has_table(KnowledgeLoadRow.__tablename__)
            return is_there and session.scalar(select(col(KnowledgeLoadRow.digest))) == digest
    except SQLAlchemyError:
        return False  # the database has a line of its own


def _clinics(engine: Engine) -> list[Finding]:
    """The clinics whose own knowledge cannot be read, which are answered without it."""
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
        return []
    try:
        return [Finding("clinics", False, str(one)) for one in unreadable_clinics(engine)]
    except SQLAlchemyError:
        return []  # the database has a line of its own


async def _slack(engine: Engine, settings: Settings) -> AsyncIterator[Finding]:
    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else None
    client = SlackClient(token, settings.slack_api_url)
    if not (token or settings.slack_client_id or settings.slack_app_token):
        yield _clock_of_database(engine)
        yield Finding("Slack", None, "no tokens are set, so nothing of Slack was looked at")
        return
    reached, clock = await _reach(client)
    yield reached
    if clock:
        yield clock
    if not reached.is_well:
        return
    if token:
        for found in await _one_workspace(client, settings):
            yield found
    if settings.slack_client_id:
        async for found in _many_workspaces(client, engine, settings):
            yield found
    if settings.slack_app_token:
        yield await _socket(client, settings.slack_app_token.get_secret_value())
    else:
        async for found in look_at_address(settings):
            yield found
    async for found in _live_manifest(client, engine, settings):
        yield found


async def _reach(client: AsyncWebClient) -> tuple[Finding, Finding | None]:
    """Does Slack answer, and does its clock say what ours does?"""
    answer, fault = await _call(client.api_test)
    if answer is None and fault in ("no answer", "a page that is none of Slack's"):
        return Finding("Slack", False, f"{client.base_url}: {fault}; see that this machine reaches it"), None
    told = _header(answer, "date") if answer else ""
    return Finding("Slack", True, f"{client.base_url} answers"), _clock_of_slack(told) if told else None


def _clock_of_slack(told: str) -> Finding:
    try:
        return _clock(parsedate_to_datetime(told))
    except ValueError:
        return Finding("clock", None, "nothing to compare it with: what answers for Slack tells no date")


def _clock(theirs: datetime) -> Finding:
    drift = datetime.now(UTC) - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))
    if abs(drift) <= LARGEST_DRIFT:
        return Finding("clock", True, "right")
    way = "ahead" if drift > timedelta(0) else "behind"
    told = f"this machine is {abs(drift).total_seconds():.0f} seconds {way}; set it by NTP, or signatures are refused"
    return Finding("clock", False, told)


def _clock_of_database(engine: Engine) -> Finding:
    if engine.dialect.name != "postgresql":
        return Finding("clock", None, "nothing to compare it with")
    try:
        with engine.connect() as connection:
            return _clock(connection.execute(select(func.now())).scalar_one())
    except SQLAlchemyError:
        return Finding("clock", None, "nothing to compare it with: the database does not answer")


async def _one_workspace(client: AsyncWebClient, settings: Settings) -> list[Finding]:
    answer, fault = await _call(client.auth_test)
    if answer is None:
        return [Finding("SLACK_BOT_TOKEN", False, _mended(fault))]
    told = f"the bot {answer.get('user') or answer.get('user_id')} of {answer.get('team') or answer.get('team_id')}"
    return [Finding("SLACK_BOT_TOKEN", True, told), _scopes(_header(answer, "x-oauth-scopes"), settings)]


def _scopes(told: str, settings: Settings) -> Finding:
    """What the token may do, against what the manifest asks for."""
    if not told:
        return Finding("scopes", None, "Slack did not tell them")
    given = {one.strip() for one in told.split(",")}
    missing = _missing(given, settings)
    if missing:
        told = f"{', '.join(missing)} missing; add under OAuth & Permissions, then install the app again"
        return Finding("scopes", False, told)
    spare = sorted(given - set(scopes(reads_channels=True)))
    return Finding("scopes", True, f"all there; not needed: {', '.join(spare)}" if spare else "all there")


def _missing(given: Set[str], settings: Settings) -> list[str]:
    return [one for one in scopes(reads_channels=settings.read_channels) if one not in given | SPARED]


async def _many_workspaces(client: AsyncWebClient, engine: Engine, settings: Settings) -> AsyncIterator[Finding]:
    assert settings.slack_client_id and settings.slack_client_secret  # noqa: S101  # check_installing has seen to it
    secret = settings.slack_client_secret.get_secret_value()
    # A code that is none: Slack looks at the credentials first.
    _, fault = await _call(
        lambda: client.oauth_v2_access(client_id=str(settings.slack_client_id), client_secret=secret, code="none")
    )
    is_right = fault == "invalid_code"
    yield Finding("SLACK_CLIENT_ID", is_right, "Slack takes it with its secret" if is_right else _mended(fault))
    try:
        installations = installations_of(settings, engine)
        bots, unreadable = (installations.all(), installations.unreadable()) if installations else ([], [])
    except SettingsError as error:
        yield Finding("TOKEN_KEYS", False, str(error).removeprefix("TOKEN_KEYS: "))
        return
    except SQLAlchemyError:
        yield Finding("workspaces", None, "cannot be read before the database is up to date")
        return
    for workspace in unreadable:
        told = "add the key with which it was written, or install the app there again at"
        yield Finding("TOKEN_KEYS", False, f"none of the keys reads the token of {workspace}; {told} {INSTALL}")
    if not unreadable:
        yield Finding("TOKEN_KEYS", True, "the tokens that are kept can be read")
    for one in bots[:MOST_LOOKED_AT]:
        answer, fault = await _call(client.auth_test, token=one.bot_token)
        if found := _workspace(one, fault if answer is None else "", settings):
            yield found
    yield Finding("workspaces", True, f"{len(bots)} have the app")


def _workspace(bot: Bot, fault: str, settings: Settings) -> Finding | None:
    """What is wrong with a workspace's installation, by what Slack answers to its token."""
    name = workspace_named(bot.team_id, bot.enterprise_id)
    if fault in SIGNED_OFF:
        told = f"{name} no longer takes its token; it must install the app again at {INSTALL}"
        return Finding("workspace", False, told)
    if fault:
        return Finding("workspace", None, f"{name}: nobody can tell now ({fault}); try later")
    missing = _missing(set(bot.bot_scopes or ()), settings) if bot.bot_scopes else []
    if missing:
        told = f"{name} installed the app without {', '.join(missing)}; it must install it again at {INSTALL}"
        return Finding("workspace", False, told)
    return None


async def _socket(client: AsyncWebClient, token: str) -> Finding:
    answer, fault = await _call(lambda: client.apps_connections_open(app_token=token))
    return Finding("SLACK_APP_TOKEN", answer is not None, "a socket can be opened" if answer else _mended(fault))


async def _live_manifest(client: AsyncWebClient, engine: Engine, settings: Settings) -> AsyncIterator[Finding]:
    """The app as Slack has it, which only a configuration token may read."""
    app = _app_id(engine, settings)
    if settings.slack_config_token is None or app is None:
        told = "events, interactivity and the Messages tab: no bot token tells; set SLACK_CONFIG_TOKEN, or compare App "
        yield Finding("manifest", None, f"{told}Manifest at api.slack.com/apps with coding-helper manifest")
        return
    token = settings.slack_config_token.get_secret_value()
    answer, fault = await _call(client.apps_manifest_export, app_id=app, token=token)
    if answer is None:
        yield Finding("manifest", False, _mended(fault))
        return
    over_http = settings.slack_app_token is None
    wanted = make_manifest(
        host=settings.public_url,
        over_http=over_http and settings.public_url is not None,
        reads_channels=settings.read_channels,
    )
    wrong = differences(answer.get("manifest") or {}, wanted)
    for one in wrong:
        yield Finding("manifest", False, f"{one}; set it in App Manifest at api.slack.com/apps")
    if not wrong:
        yield Finding("manifest", True, "events, interactivity, commands and tabs are as they must be")


def _app_id(engine: Engine, settings: Settings) -> str | None:
    """Which app it is: an app-level token says so, and so does every installation."""
    if settings.slack_app_token:
        parts = settings.slack_app_token.get_secret_value().split("-")
        return parts[2] if len(parts) > 3 else None  # noqa: PLR2004  # xapp-1-A0123-...
    try:
        installations = installations_of(settings, engine)
        return next((one.app_id for one in installations.all()), None) if installations else None
    except (SettingsError, SQLAlchemyError):
        return None  # each has a line of its own


async def _call(
    method: Callable[..., Awaitable[AsyncSlackResponse]],
    **given: Any,  # noqa: ANN401  # as slack_sdk takes them
) -> tuple[AsyncSlackResponse | None, str]:
    """Slack's answer, or why there is none."""
    try:
        return await method(**given), ""
    except SlackApiError as error:
        data = getattr(error.response, "data", None)
        return None, str(data.get("error")) if isinstance(data, dict) else "a page that is none of Slack's"
    except (ClientError, OSError, TimeoutError):
        return None, "no answer"


def _header(answer: AsyncSlackResponse, name: str) -> str:
    headers: Mapping[str, str] = answer.headers
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _mended(fault: str) -> str:
    return f"Slack answers {fault}; {HOW_TO_MEND.get(fault, 'see docs.slack.dev for what that means')}"
