"""The manifest asks Slack for what the doors need, and for nothing else."""

import json
from importlib import resources

from handlers import direct_messages, mentions, slash_command
from handlers.app import DOORS

MANIFEST = json.loads(resources.files("handlers").joinpath("manifest.json").read_text(encoding="utf-8"))

# What Slack asks for before it sends an event or takes a call.
SCOPES = {
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "command": "commands",
    "chat.postMessage": "chat:write",
}


def test_every_door_is_open_in_the_manifest() -> None:
    events = set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])
    assert events == {mentions.EVENT, f"{direct_messages.EVENT}.im"}
    assert [one["command"] for one in MANIFEST["features"]["slash_commands"]] == [slash_command.COMMAND]
    assert (slash_command.register, direct_messages.register, mentions.register) == DOORS


def test_the_scopes_are_those_that_the_doors_need() -> None:
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == set(SCOPES.values())


def test_people_can_write_to_the_app() -> None:
    home = MANIFEST["features"]["app_home"]
    assert home["messages_tab_enabled"] is True
    assert home["messages_tab_read_only_enabled"] is False


def test_names_fit_slacks_limits() -> None:
    shown = MANIFEST["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert MANIFEST["_metadata"]["major_version"] == 2
