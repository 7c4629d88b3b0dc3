"""Producing with a promise: what led to a record is acknowledged only when that record is in the log.

Records are counted in rounds, so that nobody has to stand still until the broker answers: a round has landed when each
of its records has. A record that cannot be delivered ends the process.
"""

from collections.abc import Sequence
from functools import partial

from confluent_kafka import KafkaError, Message, Producer

from shared.contracts.errors import Unavailable

FLUSH_S = 30.0
Headers = list[tuple[str, str | bytes | None]]


class Round:
    """Some records produced one after the other."""

    __slots__ = ("pending",)

    def __init__(self) -> None:
        self.pending = 0

    @property
    def landed(self) -> bool:
        return self.pending == 0


class Delivery:
    """An exact producer and its first delivery error, raised at the next call."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._round = Round()
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
        landed = partial(self._landed, self._round)
        while True:
            self._check()
            try:
                self._producer.produce(
                    topic, value, key=key, partition=partition, headers=headers or [], on_delivery=landed
                )
            except BufferError:
                self._producer.poll(0.1)
            else:
                self._round.pending += 1
                return

    def _landed(self, its: Round, error: KafkaError | None, message: Message) -> None:
        its.pending -= 1
        if error is not None and self._failed is None:
            self._failed = f"{message.topic()}/{message.partition()}: {error.str()}"

    def close_round(self) -> Round:
        """What was produced since the last call; ask it after :meth:`poll`."""
        closed, self._round = self._round, Round()
        return closed

    def poll(self) -> None:
        """Hear what the broker has answered, without waiting; :class:`Unavailable` if something was not delivered."""
        self._producer.poll(0)
        self._check()

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
