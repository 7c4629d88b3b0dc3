"""All settings: from the environment (``HEADRACE_…``) over one TOML file over these defaults.

``HEADRACE_KAFKA_BOOTSTRAP_SERVERS`` is ``bootstrap_servers`` of ``[kafka]``; ``HEADRACE_CONFIG`` names the
TOML file (``headrace.toml`` of the working folder, if there is one). ``headrace settings`` prints them all.
"""

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource
from pydantic_settings.exceptions import SettingsError as UnreadableError

from shared.contracts.errors import SettingsError
from shared.contracts.event_types import EventType, default_event_types

DEFAULT_FILE = "headrace.toml"
# where this file is; where the embedded stack lives; where its jars are cached
NOT_SETTINGS = {"HEADRACE_CONFIG", "HEADRACE_HOME", "HEADRACE_JARS"}
LEGAL_TOPIC = re.compile(r"[a-zA-Z0-9._-]{1,200}")
RESERVED_TOPICS = {
    "frames", "item-deltas", "tops", "examples", "state.profiles", "state.items", "state.learner", "dead-letter",
    "skips", "impression", "item", "user",
}  # fmt: skip
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KafkaSettings(Section):
    bootstrap_servers: str = Field("127.0.0.1:9092", description="host:port list of the cluster")
    replication_factor: int = Field(1, ge=1, le=16, description="of topics that Headrace creates")
    session_timeout_ms: int = Field(6000, ge=1000, description="a silent part loses its partitions after this")
    instance_id: str = Field("", description="unique: this member's place in its group outlives a quick restart")
    client: dict[str, str] = Field(default_factory=dict, description="more librdkafka settings, e.g. security.protocol")


class RedisSettings(Section):
    url: str = Field("redis://127.0.0.1:6379/0", description="where the views live")
    timeout_ms: int = Field(2000, ge=10, description="the write path waits this long for an answer")


class EventSettings(Section):
    types: dict[str, EventType] = Field(
        default_factory=default_event_types, description="event types by name; if given, these are all of them"
    )
    max_id_length: int = Field(256, ge=8, le=4096, description="characters of a user, item, session or event id")
    max_record_bytes: int = Field(1_000_000, ge=1000, le=8_000_000, description="a larger raw record is a dead letter")
    max_context_fields: int = Field(16, ge=0, le=256, description="entries of an event's context")
    min_ts_ms: int = Field(946_684_800_000, ge=0, description="earliest event time (2000-01-01: catches seconds)")
    future_tolerance_ms: int = Field(10 * MINUTE_MS, ge=0, description="event time may lead the broker's clock by this")

    @model_validator(mode="after")
    def topics_are_apart(self) -> "EventSettings":
        seen: dict[str, str] = {}
        for name, kind in self.types.items():
            topic = kind.topic or name
            if not LEGAL_TOPIC.fullmatch(topic):
                raise ValueError(f"topic {topic!r} of type {name!r} is not a Kafka topic name")
            if topic in RESERVED_TOPICS or topic.startswith(("item-deltas.", "tops.", "state.")):
                raise ValueError(f"topic {topic!r} of type {name!r} is one of Headrace's own")
            if (other := seen.setdefault(topic, name)) != name:
                raise ValueError(f"types {other!r} and {name!r} have one topic, {topic!r}")
        return self


class IdentitySettings(Section):
    trim: bool = Field(True, description="strip white space around ids")
    unicode_nfc: bool = Field(True, description="bring ids to Unicode NFC")
    aliases: dict[str, str] = Field(default_factory=dict, description="item id → the item id it stands for")
    user_secret: str = Field("", max_length=64, description="if set, users are known by a hash keyed with it only")


class TopicSettings(Section):
    raw_partitions: int = Field(4, ge=1, le=1024, description="of raw topics that do not exist yet")
    frames_partitions: int = Field(4, ge=1, le=256, description="of `frames`: how far profiles can be spread")
    items_partitions: int = Field(2, ge=1, le=256, description="of `item-deltas`: how far items can be spread")
    raw_retention_ms: int = Field(7 * DAY_MS, ge=-1, description="of raw topics that Headrace creates")
    examples_retention_ms: int = Field(7 * DAY_MS, ge=-1, description="of what the ranker learns from")


class IngestSettings(Section):
    batch: int = Field(4000, ge=1, le=100_000, description="events taken at once, at most")
    wait_ms: int = Field(40, ge=1, le=10_000, description="how long a batch may wait to fill")
    commit_ms: int = Field(500, ge=1, le=60_000, description="how often offsets are committed")


class ProfileSettings(Section):
    max_users: int = Field(200_000, ge=1, description="users kept per frames partition; the longest unseen leaves")
    history: int = Field(40, ge=2, le=1000, description="items of a user's history, newest last")
    max_items: int = Field(200_000, ge=1, description="items known per frames partition; the longest unseen leaves")
    max_owned: int = Field(200, ge=1, le=10_000, description="items a user has, or refused, that are remembered")
    dedupe_window: int = Field(32, ge=1, le=4096, description="a user's last event ids, in which a repeat is found")
    max_events_per_minute: int = Field(120, ge=1, description="of one user; more is taken for a bot, not learned")


class CooccurrenceSettings(Section):
    max_items: int = Field(200_000, ge=1, description="items kept per item-deltas partition, and terms of titles")
    neighbours: int = Field(100, ge=1, le=1000, description="neighbours kept per item")
    published: int = Field(50, ge=1, le=1000, description="neighbours written to sim:{item}")
    pairs_per_event: int = Field(15, ge=1, le=100, description="earlier items of the history that an event pairs with")
    gap_weight: float = Field(0.8, gt=0, le=1, description="a pair's weight per position between its items")
    half_life_ms: int = Field(30 * DAY_MS, ge=MINUTE_MS, description="of a pair's count")
    quick_half_life_ms: int = Field(2 * HOUR_MS, ge=MINUTE_MS, description="of what came right after what just now")
    row_exponent: float = Field(0.5, ge=0, le=1, description="row i: c_ij / ((n_i+s)^row · (n_j+s)^column)")
    column_exponent: float = Field(0.15, ge=0, le=1, description="row i: c_ij / ((n_i+s)^row · (n_j+s)^column)")
    shrinkage: float = Field(3.0, ge=0, description="s of the same formula")
    rows_per_tick: int = Field(500, ge=1, description="sim: rows written per tick; the rest at the next")


class PopularitySettings(Section):
    half_lives_ms: dict[str, int] = Field(
        default_factory=lambda: {
            "10m": 10 * MINUTE_MS,
            "1h": HOUR_MS,
            "6h": 6 * HOUR_MS,
            "1d": DAY_MS,
            "7d": 7 * DAY_MS,
            "30d": 30 * DAY_MS,
        },
        description="half-lives of the counters, by name",
    )
    trending: str = Field("6h", description="the half-life behind trending:{scope}")
    popular: str = Field("30d", description="the half-life behind popular:{scope}")
    published: int = Field(100, ge=1, le=1000, description="items of a trending or popular list")
    max_scopes: int = Field(1000, ge=1, description="categories that get lists of their own, per partition")

    @model_validator(mode="after")
    def named_half_lives_exist(self) -> "PopularitySettings":
        for name in (self.trending, self.popular):
            if name not in self.half_lives_ms:
                raise ValueError(f"half-life {name!r} is not one of half_lives_ms ({', '.join(self.half_lives_ms)})")
        return self


class TickSettings(Section):
    pulse_ms: int = Field(
        50, ge=1, description="the pulse of a worker: acknowledgements, and views that wait for their time"
    )
    rows_ms: int = Field(1000, ge=10, description="how often a neighbour row that keeps changing is written")
    tops_ms: int = Field(1000, ge=10, description="how often top counts, trending and popular lists are written")
    scopes_per_tick: int = Field(50, ge=1, description="category scopes published per tick; the rest at the next")
    checkpoint_ms: int = Field(
        30_000, ge=100, description="how often a partition's state is saved; a crash replays what came since"
    )
    epoch_ms: int = Field(1000, ge=50, description="how often a worker looks whether Redis lost the views")


class ListSettings(Section):
    profile: Literal["full", "fast"] = Field(
        "full", description="fast: fewer sources and candidates, a list costs a fraction of the CPU"
    )
    length: int = Field(50, ge=1, le=1000, description="items of rec:{user}")
    recent_items: int = Field(40, ge=1, le=1000, description="newest items of the history that a list is made from")
    exclude_viewed: bool = Field(True, description="leave out what the user has looked at, too")
    repeats: bool = Field(False, description="what a user has may come again; only the newest item is left out")
    ttl_s: int = Field(30 * 86_400, ge=60, description="a list nobody refreshed is gone after this")
    neighbour_cache_items: int = Field(50_000, ge=100, description="items whose rows and numbers a worker holds")
    neighbour_cache_ttl_ms: int = Field(1000, ge=0, description="age at which what is held of an item is read again")


class RankerSettings(Section):
    contender: Literal["softmax", "logistic", "best"] = Field(
        "softmax", description="what learns; best: both do, the one whose choices stood higher lately ranks"
    )
    objective: Literal["weight", "equal", "value"] = Field(
        "weight", description="what a choice is worth: its type's weight, the same, or weight · (1 + log2(1 + value))"
    )
    rate: float = Field(0.3, gt=0, le=10, description="of learning: how far one example moves the weights")
    pause_ms: int = Field(250, ge=0, description="after a frame, for each 32 examples of it, per frames partition")
    one_in: int = Field(1, ge=1, le=10_000, description="of so many events, one is an example; at most 128 of a frame")
    taste_items: int = Field(8192, ge=64, le=200_000, description="items with a vector; the longest unseen loses it")


class ReaderSettings(Section):
    host: str = Field("127.0.0.1", description="address the reader listens on")
    port: int = Field(8080, ge=0, le=65535, description="port of the reader, /metrics included")
    deadline_ms: int = Field(250, ge=5, description="Redis gets this long; then the last known answer is served")
    refresh_ms: int = Field(250, ge=20, description="how often trending and availability are read into memory")
    max_items: int = Field(100, ge=1, le=1000, description="largest n of a request")
    fresh_ms: int = Field(60_000, ge=0, description="a list older than this (event time) is ranked anew when read")
    trending_half_age_ms: int = Field(HOUR_MS, ge=1, description="age of a list at which trending weighs half its most")
    trending_weight: float = Field(0.5, ge=0, le=1, description="most that current trending may weigh in a fused list")
    last_known_lists: int = Field(10_000, ge=0, description="lists held for when Redis is gone")
    impressions: bool = Field(True, description="log each answer to the impression topic")
    impression_queue: int = Field(10_000, ge=1, description="answers waiting to be logged; more are dropped, counted")


class CollectorSettings(Section):
    host: str = Field("127.0.0.1", description="address the collector listens on")
    port: int = Field(8081, ge=0, le=65535, description="port of the collector, /metrics included")
    max_body_bytes: int = Field(4_000_000, ge=1000, description="largest body of a request")
    max_batch: int = Field(1000, ge=1, le=100_000, description="events in one request")
    queue: int = Field(100_000, ge=100, description="events waiting for the broker; beyond it: 503")
    deadline_ms: int = Field(10_000, ge=100, description="the broker has to acknowledge within this; else: 503")
    allow_origins: list[str] = Field(
        default_factory=list, description="web origins whose pages may send events (CORS), * for all; none by default"
    )


class MetricsSettings(Section):
    host: str = Field("127.0.0.1", description="address of /metrics in ingest and workers")
    port: int = Field(
        0, ge=0, le=65535, description="of /metrics in ingest and workers; 0: a free one, logged at start"
    )


class LogSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="what is logged, and above")
    format: Literal["console", "json"] = Field("console", description="of log lines: for a person or for a program")


class Settings(BaseSettings):
    """Every setting of every part. Frozen; built once by a composition root and passed on."""

    model_config = SettingsConfigDict(
        env_prefix="HEADRACE_", env_nested_delimiter="_", env_nested_max_split=1, extra="forbid", frozen=True
    )

    tenant: str = Field("", pattern=r"^[a-z0-9-]{0,32}$", description="prefix of topics, groups and Redis keys")
    generation: int = Field(1, ge=1, le=999_999, description="of state and views; a rebuild takes the next")
    kafka: KafkaSettings = KafkaSettings()
    redis: RedisSettings = RedisSettings()
    events: EventSettings = EventSettings()
    identity: IdentitySettings = IdentitySettings()
    topics: TopicSettings = TopicSettings()
    ingest: IngestSettings = IngestSettings()
    profiles: ProfileSettings = ProfileSettings()
    cooccurrence: CooccurrenceSettings = CooccurrenceSettings()
    popularity: PopularitySettings = PopularitySettings()
    ticks: TickSettings = TickSettings()
    lists: ListSettings = ListSettings()
    ranker: RankerSettings = RankerSettings()
    reader: ReaderSettings = ReaderSettings()
    collector: CollectorSettings = CollectorSettings()
    metrics: MetricsSettings = MetricsSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = os.environ.get("HEADRACE_CONFIG", DEFAULT_FILE)
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file)


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; :class:`SettingsError` names each wrong one."""
    named = os.environ.get("HEADRACE_CONFIG")
    if named and not Path(named).is_file():
        raise SettingsError(f"HEADRACE_CONFIG names {named}, which is not a file")
    known = {f"HEADRACE_{name}".upper() for name in Settings.model_fields}
    for name in sorted(n for n in os.environ if n.startswith("HEADRACE_") and n not in NOT_SETTINGS):
        if not any(name == k or name.startswith(k + "_") for k in known):
            raise SettingsError(f"{name} is not a setting; `headrace settings` lists them")
    try:
        return Settings(**overrides)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{named or DEFAULT_FILE} is not TOML: {error}") from error
    except ValidationError as error:
        raise SettingsError("; ".join(map(_wrong, error.errors()))) from error
    except UnreadableError as error:
        raise SettingsError(f"{_not_json() or error} should hold JSON") from error


def env_name(place: Sequence[str]) -> str:
    """The environment variable of a setting: ``("kafka", "client")`` → ``HEADRACE_KAFKA_CLIENT``."""
    return "HEADRACE_" + "_".join(place).upper()


def _not_json() -> str:
    """The variables that should hold JSON and do not; the library names only their section."""
    given = [name for name in _json_variables() if name in os.environ]
    return ", ".join(name for name in given if not _is_json(os.environ[name]))


def _json_variables() -> Iterator[str]:
    """Of whole sections and of tables."""
    for name, field in Settings.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, Section):
            yield env_name([name])
            tables = (inner for inner, f in section.model_fields.items() if get_origin(f.annotation) is dict)
            yield from (env_name([name, inner]) for inner in tables)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _wrong(error: Mapping[str, Any]) -> str:
    """One wrong setting: its place in the TOML file, its variable, what is wrong."""
    place = [str(part) for part in error["loc"]]
    what = "is not a setting" if error["type"] == "extra_forbidden" else error["msg"]
    return f"{'.'.join(place)} ({env_name(place[:2])}): {what}"
