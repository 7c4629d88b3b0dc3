"""Producing with a promise: what was produced is in the log after ``flush``, or the process ends."""

from collections.abc import Sequence

from confluent_kafka import KafkaError, Message, Producer

from shared.contracts.errors import Unavailable

FLUSH_S = 30.0
Headers = list[tuple[str, str | bytes | None]]


class Delivery:
    """An exact producer and its first delivery error, raised at the next call."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._failed: str | None = None

    def produce(
        self,
        topic: str,
        value: bytes | None,
        *,
        partition: int = -1,
        key: bytes | None = None,
        headers: Headers | None = None,
    ) -> None:
        """Queue a record; waits for room when the queue is full."""
        while True:
            self._check()
            try:
                self._producer.produce(
                    topic, value, key=key, partition=partition, headers=headers or [], on_delivery=self._delivered
                )
            except BufferError:
                self._producer.poll(0.1)
            else:
                self._producer.poll(0)
                return

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is not None and self._failed is None:
            self._failed = f"{message.topic()}/{message.partition()}: {error.str()}"

    def _check(self) -> None:
        if self._failed is not None:
            raise Unavailable(f"a record was not delivered: {self._failed}")

    def flush(self) -> None:
        """Wait until everything queued is acknowledged; :class:`Unavailable` if something was not."""
        left = self._producer.flush(FLUSH_S)
        self._check()
        if left:
            raise Unavailable(f"{left} records were not acknowledged within {FLUSH_S:.0f} s")


def text_headers(pairs: Sequence[tuple[str, object]]) -> Headers:
    """Headers as text."""
    return [(name, str(value)) for name, value in pairs]
