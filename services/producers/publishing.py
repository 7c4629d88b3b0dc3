"""Messages → the raw topics: keyed by user, paced, delivery errors counted, the queue's limit respected."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from services.producers.pacing import Pace
from services.producers.records import UNPACED, Outgoing
from shared.adapters.kafka_clients import event_producer
from shared.adapters.kafka_topics import ensure_topics, there
from shared.contracts.errors import Unavailable
from shared.contracts.settings import Settings
from shared.contracts.topics import BATCH_LIST, raw_topics, topic_name

STUCK_S = 60.0  # a full queue that does not move for this long is an outage
FLUSH_S = 120.0
POLL_EVERY = 2000
_NAP_S = 0.05  # longest sleep between polls


def connect(settings: Settings) -> "Publisher":
    """Make sure that the broker answers and the topics exist. Raises :class:`Unavailable`."""
    there(settings)
    ensure_topics(settings)
    return Publisher(settings)


class Publisher:
    """Counts what was sent by kind and what was not delivered by reason. Not to be shared between threads."""

    def __init__(self, settings: Settings, producer: Producer | None = None) -> None:
        self._topics = {kind: topic for topic, kind in raw_topics(settings).items()}
        self._topics[BATCH_LIST] = topic_name(settings, BATCH_LIST)
        self.sent: Counter[str] = Counter()
        self.undelivered: Counter[str] = Counter()
        self._producer = producer or event_producer(settings.kafka, **self._options())

    def _options(self) -> dict[str, Any]:
        return {
            "on_delivery": self._reported,
            "delivery.report.only.error": True,
            "linger.ms": 20,
            "queue.buffering.max.messages": 200_000,
            "queue.buffering.max.kbytes": 131_072,
        }

    def _reported(self, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            self.undelivered[error.str()] += 1

    def send(self, message: Outgoing) -> None:
        """Queue one message; waits while the queue is full. Raises :class:`Unavailable` if it stays so."""
        topic = self._topics[message.kind]
        self.sent[message.kind] += 1
        try:
            self._producer.produce(topic, message.value, message.key, message.partition)
        except BufferError:
            self._send_when_there_is_room(topic, message)
        except KafkaException as error:
            self.undelivered[error.args[0].str()] += 1

    def _send_when_there_is_room(self, topic: str, message: Outgoing) -> None:
        deadline = time.monotonic() + STUCK_S
        while time.monotonic() < deadline:
            self._producer.poll(_NAP_S)
            try:
                self._producer.produce(topic, message.value, message.key, message.partition)
            except BufferError:
                continue
            return
        raise Unavailable(f"Kafka takes nothing: {len(self._producer)} messages wait for more than {STUCK_S:.0f} s")

    def send_all(
        self, messages: Iterable[Outgoing], pace: Pace, first_at: int, tell: Callable[[int], None] | None = None
    ) -> int:
        """Send them at their pace (``at`` < 0: at once); ``tell`` hears how many events were sent, now and then.

        The first is due at ``first_at``. Returns the number of events, which catalogue records are not.
        """
        start, told, n = time.monotonic(), 0, 0
        paced = pace.speed is not None or pace.rate is not None
        for message in messages:
            if paced and message.at != UNPACED:
                self._wait(start + pace.due(n, message.at - first_at))
            self.send(message)
            n += message.at != UNPACED
            if n - told >= POLL_EVERY or (paced and n % 64 == 0):
                self._producer.poll(0)
                if tell:
                    tell(n - told)
                told = n
        if tell:
            tell(n - told)
        return n

    def _wait(self, until: float) -> None:
        while (left := until - time.monotonic()) > 0:
            self._producer.poll(min(left, _NAP_S))

    def flush(self) -> None:
        """Wait for the broker's word on everything; what it never gave a word on counts as undelivered."""
        left = self._producer.flush(FLUSH_S)
        if left:
            self.undelivered["no answer from the broker"] += left

    def close(self) -> None:
        """Flush and let go of the broker."""
        self._producer.close()
