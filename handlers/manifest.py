"""The app as Slack must see it: the shipped manifest, made out for the way and the address it is served at."""

import json
from importlib import resources
from typing import Any

# What an owner may word as they like, and whom they let install it.
WORDS = (
    "_metadata",
    "display_information",
    "bot_user",
    "agent_view",
    "description",
    "usage_hint",
    "name",
    "org_deploy_enabled",
)
EVENTS, INSTALL, REDIRECT = "/slack/events", "/slack/install", "/slack/oauth_redirect"


def make_manifest(
    *, host: str | None = None, over_http: bool = False, reads_channels: bool = False, for_organisations: bool = False
) -> dict[str, Any]:
    """The manifest. `host` is the address at which Slack reaches the service; over HTTP it must be given.

    With `reads_channels` the app follows threads without a mention; with `for_organisations` it may be installed to all
    workspaces of an Enterprise organisation at once.
    """
    name = "manifest_history.json" if reads_channels else "manifest.json"
    made: dict[str, Any] = json.loads(resources.files("handlers").joinpath(name).read_text(encoding="utf-8"))
    settings = made["settings"]
    settings["socket_mode_enabled"] = not over_http
    settings["org_deploy_enabled"] = for_organisations
    if over_http:
        address = f"{host}{EVENTS}"
        settings["event_subscriptions"] = {"request_url": address, **settings["event_subscriptions"]}
        settings["interactivity"] |= {"request_url": address, "message_menu_options_url": address}
        for command in made["features"]["slash_commands"]:
            command["url"] = address
    if host:
        made["oauth_config"] = {"redirect_urls": [f"{host}{REDIRECT}"], **made["oauth_config"]}
    return made


def scopes(*, reads_channels: bool) -> list[str]:
    """What the app asks Slack to allow."""
    return list(make_manifest(reads_channels=reads_channels)["oauth_config"]["scopes"]["bot"])


def differences(live: Any, wanted: Any, path: str = "") -> list[str]:  # noqa: ANN401  # JSON as it comes
    """Where the app as Slack has it lacks what it must have, one line each. What it has beyond that is its owner's."""
    if isinstance(wanted, dict):
        there = live if isinstance(live, dict) else {}
        return [
            line
            for key, value in wanted.items()
            if key not in WORDS
            for line in differences(there.get(key), value, f"{path}.{key}" if path else key)
        ]
    if isinstance(wanted, list):
        return _missing(live if isinstance(live, list) else [], wanted, path)
    return [] if live == wanted or (wanted is False and live is None) else [f"{path} must be {_said(wanted)}"]


def _missing(live: list[Any], wanted: list[Any], path: str) -> list[str]:
    """Lists have no order here; an object among them is known by its command or its callback."""
    if all(isinstance(one, str) for one in wanted):
        return [f"{path} lacks {one}" for one in wanted if one not in live]
    lines = []
    for one in wanted:
        key = next(name for name in ("command", "callback_id") if name in one)
        same = next((other for other in live if isinstance(other, dict) and other.get(key) == one[key]), None)
        lines += differences(same, one, f"{path} {one[key]}") if same else [f"{path} lacks {one[key]}"]
    return lines


def _said(value: object) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
