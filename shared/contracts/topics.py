"""The Kafka topics: names, partitions, retention, compaction. Creation is in shared.adapters.kafka_topics."""

from dataclasses import dataclass, field

from shared.contracts.settings import Settings

FRAMES = "frames"
ITEM_DELTAS = "item-deltas"
TOPS = "tops"
EXAMPLES = "examples"
STATE_PROFILES = "state.profiles"
STATE_ITEMS = "state.items"
STATE_LEARNER = "state.learner"
DEAD_LETTER = "dead-letter"
SKIPS = "skips"
RAW_IDS = "raw-ids"
IMPRESSION = "impression"
ITEM = "item"
USER = "user"
BATCH_LIST = "batch-list"
WORKER = "worker"

FOREVER = {"retention.ms": "-1", "retention.bytes": "-1"}
STATE_FILE_BYTES = 64_000_000  # a file is compacted once the next one is begun: a restore reads what is left
LARGEST_DEAD_LETTER = 10_000_000
LARGEST_RAW = 8_000_000


@dataclass(frozen=True)
class Topic:
    """One topic as it is created when it does not exist; an existing one is left as it is."""

    name: str
    partitions: int
    config: dict[str, str] = field(default_factory=dict)


FOLDED = (FRAMES, ITEM_DELTAS, TOPS, EXAMPLES, BATCH_LIST)
"""What workers fold."""
OF_A_GENERATION = {ITEM_DELTAS, TOPS}
"""What a generation folds `frames` into: each has logs of its own from the second on."""


def topic_name(settings: Settings, short: str) -> str:
    """The topic's name on the broker: the tenant's prefix and the generation, where there is one."""
    if short in OF_A_GENERATION and settings.generation > 1:
        short = f"{short}.{settings.generation}"
    return f"{settings.tenant}.{short}" if settings.tenant else short


def raw_topics(settings: Settings) -> dict[str, str]:
    """Topic on the broker → event type, plus the `item` and `user` record topics."""
    events = {topic_name(settings, kind.topic or name): name for name, kind in settings.events.types.items()}
    return events | {topic_name(settings, ITEM): ITEM, topic_name(settings, USER): USER}


def all_topics(settings: Settings) -> list[Topic]:
    """Every topic that Headrace reads or writes."""
    sizes = settings.topics
    raw = {
        "retention.ms": str(sizes.raw_retention_ms),
        "max.message.bytes": str(LARGEST_RAW),
        "message.timestamp.type": "LogAppendTime",
    }
    records = {"cleanup.policy": "compact", "max.message.bytes": str(LARGEST_RAW)}
    wide = {"max.message.bytes": str(LARGEST_RAW)}
    state = {"cleanup.policy": "compact", "segment.bytes": str(STATE_FILE_BYTES)} | wide
    ours = [
        Topic(FRAMES, sizes.frames_partitions, FOREVER | wide),
        Topic(ITEM_DELTAS, sizes.items_partitions, FOREVER | wide),
        Topic(TOPS, 1, {"cleanup.policy": "compact"} | wide),
        Topic(STATE_PROFILES, sizes.frames_partitions, state),
        Topic(STATE_ITEMS, sizes.items_partitions, state),
        Topic(STATE_LEARNER, 1, state),
        Topic(EXAMPLES, 1, {"retention.ms": str(sizes.examples_retention_ms)} | wide),
        Topic(BATCH_LIST, 1, records),
        Topic(SKIPS, 1, {"cleanup.policy": "compact"}),
        Topic(RAW_IDS, 1, {"cleanup.policy": "compact"}),
        Topic(DEAD_LETTER, 1, FOREVER | {"max.message.bytes": str(LARGEST_DEAD_LETTER)}),
        Topic(IMPRESSION, sizes.raw_partitions, {"retention.ms": str(sizes.raw_retention_ms)}),
    ]
    named = [Topic(topic_name(settings, t.name), t.partitions, t.config) for t in ours]
    kinds = raw_topics(settings)
    return named + [
        Topic(name, sizes.raw_partitions, records if kind in {ITEM, USER} else raw) for name, kind in kinds.items()
    ]


def partition_counts(settings: Settings) -> dict[str, int]:
    """Of the topics that workers fold, by short name."""
    sizes = settings.topics
    return {FRAMES: sizes.frames_partitions, ITEM_DELTAS: sizes.items_partitions, TOPS: 1, EXAMPLES: 1, BATCH_LIST: 1}


def group_name(settings: Settings, part: str) -> str:
    """The consumer group of a part: ``headrace-ingest``, ``shop-ingest`` for tenant shop. The workers of a later
    generation are a group of their own, which begins at the log's beginning: ``headrace-worker-2``.
    """
    later = f"-{settings.generation}" if part == WORKER and settings.generation > 1 else ""
    return f"{settings.tenant or 'headrace'}-{part}{later}"
