"""The settings, section by section: their defaults, their bounds, what they mean. Read by :mod:`settings`."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from shared.contracts.aliases import ends
from shared.contracts.event_types import EventType, default_event_types
from shared.contracts.servers import Section
from shared.contracts.topic_names import is_legal, is_reserved, told_apart

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
LONGEST_SECRET = 64  # bytes of a key of BLAKE2b


class EventSettings(Section):
    types: dict[str, EventType] = Field(
        default_factory=default_event_types, description="event types by name; if given, these are all of them"
    )
    max_id_length: int = Field(256, ge=8, le=4096, description="characters of a user, item, session or event id")
    max_record_bytes: int = Field(1_000_000, ge=1000, le=8_000_000, description="a larger raw record is a dead letter")
    max_context_fields: int = Field(16, ge=0, le=256, description="entries of an event's context")
    min_ts_ms: int = Field(946_684_800_000, ge=1, description="earliest event time (2000-01-01: catches seconds)")
    future_tolerance_ms: int = Field(10 * MINUTE_MS, ge=0, description="event time may lead the broker's clock by this")

    @model_validator(mode="after")
    def topics_are_apart(self) -> "EventSettings":
        seen: dict[str, str] = {}
        for name, kind in self.types.items():
            topic = kind.topic or name
            if not is_legal(topic):
                raise ValueError(f"topic {topic!r} of type {name!r} is not a Kafka topic name")
            if is_reserved(topic):
                raise ValueError(f"topic {topic!r} of type {name!r} is one of Headrace's own, or is to Kafka")
            if (other := seen.setdefault(told_apart(topic), name)) != name:
                raise ValueError(f"types {other!r} and {name!r} have one topic, {topic!r}")
        return self


class IdentitySettings(Section):
    trim: bool = Field(True, description="strip white space around ids")
    unicode_nfc: bool = Field(True, description="bring ids to Unicode NFC")
    aliases: dict[str, str] = Field(default_factory=dict, description="item id → the item id it stands for")
    user_secret: str = Field("", description="if set, users are known by a hash keyed with it only")

    @field_validator("user_secret")
    @classmethod
    def fits_a_key(cls, secret: str) -> str:
        if len(secret.encode()) > LONGEST_SECRET:
            raise ValueError(f"a secret has at most {LONGEST_SECRET} bytes in UTF-8")
        return secret

    @field_validator("aliases")
    @classmethod
    def aliases_lead_to_the_end(cls, given: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        """An id may be looked up several times on its way: by a collector and by ingest, say. So none stands for an
        alias, and all are spelt as ids are.
        """
        return ends(given, trim=bool(info.data.get("trim")), nfc=bool(info.data.get("unicode_nfc")))


class TopicSettings(Section):
    raw_partitions: int = Field(4, ge=1, le=1024, description="of raw topics that do not exist yet")
    frames_partitions: int = Field(4, ge=1, le=256, description="of `frames`: how far profiles can be spread")
    items_partitions: int = Field(2, ge=1, le=256, description="of `item-deltas`: how far items can be spread")
    raw_retention_ms: int = Field(7 * DAY_MS, ge=-1, description="of raw topics that Headrace creates")
    examples_retention_ms: int = Field(7 * DAY_MS, ge=-1, description="of what the ranker learns from")


class IngestSettings(Section):
    batch: int = Field(16_000, ge=1, le=100_000, description="events taken at once, at most")
    wait_ms: int = Field(40, ge=1, le=10_000, description="how long a batch may wait to fill")
    commit_ms: int = Field(500, ge=1, le=60_000, description="how often offsets are committed")


class ProfileSettings(Section):
    max_users: int = Field(200_000, ge=1, description="users kept per frames partition; the longest unseen leaves")
    history: int = Field(40, ge=2, le=1000, description="items of a user's history, newest last")
    max_items: int = Field(200_000, ge=1, description="items known per frames partition; the longest unseen leaves")
    max_owned: int = Field(200, ge=1, le=10_000, description="items a user has, or refused, that are remembered")
    dedupe_window: int = Field(32, ge=1, le=4096, description="a user's last event ids, in which a repeat is found")
    max_told: int = Field(16, ge=1, le=100, description="categories liked or avoided, and sessions, kept of a user")
    segments: list[str] = Field(
        default_factory=lambda: ["segment", "gender", "age_group", "country"],
        description="attributes of user records by whose values users are one segment",
    )
    max_events_per_minute: int = Field(120, ge=1, description="of one user; more is taken for a bot, not learned")


class CooccurrenceSettings(Section):
    max_items: int = Field(200_000, ge=1, description="items kept per item-deltas partition, and terms of titles")
    neighbours: int = Field(64, ge=1, le=1000, description="neighbours kept per item")
    published: int = Field(50, ge=1, le=1000, description="neighbours written to sim:{item}")
    pairs_per_event: int = Field(15, ge=1, le=100, description="earlier items of the history that an event pairs with")
    gap_weight: float = Field(0.8, gt=0, le=1, description="a pair's weight per position between its items")
    few_items: int = Field(4096, ge=0, description="in a shop of at most so many, four times as many are kept")
    embedding_dimensions: int = Field(384, ge=0, le=1024, description="of an embedding; a longer one is not read")
    half_life_ms: int = Field(90 * DAY_MS, ge=MINUTE_MS, description="of a pair's count")
    quick_half_life_ms: int = Field(2 * HOUR_MS, ge=MINUTE_MS, description="of what came right after what just now")
    row_exponent: float = Field(0.5, ge=0, le=1, description="row i: c_ij / ((n_i+s)^row · (n_j+s)^column)")
    column_exponent: float = Field(0.15, ge=0, le=1, description="row i: c_ij / ((n_i+s)^row · (n_j+s)^column)")
    shrinkage: float = Field(3.0, ge=0, description="s of the same formula")
    rows_per_tick: int = Field(500, ge=1, description="sim: rows written per tick; the rest at the next")
    bought: list[str] = Field(
        default_factory=lambda: ["purchase"],
        description="event types, of meaning own, whose item is counted as bought with what the user has; []: none",
    )
    bought_pairs: int = Field(10, ge=1, le=100, description="items taken before that one that is bought is paired with")
    bought_neighbours: int = Field(20, ge=1, le=200, description="items bought with it that are kept per item, told")

    def of_bought(self) -> "CooccurrenceSettings":
        """The same rules for rows of what was bought together."""
        few = self.bought_neighbours
        return self.model_copy(update={"neighbours": few, "published": few})


class PopularitySettings(Section):
    half_lives_ms: dict[str, Annotated[int, Field(ge=MINUTE_MS)]] = Field(
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
    contexts: list[str] = Field(
        default_factory=lambda: ["device", "country"],
        description="fields of the context whose values get trending of their own; hour: the event's, if it names none",
    )
    max_contexts: int = Field(200, ge=0, description="values of contexts and segments that get them, per partition")
    context_items: int = Field(1000, ge=10, description="items counted for each of these")

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
    rows_ms: int = Field(
        1000, ge=10, description="least time from a row's being written to the next, if it keeps changing"
    )
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
    explore: int = Field(10, ge=0, le=100, description="items hardly known yet that stand ready beside a list")
    ttl_s: int = Field(30 * 86_400, ge=60, description="a list nobody refreshed is gone after this")
    neighbour_cache_items: int = Field(500_000, ge=100, description="items whose rows and numbers a worker holds")
    neighbour_cache_ttl_ms: int = Field(
        1000,
        ge=0,
        description="age at which an item is read again; up to ten times as high once it is known for long, 3,600 "
        "times for what the catalogue says is like it; ten times while turns are long",
    )


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


ColdStart = Literal["session", "preferences", "context", "segment", "category", "trending", "popular"]
COLD_START: tuple[ColdStart, ...] = (
    "session",
    "preferences",
    "context",
    "segment",
    "category",
    "trending",
    "popular",
)


class ReaderSettings(Section):
    host: str = Field("127.0.0.1", description="address the reader listens on")
    port: int = Field(8080, ge=0, le=65535, description="port of the reader, /metrics included")
    deadline_ms: int = Field(250, ge=5, description="Redis gets this long; then the last known answer is served")
    refresh_ms: int = Field(250, ge=20, description="how often trending and availability are read into memory")
    max_items: int = Field(100, ge=1, le=1000, description="largest n of a request")
    fresh_ms: int = Field(60_000, ge=0, description="a list older than this (event time) is ranked anew when read")
    catalogue_items: int = Field(100_000, ge=100, description="items of the catalogue held in memory")
    market_field: str = Field("country", description="the field of the context that names the market of prices, stock")
    cold_start: list[ColdStart] = Field(
        default_factory=lambda: list(COLD_START), description="where a list comes from for whom there is none, in order"
    )
    trending_half_age_ms: int = Field(HOUR_MS, ge=1, description="age of a list at which trending weighs half its most")
    trending_weight: float = Field(0.5, ge=0, le=1, description="most that current trending may weigh in a fused list")
    batch_weight: float = Field(
        0.3, ge=0, le=1, description="what a batch list weighs in a list; 0: it only fills it up"
    )
    last_known_lists: int = Field(10_000, ge=0, description="lists held for when Redis is gone")
    telling_ms: int = Field(5000, ge=100, description="Kafka has to take what a user tells within this; else: 503")
    impressions: bool = Field(True, description="log each answer to the impression topic")
    impression_queue: int = Field(10_000, ge=1, description="answers waiting to be logged; more are dropped, counted")
    page_users: list[str] = Field(
        default_factory=list, description="users whom the reader's own page offers to look at"
    )
    page_collector: str = Field(
        "", pattern=r"^(https?://[\w.:\[\]-]+)?$", description="collector that this page sends views to; empty: to none"
    )


class RerankSettings(Section):
    diversity: float = Field(0.3, ge=0, le=1, description="how much an answer avoids more of the same (MMR); 0: not")
    exploration: float = Field(0.035, ge=0, le=0.5, description="share of the places for items hardly known yet")
    popularity_bias: float = Field(0.0, ge=0, le=1, description="how much the popular give way to the less popular")
    stable_ms: int = Field(10 * MINUTE_MS, ge=1000, description="who asks again within this explores the same items")
    rules: str = Field("rules.toml", description="the file of rules, read again when it changes; empty: none")


class CollectorSettings(Section):
    host: str = Field("127.0.0.1", description="address the collector listens on")
    port: int = Field(8081, ge=0, le=65535, description="port of the collector, /metrics included")
    max_body_bytes: int = Field(4_000_000, ge=1000, description="largest body of a request")
    max_batch: int = Field(1000, ge=1, le=100_000, description="events in one request")
    queue: int = Field(100_000, ge=100, description="events waiting for the broker; beyond it: 503")
    deadline_ms: int = Field(10_000, ge=100, description="the broker has to acknowledge within this; else: 503")
    allow_origins: list[Annotated[str, Field(pattern=r"^(\*|null|[a-z][a-z0-9+.-]*://[^/\s]+)$")]] = Field(
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
