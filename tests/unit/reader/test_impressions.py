"""Logging an answer never waits: what does not fit is dropped and counted."""

from typing import Any

import msgspec
from confluent_kafka import KafkaError, KafkaException

from services.reader.impressions import ImpressionLog, count_lost, impression_log
from shared.adapters.metrics import IMPRESSIONS_DROPPED
from shared.contracts.impressions import Impression
from shared.contracts.settings import KafkaSettings, ReaderSettings, Settings

ONE = Impression("r1", "ann", 5, "personal", ["a"])


class FakeProducer:
    """Takes ``room`` records, then says that its queue is full."""

    def __init__(self, room: int, error: Exception | None = None) -> None:
        self.room = room
        self.error = error or BufferError("queue full")
        self.produced: list[tuple[str, bytes, str | None]] = []

    def produce(self, topic: str, value: bytes, key: str | None, **_: Any) -> None:
        if len(self.produced) >= self.room:
            raise self.error
        self.produced.append((topic, value, key))

    def poll(self, seconds: float) -> int:
        assert seconds == 0
        return 0

    def flush(self, seconds: float) -> int:
        assert seconds < 5
        return len(self.produced)


def dropped() -> float:
    return next(s.value for family in IMPRESSIONS_DROPPED.collect() for s in family.samples if s.name.endswith("total"))


def log_of(producer: FakeProducer) -> ImpressionLog:
    return ImpressionLog(producer, "impression")  # type: ignore[arg-type]


def test_an_impression_is_keyed_by_user() -> None:
    producer = FakeProducer(2)
    log_of(producer).add(ONE)
    log_of(producer).add(Impression("r2", "", 5, "trending", ["a"]))
    topic, value, key = producer.produced[0]
    assert (topic, key, msgspec.json.decode(value, type=Impression)) == ("impression", "ann", ONE)
    assert producer.produced[1][2] is None, "nobody's impressions may go to any partition"


def test_what_does_not_fit_is_dropped_and_counted() -> None:
    before, log = dropped(), log_of(FakeProducer(1))
    for _ in range(4):
        log.add(ONE)
    assert dropped() == before + 3


def test_what_kafka_refuses_is_counted() -> None:
    before = dropped()
    log_of(FakeProducer(0, KafkaException(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)))).add(ONE)
    count_lost(KafkaError(KafkaError._MSG_TIMED_OUT), None)  # type: ignore[arg-type]
    assert dropped() == before + 2


def test_the_rest_at_the_end_is_counted() -> None:
    before, log = dropped(), log_of(FakeProducer(2))
    log.add(ONE)
    log.close()
    assert dropped() == before + 1


def test_a_real_producer_without_kafka_fills_its_queue_and_drops() -> None:
    settings = Settings(
        kafka=KafkaSettings(bootstrap_servers="127.0.0.1:1"), reader=ReaderSettings(impression_queue=10)
    )
    before, log = dropped(), impression_log(settings)
    for _ in range(50):
        log.add(ONE)
    assert dropped() == before + 40
    log._producer.purge()
    log._producer.flush(5)
