"""Packs validated events, column by column, into the frame of one `frames` partition."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

import msgspec
import numpy as np

from shared.contracts.events import Event, profile_of
from shared.contracts.frames import COLUMNS, FRAME_VERSION, INDEXES, NONE, Frame
from shared.contracts.settings import Settings
from shared.core.arithmetic.digests import digests
from shared.core.texts.carried_ids import ids_of

LARGEST_FRAME = 4_000_000  # bytes of texts, so that the record stays well below the topic's bound
LARGEST_DELTA = 8_000_000
"""Bytes of what items may be told of a frame, which is one record: columns of 70 a row and 24 for each of its scopes,
and 50 for each item that it is met with, whose id is in the record.
"""
IDENTIFIED = ("users", "items")
"""Tables of a frame whose texts are ids."""
_NAN = float("nan")
_JSON = msgspec.json.Encoder()


def most_rows(settings: Settings) -> int:
    """Of a frame, so that no delta of it is beyond what its topic takes."""
    met = settings.cooccurrence.pairs_per_event + settings.cooccurrence.bought_pairs
    scopes = len(settings.popularity.contexts) + len(settings.profiles.segments)
    return max(1, LARGEST_DELTA // (70 + 24 * scopes + 50 * met))


def event_keys(event_ids: Sequence[str | None]) -> np.ndarray:
    """The digests by which repeats are found: 64-bit BLAKE2b of each id, 1 in place of 0; 0 where the producer gave
    none.
    """
    given = [event_id for event_id in event_ids if event_id is not None]
    found = digests(given)
    found[found == 0] = 1
    if len(given) == len(event_ids):
        return found
    keys = np.zeros(len(event_ids), dtype=np.uint64)
    keys[np.array([event_id is not None for event_id in event_ids], dtype=np.bool_)] = found
    return keys


class FrameBuilder:
    """Rows in, one :class:`Frame` out; beyond :data:`LARGEST_FRAME` it should be sent before more is added. ``size``:
    bytes of texts.
    """

    def __init__(self) -> None:
        self.n = 0
        self.size = 0
        self._topics: dict[str, int] = {}
        self._kinds: dict[str, int] = {}
        self._users: dict[str, int] = {}
        self._items: dict[str, int] = {}
        self._sessions: dict[str, int] = {}
        self._recs: dict[str, int] = {}
        self._contexts: dict[bytes, int] = {}
        self._records: list[bytes] = []
        self._cells: list[
            Any
        ] = []  # row after row in one list: a tuple per row would be work for the garbage collector

    def add_event(self, source: tuple[str, int, int], arrived: int, kind: str, event: Event) -> None:
        """One event from raw (topic, partition, offset) that the broker took at ``arrived``."""
        user = event.user_id
        if user is None:
            user = profile_of(event)
        item, value, session, context, rec = event.item_id, event.value, event.session_id, event.context, event.rec_id
        users, items, category = self._users, self._items, event.category
        topic, partition, offset = source
        self._cells += (
            self._topics[topic] if topic in self._topics else self._topic(topic),
            partition,
            offset,
            arrived,
            self._kinds[kind] if kind in self._kinds else self._kind(kind),
            event.event_id,
            users[user] if user in users else self._put(users, user),
            NONE if item is None else items[item] if item in items else self._put(items, item),
            event.ts,
            _NAN if value is None else value,
            NONE if session is None else self.put_session(session),
            NONE if not context else self._context(_JSON.encode(context)),
            NONE if rec is None else self.put_rec(rec),
            NONE if category is None else self._record(category.encode()),
        )
        self.n += 1

    def add_item_record(
        self, source: tuple[str, int, int], arrived: int, kind: str, item: str, raw: bytes | None
    ) -> None:
        """A catalogue record; ``raw`` None is a tombstone."""
        self._add_record(source, arrived, kind, NONE, self._put(self._items, item), raw)

    def add_user_record(
        self, source: tuple[str, int, int], arrived: int, kind: str, user: str, raw: bytes | None
    ) -> None:
        """A user record; ``raw`` None is a tombstone: the user is to be forgotten."""
        self._add_record(source, arrived, kind, self._put(self._users, user), NONE, raw)

    def put_session(self, session: str) -> int:
        """Its place in the table."""
        return self._put(self._sessions, session)

    def put_rec(self, rec: str) -> int:
        return self._put(self._recs, rec)

    def _put(self, table: dict[str, int], text: str) -> int:
        """The text's place in the order of first uses."""
        found = table.get(text)
        if found is None:
            found = table[text] = len(table)
            self.size += utf8_size(text)
        return found

    def _context(self, raw: bytes) -> int:
        found = self._contexts.get(raw)
        if found is None:
            found = self._contexts[raw] = len(self._contexts)
            self.size += len(raw)
        return found

    def _record(self, raw: bytes | None) -> int:
        if raw is None:
            return NONE
        self._records.append(raw)
        self.size += len(raw)
        return len(self._records) - 1

    def _topic(self, topic: str) -> int:
        return self._topics.setdefault(topic, len(self._topics))

    def _kind(self, kind: str) -> int:
        return self._kinds.setdefault(kind, len(self._kinds))

    def _add_record(
        self, source: tuple[str, int, int], arrived: int, kind: str, user: int, item: int, raw: bytes | None
    ) -> None:
        place, (topic, partition, offset) = self._record(raw), source
        self._cells += (
            self._topic(topic), partition, offset, arrived, self._kind(kind),
            None, user, item, arrived, _NAN, NONE, NONE, NONE, place,
        )  # fmt: skip
        self.n += 1

    def cells(self) -> dict[str, list[Any]]:
        """The rows by column, as :data:`COLUMNS` has them; but event ids, where keys go."""
        return {name: self._cells[place :: len(COLUMNS)] for place, name in enumerate(COLUMNS)}

    def tables(self) -> dict[str, list[Any]]:
        """What the columns point at."""
        return {
            "sources": list(self._topics),
            "kinds": list(self._kinds),
            "users": list(self._users),
            "items": list(self._items),
            "sessions": list(self._sessions),
            "contexts": list(self._contexts),
            "recs": list(self._recs),
            "records": self._records,
        }

    def build(self) -> Frame:
        """The frame; the builder is not used again."""
        held, tables = self.cells(), self.tables()
        held["key"] = cast("Any", event_keys(held["key"]))
        columns = {
            name: nothing(self.n)
            if name in INDEXES and not tables[INDEXES[name][0]]
            else np.array(column, dtype=COLUMNS[name]).tobytes()
            for name, column in held.items()
        }
        ids = {table: ids_of(tables[table]) for table in IDENTIFIED}
        return Frame(**cast("Any", tables | ids), v=FRAME_VERSION, n=self.n, columns=columns)


def utf8_size(text: str) -> int:
    """Its bytes."""
    return len(text) if text.isascii() else len(text.encode())


def nothing(n: int) -> bytes:
    """A column of rows that point at nothing."""
    return b"\xff" * (4 * n)


class PartitionFrames:
    """Rows one by one, each with its owner, into frames of all partitions: for batches of few."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self._builders: dict[int, FrameBuilder] = {}
        self._full: list[tuple[int, FrameBuilder]] = []

    def place(self, at: int, owner: int) -> FrameBuilder:  # noqa: ARG002 - as by columns
        """Where the next row of this partition is to be put."""
        builder = self._builders.get(owner)
        if builder is not None and builder.size > LARGEST_FRAME:
            self._full.append((owner, builder))
            builder = None
        if builder is None:
            builder = self._builders[owner] = FrameBuilder()
        return builder

    def everywhere(self, at: int) -> list[FrameBuilder]:
        """Where a row for all of them is to be put."""
        return [self.place(at, owner) for owner in range(self._partitions)]

    def frames(self) -> Iterator[tuple[int, Frame]]:
        """(partition, frame), those of a partition in order."""
        for owner, builder in (*self._full, *sorted(self._builders.items())):
            yield owner, builder.build()
