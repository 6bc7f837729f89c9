"""The app as Slack must see it: the shipped manifest, made out for the way and the address it is served at."""

import json
from importlib import resources
from typing import Any

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
