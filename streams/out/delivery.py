"""Producing with a promise: what led to a record is acknowledged only when that record is in the log.

Records are counted in rounds, so that nobody has to stand still until the broker answers: a round has landed when each
of its records has, and each view that was asked for before it was closed. A record that cannot be delivered ends the
process.
"""

from collections import Counter, deque
from collections.abc import Sequence
from functools import partial
from typing import Generic, TypeVar

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from shared.contracts.deltas import packed
from shared.contracts.errors import Unavailable
from streams.out.view_thread import AtOnce, Landed, Writing

FLUSH_S = 30.0
PACK_BYTES = 1_000_000  # a pack that is as large waits for no more
ROUNDS_UNDER_WAY = 20  # beyond this, the one who produces waits for the broker
T = TypeVar("T")
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
        self._packs: dict[tuple[str, int], list[bytes]] = {}
        self._packed: Counter[tuple[str, int]] = Counter()  # bytes
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
            except KafkaException as refused:  # after a record that was not delivered no other is taken
                self._producer.poll(0)
                self._check()
                raise Unavailable(f"{topic}: a record was not taken: {refused.args[0].str()}") from refused
            else:
                self._round.pending += 1
                return

    def pack(self, topic: str, value: bytes, partition: int) -> None:
        """Queue a part of a record: what one turn has for a partition is one record, which costs whoever reads it less
        than many. It goes with the round, if not before.
        """
        place = topic, partition
        self._packs.setdefault(place, []).append(value)
        self._packed[place] += len(value)
        if self._packed[place] >= PACK_BYTES:
            self._send(topic, partition)

    def send_packs(self) -> None:
        """What was packed up to now is not to wait for more."""
        for topic, partition in list(self._packs):
            self._send(topic, partition)

    def _send(self, topic: str, partition: int) -> None:
        del self._packed[topic, partition]
        self.produce(topic, packed(self._packs.pop((topic, partition))), partition=partition)

    def _landed(self, its: Round, error: KafkaError | None, message: Message) -> None:
        its.pending -= 1
        if error is not None and self._failed is None:
            self._failed = f"{message.topic()}/{message.partition()}: {error.str()}"

    def close_round(self) -> Round:
        """What was produced since the last call; ask it after :meth:`poll`."""
        self.send_packs()
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
        self.send_packs()
        left = self._producer.flush(FLUSH_S)
        self._check()
        if left:
            raise Unavailable(f"{left} records were not acknowledged within {FLUSH_S:.0f} s")


class UnderWay(Generic[T]):
    """Rounds that have not landed yet, oldest first, each with what becomes due when it does."""

    def __init__(self, delivery: Delivery, writing: Writing | None = None) -> None:
        self._delivery = delivery
        self._writing = writing or AtOnce()
        self._rounds: deque[tuple[Round, Landed, T]] = deque()

    def __bool__(self) -> bool:
        return bool(self._rounds)

    def close_round(self, due: T) -> None:
        """``due`` once all that was produced since the last call is in the log, and all before it; and once the views
        that were asked for stand.
        """
        self._rounds.append((self._delivery.close_round(), self._writing.mark(), due))

    def landed(self) -> list[T]:
        """What has become due since the last call, in order. Waits only while too many rounds are under way.

        :class:`Unavailable` if a record was not delivered; whatever the writing of a view has raised.
        """
        if len(self._rounds) > ROUNDS_UNDER_WAY:
            self._delivery.flush()
            self._writing.settle()
        else:
            self._delivery.poll()
        due = []
        while self._rounds:
            delivered, written, then = self._rounds[0]
            if not (delivered.landed and written()):
                break
            self._rounds.popleft()
            due.append(then)
        return due


def text_headers(pairs: Sequence[tuple[str, object]]) -> Headers:
    """Headers as text."""
    return [(name, str(value)) for name, value in pairs]
