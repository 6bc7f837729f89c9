"""The manifest asks Slack for what the doors need, and for nothing else."""

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from bot.bot import Bot
from handlers import (
    buttons,
    curating,
    departures,
    direct_messages,
    edits,
    home,
    mentions,
    planner,
    shortcuts,
    slash_command,
    threads,
    views,
)
from handlers.app import DOORS, SlackApp
from handlers.manifest import EVENTS, INSTALL, REDIRECT, make_manifest
from handlers.web import make_web
from tests.handlers.test_terminal import Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


MANIFEST = json.loads(resources.files("handlers").joinpath("manifest.json").read_text(encoding="utf-8"))

# What Slack asks for before it sends an event or takes a call. Windows, App Home and response_urls ask for nothing.
SCOPES = {
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "command": "commands",
    "message shortcut": "commands",
    "chat.postMessage": "chat:write",
    "assistant.threads.setStatus": "chat:write",
    "assistant.threads.setSuggestedPrompts, and the agent view itself": "assistant:write",
    "conversations.history of a direct message": "im:history",
}


def test_every_door_is_open_in_the_manifest() -> None:
    events = set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])
    assert events == {mentions.EVENT, f"{direct_messages.EVENT}.im", home.EVENT, *departures.EVENTS}
    assert [one["command"] for one in MANIFEST["features"]["slash_commands"]] == [slash_command.COMMAND]
    told = [(one["name"], one["type"], one["callback_id"]) for one in MANIFEST["features"]["shortcuts"]]
    assert told == [(shortcuts.NAME, "message", shortcuts.CALLBACK), (planner.NAME, "global", views.PLAN)]
    rooms = [slash_command, edits, threads, direct_messages, mentions, shortcuts, buttons, home, planner, curating]
    rooms.append(departures)
    assert tuple(room.register for room in rooms) == DOORS


def test_buttons_and_windows_reach_the_app() -> None:
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True
    assert MANIFEST["features"]["app_home"]["home_tab_enabled"] is True


def test_the_scopes_are_those_that_the_doors_need() -> None:
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == set(SCOPES.values())


def test_the_second_manifest_only_adds_the_reading_of_channels() -> None:
    text = resources.files("handlers").joinpath("manifest_history.json").read_text(encoding="utf-8")
    second = json.loads(text)
    scopes, events = second["oauth_config"]["scopes"], second["settings"]["event_subscriptions"]
    assert set(scopes["bot"]) - set(MANIFEST["oauth_config"]["scopes"]["bot"]) == {"channels:history", "groups:history"}
    added = set(events["bot_events"]) - set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])
    assert added == set(threads.EVENTS)
    scopes["bot"] = MANIFEST["oauth_config"]["scopes"]["bot"]
    events["bot_events"] = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    assert second == MANIFEST


def addresses(made: dict[str, Any]) -> list[str]:
    """Every address that Slack is told to send to."""
    settings = made["settings"]
    found = [settings["event_subscriptions"].get("request_url")]
    found += [settings["interactivity"].get(name) for name in ("request_url", "message_menu_options_url")]
    return [one for one in (*found, *(command.get("url") for command in made["features"]["slash_commands"])) if one]


@pytest.mark.parametrize("reads_channels", [False, True])
def test_over_http_all_that_slack_sends_goes_to_the_route_that_takes_it(reads_channels: bool) -> None:
    made = make_manifest(host="https://x.example.org", over_http=True, reads_channels=reads_channels)
    assert addresses(made) == ["https://x.example.org/slack/events"] * 4
    assert made["oauth_config"]["redirect_urls"] == ["https://x.example.org/slack/oauth_redirect"]
    assert made["settings"]["socket_mode_enabled"] is False
    nothing: Any = object()
    routes = {getattr(one, "path", "") for one in make_web(SlackApp(*[nothing] * 7)).routes}
    assert {EVENTS, INSTALL, REDIRECT} <= routes


def test_in_socket_mode_no_address_is_named() -> None:
    made = make_manifest()
    assert made == MANIFEST
    assert addresses(made) == []


def test_made_for_an_organisation_only_that_differs() -> None:
    made = make_manifest(for_organisations=True)
    assert made["settings"].pop("org_deploy_enabled") is True
    assert {**made["settings"], "org_deploy_enabled": False} == MANIFEST["settings"]


def test_the_manifest_is_printed_for_the_chosen_mode_and_host(terminal: Terminal) -> None:
    assert json.loads(terminal.run("manifest").stdout) == MANIFEST
    printed = json.loads(terminal.run("manifest", "--mode", "http", PUBLIC_URL="https://x.example.org/").stdout)
    assert printed == make_manifest(host="https://x.example.org", over_http=True)
    for wrong in (("--mode", "http"), ("--host", "x.example.org"), ("--host", "http://x.example.org")):
        done = terminal.run("manifest", *wrong)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert done.stderr.startswith("--host: ")


def test_people_can_write_to_the_app() -> None:
    tabs = MANIFEST["features"]["app_home"]
    assert tabs["messages_tab_enabled"] is True
    assert tabs["messages_tab_read_only_enabled"] is False


@pytest.mark.parametrize("prompt", MANIFEST["features"]["agent_view"]["suggested_prompts"])
def test_every_prompt_of_the_agent_view_is_answered_with_codes(answering: Bot, prompt: dict[str, str]) -> None:
    assert set(prompt) == {"title", "message"}
    assert answering.answer(prompt["message"]).answer.codes


def test_the_agent_view_is_told_as_new_apps_tell_it() -> None:
    view = MANIFEST["features"]["agent_view"]
    assert set(view) == {"agent_description", "suggested_prompts"}
    assert 0 < len(view["suggested_prompts"]) <= 4
    assert "assistant_view" not in MANIFEST["features"]


def test_names_fit_slacks_limits() -> None:
    shown = MANIFEST["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert MANIFEST["_metadata"]["major_version"] == 2
    for one in MANIFEST["features"]["shortcuts"]:
        assert len(one["name"]) <= 24
        assert len(one["description"]) <= 150


def test_every_trap_of_the_table_names_a_test_that_exists() -> None:
    folder = Path(__file__).parent
    table = (folder.parents[1] / "docs" / "slack_traps.md").read_text(encoding="utf-8")
    named = re.findall(r"\[(test_\w+)\]\(\.\./tests/handlers/(test_\w+\.py)\)", table)
    assert len(named) == table.count("\n| ") - 2
    for name, file in named:
        assert re.search(rf"^(?:async )?def {name}\(", (folder / file).read_text(encoding="utf-8"), re.MULTILINE), name
