import io
import re
import tomllib

import pytest
from click.testing import CliRunner
from rich.console import Console

from services.cli.settings import show
from services.ops.settings_rows import HIDDEN, rows
from services.ops.settings_text import NARROW, markdown, table, toml
from shared.contracts.settings import Settings

SECRET = Settings.model_validate(
    {
        "redis": {"url": "rediss://shop:s3cr3t@cache:6379/0"},
        "kafka": {
            "client": {
                "sasl.password": "s3cr3t",
                "ssl.key.password": "s3cr3t",
                "sasl.oauthbearer.assertion.private.key.passphrase": "s3cr3t",
                "sasl.oauthbearer.config": "principal=s3cr3t",
                "sasl.username": "shop",
            }
        },
    }
)


def every_form(settings: Settings) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=200).print(table(rows(settings)))
    return [out.getvalue(), markdown(rows(settings)), toml(rows(settings))]


def test_passwords_are_shown_nowhere() -> None:
    assert all("s3cr3t" not in text for text in every_form(SECRET))
    values = {row.env: row.value for row in rows(SECRET)}
    assert values["HEADRACE_REDIS_URL"] == f"rediss://shop:{HIDDEN}@cache:6379/0"
    assert values["HEADRACE_KAFKA_CLIENT"]["sasl.username"] == "shop"


def test_ids_and_names_of_the_shop_are_no_passwords() -> None:
    settings = Settings(identity={"aliases": {"secret-garden": "b-1"}}, events={"types": {"token": {"weight": 1}}})
    written = tomllib.loads(toml(rows(settings)))
    assert written["identity"]["aliases"] == {"secret-garden": "b-1"}
    assert written["events"]["types"]["token"]["weight"] == 1


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://:s3cr3t@of@ours@cache:6379/0", f"redis://:{HIDDEN}@cache:6379/0"),
        ("redis://cache:6379/0?password=s3cr3t&db=2", f"redis://cache:6379/0?password={HIDDEN}&db=2"),
        (
            "unix://shop:s3cr3t@/run/redis.sock?password=s3cr3t",
            f"unix://shop:{HIDDEN}@/run/redis.sock?password={HIDDEN}",
        ),
        ("rediss://cache:6379/0?ssl_password=s3cr3t", f"rediss://cache:6379/0?ssl_password={HIDDEN}"),
        ("redis://cache:6379/0", "redis://cache:6379/0"),
    ],
)
def test_a_password_anywhere_in_the_url_is_hidden(url: str, shown: str) -> None:
    values = {row.env: row.value for row in rows(Settings.model_validate({"redis": {"url": url}}))}
    assert values["HEADRACE_REDIS_URL"] == shown


def test_every_setting_is_in_every_form() -> None:
    names = [row.env for row in rows(Settings())]
    assert len(names) == len(set(names)) > 60
    shown, documented, _ = every_form(Settings())
    assert all(name in shown and f"`{name}`" in documented for name in names)


@pytest.mark.parametrize("width", [40, 60, NARROW - 1])
def test_a_narrow_terminal_shows_every_setting_whole(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    said = CliRunner().invoke(show).stdout
    assert max(map(len, said.splitlines())) <= width
    assert "\u2026" not in said, "nothing is cut"
    words = "".join(said.split())
    for row in rows(Settings()):
        assert row.env in words
        assert row.description.split()[0] in words


def test_the_toml_is_the_settings() -> None:
    settings = Settings.model_validate({"reader": {"port": 9}, "kafka": {"client": {"client.id": 'a"\\é\n'}}})
    text = toml(rows(settings))
    assert tomllib.loads(text) == {
        "kafka": {"client": {"client.id": 'a"\\é\n'}},
        "reader": {"port": 9},
    } | {name: {} for name in tomllib.loads(text) if name not in {"kafka", "reader"}}
    assert Settings.model_validate(tomllib.loads(text)) == settings
    assert Settings.model_validate(tomllib.loads(re.sub(r"^#(?! )", "", text, flags=re.MULTILINE))) == settings


def test_each_line_of_the_toml_can_be_set_alone() -> None:
    """What is commented out holds its default, so a file without comments is the default too."""
    text = re.sub(r"^#(?! )", "", toml(rows(Settings())), flags=re.MULTILINE)
    assert tomllib.loads(text)["events"]["types"]["purchase"]["meaning"] == "own"
    assert Settings.model_validate(tomllib.loads(text)) == Settings()
