"""Frames of a whole batch of raw records at once: most rows come as columns, the others one by one, and each has its
place among all.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np

from shared.contracts.frames import COLUMNS, FRAME_VERSION, INDEXES, NONE, Frame
from shared.contracts.ids import NO_IDS, SIZE, Ids
from shared.core.arithmetic.digests import IV, SIGMA, digest_each
from shared.core.frames.frame_slots import by_number, first_uses
from shared.core.frames.framing import IDENTIFIED, LARGEST_FRAME, FrameBuilder, event_keys, nothing, utf8_size
from shared.core.frames.plain_events import EVENT, ITEM, REC, SESSION, USER, PlainEvents, plain_events
from shared.core.kernel import Ints, Keys, Longs
from shared.core.texts.id_numbers import IdNumbers

EVERY = -1
"""The owner of a row that goes to every partition."""
SIZED = ("users", "items", "sessions", "recs", "contexts", "records")
"""Tables whose texts are a frame's size."""
_OF_EVENT = ("key", "user", "item", "ts", "value", "session", "context", "rec", "record")
"""Columns of what a record says; the others are of where it stands."""
Columns = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Where n records stand: ``topic`` int32[n] is a number in ``topics``, whose events are of ``kinds``."""

    topics: list[str]
    kinds: list[str]
    topic: Ints
    partition: Longs
    offset: Longs
    arrived: Longs


class Table(Protocol):
    """What a column of numbers points at."""

    def __len__(self) -> int: ...

    def at(self, numbers: Ints, /) -> list[Any] | Ids: ...


class Listed(list[Any]):
    """One that is a list."""

    def at(self, numbers: Ints) -> list[Any]:
        return list(map(self.__getitem__, numbers.tolist()))


class BatchFrames:
    """Rows in, by their record's number in the batch, those of plain events at once, others one by one; frames of at
    most ``most_rows`` out.
    """

    def __init__(self, arrivals: Arrivals, users: IdNumbers, items: IdNumbers, partitions: int, most_rows: int) -> None:
        self._arrivals, self._users, self._items, self._partitions = arrivals, users, items, partitions
        self._most_rows = most_rows
        self._rest = FrameBuilder()
        self._at: list[int] = []
        self._owner: list[int] = []
        self._plain = np.zeros(0, dtype=np.int64)
        self._columns: Columns = {name: np.zeros(0, dtype=COLUMNS[name]) for name in _OF_EVENT}

    def place(self, at: int, owner: int) -> FrameBuilder:
        """Where the row of record ``at`` is to be put now; rows come in the order of their records."""
        self._at.append(at)
        self._owner.append(owner)
        return self._rest

    def everywhere(self, at: int) -> list[FrameBuilder]:
        """Where a row for every partition is to be put."""
        return [self.place(at, EVERY)]

    def take_plain(self, raw: bytes, found: PlainEvents, named: Callable[[str], str]) -> Longs:
        """The rows of what was found plain in ``raw``; ``named`` is how a session is known. Returns the records that
        are left, in order.
        """
        at = np.flatnonzero(found.plain)
        spans = found.spans[at].transpose(1, 0, 2).copy()
        item = self._items.find(raw, spans[ITEM])
        if item.min(initial=0) == NONE:
            known = item != NONE
            at, item, spans = at[known], item[known], np.ascontiguousarray(spans[:, known])
        self._plain = at
        self._columns = {
            "key": keys_at(raw, spans[EVENT]),
            "user": self._users.find(raw, spans[USER]),
            "item": item,
            "ts": found.ts[at],
            "value": found.value[at],
            "session": numbers_at(raw, spans[SESSION], lambda text: self._rest.put_session(named(text))),
            "context": np.full(len(at), NONE, dtype=np.int32),
            "rec": numbers_at(raw, spans[REC], self._rest.put_rec),
            "record": np.full(len(at), NONE, dtype=np.int32),
        }
        left = np.ones(len(found.plain), dtype=np.bool_)
        left[at] = False
        return np.flatnonzero(left)

    def frames(self) -> Iterator[tuple[int, Frame]]:
        """(partition, frame), partition by partition, each frame as large as :data:`LARGEST_FRAME` has it."""
        tables = self._rest.tables()
        columns, owner = self._merged(tables)
        arrivals = self._arrivals
        tables |= {"sources": arrivals.topics, "kinds": arrivals.kinds}
        numbered: dict[str, Table] = {name: Listed(table) for name, table in tables.items()}
        numbered |= {"users": self._users, "items": self._items}
        for partition in range(self._partitions):
            rows = np.flatnonzero((owner == partition) | (owner == EVERY))
            while len(rows):
                some = rows[: self._most_rows]
                frame = frame_of({name: column[some] for name, column in columns.items()}, numbered)
                yield partition, frame
                rows = rows[frame.n :]

    def _merged(self, tables: dict[str, list[Any]]) -> tuple[Columns, Ints]:
        """All rows in order, users and items by number, and whose they are."""
        cells: dict[str, Any] = self._rest.cells()
        cells["key"] = event_keys(cells["key"])
        for name, table, ids in (("user", "users", self._users), ("item", "items", self._items)):
            numbers = [ids.number(text) for text in tables[table]]
            cells[name] = np.array([*numbers, NONE], dtype=np.int32)[np.array(cells[name], dtype=np.int64)]
        at = np.concatenate([self._plain, np.array(self._at, dtype=np.int64)])
        order = np.argsort(at, kind="stable")
        columns = {
            name: np.concatenate([self._columns[name], np.array(cells[name], dtype=COLUMNS[name])])[order]
            for name in _OF_EVENT
        }
        owner = np.concatenate([self._users.owners[self._columns["user"]], np.array(self._owner, dtype=np.int32)])
        arrivals, at = self._arrivals, at[order]
        columns |= {
            "source": arrivals.topic[at],
            "source_partition": arrivals.partition[at],
            "source_offset": arrivals.offset[at],
            "arrived": arrivals.arrived[at],
            "kind": arrivals.topic[at],
        }
        return columns, owner[order]


def frame_of(columns: Columns, tables: Mapping[str, Table]) -> Frame:
    """The first rows of ``columns``, as many as a frame may have, of whose tables it has what they use, by first use.
    O(rows).
    """
    n, numbers, used = len(columns["ts"]), dict[str, Ints](), dict[str, list[Any] | Ids]()
    for name, (table, _) in INDEXES.items():
        size = len(tables[table])
        if not size:
            used[table] = NO_IDS if table in IDENTIFIED else []
            continue
        order = first_uses(columns[name], size)
        numbers[name] = by_number(columns[name], order, np.arange(len(order), dtype=np.int32), size)
        used[table] = tables[table].at(order)
    sizes = {table: sizes_of(used[table]) for table in SIZED}
    if sum(int(each.sum()) for each in sizes.values()) > LARGEST_FRAME:
        most = rows_that_fit(n, sizes, numbers)
        if most < n:
            return frame_of({name: column[:most] for name, column in columns.items()}, tables)
    filled = {
        name: nothing(n)
        if name in INDEXES and name not in numbers
        else numbers.get(name, columns[name]).astype(dtype, copy=False).tobytes()
        for name, dtype in COLUMNS.items()
    }
    return Frame(**cast("Any", used), v=FRAME_VERSION, n=n, columns=filled)


def sizes_of(texts: list[Any] | Ids) -> Longs:
    """Bytes of each."""
    if isinstance(texts, Ids):
        return np.frombuffer(texts.sizes, dtype=SIZE).astype(np.int64)
    sizes = (utf8_size(text) if isinstance(text, str) else len(text) for text in texts)
    return np.fromiter(sizes, dtype=np.int64, count=len(texts))


def rows_that_fit(n: int, sizes: dict[str, Longs], numbers: dict[str, Ints]) -> int:
    """Up to the one with which a frame is larger than it should be. ``sizes``: of what tables have, by first use, as
    ``numbers`` are by column.
    """
    size = np.zeros(n, dtype=np.int64)
    for name, column in numbers.items():
        table, _ = INDEXES[name]
        if table in sizes:
            met, first = np.unique(column, return_index=True)
            size[first[met != NONE]] += sizes[table]
    return int(np.searchsorted(np.cumsum(size), LARGEST_FRAME, side="right")) + 1


def keys_at(raw: bytes, spans: Longs) -> Keys:
    """:func:`event_keys` of the ids at ``spans`` (int64[n, 2], (0, 0) for none)."""
    keys = np.empty(len(spans), dtype=np.uint64)
    starts, ends = spans.T.copy()
    digest_each(np.frombuffer(raw, dtype=np.uint8), starts, ends, IV, SIGMA, keys)
    keys[keys == 0] = 1
    keys[starts == 0] = 0
    return keys


def numbers_at(raw: bytes, spans: Longs, put: Callable[[str], int]) -> Ints:
    """int32[n]: what ``put`` says of each text at ``spans``, :data:`NONE` for none."""
    numbers = np.full(len(spans), NONE, dtype=np.int32)
    given = np.flatnonzero(spans[:, 0])
    if len(given):
        numbers[given] = [put(raw[start:end].decode()) for start, end in spans[given].tolist()]
    return numbers


def compile_kernels() -> None:
    """All that a batch needs: no event is to wait for it."""
    raw = b'{"user_id":"u","item_id":"i","event_id":"e","session_id":"s","ts":1,"value":1.5}'
    one, text = np.ones(1, dtype=np.int64), np.frombuffer(raw, dtype=np.uint8)
    rows = BatchFrames(
        Arrivals([""], [""], np.zeros(1, dtype=np.int32), one, one, one), IdNumbers(str), IdNumbers(str), 1, 1
    )
    rows.take_plain(raw, plain_events(text, len(raw) * one, one, 0, 1), str)
    for _, frame in rows.frames():
        assert frame.n == 1, "a plain event is read"
