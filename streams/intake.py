"""One raw record's verdict: a row of a frame, or a dead letter with its reason and original bytes."""

from collections import Counter
from collections.abc import Sequence
from typing import cast

from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Message

from shared.adapters import metrics
from shared.contracts import reasons
from shared.contracts.catalogue import ENCODER, decode_item, decode_user
from shared.contracts.errors import BadRecord
from shared.contracts.event_types import CATEGORICAL
from shared.contracts.events import Judge, profile_of
from shared.contracts.frames import encode_frame
from shared.contracts.identity import canonical_item, normalise, pseudonym
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings
from shared.contracts.topics import DEAD_LETTER, FRAMES, ITEM, USER, raw_topics, topic_name
from shared.core.framing import LARGEST_FRAME, FrameBuilder
from streams.delivery import Delivery
from streams.letters import letter_headers

Source = tuple[str, int, int]
Offsets = dict[tuple[str, int], int]
"""(raw topic, partition) → the offset after the last record that was taken."""
RECORDS = {ITEM, USER}
OWNERS_KNOWN = 100_000  # users whose partition is remembered


class Intake:
    """Collects a batch's rows by `frames` partition; :meth:`send` produces them."""

    def __init__(self, settings: Settings, delivery: Delivery) -> None:
        self._settings = settings
        self._events, self._identity = settings.events, settings.identity
        self._types, self._secret = settings.events.types, bool(settings.identity.user_secret)
        self._judge = Judge(settings.events, settings.identity)
        self._delivery = delivery
        self._kinds = raw_topics(settings)
        self._frames_topic = topic_name(settings, FRAMES)
        self._dead_topic = topic_name(settings, DEAD_LETTER)
        self._partitions = settings.topics.frames_partitions
        self._builders: dict[int, FrameBuilder] = {}
        self._owners: dict[str, int] = {}

    def take(self, messages: Sequence[Message]) -> Offsets:
        """Judge some records, in order; how far they reach. Never raises for what is in them."""
        places = list(map(place_of, messages))
        for message, source in zip(messages, places, strict=True):
            stamp, arrived = message.timestamp()
            if stamp == TIMESTAMP_NOT_AVAILABLE:
                arrived = 0
            kind = self._kinds[source[0]]
            try:
                if kind in RECORDS:
                    self._take_record(message, source, arrived, kind)
                else:
                    self._take_event(message.value(), source, arrived, kind)
            except BadRecord as verdict:
                self._bury(message, source, arrived, verdict)
        for topic, count in Counter(topic for topic, _, _ in places).items():  # a metric costs as much as a record
            metrics.EVENTS_IN.labels(topic).inc(count)
        return {(topic, partition): offset + 1 for topic, partition, offset in places}

    def _take_record(self, message: Message, source: Source, arrived: int, kind: str) -> None:
        if kind == ITEM:
            self._take_item(message, source, arrived)
        else:
            self._take_user(message, source, arrived)

    def _take_event(self, raw: bytes | None, source: Source, arrived: int, kind: str) -> None:
        event = self._judge.event(raw, self._types[kind], arrived)
        if event.category is not None and self._types[kind].meaning not in CATEGORICAL:
            event.category = None
        if self._secret:
            event.user_id = event.user_id and pseudonym(event.user_id, self._identity)
            event.session_id = event.session_id and pseudonym(event.session_id, self._identity)
        user = event.user_id
        if user is None:
            user = profile_of(event)
        owner = self._owners[user] if user in self._owners else self._owner(user)
        self._builder(owner).add_event(source, arrived, kind, event)

    def _take_item(self, message: Message, source: Source, arrived: int) -> None:
        """Item records go to every partition: each must know what may be bought again."""
        value = message.value()
        if value is None:
            item, raw = canonical_item(self._id_from_key(message, "item_id"), self._identity), None
        else:
            record = decode_item(value, self._events, self._identity)
            item, raw = record.item_id, ENCODER.encode(record)
        for partition in range(self._partitions):
            self._builder(partition).add_item_record(source, arrived, ITEM, item, raw)

    def _take_user(self, message: Message, source: Source, arrived: int) -> None:
        value = message.value()
        if value is None:
            user, raw = pseudonym(self._id_from_key(message, "user_id"), self._identity), None
        else:
            record = decode_user(value, self._events, self._identity)
            user = record.user_id = pseudonym(record.user_id, self._identity)
            raw = ENCODER.encode(record)
        self._builder(self._owner(user)).add_user_record(source, arrived, USER, user, raw)

    def _id_from_key(self, message: Message, field: str) -> str:
        key = message.key()
        if key is None:
            raise BadRecord(reasons.EMPTY, f"a tombstone needs the {field} as its key", field)
        try:
            text = key.decode() if isinstance(key, bytes) else str(key)
        except UnicodeDecodeError as error:
            raise BadRecord(reasons.NOT_UTF8, f"byte {error.start} of the key is not UTF-8", field) from error
        return normalise(text, field, self._identity, self._events.max_id_length)

    def _owner(self, user: str) -> int:
        if len(self._owners) >= OWNERS_KNOWN:
            self._owners.clear()
        owner = self._owners[user] = partition_of(user, self._partitions)
        return owner

    def _builder(self, partition: int) -> FrameBuilder:
        builder = self._builders.get(partition)
        if builder is not None and builder.size > LARGEST_FRAME:
            self._send_one(partition, builder)
            builder = None
        if builder is None:
            builder = self._builders[partition] = FrameBuilder()
        return builder

    def send(self) -> None:
        """Produce the batch's frames."""
        for partition, builder in sorted(self._builders.items()):
            self._send_one(partition, builder)
        self._builders.clear()

    def _send_one(self, partition: int, builder: FrameBuilder) -> None:
        self._delivery.produce(self._frames_topic, encode_frame(builder.build()), partition=partition)
        metrics.FRAMES.labels("ingest").inc()

    def _bury(self, message: Message, source: Source, arrived: int, verdict: BadRecord) -> None:
        metrics.EVENTS_DEAD.labels(verdict.reason).inc()
        headers = letter_headers(verdict, source, arrived)
        key = message.key()
        raw_key = key.encode() if isinstance(key, str) else key
        self._delivery.produce(self._dead_topic, message.value(), key=raw_key, headers=headers)


def place_of(message: Message) -> Source:
    """Where a polled record stands: all of it is known."""
    return cast("Source", (message.topic(), message.partition(), message.offset()))
