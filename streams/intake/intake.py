"""One raw record's verdict: a row of a frame, or a dead letter with its reason and original bytes."""

from collections.abc import Callable, Iterable, Sequence
from typing import cast

import numpy as np
from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Message

from shared.adapters import metrics
from shared.contracts import reasons
from shared.contracts.catalogue import ENCODER, decode_item, decode_user
from shared.contracts.errors import BadRecord
from shared.contracts.event_types import CATEGORICAL, TOLD
from shared.contracts.events import Judge, profile_of
from shared.contracts.frames import encode_frame
from shared.contracts.identity import canonical_item, normalise, normalise_user, pseudonym
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings
from shared.contracts.topics import DEAD_LETTER, FRAMES, ITEM, USER, raw_topics, topic_name
from shared.core.frames.batch_frames import Arrivals, BatchFrames
from shared.core.frames.framing import PartitionFrames, most_rows
from shared.core.frames.plain_events import LONGEST, plain_events
from shared.core.texts.id_numbers import IdNumbers
from streams.out.delivery import Delivery
from streams.out.letters import as_kept, letter_headers

Source = tuple[str, int, int]
Offsets = dict[tuple[str, int], int]
"""(raw topic, partition) → the offset after the last record that was taken."""
RECORDS = {ITEM, USER}
IDS_KNOWN = 100_000  # users, and items, whose numbers are remembered from one batch to the next
AT_ONCE = 64  # records from which on a batch is read by columns: before, laying them out costs more than it saves


class Intake:
    """Collects a batch's rows; :meth:`send`, after each :meth:`take`, produces them as frames."""

    def __init__(self, settings: Settings, delivery: Delivery) -> None:
        self._settings = settings
        self._events, self._identity = settings.events, settings.identity
        self._types, self._secret = settings.events.types, bool(settings.identity.user_secret)
        self._judge = Judge(settings.events, settings.identity)
        self._delivery = delivery
        self._kinds = raw_topics(settings)
        self._numbers = {topic: number for number, topic in enumerate(self._kinds)}
        self._plain = np.array([k not in RECORDS and self._types[k].meaning not in TOLD for k in self._kinds.values()])
        self._frames_topic = topic_name(settings, FRAMES)
        self._dead_topic = topic_name(settings, DEAD_LETTER)
        self._partitions, self._most_rows = settings.topics.frames_partitions, most_rows(settings)
        self._users = IdNumbers(lambda user: pseudonym(user, self._identity), self._owner_of)
        self._items = IdNumbers(lambda item: None if item in self._identity.aliases else item)
        self._rows: BatchFrames | PartitionFrames = PartitionFrames(self._partitions)

    def take(self, messages: Sequence[Message]) -> Offsets:
        """Judge some records, in order; how far they reach. Never raises for what is in them."""
        arrivals = self._arrivals(messages)
        for ids in (self._users, self._items):
            if len(ids) >= IDS_KNOWN:
                ids.clear()
        left: Iterable[int] = range(len(messages))
        if len(messages) >= AT_ONCE:
            left = self._take_plain(messages, arrivals)
        else:
            self._rows = PartitionFrames(self._partitions)
        for n in left:
            self._take_one(n, messages[n], int(arrivals.arrived[n]))
        for topic, count in zip(arrivals.topics, np.bincount(arrivals.topic).tolist(), strict=False):
            if count:  # a metric costs as much as a record
                metrics.EVENTS_IN.labels(topic).inc(count)
        return reached(arrivals)

    def _arrivals(self, messages: Sequence[Message]) -> Arrivals:
        stamps = [message.timestamp() for message in messages]
        columns = (
            [self._numbers[cast("str", message.topic())] for message in messages],
            [message.partition() for message in messages],
            [message.offset() for message in messages],
            [0 if stamp == TIMESTAMP_NOT_AVAILABLE else ms for stamp, ms in stamps],
        )
        topic, *others = (np.fromiter(cast("list[int]", column), np.int64, len(messages)) for column in columns)
        return Arrivals(list(self._kinds), list(self._kinds.values()), topic.astype(np.int32), *others)

    def _take_plain(self, messages: Sequence[Message], arrivals: Arrivals) -> list[int]:
        """What can be read at once; the records that are left."""
        most = min(LONGEST, self._events.max_record_bytes)
        values = [value if (value := message.value()) and len(value) <= most else b"" for message in messages]
        raw = b"".join(values)
        latest = np.where(self._plain[arrivals.topic], arrivals.arrived + self._events.future_tolerance_ms, 0)
        ends = np.cumsum(np.fromiter(map(len, values), dtype=np.int64, count=len(values)))
        text = np.frombuffer(raw, dtype=np.uint8)
        found = plain_events(text, ends, latest, self._events.min_ts_ms, self._events.max_id_length)
        rows = self._rows = BatchFrames(arrivals, self._users, self._items, self._partitions, self._most_rows)
        left = rows.take_plain(raw, found, lambda session: pseudonym(session, self._identity))
        return cast("list[int]", left.tolist())

    def _take_one(self, n: int, message: Message, arrived: int) -> None:
        source = cast("Source", (message.topic(), message.partition(), message.offset()))
        kind = self._kinds[source[0]]
        try:
            if kind == ITEM:
                self._take_item(n, message, source, arrived)
            elif kind == USER:
                self._take_user(n, message, source, arrived)
            else:
                self._take_event(n, message.value(), source, arrived, kind)
        except BadRecord as verdict:
            self._bury(message, source, arrived, verdict)

    def _take_event(self, n: int, raw: bytes | None, source: Source, arrived: int, kind: str) -> None:
        event = self._judge.event(raw, self._types[kind], arrived)
        if event.category is not None and self._types[kind].meaning not in CATEGORICAL:
            event.category = None
        if self._secret:
            event.user_id = event.user_id and pseudonym(event.user_id, self._identity)
            event.session_id = event.session_id and pseudonym(event.session_id, self._identity)
        user = event.user_id
        if user is None:
            user = profile_of(event)
        self._rows.place(n, self._users.owner(user)).add_event(source, arrived, kind, event)

    def _take_item(self, n: int, message: Message, source: Source, arrived: int) -> None:
        """Item records go to every partition: each must know what may be bought again."""
        value = message.value()
        if value is None:
            item, raw = canonical_item(self._id_from_key(message, "item_id"), self._identity), None
        else:
            record = decode_item(value, self._events, self._identity)
            item, raw = record.item_id, ENCODER.encode(record)
        for builder in self._rows.everywhere(n):
            builder.add_item_record(source, arrived, ITEM, item, raw)

    def _take_user(self, n: int, message: Message, source: Source, arrived: int) -> None:
        value = message.value()
        if value is None:
            user, raw = pseudonym(self._id_from_key(message, "user_id", normalise_user), self._identity), None
        else:
            record = decode_user(value, self._events, self._identity)
            user = record.user_id = pseudonym(record.user_id, self._identity)
            raw = ENCODER.encode(record)
        self._rows.place(n, self._users.owner(user)).add_user_record(source, arrived, USER, user, raw)

    def _id_from_key(self, message: Message, field: str, rule: Callable[..., str] = normalise) -> str:
        key = message.key()
        if key is None:
            raise BadRecord(reasons.EMPTY, f"a tombstone needs the {field} as its key", field)
        try:
            text = key.decode() if isinstance(key, bytes) else str(key)
        except UnicodeDecodeError as error:
            raise BadRecord(reasons.NOT_UTF8, f"byte {error.start} of the key is not UTF-8", field) from error
        return rule(text, field, self._identity, self._events.max_id_length)

    def _owner_of(self, user: str) -> int:
        return partition_of(user, self._partitions)

    def send(self) -> None:
        """Produce the batch's frames."""
        for partition, frame in self._rows.frames():
            self._delivery.produce(self._frames_topic, encode_frame(frame), partition=partition)
            metrics.FRAMES.labels("ingest").inc()
        self._rows = PartitionFrames(self._partitions)

    def _bury(self, message: Message, source: Source, arrived: int, verdict: BadRecord) -> None:
        metrics.EVENTS_DEAD.labels(verdict.reason).inc()
        headers = letter_headers(verdict, source, arrived)
        key = message.key()
        raw_key, value = as_kept(key.encode() if isinstance(key, str) else key, message.value())
        self._delivery.produce(self._dead_topic, value, key=raw_key, headers=headers)


def reached(arrivals: Arrivals) -> Offsets:
    """How far: the last record of each place counts, and most come in runs. O(records), Python for runs."""
    topic, partition = arrivals.topic, arrivals.partition
    if not len(topic):
        return {}
    more = (topic[1:] != topic[:-1]) | (partition[1:] != partition[:-1])
    lasts = np.append(np.flatnonzero(more), len(topic) - 1)
    places = zip(topic[lasts].tolist(), partition[lasts].tolist(), arrivals.offset[lasts].tolist(), strict=True)
    return {(arrivals.topics[topic], partition): offset + 1 for topic, partition, offset in places}
