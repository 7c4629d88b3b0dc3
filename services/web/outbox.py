"""Events → Kafka, from an event loop: a request waits for the broker's word on all of its events, the loop for none."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Protocol, Self

import msgspec
from confluent_kafka import KafkaException, Producer

from shared.contracts.errors import HeadraceError
from shared.contracts.settings import Settings
from shared.contracts.topics import raw_topics

POLL_S = 0.1


class Accepted(msgspec.Struct, gc=False):
    """One event ready for its topic."""

    type: str
    event_id: str
    key: bytes
    value: bytes


class Busy(HeadraceError):  # noqa: N818
    """The broker did not take the events in time, or too many wait already; nothing or only a part was sent."""


class Outbox(Protocol):
    """Where accepted events go. ``send`` returns once all of them are safe, or raises :class:`Busy`."""

    async def send(self, events: Sequence[Accepted]) -> None: ...

    async def reachable(self) -> bool: ...


class _Request:
    """Counts the broker's answers for one request; they come from the polling thread and, for refusals, the loop's."""

    def __init__(self, count: int) -> None:
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[str | None] = self.loop.create_future()
        self._lock = threading.Lock()
        self._left = count
        self._error: str | None = None

    def answered(self, error: str | None) -> None:
        with self._lock:
            self._error = self._error or error
            self._left -= 1
            last = self._left == 0
        if last:
            self.loop.call_soon_threadsafe(self._finish)

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(self._error)


class KafkaOutbox:
    """An idempotent producer (acks=all) and the thread that hears what it says: delivery reports, and while the broker
    is away why, which would else be kept until the first event.

    At most ``limit`` events wait, each for ``deadline`` seconds.
    """

    def __init__(self, settings: Settings, producer: Producer, limit: int, deadline: float) -> None:
        self._topics = {kind: topic for topic, kind in raw_topics(settings).items()}
        self._limit = limit
        self._deadline = deadline
        self._producer = producer
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._hear, name="delivery-reports", daemon=True)

    async def __aenter__(self) -> Self:
        self._thread.start()
        return self

    async def send(self, events: Sequence[Accepted]) -> None:
        """Idempotent for the models: ids are in the events, so what a client sends again is known downstream."""
        if not events:
            return
        if len(self._producer) + len(events) > self._limit:
            raise Busy("too many events wait for the broker")
        request = _Request(len(events))
        refused = self._produce(events, request)
        try:
            error = await asyncio.wait_for(request.done, self._deadline)
        except TimeoutError:
            raise Busy("the broker did not answer in time") from None
        if refused or error:
            raise Busy(refused or str(error))

    def _produce(self, events: Sequence[Accepted], request: _Request) -> str | None:
        """What the queue refuses counts as answered with an error."""
        refused: list[str] = []
        for event in events:
            try:
                self._producer.produce(self._topics[event.type], event.value, event.key, on_delivery=_reporter(request))
            except (BufferError, KafkaException) as error:
                refused.append(str(error))
        for why in refused:
            request.answered(why)
        return refused[0] if refused else None

    async def reachable(self) -> bool:
        """Whether a broker answers now."""
        try:
            await asyncio.to_thread(self._producer.list_topics, timeout=1.0)
        except KafkaException:
            return False
        return True

    def _hear(self) -> None:
        while not self._stopping.is_set():
            self._producer.poll(POLL_S)

    async def __aexit__(self, *_: object) -> None:
        """Wait for what is on its way, then end the thread."""
        await asyncio.to_thread(self._producer.flush, self._deadline)
        self._stopping.set()
        await asyncio.to_thread(self._thread.join)


def _reporter(request: _Request) -> Callable[[object, object], None]:
    def report(error: object, _message: object) -> None:
        request.answered(str(error) if error is not None else None)

    return report
