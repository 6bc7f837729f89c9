"""Settings: what holds when nothing is set, and one line for whatever is set wrong, which never repeats the value."""

from pathlib import Path

import pytest

from bot.settings import DEFAULT_DATABASE, SLACK_API, Settings, SettingsError, read_settings, split_keys

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="  # what a key looks like
NAMES = [name.upper() for name in Settings.model_fields]


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment that sets nothing, in a folder without a .env file."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.chdir(tmp_path)


def told(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> str:
    """The line that a start with this setting stops with."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        read_settings()
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__  # the validation error, which may hold the value, is not printed with it
    return str(error.value)


def test_nothing_needs_to_be_set() -> None:
    settings = read_settings()

    assert settings.database_url == DEFAULT_DATABASE == "sqlite:///coding-helper.db"
    assert settings.slack_api_url == SLACK_API == "https://slack.com/api/"
    assert (settings.host, settings.port, settings.log_level) == ("127.0.0.1", 3000, "INFO")
    assert settings.slack_bot_token is settings.slack_app_token is settings.slack_signing_secret is None
    assert (settings.templates_dir, settings.retention_days) == (None, 400)


def test_every_setting_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = {
        "SLACK_BOT_TOKEN": "xoxb-1-2-abc",
        "SLACK_APP_TOKEN": "xapp-1-A1-2-abc",
        "SLACK_SIGNING_SECRET": "0123456789abcdef0123456789ABCDEF",
        "SLACK_CLIENT_ID": "12.34",
        "SLACK_CLIENT_SECRET": "0123456789abcdef" * 2,
        "SLACK_CONFIG_TOKEN": "xoxe.xoxp-1-abc",
        "TOKEN_KEYS": f"{KEY},{KEY}",
        "PUBLIC_URL": "https://x.example.org/",
        "METRICS_TOKEN": "sixteen-or-more-1",
        "READ_CHANNELS": "true",
        "HEALTH_PORT": "3001",
        "SLACK_API_URL": "http://127.0.0.1:9999/api",
        "DATABASE_URL": "sqlite:///other.db",
        "HOST": "0.0.0.0",  # noqa: S104
        "PORT": "8080",
        "TEMPLATES_DIR": str(tmp_path),
        "WHO_MAY_ASK": "anyone",
        "SPOOL_DIR": str(tmp_path),
        "RETENTION_DAYS": "30",
        "CURATORS": "U012AB3CD,W045EF6GH",
        "DIGEST_CHANNEL": "C012AB3CD",
        "LOG_LEVEL": "debug",
    }
    assert sorted(given) == sorted(NAMES)
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    settings = read_settings()

    assert settings.slack_bot_token is not None
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1-2-abc"
    assert settings.slack_app_token is not None
    assert settings.slack_app_token.get_secret_value() == "xapp-1-A1-2-abc"
    assert settings.slack_signing_secret is not None
    assert settings.slack_signing_secret.get_secret_value() == given["SLACK_SIGNING_SECRET"]
    assert (settings.slack_client_id, settings.public_url) == ("12.34", "https://x.example.org")
    assert settings.token_keys is not None
    assert split_keys(settings.token_keys) == [KEY, KEY]
    assert (settings.read_channels, settings.health_port) == (True, 3001)
    assert settings.slack_api_url == "http://127.0.0.1:9999/api/"
    assert settings.database_url == "sqlite:///other.db"
    assert (settings.host, settings.port) == ("0.0.0.0", 8080)  # noqa: S104
    assert settings.templates_dir == tmp_path
    assert (settings.curators, settings.digest_channel) == (("U012AB3CD", "W045EF6GH"), "C012AB3CD")
    assert (settings.retention_days, settings.log_level) == (30, "DEBUG")


@pytest.mark.parametrize(
    ("name", "value", "what", "mend"),
    [
        ("SLACK_BOT_TOKEN", "xoxp-s3cret", "does not start with xoxb-", "copy the Bot User OAuth Token"),
        ("SLACK_BOT_TOKEN", "xoxb-", "is cut off", "copy the Bot User OAuth Token"),
        ("SLACK_BOT_TOKEN", "xoxb-s3cret and more", "characters that no token has", "copy the Bot User OAuth Token"),
        ("SLACK_BOT_TOKEN", "xoxb-s3cret\n", "characters that no token has", "copy the Bot User OAuth Token"),
        ("SLACK_APP_TOKEN", "xoxb-s3cret", "does not start with xapp-", "copy an App-Level Token"),
        ("SLACK_SIGNING_SECRET", "s3cret", "is not 32 hexadecimal characters", "copy the Signing Secret"),
        ("SLACK_SIGNING_SECRET", "g" * 32, "is not 32 hexadecimal characters", "copy the Signing Secret"),
        ("SLACK_CLIENT_ID", "s3cret", "should match pattern", "copy the Client ID"),
        ("SLACK_CLIENT_SECRET", "s3cret", "is not 32 hexadecimal characters", "copy the Client Secret"),
        ("SLACK_CONFIG_TOKEN", "xoxp-s3cret", "does not start with xoxe.xoxp-", "generate one"),
        ("TOKEN_KEYS", "s3cret", "is no key, or no keys with commas between", "make one with: coding-helper"),
        ("TOKEN_KEYS", f"{KEY},s3cret", "is no key, or no keys with commas between", "make one with: coding-helper"),
        ("TOKEN_KEYS", f"{KEY},", "is no key, or no keys with commas between", "make one with: coding-helper"),
        ("PUBLIC_URL", "s3cret", "should match pattern", "write the address"),
        ("PUBLIC_URL", "http://s3cret.example.org", "Slack takes https: only", "write the address"),
        ("METRICS_TOKEN", "s3cret", "is shorter than 16 characters", "make up at least 16"),
        ("METRICS_TOKEN", "s3cret s3cret s3cret", "characters that no header takes", "make up at least 16"),
        ("READ_CHANNELS", "s3cret", "valid boolean", "write true"),
        ("RETENTION_DAYS", "0", "greater than or equal to 1", "write how many days"),
        ("HEALTH_PORT", "0", "greater than or equal to 1", "write a number from 1 to 65535"),
        ("SLACK_API_URL", "s3cret", "should match pattern", "write a full address"),
        ("SLACK_API_URL", "ftp://s3cret/", "should match pattern", "write a full address"),
        ("DATABASE_URL", "s3cret", "neither SQLite nor Postgres", "write sqlite:///FILE or postgres://"),
        ("DATABASE_URL", "mysql://u:s3cret@h/d", "neither SQLite nor Postgres", "write sqlite:///FILE or postgres://"),
        ("DATABASE_URL", "postgres://u:s3cret@h:port/d", "cannot be read as an address", "write sqlite:///FILE"),
        ("PORT", "s3cret", "should be a valid integer", "write a number from 1 to 65535"),
        ("PORT", "3000.5", "should be a valid integer", "write a number from 1 to 65535"),
        ("PORT", "0", "greater than or equal to 1", "write a number from 1 to 65535"),
        ("PORT", "65536", "less than or equal to 65535", "write a number from 1 to 65535"),
        ("HOST", "s3cret host", "should match pattern", "write an address to listen on"),
        ("TEMPLATES_DIR", "/no/such/s3cret", "is no folder", "name an existing folder, or leave it out"),
        ("LOG_LEVEL", "s3cret", "should be 'DEBUG', 'INFO'", "write one of DEBUG, INFO, WARNING, ERROR"),
    ],
)
def test_a_malformed_setting_stops_the_start_with_a_line_that_names_it_and_how_to_mend_it_and_never_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, what: str, mend: str
) -> None:
    line = told(monkeypatch, name, value)

    assert line.startswith(f"{name}: ")
    assert what in line
    assert f"; {mend}" in line
    assert "\n" not in line
    assert "s3cret" not in line


@pytest.mark.parametrize("name", NAMES)
def test_a_variable_that_is_set_to_nothing_is_as_good_as_not_set(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "")

    assert read_settings() == Settings()


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("postgres://u:p@h:5432/d", "postgresql+psycopg://u:p@h:5432/d"),
        ("postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql+psycopg://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgres://u:p@h/d?sslmode=require", "postgresql+psycopg://u:p@h/d?sslmode=require"),
        ("sqlite:///file.db", "sqlite:///file.db"),
        ("sqlite:////var/file.db", "sqlite:////var/file.db"),
    ],
)
def test_a_postgres_address_is_accepted_as_hosts_hand_it_out(
    monkeypatch: pytest.MonkeyPatch, given: str, read: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", given)

    assert read_settings().database_url == read


def test_a_file_named_env_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# ours\nPORT=4000\nDATABASE_URL='sqlite:///from-file.db'\nUNRELATED=1\n", "utf-8")

    settings = read_settings()

    assert settings.port == 4000
    assert settings.database_url == "sqlite:///from-file.db"


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=4000\n", encoding="utf-8")
    monkeypatch.setenv("PORT", "5000")

    assert read_settings().port == 5000


def test_a_malformed_line_of_the_file_is_told_like_a_variable(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=s3cret\n", encoding="utf-8")

    with pytest.raises(SettingsError, match=r"^SLACK_BOT_TOKEN: does not start with xoxb-; copy") as error:
        read_settings()
    assert "s3cret" not in str(error.value)


def test_a_file_that_is_no_utf8_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("PORT=4000\n".encode("utf-16"))

    with pytest.raises(SettingsError, match=r"^\.env: is no UTF-8; save it as UTF-8$"):
        read_settings()


def test_no_secret_is_shown_by_printing_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-s3cret")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-s3cret")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "abad1dea" * 4)
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "abad1dea" * 4)
    monkeypatch.setenv("METRICS_TOKEN", "s3cret-s3cret-s3cret")
    monkeypatch.setenv("TOKEN_KEYS", KEY)
    monkeypatch.setenv("DATABASE_URL", "postgres://u:s3cret@h/d")

    for shown in (repr(read_settings()), str(read_settings()), f"{read_settings()!r:s}"):
        assert "s3cret" not in shown
        assert "abad1dea" not in shown
        assert KEY not in shown


def test_settings_cannot_be_changed_once_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read_settings().port = 1  # type: ignore[misc]
