"""Doctor: every line of a good set-up is ok, and of a broken one each line says what to do."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import Engine, text

from bot.bot import Bot
from bot.database import HEAD, ready_engine, transaction
from bot.settings import Settings
from handlers.doctor import examine
from handlers.installations import installations_of
from handlers.manifest import differences, make_manifest, scopes
from knowledge.library import Library
from knowledge.tables import load_library
from tests.handlers.conftest import serving
from tests.handlers.slack_stand_in import (
    BOT_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    SECRET,
    SlackStandIn,
    slack_stand_in,
)
from tests.handlers.test_installing import damage, installed
from tests.handlers.test_terminal import Terminal

XAPP = "xapp-1-A01-1-abc"
CONFIG = "xoxe.xoxp-1-abc"


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    async with slack_stand_in() as stand_in:
        stand_in.scopes = ",".join(scopes(reads_channels=False))
        stand_in.manifest = make_manifest()
        yield stand_in


def given(slack: SlackStandIn | None, folder: Path, **more: Any) -> Settings:
    api = {"slack_api_url": slack.url} if slack else {}
    return Settings(_env_file=None, database_url=f"sqlite:///{folder / 'doctor.db'}", **{**api, **more})


async def lines(settings: Settings) -> dict[str, str]:
    """What is said of each thing, with its mark."""
    found = [one async for one in examine(settings)]
    for one in found:
        assert "\n" not in one.line
        for secret in (BOT_TOKEN, XAPP, CONFIG, SECRET, CLIENT_SECRET):
            assert secret not in one.line
    return {one.what: one.line for one in found}


def marks(told: dict[str, str]) -> set[str]:
    return {line[:2] for line in told.values()}


async def test_a_good_socket_mode_set_up_is_ok_in_every_line(slack: SlackStandIn, tmp_path: Path) -> None:
    told = await lines(
        given(slack, tmp_path, slack_bot_token=BOT_TOKEN, slack_app_token=XAPP, slack_config_token=CONFIG)
    )
    assert marks(told) == {"ok"}, told
    assert "one workspace, Socket Mode" in told["settings"]
    assert told["scopes"] == "ok scopes: all there"
    assert told["SLACK_APP_TOKEN"] == "ok SLACK_APP_TOKEN: a socket can be opened"
    assert told["manifest"] == "ok manifest: events, interactivity, commands and tabs are as they must be"


async def test_a_good_http_set_up_is_ok_from_the_outside_too(bot: Bot, engine: Engine, library: Library) -> None:
    async with serving(bot, engine) as served:
        served.slack.scopes = ",".join(scopes(reads_channels=False))
        with transaction(engine) as session:
            load_library(session, library)
        settings = Settings(
            _env_file=None,
            database_url=engine.url.render_as_string(hide_password=False),
            slack_api_url=served.slack.url,
            slack_bot_token=BOT_TOKEN,
            slack_signing_secret=SECRET,
            public_url=served.url,
        )
        told = await lines(settings)
        other = settings.model_copy(update={"slack_signing_secret": SecretStr("f" * 32)})
        wrong_secret = await lines(other)
    assert {line for line in told.values() if not line.startswith("ok")} == {told["manifest"]}
    assert "takes what is signed with SLACK_SIGNING_SECRET" in told["events"]
    assert told["manifest"].startswith("-- manifest: ")
    assert "loaded" in told["knowledge"]
    assert HEAD in told["database"]
    assert wrong_secret["events"].startswith("NO events: ")
    assert "the same SLACK_SIGNING_SECRET" in wrong_secret["events"]


async def test_without_slack_the_rest_is_looked_at(tmp_path: Path) -> None:
    told = await lines(given(None, tmp_path))
    assert "NO" not in marks(told)
    assert "chat and ask work" in told["settings"]
    assert told["Slack"].startswith("-- ")
    assert not (tmp_path / "doctor.db").exists()


async def test_a_spool_that_was_set_aside_is_told_of(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    assert "damaged" not in (await lines(given(None, tmp_path, spool_dir=folder)))["spool"]
    assert not folder.exists()
    folder.mkdir()
    (folder / "damaged-1-2.db").write_bytes(b"")
    told = (await lines(given(None, tmp_path, spool_dir=folder)))["spool"]
    assert "takes questions" in told
    assert "1 damaged there" in told


async def test_what_slack_refuses_is_told_with_how_to_mend_it(slack: SlackStandIn, tmp_path: Path) -> None:
    slack.turned_away = {"auth.test": "invalid_auth", "apps.connections.open": "not_allowed_token_type"}
    slack.date = format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)
    told = await lines(given(slack, tmp_path, slack_bot_token=BOT_TOKEN, slack_app_token=XAPP))
    assert told["SLACK_BOT_TOKEN"] == "NO SLACK_BOT_TOKEN: Slack answers invalid_auth; copy the token anew"
    assert told["SLACK_APP_TOKEN"].startswith(
        "NO SLACK_APP_TOKEN: Slack answers not_allowed_token_type; this is a token"
    )
    assert "seconds ahead; set it by NTP" in told["clock"]


async def test_missing_scopes_are_named_and_spare_ones_too(slack: SlackStandIn, tmp_path: Path) -> None:
    slack.scopes = "chat:write,commands,files:write"
    told = await lines(given(slack, tmp_path, slack_bot_token=BOT_TOKEN))
    assert told["settings"].startswith(
        "NO settings: one workspace, and no way to it; set SLACK_APP_TOKEN for Socket Mode"
    )
    assert told["scopes"].startswith("NO scopes: app_mentions:read, ")
    assert "im:history" in told["scopes"]
    assert "assistant:write" not in told["scopes"]
    slack.scopes = ",".join([*scopes(reads_channels=True), "files:write"])
    told = await lines(given(slack, tmp_path, slack_bot_token=BOT_TOKEN))
    assert told["scopes"] == "ok scopes: all there; not needed: files:write"


async def test_a_slack_that_is_out_of_reach_is_told_once(tmp_path: Path) -> None:
    told = await lines(given(None, tmp_path, slack_api_url="http://127.0.0.1:9/api/", slack_bot_token=BOT_TOKEN))
    assert told["Slack"] == "NO Slack: http://127.0.0.1:9/api/: no answer; see that this machine reaches it"
    assert "SLACK_BOT_TOKEN" not in told


async def test_many_workspaces_are_tried_each(slack: SlackStandIn, tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    many = {
        "slack_client_id": CLIENT_ID,
        "slack_client_secret": CLIENT_SECRET,
        "token_keys": key,
        "slack_signing_secret": SECRET,
    }
    settings = given(slack, tmp_path, **many)
    engine = ready_engine(settings.database_url)
    kept = installations_of(settings, engine)
    assert kept
    all_of_them = scopes(reads_channels=False)
    for workspace, given_to_it in (("TA1", all_of_them), ("TB2", ["chat:write", "commands"])):
        made = installed(workspace, f"xoxb-{workspace}")
        made.bot_scopes = given_to_it
        await kept.async_save(made)
    engine.dispose()
    told = await lines(settings)
    assert told["workspaces"] == "ok workspaces: 2 have the app"
    assert told["workspace"].startswith("NO workspace: TB2 installed the app without app_mentions:read, ")
    assert {one for one, line in told.items() if line.startswith("NO")} == {"workspace"}
    slack.turned_away = {"xoxb-TB2": "account_inactive"}
    told = await lines(settings)
    assert told["workspace"].startswith("NO workspace: TB2 no longer takes its token; it must install the app again")
    for passing in ("ratelimited", "internal_error"):
        slack.turned_away = {"xoxb-TB2": passing}
        told = await lines(settings)
        assert told["workspace"] == f"-- workspace: TB2: nobody can tell now ({passing}); try later"
    damage(engine, "TB2")
    told = await lines(settings)
    assert told["TOKEN_KEYS"].startswith("NO TOKEN_KEYS: none of the keys reads the token of TB2; add the key")
    assert told["workspaces"] == "ok workspaces: 1 have the app"
    other = {"token_keys": Fernet.generate_key().decode(), "slack_client_secret": "0" * 32}
    told = await lines(given(slack, tmp_path, **{**many, **other}))
    assert told["TOKEN_KEYS"].startswith("NO TOKEN_KEYS: none of the keys reads the tokens that are kept; add")
    assert told["SLACK_CLIENT_ID"].startswith("NO SLACK_CLIENT_ID: Slack answers bad_client_secret; copy")


@pytest.mark.parametrize(
    ("date", "clock"),
    [("Fri, 99 Nov 2026", "-- clock: nothing to compare it with"), ("Sun, 29 Nov 2020 05:00:00 -0000", "NO clock: ")],
)
async def test_a_date_that_is_none_and_one_without_a_zone_are_read_as_far_as_they_go(
    slack: SlackStandIn, tmp_path: Path, date: str, clock: str
) -> None:
    slack.date = date
    assert (await lines(given(slack, tmp_path, slack_bot_token=BOT_TOKEN)))["clock"].startswith(clock)


@pytest.mark.parametrize("page", [b"<h1>Please log in</h1>", b"\xff\xfe welcome"])
async def test_a_page_that_is_not_this_service_is_told_apart_from_it(
    slack: SlackStandIn, tmp_path: Path, page: bytes
) -> None:
    app = web.Application()

    async def welcome(_: web.Request) -> web.Response:
        return web.Response(body=page, headers={"content-type": "text/html; charset=utf-8"})

    app.router.add_route("*", "/{path:.*}", welcome)
    async with TestServer(app) as foreign:
        public = str(foreign.make_url("/")).rstrip("/")
        told = await lines(
            given(slack, tmp_path, slack_bot_token=BOT_TOKEN, slack_signing_secret=SECRET, public_url=public)
        )
    assert told["address"] == f"NO address: {public} is not this service, or an old one of it"
    assert told["events"].startswith(f"NO events: {public}/slack/events answers 200")


async def test_a_database_of_another_release_or_out_of_reach_is_told(tmp_path: Path) -> None:
    settings = given(None, tmp_path)
    engine = ready_engine(settings.database_url)
    for number, told in (("9999", "install the newer release"), ("0001", "brought up to date at the next start")):
        with transaction(engine) as session:
            session.execute(text("UPDATE alembic_version SET version_num = :number"), {"number": number})
            session.execute(text("UPDATE served_from SET migration = :number"), {"number": number})
        assert told in (await lines(settings))["database"]
    engine.dispose()
    away = await lines(Settings(_env_file=None, database_url="postgres://u:hunter2@127.0.0.1:1/d"))
    assert away["database"].startswith("NO database: DATABASE_URL: the database does not answer")
    assert "Connection refused" in away["database"]
    assert "hunter2" not in str(away)
    lost = await lines(given(None, tmp_path / "no" / "such"))
    assert "its folder does not exist" in lost["database"]


def test_what_the_live_app_lacks_is_named_and_its_owners_words_are_left_alone() -> None:
    wanted = make_manifest(host="https://x.example.org", over_http=True)
    live = json.loads(json.dumps(wanted))
    live["display_information"]["name"] = "Our Codes"
    live["features"]["slash_commands"][0]["description"] = "ours"
    live["oauth_config"]["scopes"]["bot"].append("files:write")
    live["settings"]["org_deploy_enabled"] = True
    assert differences(live, wanted) == []
    live["settings"]["interactivity"]["is_enabled"] = False
    live["settings"]["event_subscriptions"]["bot_events"].remove("message.im")
    live["settings"]["event_subscriptions"]["request_url"] = "https://old.example.org/slack/events"
    live["features"]["app_home"]["messages_tab_read_only_enabled"] = True
    del live["features"]["shortcuts"][0]
    assert differences(live, wanted) == [
        "features.app_home.messages_tab_read_only_enabled must be off",
        "features.shortcuts lacks what_code",
        "settings.event_subscriptions.request_url must be https://x.example.org/slack/events",
        "settings.event_subscriptions.bot_events lacks message.im",
        "settings.interactivity.is_enabled must be on",
    ]
    assert differences({}, wanted)


def test_the_command_ends_with_1_where_something_is_wrong(terminal: Terminal) -> None:
    good = terminal.run("doctor")
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.startswith("ok program: coding-helper ")
    for wrong in ({"PORT": "hunter2"}, {"SLACK_API_URL": "http://127.0.0.1:9/api/", "SLACK_BOT_TOKEN": "xoxb-hunter2"}):
        done = terminal.run("doctor", **wrong)
        assert (done.returncode, "\nNO " in f"\n{done.stdout}", "hunter2" in done.stdout) == (1, True, False)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)
