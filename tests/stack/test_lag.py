import json
import subprocess
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from confluent_kafka import KafkaError, TopicPartition

from shared.adapters.kafka_clients import event_producer, group_consumer, transactional_producer
from shared.adapters.kafka_lag import Lag, LagReader
from shared.adapters.kafka_topics import ensure_topics
from shared.contracts.errors import Unavailable
from shared.contracts.settings import Settings, load_settings
from shared.contracts.topics import group_name, partition_counts, topic_name
from tests.stack.parts import headrace, variables_of

pytestmark = pytest.mark.stack
HOUR_MS = 3_600_000


@pytest.fixture
def reader(settings: Settings) -> Iterator[LagReader]:
    ensure_topics(settings)
    with closing(LagReader(settings)) as reader:
        yield reader


def produce(settings: Settings, short: str, partition: int, records: int) -> list[int]:
    """The broker's times of so many new records; keyed, since a compacted topic takes no others."""
    told: list[tuple[KafkaError | None, int]] = []
    producer = event_producer(settings.kafka)
    for n in range(records):
        producer.produce(
            topic_name(settings, short),
            str(n),
            key=str(n),
            partition=partition,
            on_delivery=lambda error, m: told.append((error, m.timestamp()[1])),
        )
    producer.flush()
    assert [error for error, _ in told] == [None] * records
    return [time for _, time in told]


def commit(settings: Settings, part: str, short: str, partition: int, offset: int) -> None:
    consumer = group_consumer(settings.kafka, group_name(settings, part))
    place = TopicPartition(topic_name(settings, short), partition, offset)
    consumer.commit(offsets=[place], asynchronous=False)
    consumer.close()


def at(lags: list[Lag], settings: Settings, short: str, partition: int) -> Lag:
    (found,) = [lag for lag in lags if (lag.topic, lag.partition) == (topic_name(settings, short), partition)]
    return found


def test_every_partition_of_every_topic_is_there_and_nothing_is_behind(settings: Settings, reader: LagReader) -> None:
    lags = reader.read(now_ms=0)
    raw = (len(settings.events.types) + 2) * settings.topics.raw_partitions
    assert len(lags) == raw + sum(partition_counts(settings).values())
    assert {(lag.committed, lag.records_behind, lag.seconds_behind) for lag in lags} == {(None, 0, 0.0)}


def test_a_group_that_never_committed_is_behind_by_the_whole_log(settings: Settings, reader: LagReader) -> None:
    times = produce(settings, "view", 1, 3)
    lag = at(reader.read(now_ms=times[0] + HOUR_MS), settings, "view", 1)
    assert (lag.group, lag.committed, lag.end) == (group_name(settings, "ingest"), None, 3)
    assert (lag.records_behind, lag.seconds_behind) == (3, 3600.0)


def test_seconds_are_those_of_the_first_record_that_waits(settings: Settings, reader: LagReader) -> None:
    produce(settings, "frames", 0, 2)
    second = produce(settings, "frames", 0, 2)
    commit(settings, "worker", "frames", 0, 2)
    lag = at(reader.read(now_ms=second[0] + HOUR_MS), settings, "frames", 0)
    assert (lag.group, lag.committed, lag.end) == (group_name(settings, "worker"), 2, 4)
    assert (lag.records_behind, lag.seconds_behind) == (2, 3600.0)


def test_it_follows_what_is_committed(settings: Settings, reader: LagReader) -> None:
    """The same reader sees new records and new commits, also in partitions that it has read before."""
    seen = []
    for done in (1, 2, 2):
        times = produce(settings, "tops", 0, 1)
        commit(settings, "worker", "tops", 0, done)
        lag = at(reader.read(now_ms=times[0] + HOUR_MS), settings, "tops", 0)
        seen.append((lag.records_behind, lag.seconds_behind))
    assert seen == [(0, 0.0), (0, 0.0), (1, 3600.0)]


def test_a_clock_behind_the_brokers_makes_no_negative_age(settings: Settings, reader: LagReader) -> None:
    produce(settings, "view", 0, 1)
    assert at(reader.read(now_ms=0), settings, "view", 0).seconds_behind == 0.0


def test_an_offset_beyond_the_end_is_not_negative(settings: Settings, reader: LagReader) -> None:
    """A topic that was deleted and made anew."""
    produce(settings, "view", 0, 1)
    commit(settings, "ingest", "view", 0, 50)
    assert at(reader.read(now_ms=0), settings, "view", 0).records_behind == 0


def command(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return headrace(variables_of(settings), "lag", *arguments)


def test_the_command_prints_one_document(settings: Settings, reader: LagReader) -> None:
    del reader  # it has made the topics
    produce(settings, "view", 0, 3)
    done = command(settings, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["records_behind"] == 3
    assert [group["group"] for group in found["groups"]] == [
        group_name(settings, "ingest"),
        group_name(settings, "worker"),
    ]


def test_a_broker_that_is_away_is_said_and_why() -> None:
    nobody = load_settings(tenant="t", kafka={"bootstrap_servers": "127.0.0.1:1"})
    done = command(nobody)
    assert done.returncode == 1
    why, what = done.stderr.splitlines()
    assert why.startswith("Kafka: 127.0.0.1:1")
    assert what.startswith("headrace: no answer from Kafka")
    assert what.endswith("(127.0.0.1:1)")
    with closing(LagReader(nobody)) as reader, pytest.raises(Unavailable):
        reader.read(now_ms=0)


def test_the_mark_of_a_transaction_waits_for_nobody(settings: Settings, reader: LagReader) -> None:
    """`headrace replay-dead-letter` sends in transactions, and a consumer commits behind the last record it took."""
    producer = transactional_producer(settings.kafka, f"{settings.tenant}-lag")
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(topic_name(settings, "view"), b"{}", partition=0)
    producer.commit_transaction(30)
    waiting = at(reader.read(now_ms=0), settings, "view", 0)
    commit(settings, "ingest", "view", 0, 1)
    taken = at(reader.read(now_ms=0), settings, "view", 0)
    assert (waiting.records_behind, waiting.end) == (2, 2)
    assert (taken.committed, taken.end, taken.records_behind, taken.seconds_behind) == (1, 2, 0, 0.0)


def test_a_second_look_knows_the_ages_too(settings: Settings, reader: LagReader) -> None:
    times = produce(settings, "view", 1, 1)
    for hours in (1, 2):
        lag = at(reader.read(now_ms=times[0] + hours * HOUR_MS), settings, "view", 1)
        assert lag.seconds_behind == hours * 3600.0
