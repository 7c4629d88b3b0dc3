from typing import Any

from confluent_kafka import KafkaError

from services.producers.pacing import Pace
from services.producers.publishing import Publisher
from services.producers.records import UNPACED, Outgoing
from tests.unit.producers.logs import SETTINGS


class Queue:
    """A producer whose queue is full now and then."""

    def __init__(self, full: int = 0) -> None:
        self.sent: list[tuple[str, bytes | None, bytes]] = []
        self.full, self.polls = full, 0

    def produce(self, topic: str, value: bytes | None, key: bytes, _partition: int) -> None:
        if self.full:
            self.full -= 1
            raise BufferError
        self.sent.append((topic, value, key))

    def poll(self, _timeout: float) -> int:
        self.polls += 1
        return 0

    def flush(self, _timeout: float) -> int:
        return 2


def publisher(queue: Queue) -> Publisher:
    producer: Any = queue
    return Publisher(SETTINGS, producer)


def test_messages_go_to_the_topic_of_their_kind_and_are_counted() -> None:
    queue = Queue()
    ours = publisher(queue)
    told: list[int] = []
    item = Outgoing("item", b"i", b"{}", UNPACED)
    messages = [item, Outgoing("view", b"u", b"1", 5), Outgoing("cart", b"u", None, 6)]

    assert ours.send_all(messages, Pace(), 5, told.append) == 2
    assert queue.sent == [("item", b"{}", b"i"), ("view", b"1", b"u"), ("cart", None, b"u")]
    assert ours.sent == {"item": 1, "view": 1, "cart": 1}
    assert sum(told) == 2


def test_a_full_queue_is_waited_for() -> None:
    queue = Queue(full=3)

    publisher(queue).send(Outgoing("view", b"u", b"1", 5))

    assert len(queue.sent) == 1
    assert queue.polls == 3


def test_what_is_not_delivered_is_counted_by_reason() -> None:
    ours = publisher(Queue())
    message: Any = None
    ours._reported(KafkaError(KafkaError._MSG_TIMED_OUT), message)
    ours._reported(None, message)
    ours.flush()

    assert sum(ours.undelivered.values()) == 3
    assert ours.undelivered["no answer from the broker"] == 2
