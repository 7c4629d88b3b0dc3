"""A frame: one Kafka record that carries up to some thousand events of one partition's users, column by column.

MessagePack. Texts that repeat stand once, ids of users and items in one piece of text (:mod:`shared.contracts.ids`),
others in lists, and are pointed at by columns of indices; every column is the little-endian bytes of a numpy array of
length n. Row order is the order of processing. A source
offset column says which raw record each row came from: what was seen already is dropped by it.
"""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.errors import BadRecord
from shared.contracts.ids import Ids, check_ids
from shared.contracts.reasons import WRONG_TYPE
from shared.contracts.versions import of_another_version, unread

FRAME_VERSION = 3
NONE = -1

COLUMNS: dict[str, str] = {
    "source": "<i2",  # index into sources: which raw topic
    "source_partition": "<i4",
    "source_offset": "<i8",
    "arrived": "<i8",  # broker's time of the raw record, epoch ms
    "kind": "<i2",  # index into kinds: the event type, or item / user for a record
    "key": "<u8",  # 64-bit digest of the event id
    "user": "<i4",  # index into users, NONE for item records
    "item": "<i4",  # index into items, NONE where there is none
    "ts": "<i8",  # event time, epoch ms
    "value": "<f8",  # NaN where there is none
    "session": "<i4",  # index into sessions
    "context": "<i4",  # index into contexts (JSON objects)
    "rec": "<i4",  # index into recs
    "record": "<i4",  # index into records: JSON of an item or user record (NONE: a tombstone), the category of an event
}


class Frame(msgspec.Struct, gc=False):
    """The record's value. ``n`` rows; ``columns`` by name as in :data:`COLUMNS`."""

    v: int
    n: int
    sources: list[str]
    kinds: list[str]
    users: Ids
    items: Ids
    sessions: list[str]
    contexts: list[bytes]
    recs: list[str]
    records: list[bytes]
    columns: dict[str, bytes]

    def column(self, name: str) -> np.ndarray:
        """A read-only view of one column, shape (n,)."""
        return np.frombuffer(self.columns[name], dtype=COLUMNS[name])


# index column → the list it points into, the least index that is allowed
INDEXES: dict[str, tuple[str, int]] = {
    "source": ("sources", 0),
    "kind": ("kinds", 0),
    "user": ("users", NONE),
    "item": ("items", NONE),
    "session": ("sessions", NONE),
    "context": ("contexts", NONE),
    "rec": ("recs", NONE),
    "record": ("records", NONE),
}

NOTHING = np.int32(NONE).tobytes()

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Frame)


def encode_frame(frame: Frame) -> bytes:
    return _ENCODER.encode(frame)


def decode_frame(raw: bytes) -> Frame:
    """Raises :class:`BadRecord` on what is not a frame of a known version with every index within its list."""
    try:
        frame = _DECODER.decode(raw)
    except DECODE_ERRORS as error:
        raise unread(raw, "frame", FRAME_VERSION, f"not a frame: {error}") from error
    if frame.v != FRAME_VERSION:
        raise of_another_version("frame", frame.v, FRAME_VERSION)
    check_ids(frame.users, "users of a frame")
    check_ids(frame.items, "items of a frame")
    for name, dtype in COLUMNS.items():
        if len(frame.columns.get(name, b"")) != frame.n * np.dtype(dtype).itemsize:
            raise BadRecord(WRONG_TYPE, f"frame column {name} has not {frame.n} rows")
    if frame.n:
        _check_indexes(frame)
    return frame


def _check_indexes(frame: Frame) -> None:
    """Kernels index without asking, so a wrong index must not reach them."""
    nothing = NOTHING * frame.n
    for name, (texts, least) in INDEXES.items():
        size = len(getattr(frame, texts))
        if size or least != NONE:
            column = np.frombuffer(frame.columns[name], dtype=COLUMNS[name].replace("i", "u"))
            outside = int((column + column.dtype.type(-least)).max()) >= size - least  # what is below is very large
        else:
            outside = frame.columns[name] != nothing
        if outside:
            raise BadRecord(WRONG_TYPE, f"frame column {name} points outside {texts}")


def rows(frame: Frame) -> Iterator[dict[str, object]]:
    """The frame row by row in plain Python: for oracles, tests and people, not for the hot path."""
    columns = {name: frame.column(name).tolist() for name in COLUMNS}
    texts: dict[str, Sequence[str | bytes]] = {
        "source": frame.sources,
        "kind": frame.kinds,
        "user": list(frame.users),
        "item": list(frame.items),
        "session": frame.sessions,
        "context": frame.contexts,
        "rec": frame.recs,
        "record": frame.records,
    }
    for n in range(frame.n):
        row: dict[str, object] = {name: column[n] for name, column in columns.items()}
        for name, values in texts.items():
            index = columns[name][n]
            row[name] = None if index == NONE else values[index]
        yield row
