"""Logging an answer never waits: what does not fit is dropped and counted."""

from collections.abc import Callable
from typing import Any

import msgspec
from confluent_kafka import KafkaError, KafkaException

from services.reader.events.impressions import ImpressionLog, count_lost, impression_log
from shared.adapters.metrics import IMPRESSIONS_DROPPED
from shared.contracts.impressions import Impression
from shared.contracts.sections import ReaderSettings
from shared.contracts.servers import KafkaSettings
from shared.contracts.settings import Settings

BATCH = 10
ONE = Impression("r1", "ann", 5, "personal", ["a"])


class FakeProducer:
    """Takes ``room`` records, then says that its queue is full."""

    def __init__(self, room: int, error: Exception | None = None) -> None:
        self.room = room
        self.error = error or BufferError("queue full")
        self.produced: list[tuple[str, bytes, str | None]] = []

    def produce_batch(self, topic: str, messages: list[dict[str, Any]], **_: Any) -> int:
        if not self.room:
            raise self.error
        taken = messages[: self.room - len(self.produced)]
        self.produced += [(topic, message["value"], message["key"]) for message in taken]
        return len(taken)

    def poll(self, seconds: float) -> int:
        assert seconds == 0
        return 0

    def flush(self, seconds: float) -> int:
        assert seconds < 5
        return len(self.produced)


def dropped() -> float:
    return next(s.value for family in IMPRESSIONS_DROPPED.collect() for s in family.samples if s.name.endswith("total"))


class Later:
    """Holds what is to be called."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def __call__(self, _: float, call: Callable[[], None]) -> None:
        self.due.append(call)


def log_of(producer: FakeProducer, later: Later | None = None) -> ImpressionLog:
    return ImpressionLog(producer, "impression", BATCH, later or Later())  # type: ignore[arg-type]


def test_an_impression_is_keyed_by_user() -> None:
    producer = FakeProducer(2)
    log = log_of(producer)
    log.add(ONE)
    log.add(Impression("r2", "", 5, "trending", ["a"]))
    log.send()
    topic, value, key = producer.produced[0]
    assert (topic, key, msgspec.json.decode(value, type=Impression)) == ("impression", "ann", ONE)
    assert producer.produced[1][2] is None, "nobody's impressions may go to any partition"


def test_what_does_not_fit_is_dropped_and_counted() -> None:
    before, log = dropped(), log_of(FakeProducer(1))
    for _ in range(4):
        log.add(ONE)
    log.send()
    assert dropped() == before + 3


def test_many_go_at_once_soon_or_when_they_are_many() -> None:
    producer, later = FakeProducer(1000), Later()
    log = log_of(producer, later)
    log.add(ONE)
    log.add(ONE)
    assert not producer.produced
    assert len(later.due) == 1
    later.due.pop()()
    assert len(producer.produced) == 2
    for _ in range(BATCH):
        log.add(ONE)
    assert len(producer.produced) == 2 + BATCH
    later.due.pop()()
    assert len(producer.produced) == 2 + BATCH


def test_what_kafka_refuses_is_counted() -> None:
    before = dropped()
    log = log_of(FakeProducer(0, KafkaException(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))))
    log.add(ONE)
    log.send()
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
    before, log = dropped(), impression_log(settings, Later())
    for _ in range(50):
        log.add(ONE)
    assert dropped() == before + 40
    log._producer.purge()
    log._producer.flush(5)
