"""How far consumer groups are behind: committed offsets against the ends of the logs, in records and in seconds."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from shared.adapters.kafka_clients import admin, ended, log_reader
from shared.adapters.kafka_leaders import NO_LEADER_YET, RETRY_S, led
from shared.adapters.kafka_topics import partitions_by_topic
from shared.contracts.errors import Unavailable
from shared.contracts.settings import Settings
from shared.contracts.topics import FOLDED, group_name, raw_topics, topic_name

TIMEOUT_S = 15.0
FIRST_RECORD_S = 5.0
Place = tuple[str, int]  # topic, partition


@dataclass(frozen=True)
class Lag:
    """One partition as one group sees it. ``committed`` is None if the group never committed there: it is behind by
    the whole log. ``seconds_behind`` is the age of the first record that waits, None if that could not be read.
    """

    group: str
    topic: str
    partition: int
    committed: int | None
    end: int
    records_behind: int
    seconds_behind: float | None


def groups_of(settings: Settings) -> dict[str, list[str]]:
    """Our consumer groups and the topics that each one reads."""
    middle = [topic_name(settings, short) for short in FOLDED]
    return {group_name(settings, "ingest"): sorted(raw_topics(settings)), group_name(settings, "worker"): middle}


class LagReader:
    """Reads the lag of our groups again and again over the same connections. Closed by ``close()``."""

    def __init__(self, settings: Settings) -> None:
        self._groups = groups_of(settings)
        self._where = settings.kafka.bootstrap_servers
        self._admin = admin(settings.kafka)
        # one record per partition is wanted: fetch little, and start at the beginning where the log was cut meanwhile
        small = {"fetch.message.max.bytes": 1024, "queued.max.messages.kbytes": 1024, "auto.offset.reset": "earliest"}
        # each group by a consumer of its own, which never joins: the admin client's ListConsumerGroupOffsets ends the
        # process with a segmentation fault where a coordinator is just being found (librdkafka 2.16, issue 5040)
        self._logs = {group: log_reader(settings.kafka, **small, **{"group.id": group}) for group in self._groups}

    def close(self) -> None:
        for log in self._logs.values():
            log.close()

    def read(self, now_ms: int | None) -> list[Lag]:
        """Every partition of every topic that exists, by group, topic and partition. ``now_ms`` is the clock; without
        one, ages are not asked for, which spares the broker a read from each partition that is behind, and a partition
        at whose end stands only a transaction's mark, which nobody takes, is behind by it.
        """
        try:
            there = partitions_by_topic(self._admin, TIMEOUT_S)
        except Unavailable as error:
            raise Unavailable(f"{error} ({self._where})") from error
        lags = []
        for group, topics in self._groups.items():
            places = [(topic, n) for topic in topics for n in range(there.get(topic, 0))]
            if places:
                lags += self._group(group, places, now_ms)
        return lags

    def _group(self, group: str, places: Sequence[Place], now_ms: int | None) -> list[Lag]:
        committed = committed_offsets(self._logs[group], group, places)
        kept = kept_offsets(self._admin, places)
        last = {place: end for place, (_, end) in kept.items()}
        start = {place: min(max(committed.get(place, 0), first), end) for place, (first, end) in kept.items()}
        waiting = {place: offset for place, offset in start.items() if offset < last[place]}
        arrived = {} if now_ms is None else first_arrivals(self._logs[group], waiting, last)
        waiting = {place: offset for place, offset in waiting.items() if arrived.get(place, 0) is not None}
        return [
            Lag(
                group,
                *place,
                committed.get(place),
                last[place],
                last[place] - start[place] if place in waiting else 0,
                _age(arrived.get(place), now_ms) if place in waiting else 0.0,
            )
            for place in places
        ]


def _age(arrived_ms: int | None, now_ms: int | None) -> float | None:
    """Seconds; never negative, since clocks differ."""
    return None if arrived_ms is None or now_ms is None else max(0, now_ms - arrived_ms) / 1000


def committed_offsets(log: Consumer, group: str, places: Sequence[Place]) -> dict[Place, int]:
    """What the group that ``log`` is named after has committed; nothing for a group that does not exist."""
    try:
        asked = [TopicPartition(*place) for place in places]
        found = led(lambda: log.committed(asked, timeout=TIMEOUT_S), TIMEOUT_S)
    except KafkaException as error:
        raise Unavailable(f"no offsets of group {group}: {error.args[0].str()}") from error
    return {(p.topic, p.partition): p.offset for p in found if p.offset >= 0}


def kept_offsets(client: AdminClient, places: Sequence[Place]) -> dict[Place, tuple[int, int]]:
    """By partition: (first offset kept, offset after the last)."""
    first = _offsets(client, places, OffsetSpec.earliest())  # type: ignore[no-untyped-call]
    last = _offsets(client, places, OffsetSpec.latest())  # type: ignore[no-untyped-call]
    return {place: (first[place], last[place]) for place in places}


def _offsets(client: AdminClient, places: Iterable[Place], which: OffsetSpec) -> dict[Place, int]:
    """Asked again while a partition's leader is just being found, as after its creation or a broker's start."""
    left, found = list(places), dict[Place, int]()
    deadline = time.monotonic() + TIMEOUT_S
    while left:
        wanted = {TopicPartition(*place): which for place in left}
        left = []
        for partition, future in client.list_offsets(wanted, request_timeout=TIMEOUT_S).items():
            place = (partition.topic, partition.partition)
            try:
                found[place] = future.result().offset
            except KafkaException as error:
                if error.args[0].code() not in NO_LEADER_YET or time.monotonic() > deadline:
                    raise Unavailable(f"no offsets of {partition.topic}: {error.args[0].str()}") from error
                left.append(place)
        if left:
            time.sleep(RETRY_S)
    return found


def first_arrivals(log: Consumer, starts: dict[Place, int], ends: dict[Place, int]) -> dict[Place, int | None]:
    """The broker's time (epoch ms) of the first record at or after each offset, where one came in time; None where none
    is left before the end: what stands there are marks of transactions, or was aborted.
    """
    log.assign([TopicPartition(*place, offset) for place, offset in starts.items()])
    try:
        return _first_of_each(log, set(starts), ends)
    finally:
        log.resume([TopicPartition(*place) for place in starts])  # a pause would outlast the assignment
        log.unassign()


def _first_of_each(log: Consumer, missing: set[Place], ends: dict[Place, int]) -> dict[Place, int | None]:
    arrived: dict[Place, int | None] = {}
    while missing:
        message = log.poll(FIRST_RECORD_S)
        if message is None:
            break
        place = (message.topic(), message.partition())
        if place in missing:
            missing.discard(place)
            if not ended(message):
                arrived[place] = message.timestamp()[1]
            elif int(message.offset() or 0) >= ends[place]:  # else a transaction is open
                arrived[place] = None
            log.pause([TopicPartition(*place)])
    return arrived
