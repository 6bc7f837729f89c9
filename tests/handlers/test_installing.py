"""Many workspaces: each installs the app by itself, is answered by its own token, and sees nothing of the others."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography.fernet import Fernet
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import Engine, text
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs
from yarl import URL

from bot.bot import Bot
from bot.clinic_tables import publish
from bot.database import ready_engine
from bot.forgetting import forget_workspace
from bot.later_replies import taught_reply
from bot.own_knowledge import OwnKnowledge, OwnSaying
from bot.question_row import QuestionRow
from bot.reply import Reply
from bot.settings import Settings, SettingsError
from handlers import installation_store, telling
from handlers import installations as rooms
from handlers.installation_store import TOKENS
from handlers.installations import installations_of
from tests.handlers.conftest import Served, serving
from tests.handlers.slack_stand_in import (
    CLIENT_ID,
    CLIENT_SECRET,
    DM,
    PERSON,
    command,
    deleted,
    direct_message,
    edited,
    event,
    home_opened,
    installation,
    mention,
    press,
)
from tests.handlers.test_buttons import LOOKUP, button, thumb
from tests.handlers.test_doors import STAIRS, words
from tests.handlers.test_manifest import MANIFEST
from tests.handlers.test_terminal import Terminal
from tests.handlers.test_web import status_before_the_body

KEY, OTHER_KEY = (Fernet.generate_key().decode() for _ in range(2))
MANY = {
    "slack_bot_token": None,
    "slack_client_id": CLIENT_ID,
    "slack_client_secret": CLIENT_SECRET,
    "token_keys": KEY,
}
A, B, C, ORG = "TA1", "TB2", "TC3", "EORG"
TOKEN_A, TOKEN_B, TOKEN_C, TOKEN_ORG = "xoxb-a", "xoxb-b", "xoxb-c", "xoxb-org"


@pytest.fixture
async def many(bot: Bot, engine: Engine) -> AsyncIterator[Served]:
    async with serving(bot, engine, **MANY) as running:
        yield running


async def walk(served: Served, made: dict[str, Any] | None, path: str = "/slack/install") -> tuple[int, str]:
    """What a person does: open the page, click on "Add to Slack", say yes there (or no), read where they land."""
    if made:
        served.slack.installing[f"code-{made['access_token']}"] = made
    async with browser(served) as session, session.get(served.url + path) as page:
        link = linked(await page.text())
        async with session.get(link) as landed:
            return landed.status, await landed.text()


def browser(served: Served) -> aiohttp.ClientSession:
    """A browser takes this machine for a safe place: it keeps cookies that are for https only."""
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=URL(served.url).origin())
    )


def linked(page: str) -> URL:
    """Where the page's one link leads."""
    (address,) = re.findall(r'<a href="([^"]+)"', page)
    return URL(unescape(address), encoded=True)


def of(workspace: str, body: dict[str, Any]) -> dict[str, Any]:
    """A payload as another workspace would send it."""
    there: dict[str, Any] = json.loads(json.dumps(body).replace('"T01"', f'"{workspace}"'))
    return there


async def both(served: Served) -> None:
    await walk(served, installation(A, TOKEN_A))
    await walk(served, installation(B, TOKEN_B))


async def test_a_workspace_is_installed_by_two_clicks_and_answered_by_its_own_token(many: Served) -> None:
    status, page = await walk(many, installation(A, TOKEN_A))
    assert status == 200
    assert f"Coding Helper is in Clinic {A}" in page
    assert str(linked(page)) == f"https://slack.com/app_redirect?app=A01&team={A}"
    await walk(many, installation(B, TOKEN_B))
    for workspace, token in ((A, TOKEN_A), (B, TOKEN_B)):
        await many.send_event(of(workspace, direct_message(STAIRS)))
        post = await many.slack.next_post()
        assert (post["token"], "97116" in words(post)) == (token, True)
    assert {row.workspace for row in many.logged()} == {A, B}


async def test_the_page_asks_for_the_scopes_of_the_manifest_and_for_the_named_workspace_alone(many: Served) -> None:
    async with many.http.get(f"{many.url}/slack/install?team=T0123") as page:
        asked = linked(await page.text()).query
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert "HttpOnly" in page.headers["set-cookie"]
    assert asked["scope"].split(",") == MANIFEST["oauth_config"]["scopes"]["bot"]
    assert (asked["team"], asked["client_id"]) == ("T0123", CLIENT_ID)
    assert asked["redirect_uri"] == f"{many.url}/slack/oauth_redirect"
    async with many.http.get(f"{many.url}/slack/install?team=T1%26redirect_uri%3Dhttps%3A//evil") as page:
        asked = linked(await page.text()).query
    assert "team" not in asked
    assert asked.getall("redirect_uri") == [f"{many.url}/slack/oauth_redirect"]


async def test_where_channels_are_read_the_page_says_so_and_asks_for_it(bot: Bot, engine: Engine) -> None:
    given = {**MANY, "read_channels": True}
    async with serving(bot, engine, **given) as many, many.http.get(f"{many.url}/slack/install") as answer:
        page = await answer.text()
    assert "the channels that it is a member of" in page
    assert "channels:history" in linked(page).query["scope"].split(",")


async def test_no_token_stands_in_the_database_as_it_is(many: Served, engine: Engine) -> None:
    await walk(many, installation(A, TOKEN_A))
    with engine.connect() as connection:
        for table in ("slack_bots", "slack_installations"):
            (row,) = connection.execute(text(f"SELECT * FROM {table}")).mappings().all()  # noqa: S608
            assert TOKEN_A not in str(dict(row))
            assert Fernet(KEY).decrypt(row["bot_token"]).decode() == TOKEN_A


async def test_an_installation_made_again_takes_the_place_of_the_earlier(many: Served, engine: Engine) -> None:
    await walk(many, installation(A, TOKEN_A))
    await walk(many, installation(A, "xoxb-a2", enterprise={"id": ORG, "name": "Org"}))
    await many.send_event(of(A, direct_message(STAIRS)))
    assert (await many.slack.next_post())["token"] == "xoxb-a2"
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM slack_bots")) == 1
        assert connection.scalar(text("SELECT count(*) FROM slack_installations")) == 1


async def test_a_whole_organisation_is_one_installation(many: Served) -> None:
    made = {"team": None, "enterprise": {"id": ORG, "name": "Rehab Group"}, "is_enterprise_install": True}
    status, page = await walk(many, installation(ORG, TOKEN_ORG, **made))
    assert (status, "Coding Helper is in Rehab Group" in page) == (200, True)
    assert str(linked(page)) == "https://org.example.org/manage/organization/apps/profile/A01/workspaces/add"
    grant = [{"team_id": None, "enterprise_id": ORG, "is_enterprise_install": True, "is_bot": True}]
    for workspace in (A, B):
        said = {**direct_message(STAIRS), "team_id": workspace, "enterprise_id": ORG, "authorizations": grant}
        said["event"] |= {"ts": f"17000000{workspace[-1]}0.000100", "team": workspace}
        await many.send_event(said)
        post = await many.slack.next_post()
        assert post["token"] == TOKEN_ORG
        pick = press(
            button(post, "97530"), team=None, enterprise={"id": ORG}, user={"id": PERSON, "team_id": workspace}
        )
        await many.send_payload({**pick, "is_enterprise_install": True})
        assert (await many.slack.next_call("chat.update"))["token"] == TOKEN_ORG
    assert {(row.workspace, row.picked) for row in many.logged()} == {(ORG, "97530")}


async def test_saying_no_installs_nothing_and_says_how_to_begin_again(many: Served, engine: Engine) -> None:
    status, page = await walk(many, None)
    assert (status, str(linked(page))) == (200, "/slack/install")
    assert "Nothing was installed" in page
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM slack_installations")) == 0


async def test_a_way_back_that_was_not_begun_here_or_was_taken_already_installs_nothing(many: Served) -> None:
    many.slack.installing["code"] = installation(A, TOKEN_A)
    async with browser(many) as session:
        async with session.get(f"{many.url}/slack/install") as page:
            state = linked(await page.text()).query["state"]
        back = f"{many.url}/slack/oauth_redirect?code=code&state="
        async with many.http.get(back + state) as stranger:  # a link that somebody else began
            assert (stranger.status, "not begun in this browser" in await stranger.text()) == (400, True)
        async with session.get(f"{many.url}/slack/oauth_redirect?state={state}") as bare:
            assert (bare.status, "without a code" in await bare.text()) == (401, True)
        cookie = {"cookie": f"slack-app-oauth-state={state}"}
        async with session.get(back + state, headers=cookie) as again:
            assert (again.status, "longer than ten minutes" in await again.text()) == (401, True)
    assert many.slack.installing
    assert many.app.installations is not None
    assert many.app.installations.all() == []


async def test_a_state_is_forgotten_after_ten_minutes(many: Served, engine: Engine) -> None:
    async with browser(many) as session:
        async with session.get(f"{many.url}/slack/install") as page:
            link = linked(await page.text())
        with engine.begin() as connection:
            connection.execute(text("UPDATE slack_oauth_states SET expire_at = '2020-01-01 00:00:00'"))
        async with session.get(link) as landed:
            assert landed.status == 200  # nothing waits: Slack says access_denied before the state matters
        back = f"{many.url}/slack/oauth_redirect?code=code&state={link.query['state']}"
        async with session.get(back, headers={"cookie": f"slack-app-oauth-state={link.query['state']}"}) as late:
            assert late.status == 401
        await (await session.get(f"{many.url}/slack/install")).read()
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM slack_oauth_states")) == 1


async def test_of_installations_under_way_no_more_than_the_newest_are_kept(
    many: Served, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation_store, "MOST_STATES", 3)
    states = []
    for _ in range(6):
        async with many.http.get(f"{many.url}/slack/install") as page:
            states.append(linked(await page.text()).query["state"])
    with engine.connect() as connection:
        kept = connection.scalars(text("SELECT state FROM slack_oauth_states ORDER BY id")).all()
    assert kept == states[-4:]  # three, and the one that came last


async def test_what_is_sent_with_the_installations_pages_is_not_read(many: Served) -> None:
    for path in ("/slack/install", "/slack/oauth_redirect?error=access_denied"):
        for body in (b"\xff\xfe", b"x" * 300_000):
            async with many.http.get(many.url + path, data=body) as page:
                assert (page.status, "Coding Helper" in await page.text()) == (200, True)
        async with many.http.post(many.url + path, data=b"x") as page:
            assert page.status == 405


async def test_a_page_is_there_before_what_is_sent_with_it(many: Served) -> None:
    """So nobody makes the bot hold what they send."""
    assert await status_before_the_body(many, "GET /slack/install", {}) == 200


@pytest.mark.parametrize("path", ["/slack/install/", "/slack/oauth_redirect/", "/slack/events/", "/healthz/"])
async def test_nobody_is_led_to_a_host_that_the_request_names(many: Served, path: str) -> None:
    given: dict[str, Any] = {"headers": {"Host": "elsewhere.example.org"}, "allow_redirects": False}
    async with many.http.get(many.url + path, **given) as answer:
        assert (answer.status, answer.headers.get("location")) == (404, None)


@pytest.mark.parametrize(
    ("made", "status", "told"),
    [
        ({"access_token": None}, 400, "no longer takes"),
        ({"refresh_token": "xoxe-1", "expires_in": 43200}, 400, "Token rotation is switched on"),
    ],
)
async def test_what_cannot_be_served_is_not_kept_and_told(
    many: Served, made: dict[str, Any], status: int, told: str
) -> None:
    many.slack.installing["code"] = {**installation(A, TOKEN_A), **made}
    landed, page = await walk(many, None)
    assert (landed, told in page) == (status, True)
    assert many.app.installations is not None
    assert many.app.installations.all() == []


async def test_hostile_reasons_are_not_repeated_on_the_page(many: Served) -> None:
    for reason in ("<script>alert(1)</script>", "x" * 3000, "invalid_team_for_non_distributed_app"):
        async with many.http.get(f"{many.url}/slack/oauth_redirect", params={"error": reason}) as landed:
            page = await landed.text()
        assert "<script" not in page
        assert ("Slack says: invalid_team" in page) == reason.startswith("invalid_team")


async def test_where_slack_or_the_database_is_away_a_person_still_has_a_page(many: Served, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE slack_bots RENAME TO away"))
    status, page = await walk(many, installation(A, TOKEN_A))
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO slack_bots"))
    assert (status, "could not be kept" in page) == (503, True)
    async with browser(many) as session, session.get(f"{many.url}/slack/install") as page_:
        link = linked(await page_.text())
        many.app.app.oauth_flow.client.base_url = "http://127.0.0.1:9/api/"  # type: ignore[union-attr]
        back = f"{many.url}/slack/oauth_redirect?code=c&state={link.query['state']}"
        async with session.get(back) as landed:
            assert (landed.status, "Slack did not answer" in await landed.text()) == (503, True)


async def test_while_nobody_can_tell_who_installed_the_app_nothing_is_called(many: Served, engine: Engine) -> None:
    """No token to answer by is known: an event comes again, and a command's words travel in its acknowledgement."""
    before = list(many.slack.calls)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE slack_bots RENAME TO away"))
    assert await many.send_event(of(A, direct_message(STAIRS))) == 503
    for on in ("message", "home"):
        pressed = press({"action_id": "example", "value": STAIRS}, url=many.slack.response_url, on=on)
        assert (await many.send_payload(of(A, pressed)))[0] == 503
    assert "text" in await many.send_command(of(A, command(STAIRS)))
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO slack_bots"))
    await many.app.poster.finish()
    assert many.slack.calls == before


# Apart from each other


async def test_a_workspace_sees_no_question_of_another(many: Served) -> None:
    """The same person's id, channel and thread in both, which Slack would never give."""
    await both(many)
    await many.send_event(of(A, direct_message("20 min therapeutic exercise, 15 min manual therapy")))
    await many.slack.next_post()
    await many.send_event(of(B, direct_message("make the manual 30", ts="1700000009.000100")))
    await many.slack.next_post()
    assert [row.whole for row in many.logged() if row.workspace == B] == [None]
    await many.send_event(of(B, home_opened("home")))
    view = (await many.slack.next_call("views.publish"))["view"]
    assert "therapeutic exercise, 15" not in json.dumps(view)
    await many.send_event(of(A, home_opened("home")))
    view = (await many.slack.next_call("views.publish"))["view"]
    assert "therapeutic exercise, 15" in json.dumps(view)


async def test_a_button_that_names_another_workspaces_question_gives_and_changes_nothing(many: Served) -> None:
    await both(many)
    await many.send_event(of(A, mention(STAIRS)))
    said = await many.slack.next_post()
    await many.app.poster.finish()
    for label in ("97530", "Why this?"):
        await many.send_payload(of(B, press(button(said, label), url=many.slack.response_url)))
        assert "no longer kept" in words((await many.slack.next_call("views.open"))["view"])
    share = {"action_id": "share", "value": button(said, "97530")["value"]}
    await many.send_payload(of(B, press(share, on="ephemeral", url=many.slack.response_url)))
    assert "no longer kept" in words((await many.slack.next_call("views.open"))["view"])
    await many.send_payload(of(B, press(thumb(said, "negative"))))
    await many.app.poster.finish()
    (row,) = many.logged()
    assert (row.picked, row.feedback) == (None, None)
    assert many.slack.others["views.open"].empty()


async def test_an_expectation_an_edit_and_a_delete_reach_no_other_workspaces_question(
    many: Served, engine: Engine
) -> None:
    await both(many)
    await many.send_event(of(A, direct_message(LOOKUP)))
    said = await many.slack.next_post()
    await many.app.poster.finish()
    await many.send_payload(of(A, press(thumb(said, "negative"))))
    view = (await many.slack.next_call("views.open"))["view"]
    typed = {"expected": {"expected": {"type": "plain_text_input", "value": "97033"}}}
    hostile = {**view, "type": "modal", "state": {"values": typed}}
    await many.send_payload(
        {"type": "view_submission", "team": {"id": B}, "user": {"id": PERSON, "team_id": B}, "view": hostile}
    )
    await many.send_event(of(B, edited("what is 97530", LOOKUP)))
    await many.send_event(of(B, deleted()))
    (row,) = many.logged()
    assert (row.text, row.edit) == (LOOKUP, None)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT expected FROM question_vote")) is None


# Leaving


def leaving(kind: str, at: float, **more: Any) -> dict[str, Any]:
    return {**event(kind, "", channel=None, user=None, **more), "authorizations": None, "event_time": int(at)}


@pytest.mark.parametrize("authorizations", [None, []])
async def test_a_workspace_that_takes_the_app_away_is_forgotten_at_once_and_its_people_are_told(
    many: Served, engine: Engine, authorizations: list[Any] | None
) -> None:
    await both(many)
    left = leaving("app_uninstalled", datetime.now(UTC).timestamp())
    assert await many.send_event(of(A, {**left, "authorizations": authorizations})) == 200
    with engine.connect() as connection:
        for table in ("slack_bots", "slack_installations"):
            kept = connection.execute(text(f"SELECT team_id FROM {table}")).scalars().all()  # noqa: S608
            assert kept == [B]
    await many.send_command({**command("97530"), "team_id": A, "response_url": many.slack.response_url})
    told = await many.slack.next_call("response_url")
    assert "not installed here any more" in told["text"]
    assert f"{many.url}/slack/install" in told["text"]
    assert await many.send_event(of(A, direct_message(STAIRS))) == 200
    await many.send_event(of(B, direct_message(STAIRS)))
    assert (await many.slack.next_post())["token"] == TOKEN_B
    assert {row.workspace for row in many.logged()} == {B}


async def test_a_departure_told_late_does_not_undo_a_new_installation(many: Served) -> None:
    await walk(many, installation(A, TOKEN_A))
    await many.send_event(of(A, leaving("app_uninstalled", datetime.now(UTC).timestamp() - 60)))
    await many.send_event(of(A, direct_message(STAIRS)))
    assert (await many.slack.next_post())["token"] == TOKEN_A


@pytest.mark.parametrize(("tokens", "stays"), [({"oauth": ["U09"]}, True), ({"oauth": [], "bot": ["UBOT"]}, False)])
async def test_a_revoked_bot_token_is_forgotten_and_a_persons_is_not_ours(
    many: Served, tokens: dict[str, Any], stays: bool
) -> None:
    await walk(many, installation(A, TOKEN_A))
    await many.send_event(of(A, leaving("tokens_revoked", datetime.now(UTC).timestamp(), tokens=tokens)))
    assert many.app.installations is not None
    assert bool(await many.app.installations.find(A)) is stays


async def test_another_process_knows_within_seconds(
    many: Served, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "REMEMBERED_FOR", 0.2)
    await walk(many, installation(A, TOKEN_A))
    other = installations_of(settings(), engine)
    assert other
    assert await other.find(A)
    await many.send_event(of(A, leaving("app_uninstalled", datetime.now(UTC).timestamp())))
    await asyncio.sleep(0.2)
    assert await other.find(A) is None


async def test_a_workspace_is_read_from_the_database_once_in_a_while_and_slack_is_not_asked(many: Served) -> None:
    await walk(many, installation(A, TOKEN_A))
    calls = many.slack.calls.count("auth.test")
    read = 0
    find = many.app.installations._store.find  # type: ignore[union-attr]

    def counted(workspace: str) -> Any:
        nonlocal read
        read += 1
        return find(workspace)

    many.app.installations._store.find = counted  # type: ignore[union-attr, method-assign]
    for number in range(5):
        await many.send_command({**command("97530", f"t{number}"), "team_id": A})
    assert (read, many.slack.calls.count("auth.test")) == (1, calls)


async def test_all_that_is_kept_of_a_workspace_can_be_deleted_and_nothing_of_another(
    many: Served, engine: Engine
) -> None:
    await both(many)
    for workspace in (A, B):
        await many.send_event(of(workspace, direct_message(LOOKUP)))
        said = await many.slack.next_post()
        await many.app.poster.finish()
        await many.send_payload(of(workspace, press(thumb(said, "positive"))))
        await many.send_event(of(workspace, home_opened("messages")))
        await many.slack.next_post()
        publish(engine, workspace, lambda _: OwnKnowledge(sayings=(OwnSaying(text="stair work", code="97116"),)))
    gone = forget_workspace(engine, A)
    expected = ("clinic_saying", "person_greeted", "question_log", "question_vote", "slack_bots", "slack_installations")
    with engine.connect() as connection:
        for table in ("question_vote", "question_log", "person_greeted", "slack_bots", "slack_installations"):
            assert gone[table] == 1
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 1  # noqa: S608
        assert connection.execute(text("SELECT workspace FROM clinic_saying")).scalars().all() == [B]
    assert set(gone) <= set(expected)
    assert forget_workspace(engine, A) == {}
    assert {row.workspace for row in many.logged()} == {B}


# Keys and settings


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, **{**MANY, **given})


def installed(workspace: str, token: str) -> Installation:
    return Installation(app_id="A01", team_id=workspace, bot_token=token, bot_user_id="UBOT", user_id="U09")


async def test_keys_are_changed_without_installing_anew(engine: Engine) -> None:
    first = installations_of(settings(), engine)
    assert first
    await first.async_save(installed(A, TOKEN_A))
    with pytest.raises(SettingsError, match=r"^TOKEN_KEYS: none of the keys reads the tokens that are kept; add the"):
        installations_of(settings(token_keys=OTHER_KEY), engine)
    both_keys = installations_of(settings(token_keys=f"{OTHER_KEY}, {KEY}"), engine)
    assert both_keys
    assert both_keys.encrypt_anew() == 1
    new_key = installations_of(settings(token_keys=OTHER_KEY), engine)
    assert new_key
    assert [one.bot_token for one in new_key.all()] == [TOKEN_A]


def damage(engine: Engine, workspace: str) -> None:
    """A token that was written with a key that is lost."""
    lost = {"token": Fernet(OTHER_KEY).encrypt(b"xoxb-lost").decode(), "workspace": workspace}
    with engine.begin() as connection:
        for table in ("slack_bots", "slack_installations"):
            statement = f"UPDATE {table} SET bot_token = :token WHERE team_id = :workspace"  # noqa: S608
            connection.execute(text(statement), lost)


async def test_one_token_that_no_key_reads_keeps_no_other_workspace_from_being_served(
    many: Served, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "REMEMBERED_FOR", 0.0)
    await both(many)
    damage(engine, B)
    with capture_logs() as told:
        for number, workspace in enumerate((B, A, B)):
            await many.send_event(of(workspace, direct_message(STAIRS, f"170000000{number}.000100")))
            assert (await many.slack.next_post())["token"] == (TOKEN_A if workspace == A else TOKEN_B)  # as before
        begun = installations_of(settings(), engine, many.bot.log)
    assert [(one["log_level"], one["workspace"], one["event"][:10]) for one in told] == [("error", B, "TOKEN_KEYS")] * 2
    assert "xoxb" not in str(told)
    assert begun
    assert begun.unreadable() == [B]
    other = replace(many.app, installations=begun)
    assert [await other.token_of(one) for one in (A, B)] == [TOKEN_A, None]
    assert begun.encrypt_anew() == 1
    await many.app.installations.async_save(installed(B, "xoxb-b2"))  # type: ignore[union-attr]
    assert (await other.token_of(B), begun.unreadable()) == ("xoxb-b2", [])


async def test_what_fails_for_one_workspace_keeps_no_other_from_being_told(
    many: Served, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await both(many)
    await walk(many, installation(C, TOKEN_C))
    own = OwnKnowledge(sayings=(OwnSaying(text="zercher dolly haul", code="97530"),))
    for workspace in (B, C, A):  # the token of one is lost, what is told another fails
        await many.send_event(of(workspace, direct_message("code for zercher dolly haul?")))
        await many.slack.next_post()
    await many.app.poster.finish()
    for workspace in (B, C, A):
        assert many.bot.teacher.publish(workspace, lambda before: before.with_more(own)).told == 1
    damage(engine, B)
    begun = installations_of(settings(), engine, many.bot.log)

    def fails_for_one(row: QuestionRow, reply: Reply) -> Reply:
        if row.workspace == C:
            raise ValueError("code for zercher dolly haul?")
        return taught_reply(row, reply)

    monkeypatch.setattr("handlers.telling.taught_reply", fails_for_one)
    monkeypatch.setattr(telling, "LOOK_EVERY", 0.05)
    with capture_logs(processors=[merge_contextvars]) as told:
        token_of = replace(many.app, installations=begun).token_of
        looking = asyncio.create_task(telling.keep_telling(many.bot, many.app.poster, token_of, None))
        assert (await many.slack.next_post())["token"] == TOKEN_A
        looking.cancel()
    assert [one["workspace"] for one in told if one["event"] == "a question could not be answered"] == [C]
    assert "zercher" not in str(told)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"slack_bot_token": "xoxb-1"}, "SLACK_CLIENT_ID: is set beside SLACK_BOT_TOKEN; keep"),
        ({"slack_client_secret": None}, "SLACK_CLIENT_SECRET: is missing; copy"),
        ({"digest_channel": "C012AB3CD"}, "DIGEST_CHANNEL: is set beside SLACK_CLIENT_ID, and one channel"),
        ({"token_keys": None}, "TOKEN_KEYS: is missing; tokens are kept encrypted: make a key"),
    ],
)
def test_a_missing_setting_is_told_in_a_line(engine: Engine, given: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=f"^{told}") as error:
        installations_of(settings(**given), engine)
    assert "\n" not in str(error.value)


def test_the_tables_are_those_of_slack_sdks_stores(engine: Engine) -> None:
    """All but the width of what is encrypted."""
    stores = SQLAlchemyInstallationStore(CLIENT_ID, engine), SQLAlchemyOAuthStateStore(600, engine)
    for store in stores:
        names = set(store.metadata.tables)
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={"include_name": lambda name, kind, _: kind != "table" or name in names},  # noqa: B023
            )
            told = compare_metadata(context, store.metadata)
        changed = {one[3] for group in told for one in (group if isinstance(group, list) else [group])}
        assert changed <= {name for name in TOKENS if name.endswith("token")}
        assert all(one[0] == "modify_type" for group in told for one in group)


def test_the_commands_list_workspaces_and_make_and_renew_keys(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    key = terminal.run("workspaces", "new-key").stdout.strip()
    given = {"SLACK_CLIENT_ID": CLIENT_ID, "SLACK_CLIENT_SECRET": CLIENT_SECRET}
    engine = ready_engine(f"sqlite:///{tmp_path / 'coding-helper.db'}")
    kept = installations_of(settings(token_keys=key), engine)
    assert kept
    asyncio.run(kept.async_save(installed(A, TOKEN_A)))
    listed = terminal.run("workspaces", "list", TOKEN_KEYS=key, **given).stdout
    assert A in listed
    assert TOKEN_A not in listed
    renewed = terminal.run("workspaces", "renew-keys", TOKEN_KEYS=f"{OTHER_KEY},{key}", **given)
    assert renewed.stdout == "tokens written with the first key: those of 1 workspaces\n"
    for wrong in ({"TOKEN_KEYS": key, **given}, {"TOKEN_KEYS": "hunter2"}, {}):
        told = terminal.run("workspaces", "list", **wrong)
        assert (told.returncode, told.stderr.count("\n"), "hunter2" in told.stderr) == (2, 1, False)
    asyncio.run(kept.async_save(installed(B, TOKEN_B)))
    for name in ("list", "renew-keys"):
        told = terminal.run("workspaces", name, TOKEN_KEYS=OTHER_KEY, **given)
        assert (told.returncode, f"the token of {B}" in told.stderr, A in told.stderr) == (0, True, False)
    forgotten = terminal.run("workspaces", "forget", A, "--yes").stdout
    assert "1 rows of slack_bots deleted" in forgotten
    engine.dispose()


async def test_an_installation_is_told_in_the_log_without_its_token(many: Served) -> None:
    with capture_logs() as told:
        await walk(many, installation(A, TOKEN_A))
        await walk(many, None)
    assert [one["event"] for one in told] == ["the app was installed", "an installation came to nothing"]
    assert TOKEN_A not in str(told)
    assert DM not in str(told)
