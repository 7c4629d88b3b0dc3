"""An outbox over a producer whose broker answers when the test says so."""

import asyncio
from collections.abc import Awaitable, Callable
from threading import Event as Flag
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from services.web.outbox import Accepted, Busy, KafkaOutbox
from shared.contracts.settings import load_settings

PATIENT_MS, HASTY_MS = 60_000, 100
EVENT = Accepted("view", "e", b"u", b"{}")
FAILED = KafkaError(KafkaError._MSG_TIMED_OUT)


class Broker:
    """Answers each queued message with ``error``; says nothing while ``silent``."""

    def __init__(self, error: KafkaError | None = None, *, silent: bool = False, room: int = 1000) -> None:
        self.error, self.silent, self.room = error, silent, room
        self.waiting: list[Callable[[Any, Any], None]] = []
        self.topics: list[str] = []
        self.flushed = Flag()
        self.polled = Flag()

    def __len__(self) -> int:
        return len(self.waiting)

    def produce(self, topic: str, _value: bytes, _key: bytes, on_delivery: Callable[[Any, Any], None]) -> None:
        if len(self.topics) >= self.room:
            raise BufferError("Local: Queue full")
        self.topics.append(topic)
        self.waiting.append(on_delivery)

    def poll(self, timeout: float) -> int:
        self.polled.set()
        if self.silent or not self.waiting:
            self.flushed.wait(timeout / 10)
            return 0
        self.waiting.pop(0)(self.error, None)
        return 1

    def flush(self, _timeout: float) -> int:
        self.flushed.set()
        return 0

    def list_topics(self, timeout: float) -> object:
        assert timeout > 0
        if self.silent:
            raise KafkaException(FAILED)
        return object()


def with_outbox(broker: Broker, use: Callable[[KafkaOutbox], Awaitable[Any]]) -> Any:
    async def used() -> Any:
        producer: Any = broker
        deadline = HASTY_MS if broker.silent else PATIENT_MS
        async with KafkaOutbox(load_settings(), producer, 100, deadline / 1000) as outbox:
            return await use(outbox)

    return asyncio.run(used())


def test_what_the_producer_says_is_heard_before_any_event() -> None:
    """librdkafka keeps it else, while the broker is away some messages a second."""
    broker = Broker()

    async def idle(_: KafkaOutbox) -> bool:
        return await asyncio.to_thread(broker.polled.wait, PATIENT_MS / 1000)

    assert with_outbox(broker, idle)


def test_a_request_waits_for_the_word_on_each_of_its_events() -> None:
    broker = Broker()
    with_outbox(broker, lambda outbox: outbox.send([EVENT] * 10))

    assert broker.topics == ["view"] * 10
    assert not broker.waiting


def test_no_events_need_no_broker() -> None:
    with_outbox(Broker(silent=True), lambda outbox: outbox.send([]))


@pytest.mark.parametrize(
    ("broker", "said"),
    [
        (Broker(FAILED), "timed out"),
        (Broker(silent=True), "did not answer in time"),
        (Broker(room=3), "Queue full"),
    ],
    ids=["failed", "silent", "full"],
)
def test_events_that_are_not_safe_are_not_accepted(broker: Broker, said: str) -> None:
    with pytest.raises(Busy, match=said):
        with_outbox(broker, lambda outbox: outbox.send([EVENT] * 10))


def test_beyond_the_limit_nothing_is_produced() -> None:
    broker = Broker()
    with pytest.raises(Busy, match="too many"):
        with_outbox(broker, lambda outbox: outbox.send([EVENT] * 101))

    assert not broker.topics


def test_an_answer_after_the_deadline_hurts_nobody() -> None:
    broker = Broker(silent=True)

    async def late(outbox: KafkaOutbox) -> None:
        with pytest.raises(Busy):
            await outbox.send([EVENT])
        broker.silent = False
        outbox._deadline = PATIENT_MS / 1000
        await outbox.send([EVENT])

    with_outbox(broker, late)
    assert len(broker.topics) == 2


def test_whether_the_broker_is_there() -> None:
    assert with_outbox(Broker(), lambda outbox: outbox.reachable())
    assert not with_outbox(Broker(silent=True), lambda outbox: outbox.reachable())
