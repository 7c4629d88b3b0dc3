"""Packs validated events, column by column, into the frame of one `frames` partition."""

from array import array
from hashlib import blake2b
from typing import Any

import msgspec

from shared.contracts.events import Event, profile_of
from shared.contracts.frames import COLUMNS, FRAME_VERSION, NONE, Frame

LARGEST_FRAME = 4_000_000  # bytes of texts, so that the record stays well below the topic's bound
_TYPECODES = {"<i2": "h", "<i4": "i", "<i8": "q", "<u8": "Q", "<f8": "d"}
_NAN = float("nan")
_JSON = msgspec.json.Encoder()


def event_key(event_id: str | None) -> int:
    """The digest by which a repeat is found: BLAKE2b of the id, 64 bits; 0 where the producer gave none."""
    if event_id is None:
        return 0
    return int.from_bytes(blake2b(event_id.encode(), digest_size=8).digest(), "little") or 1


class Table:
    """Texts in the order of their first use."""

    def __init__(self) -> None:
        self.index: dict[str, int] = {}
        self.size = 0

    def put(self, text: str | None) -> int:
        if text is None:
            return NONE
        found = self.index.get(text)
        if found is None:
            found = self.index[text] = len(self.index)
            self.size += len(text)
        return found


class FrameBuilder:
    """Rows in, one :class:`Frame` out; ``full`` when it should be sent before more is added."""

    def __init__(self) -> None:
        self.n = 0
        self._sources, self._kinds, self._users, self._items = Table(), Table(), Table(), Table()
        self._sessions, self._recs = Table(), Table()
        self._contexts: dict[bytes, int] = {}
        self._records: list[bytes] = []
        self._blob_size = 0
        self._columns: dict[str, array[Any]] = {name: array(_TYPECODES[dtype]) for name, dtype in COLUMNS.items()}

    @property
    def full(self) -> bool:
        tables = (self._users, self._items, self._sessions, self._recs)
        return self._blob_size + 4 * sum(t.size for t in tables) > LARGEST_FRAME

    def add_event(self, source: tuple[str, int, int], arrived: int, kind: str, event: Event) -> None:
        """One event from raw (topic, partition, offset) that the broker took at ``arrived``."""
        self._add(
            source,
            arrived,
            kind,
            key=event_key(event.event_id),
            user=self._users.put(profile_of(event)),
            item=self._items.put(event.item_id),
            ts=event.ts,
            value=_NAN if event.value is None else event.value,
            session=self._sessions.put(event.session_id),
            context=NONE if not event.context else self._context(_JSON.encode(event.context)),
            rec=self._recs.put(event.rec_id),
        )

    def add_item_record(
        self, source: tuple[str, int, int], arrived: int, kind: str, item: str, raw: bytes | None
    ) -> None:
        """A catalogue record; ``raw`` None is a tombstone."""
        self._add(source, arrived, kind, item=self._items.put(item), ts=arrived, record=self._record(raw))

    def add_user_record(
        self, source: tuple[str, int, int], arrived: int, kind: str, user: str, raw: bytes | None
    ) -> None:
        """A user record; ``raw`` None is a tombstone: the user is to be forgotten."""
        self._add(source, arrived, kind, user=self._users.put(user), ts=arrived, record=self._record(raw))

    def _context(self, raw: bytes) -> int:
        found = self._contexts.get(raw)
        if found is None:
            found = self._contexts[raw] = len(self._contexts)
            self._blob_size += len(raw)
        return found

    def _record(self, raw: bytes | None) -> int:
        if raw is None:
            return NONE
        self._records.append(raw)
        self._blob_size += len(raw)
        return len(self._records) - 1

    def _add(
        self,
        source: tuple[str, int, int],
        arrived: int,
        kind: str,
        *,
        key: int = 0,
        user: int = NONE,
        item: int = NONE,
        ts: int = 0,
        value: float = _NAN,
        session: int = NONE,
        context: int = NONE,
        rec: int = NONE,
        record: int = NONE,
    ) -> None:
        topic, partition, offset = source
        row = (
            self._sources.put(topic), partition, offset, arrived, self._kinds.put(kind), key,
            user, item, ts, value, session, context, rec, record,
        )  # fmt: skip
        for column, entry in zip(self._columns.values(), row, strict=True):
            column.append(entry)
        self.n += 1

    def build(self) -> Frame:
        """The frame; the builder is not used again."""
        return Frame(
            v=FRAME_VERSION,
            n=self.n,
            sources=list(self._sources.index),
            kinds=list(self._kinds.index),
            users=list(self._users.index),
            items=list(self._items.index),
            sessions=list(self._sessions.index),
            contexts=list(self._contexts),
            recs=list(self._recs.index),
            records=self._records,
            columns={name: column.tobytes() for name, column in self._columns.items()},
        )
