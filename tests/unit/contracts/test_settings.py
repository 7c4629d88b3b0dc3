import inspect
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.contracts.errors import SettingsError
from shared.contracts.event_types import default_event_types
from shared.contracts.settings import KINDS_OF_KEYS, Settings, load_settings
from shared.contracts.topic_names import RESERVED_TOPICS
from shared.contracts.topics import all_topics, group_name, raw_topics
from shared.contracts.views import Keys
from streams.steps.items import ItemsStep
from streams.steps.tops import TopsStep


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no headrace.toml of the machine that runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.upper().startswith("HEADRACE_"):
            monkeypatch.delenv(name)


def toml(text: str) -> None:
    Path("headrace.toml").write_text(text)


def refused(match: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(match)) as caught:
        load_settings()
    assert caught.value.exit_status == 2


@pytest.mark.parametrize(
    ("variable", "text", "read"),
    [
        ("HEADRACE_KAFKA_BOOTSTRAP_SERVERS", "k:1,l:2", lambda s: s.kafka.bootstrap_servers == "k:1,l:2"),
        (
            "HEADRACE_KAFKA_CLIENT",
            '{"security.protocol": "SSL"}',
            lambda s: s.kafka.client["security.protocol"] == "SSL",
        ),
        ("HEADRACE_REDIS_URL", "redis://r:1/2", lambda s: s.redis.url == "redis://r:1/2"),
        ("HEADRACE_READER_PORT", "9", lambda s: s.reader.port == 9),
        ("HEADRACE_COLLECTOR_PORT", "0", lambda s: s.collector.port == 0),
        ("HEADRACE_METRICS_PORT", "7", lambda s: s.metrics.port == 7),
        ("HEADRACE_LISTS_EXCLUDE_VIEWED", "false", lambda s: s.lists.exclude_viewed is False),
        ("HEADRACE_EVENTS_MAX_ID_LENGTH", "8", lambda s: s.events.max_id_length == 8),
        ("HEADRACE_IDENTITY_ALIASES", '{"a": "b"}', lambda s: s.identity.aliases == {"a": "b"}),
        ("HEADRACE_TENANT", "shop", lambda s: s.tenant == "shop"),
    ],
)
def test_variables_are_read(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str, read: Callable[[Settings], bool]
) -> None:
    monkeypatch.setenv(variable, text)
    assert read(load_settings())


def test_the_environment_wins_over_the_file_and_the_file_over_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    toml('[reader]\nport = 1\nhost = "h"\n[events.types.view]\nweight = 7\n')
    monkeypatch.setenv("HEADRACE_READER_PORT", "2")
    settings = load_settings()
    assert (settings.reader.port, settings.reader.host, settings.collector.port) == (2, "h", 8081)
    assert {name: kind.weight for name, kind in settings.events.types.items()} == {"view": 7}


def test_a_named_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text("[reader]\nport = 3\n")
    toml("[reader]\nport = 1\n")
    monkeypatch.setenv("HEADRACE_CONFIG", str(other))
    assert load_settings().reader.port == 3
    monkeypatch.setenv("HEADRACE_CONFIG", str(tmp_path / "absent.toml"))
    refused("absent.toml, which is not a file")


def test_the_home_of_the_stack_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADRACE_HOME", "/somewhere")
    assert load_settings() == Settings()


@pytest.mark.parametrize(
    ("variable", "text", "said"),
    [
        ("HEADRACE_FOO", "1", "HEADRACE_FOO is not a setting; `headrace settings` lists them"),
        ("HEADRACE_READER_PROT", "1", "reader.prot (HEADRACE_READER_PROT): is not a setting"),
        ("HEADRACE_READER_PORT", "x", "reader.port (HEADRACE_READER_PORT): "),
        ("HEADRACE_READER_PORT", "70000", "reader.port (HEADRACE_READER_PORT): "),
        ("HEADRACE_LOG_LEVEL", "loud", "log.level (HEADRACE_LOG_LEVEL): "),
        ("HEADRACE_REDIS_URL", "redis://cache:6379/shop", "redis.url (HEADRACE_REDIS_URL): Value error, is no address"),
        ("HEADRACE_TENANT", "Shop", "tenant (HEADRACE_TENANT): "),
        ("HEADRACE_KAFKA_CLIENT", "no json", "HEADRACE_KAFKA_CLIENT should hold JSON"),
        ("HEADRACE_KAFKA", "no json", "HEADRACE_KAFKA should hold JSON"),
        ("HEADRACE_EVENTS_TYPES", '{"view": {"wieght": 1}}', "events.types.view.wieght"),
        ("HEADRACE_EVENTS_TYPES", '{"view": {"weight": -1}}', "events.types.view.weight"),
        ("HEADRACE_EVENTS_TYPES", '{"view": {"topic": "frames"}}', "topic 'frames' of type 'view' is one of"),
        ("HEADRACE_EVENTS_TYPES", '{"item": {}}', "topic 'item' of type 'item' is one of Headrace's own"),
        ("HEADRACE_EVENTS_TYPES", '{"view": {"topic": "shop.frames"}}', "'shop.frames' of type 'view' is one of"),
        ("HEADRACE_EVENTS_TYPES", '{"view": {"topic": "shop.tops.2"}}', "'shop.tops.2' of type 'view' is one of"),
        ("HEADRACE_EVENTS_TYPES", '{"state_items": {}}', "'state_items' of type 'state_items' is one of"),
        ("HEADRACE_EVENTS_TYPES", '{"a b": {}}', "is not a Kafka topic name"),
        ("HEADRACE_EVENTS_TYPES", '{"..": {}}', "is not a Kafka topic name"),
        ("HEADRACE_EVENTS_TYPES", '{"view": {"topic": "__consumer_offsets"}}', "is not a Kafka topic name"),
        ("HEADRACE_EVENTS_TYPES", '{"a.b": {}, "a_b": {}}', "'a.b' and 'a_b' have one topic, 'a_b'"),
        ("HEADRACE_EVENTS_TYPES", '{"a": {"topic": "t"}, "b": {"topic": "t"}}', "'a' and 'b' have one topic, 't'"),
        ("HEADRACE_POPULARITY_TRENDING", "5h", "half-life '5h' is not one of"),
        ("HEADRACE_POPULARITY_HALF_LIVES_MS", '{"6h": 0, "30d": 60000}', "popularity.half_lives_ms.6h"),
        ("HEADRACE_IDENTITY_USER_SECRET", "é" * 33, "a secret has at most 64 bytes"),
        ("HEADRACE_KAFKA_BOOTSTRAP_SERVERS", "", "kafka.bootstrap_servers"),
        ("HEADRACE_KAFKA_BOOTSTRAP_SERVERS", "one:9092, ", "is no list like host:9092,other:9092"),
        ("HEADRACE_KAFKA_CLIENT", '{"bootstrap.servers": "two:9092"}', "bootstrap.servers is said by kafka.bootstrap"),
        (
            "HEADRACE_KAFKA_CLIENT",
            '{"session.timeout.ms": "9"}',
            "session.timeout.ms is said by kafka.session_timeout_ms",
        ),
        ("HEADRACE_KAFKA_CLIENT", '{"group.id": "mine"}', "group.id is set by Headrace itself"),
        ("HEADRACE_KAFKA_CLIENT", '{"client.id": "a", "acks": "1"}', "acks is set by Headrace itself"),
        ("HEADRACE_COLLECTOR_ALLOW_ORIGINS", '["shop.example"]', "collector.allow_origins.0"),
        ("HEADRACE_COLLECTOR_ALLOW_ORIGINS", '["*", "https://shop.example/"]', "collector.allow_origins.1"),
    ],
)
def test_what_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, text: str, said: str) -> None:
    monkeypatch.setenv(variable, text)
    refused(said)


@pytest.mark.parametrize(
    "url", ["redis://cache", "rediss://shop:p%40@cache:6379/2", "redis://[::1]:6379/", "unix:///run/redis.sock?db=1"]
)
def test_places_of_redis(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("HEADRACE_REDIS_URL", url)
    assert load_settings().redis.url == url


@pytest.mark.parametrize("topic", ["state", "view_item", "click.item", "ad.impression", "shop.view", "my_frames"])
def test_events_may_come_from_topics_whose_names_are_like_ours(monkeypatch: pytest.MonkeyPatch, topic: str) -> None:
    monkeypatch.setenv("HEADRACE_EVENTS_TYPES", json.dumps({"view": {"topic": topic}}))
    assert topic in raw_topics(load_settings())


def test_a_broken_file_is_named() -> None:
    toml("[reader")
    refused("headrace.toml is not TOML")
    toml("[reader]\ncolour = 1\n")
    refused("reader.colour (HEADRACE_READER_COLOUR): is not a setting")


def test_every_setting_is_described() -> None:
    for name, field in Settings.model_fields.items():
        value = getattr(Settings(), name)
        fields = type(value).model_fields if hasattr(type(value), "model_fields") else {name: field}
        assert not [f"{name}.{inner}" for inner, known in fields.items() if not known.description]


def test_reserved_topics_are_those_that_headrace_makes() -> None:
    settings = Settings()
    assert {topic.name for topic in all_topics(settings)} == RESERVED_TOPICS | set(default_event_types())
    assert set(raw_topics(settings)) == {"item", "user"} | set(default_event_types())


def test_a_file_that_is_not_utf8_is_said() -> None:
    Path("headrace.toml").write_bytes(b"\xff\xfe[kafka]")
    refused("headrace.toml is not TOML")


def test_a_list_that_is_not_json_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADRACE_READER_COLD_START", "trending,popular")
    refused("HEADRACE_READER_COLD_START should hold JSON")


@pytest.mark.parametrize("url", ["localhost:6379", "http://r", "redis://:pa/ss@r:6379", "redis://r:99999"])
def test_a_redis_that_has_no_address_is_refused_and_no_password_told(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("HEADRACE_REDIS_URL", url)
    refused("redis.url (HEADRACE_REDIS_URL)")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "pa" not in str(caught.value)


@pytest.mark.parametrize("url", ["redis://", "rediss://:p%40@r:1/2?ssl_cert_reqs=none", "unix:///run/redis.sock?db=1"])
def test_every_kind_of_address_of_redis_is_taken(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("HEADRACE_REDIS_URL", url)
    assert load_settings().redis.url == url


def test_the_name_that_stands_for_no_tenant_is_no_tenant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both would be one consumer group, and shut each other out from saving states."""
    monkeypatch.setenv("HEADRACE_TENANT", group_name(Settings(), "worker").removesuffix("-worker"))
    refused("HEADRACE_TENANT")
    monkeypatch.setenv("HEADRACE_TENANT", "headrace-2")
    assert load_settings().tenant == "headrace-2"


def test_no_tenant_is_named_as_keys_begin_that_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """``rec:rec:ann`` would be the list of tenant rec's ann, and that of ``rec:ann`` without a tenant."""
    assert Keys(Settings(tenant="shop")).rec("ann") == "shop:rec:ann"
    for name in KINDS_OF_KEYS:
        monkeypatch.setenv("HEADRACE_TENANT", name)
        refused("HEADRACE_TENANT")
    monkeypatch.setenv("HEADRACE_TENANT", "rec-2")
    assert load_settings().tenant == "rec-2"
    assert {*ItemsStep.kinds, *TopsStep.kinds} <= KINDS_OF_KEYS, "what is swept is nobody else's"


def test_no_tenant_is_named_as_topics_begin_that_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events of type ``items`` would stand in `state.items`, where workers of no tenant save their states."""
    there = {topic.name for settings in (Settings(), Settings(generation=2)) for topic in all_topics(settings)}
    for name in {topic.partition(".")[0] for topic in there if "." in topic}:
        monkeypatch.setenv("HEADRACE_TENANT", name)
        refused("HEADRACE_TENANT")
    monkeypatch.setenv("HEADRACE_TENANT", "frames")
    assert load_settings().tenant == "frames"


def test_every_kind_of_key_is_known() -> None:
    keys, kinds = Keys(Settings()), set[str]()
    for name, method in inspect.getmembers(keys, inspect.ismethod):
        if not name.startswith("_"):
            asked = inspect.signature(method).parameters.values()
            found = method(*("0" for one in asked if one.default is one.empty))
            kinds |= {key.partition(":")[0] for key in ([found] if isinstance(found, str) else found) if ":" in key}
    assert kinds == KINDS_OF_KEYS


def test_no_event_may_have_the_time_that_means_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADRACE_EVENTS_MIN_TS_MS", "0")
    refused("events.min_ts_ms (HEADRACE_EVENTS_MIN_TS_MS)")
