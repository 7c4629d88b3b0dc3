"""Rounds of records and the producer's word on them."""

from collections.abc import Callable
from threading import Event
from typing import Any, cast

import msgspec
import pytest
from confluent_kafka import KafkaError, Producer

from shared.contracts.deltas import unpacked
from shared.contracts.errors import Unavailable
from streams.out.delivery import PACK_BYTES, ROUNDS_UNDER_WAY, Delivery, UnderWay
from streams.out.view_thread import Behind

ONE, TWO = msgspec.msgpack.encode(1), msgspec.msgpack.encode(2)


class Broker:
    """A producer whose records are answered when the test says so; ``room`` records fit into its queue."""

    def __init__(self, room: int = 100) -> None:
        self.room = room
        self.waiting: list[tuple[str, Callable[..., None]]] = []
        self.topics: list[str] = []
        self.values: list[bytes] = []
        self._answers: list[tuple[Callable[..., None], KafkaError | None, str]] = []

    def produce(self, topic: str, value: bytes | None, *, on_delivery: Callable[..., None], **_: Any) -> None:
        if len(self.waiting) >= self.room:
            raise BufferError
        self.waiting.append((topic, on_delivery))
        self.topics.append(topic)
        self.values.append(value or b"")

    def answer(self, count: int, error: KafkaError | None = None) -> None:
        """The first ``count`` records have landed, or failed; heard at the next poll."""
        self._answers += [(callback, error, topic) for topic, callback in self.waiting[:count]]
        del self.waiting[:count]

    def poll(self, timeout: float) -> int:
        if timeout:  # waited for room: the broker takes one
            self.answer(1)
        answers, self._answers = self._answers, []
        for callback, error, topic in answers:
            callback(error, Told(topic))
        return len(answers)

    def flush(self, _timeout: float) -> int:
        self.answer(len(self.waiting))
        self.poll(0)
        return 0


class Told:
    def __init__(self, topic: str) -> None:
        self._topic = topic

    def topic(self) -> str:
        return self._topic

    def partition(self) -> int:
        return 3


def opened(room: int = 100) -> tuple[Broker, Delivery]:
    broker = Broker(room)
    return broker, Delivery(cast("Producer", broker))


def test_a_round_has_landed_when_each_of_its_records_has() -> None:
    broker, delivery = opened()
    for _ in range(2):
        delivery.produce("frames", b"")
    first = delivery.close_round()
    delivery.produce("frames", b"")
    second = delivery.close_round()
    broker.answer(1)
    delivery.poll()
    assert (first.landed, second.landed) == (False, False)
    broker.answer(1)
    delivery.poll()
    assert (first.landed, second.landed) == (True, False)
    delivery.flush()
    assert second.landed


def test_a_round_without_records_has_landed() -> None:
    _, delivery = opened()
    assert delivery.close_round().landed


def test_a_record_that_is_not_delivered_is_said_with_its_topic() -> None:
    broker, delivery = opened()
    delivery.produce("item-deltas", b"")
    broker.answer(1, KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))
    with pytest.raises(Unavailable, match="item-deltas/3"):
        delivery.poll()
    with pytest.raises(Unavailable, match="item-deltas/3"):
        delivery.produce("frames", b"")


def test_a_full_queue_is_waited_for() -> None:
    broker, delivery = opened(room=1)
    delivery.produce("frames", b"")
    first = delivery.close_round()
    delivery.produce("tops", b"")
    assert first.landed
    assert [topic for topic, _ in broker.waiting] == ["tops"]


def test_rounds_become_due_in_their_order() -> None:
    broker, delivery = opened()
    under_way: UnderWay[str] = UnderWay(delivery)
    delivery.produce("frames", b"")
    under_way.close_round("first")
    under_way.close_round("second, with nothing in it")
    assert under_way.landed() == []
    assert under_way
    broker.answer(1)
    assert under_way.landed() == ["first", "second, with nothing in it"]
    assert not under_way


def test_a_round_lands_once_its_views_are_written() -> None:
    writing, gate, done = Behind(), Event(), Event()
    broker, delivery = opened()
    under_way: UnderWay[str] = UnderWay(delivery, writing)

    def wait() -> None:
        assert gate.wait(10)

    writing.put(wait)
    writing.put(done.set)
    under_way.close_round("first")
    assert under_way.landed() == []
    gate.set()
    assert done.wait(10)
    writing.settle()
    assert under_way.landed() == ["first"]
    assert broker.waiting == []


def test_too_many_rounds_under_way_are_waited_for() -> None:
    _, delivery = opened()
    under_way: UnderWay[int] = UnderWay(delivery)
    for number in range(ROUNDS_UNDER_WAY + 1):
        assert under_way.landed() == []
        delivery.produce("frames", b"")
        under_way.close_round(number)
    assert under_way.landed() == list(range(ROUNDS_UNDER_WAY + 1))


def packs_in(broker: Broker) -> list[tuple[str, list[bytes]]]:
    return [(topic, unpacked(value)) for topic, value in zip(broker.topics, broker.values, strict=True)]


def test_what_a_turn_has_for_a_partition_is_one_record_of_its_round() -> None:
    broker, delivery = opened()
    delivery.pack("deltas", ONE, 0)
    delivery.pack("other", ONE, 0)
    delivery.pack("deltas", TWO, 0)
    assert broker.values == []
    closed = delivery.close_round()
    assert packs_in(broker) == [("deltas", [ONE, TWO]), ("other", [ONE])]
    assert not closed.landed
    broker.answer(2)
    delivery.poll()
    assert closed.landed


def test_a_flush_waits_for_what_is_packed_too() -> None:
    broker, delivery = opened()
    delivery.pack("deltas", ONE, 0)
    delivery.flush()
    assert packs_in(broker) == [("deltas", [ONE])]
    assert delivery.close_round().landed


class Weighed(bytes):
    """Notes how often it is asked for its size."""

    asked = 0

    def __len__(self) -> int:
        Weighed.asked += 1
        return super().__len__()


def test_what_is_packed_is_weighed_once() -> None:
    """Who catches up with a log packs thousands of small pieces."""
    delivery = Delivery(cast("Producer", Broker()))
    for _ in range(50):
        delivery.pack("deltas", Weighed(ONE), 0)
    assert Weighed.asked == 50


def test_a_large_pack_does_not_wait() -> None:
    broker, delivery = opened()
    half = msgspec.msgpack.encode(b"x" * (PACK_BYTES // 2))
    for _ in range(3):
        delivery.pack("deltas", half, 0)
    assert packs_in(broker) == [("deltas", [half, half])]
    delivery.send_packs()
    assert packs_in(broker) == [("deltas", [half, half]), ("deltas", [half])]
