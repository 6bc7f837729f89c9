"""Settings from the environment or a .env file, checked at the start; no secret is ever printed."""

import base64
import binascii
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, StringConstraints, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

DEFAULT_DATABASE = "sqlite:///coding-helper.db"
SPOOL = "coding-helper-spool"
SLACK_API = "https://slack.com/api/"
SHORTEST_TOKEN = 16  # characters of the token for the metrics
KEY_BYTES = 32  # of a Fernet key, before it is written in base64

_HOW_TO_MEND = {
    "SLACK_BOT_TOKEN": "copy the Bot User OAuth Token (xoxb-...) from OAuth & Permissions",
    "SLACK_APP_TOKEN": "copy an App-Level Token (xapp-...) with connections:write from Basic Information",
    "SLACK_SIGNING_SECRET": "copy the Signing Secret (32 hexadecimal characters) from Basic Information",
    "SLACK_CLIENT_ID": "copy the Client ID (two numbers with a dot between) from Basic Information",
    "SLACK_CLIENT_SECRET": "copy the Client Secret (32 hexadecimal characters) from Basic Information",
    "SLACK_CONFIG_TOKEN": "generate one at api.slack.com/apps, Your App Configuration Tokens (xoxe.xoxp-...)",
    "TOKEN_KEYS": "make one with: coding-helper workspaces new-key",
    "PUBLIC_URL": "write the address at which Slack and browsers reach this service, such as https://codes.example.org",
    "READ_CHANNELS": "write true where the Slack app is made with coding-helper manifest --history, else false",
    "METRICS_TOKEN": "make up at least 16 letters and digits, and give the same to Prometheus",
    "SLACK_API_URL": "write a full address such as https://slack.com/api/",
    "DATABASE_URL": "write sqlite:///FILE or postgres://USER:PASSWORD@HOST/DATABASE",
    "PORT": "write a number from 1 to 65535",
    "HEALTH_PORT": "write a number from 1 to 65535, or leave it out",
    "HOST": "write an address to listen on, such as 127.0.0.1 or 0.0.0.0",
    "TEMPLATES_DIR": "name an existing folder, or leave it out",
    "WHO_MAY_ASK": "write members or anyone",
    "SPOOL_DIR": "name a folder on this machine's own disk, or leave it out",
    "RETENTION_DAYS": "write how many days questions are kept, from 1 to 36500",
    "CURATORS": "write Slack's user ids with commas between them, such as U012AB3CD,U045EF6GH",
    "DIGEST_CHANNEL": "write a channel's id, such as C012AB3CD (in Slack: the channel's details, at the bottom)",
    "LOG_LEVEL": "write one of DEBUG, INFO, WARNING, ERROR",
}


class AwayError(Exception):
    """What the program needs does not answer. The message says what; a later start may find it there."""


class SettingsError(Exception):
    """The settings do not allow a start. The message is one line: which, what, how to mend."""


class Settings(BaseSettings):
    """What may be set. A field is named by its environment variable in lower case."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True, env_ignore_empty=True
    )

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_client_id: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+$")] | None = None
    slack_client_secret: SecretStr | None = None
    slack_config_token: SecretStr | None = None
    token_keys: SecretStr | None = None
    public_url: Annotated[str, StringConstraints(pattern=r"^https?://[\w.:/-]+$")] | None = None
    metrics_token: SecretStr | None = None
    read_channels: bool = False
    slack_api_url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] = SLACK_API
    database_url: Annotated[str, StringConstraints(min_length=1)] = Field(
        default=DEFAULT_DATABASE, repr=False, validation_alias=AliasChoices("database_url", "DATABASE_URL")
    )
    host: Annotated[str, StringConstraints(pattern=r"^[\w.:-]+$")] = "127.0.0.1"
    port: int = Field(default=3000, ge=1, le=65535)
    health_port: int | None = Field(default=None, ge=1, le=65535)
    templates_dir: Path | None = None
    who_may_ask: Literal["members", "anyone"] = "members"
    spool_dir: Path | None = None
    retention_days: int = Field(default=400, ge=1, le=36_500)
    curators: Annotated[tuple[Annotated[str, StringConstraints(pattern=r"^[UW][A-Z0-9]+$")], ...], NoDecode] = ()
    digest_channel: Annotated[str, StringConstraints(pattern=r"^[CG][A-Z0-9]+$")] | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def spool_folder(self) -> Path:
        """Where questions are kept while the database is away: beside a database file, else in the working folder."""
        if self.spool_dir:
            return self.spool_dir
        address = make_url(self.database_url)
        is_a_file = address.drivername == "sqlite" and address.database not in (None, "", ":memory:")
        return (Path(address.database or "").parent if is_a_file else Path()) / SPOOL

    @field_validator("curators", mode="before")
    @classmethod
    def _parted(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("slack_bot_token")
    @classmethod
    def _is_bot_token(cls, value: SecretStr | None) -> SecretStr | None:
        return _checked_token(value, "xoxb-")

    @field_validator("slack_app_token")
    @classmethod
    def _is_app_token(cls, value: SecretStr | None) -> SecretStr | None:
        return _checked_token(value, "xapp-")

    @field_validator("slack_config_token")
    @classmethod
    def _is_config_token(cls, value: SecretStr | None) -> SecretStr | None:
        return _checked_token(value, "xoxe.xoxp-")

    @field_validator("slack_signing_secret", "slack_client_secret")
    @classmethod
    def _is_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[0-9a-fA-F]{32}", value.get_secret_value()):
            raise ValueError("is not 32 hexadecimal characters")
        return value

    @field_validator("token_keys")
    @classmethod
    def _are_keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not all(_is_key(one) for one in split_keys(value)):
            raise ValueError("is no key, or no keys with commas between")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_reached_safely(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"https://|http://(localhost|127\.0\.0\.1)\b", value):
            raise ValueError("begins with http:, and Slack takes https: only")
        return value and value.rstrip("/")

    @field_validator("metrics_token")
    @classmethod
    def _is_hard_to_guess(cls, value: SecretStr | None) -> SecretStr | None:
        allowed = rf"[A-Za-z0-9_.~+/=-]{{{SHORTEST_TOKEN},}}"
        if value is not None and not re.fullmatch(allowed, value.get_secret_value()):
            raise ValueError(f"is shorter than {SHORTEST_TOKEN} characters, or has characters that no header takes")
        return value

    @field_validator("slack_api_url")
    @classmethod
    def _ends_in_slash(cls, value: str) -> str:
        return value.rstrip("/") + "/"

    @field_validator("database_url")
    @classmethod
    def _names_a_driver(cls, value: str) -> str:
        scheme, separator, rest = value.partition("://")
        if not separator or scheme not in _DRIVERS:
            raise ValueError("names a database that is neither SQLite nor Postgres")
        address = f"{_DRIVERS[scheme]}://{rest}"
        try:
            make_url(address)
        except (ArgumentError, ValueError):
            raise ValueError("cannot be read as an address") from None
        return address

    @field_validator("who_may_ask", mode="before")
    @classmethod
    def _in_small_letters(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_capitals(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("templates_dir")
    @classmethod
    def _is_a_folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError("is no folder")
        return value


_DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def _checked_token(value: SecretStr | None, prefix: str) -> SecretStr | None:
    if value is not None and not value.get_secret_value().startswith(prefix):
        raise ValueError(f"does not start with {prefix}")
    if value is not None and not re.fullmatch(r"[\w.-]+", value.get_secret_value().removeprefix(prefix), re.ASCII):
        raise ValueError("is cut off, or has characters that no token has")
    return value


def split_keys(keys: SecretStr) -> list[str]:
    """The keys with which tokens are kept, the one to write with first."""
    return [one.strip() for one in keys.get_secret_value().split(",")]


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)) == KEY_BYTES
    except (UnicodeEncodeError, binascii.Error):
        return False


def read_settings() -> Settings:
    """The settings. Raises SettingsError with one line: which is wrong and how to mend it, never its value."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]).upper()
        what = str(first["msg"]).removeprefix("Value error, ")
        raise SettingsError(f"{name}: {what}; {_HOW_TO_MEND.get(name, 'mend it')}") from None
    except UnicodeDecodeError:
        raise SettingsError(".env: is no UTF-8; save it as UTF-8") from None
