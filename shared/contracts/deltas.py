"""What one frame changes for the items of one partition, and what an items partition holds on top.

MessagePack; columns are little-endian bytes of numpy arrays. A delta carries the frame it comes from (partition and
offset), so that a repeat is known by its offset. Pairs go to the owner of their row; counts go to every partition,
since a neighbour row is normalised by the popularity of items that others own.
"""

import msgspec
import numpy as np

from shared.contracts.errors import BadRecord
from shared.contracts.reasons import UNKNOWN_VERSION, WRONG_TYPE

DELTA_VERSION = 1
TOPS_VERSION = 1

DELTA_COLUMNS: dict[str, str] = {
    "pair_row": "<i4",  # index into items: whose neighbour row
    "pair_other": "<i4",  # index into items: the neighbour
    "pair_weight": "<f8",
    "pair_ts": "<i8",  # event time of the later event
    "count_item": "<i4",
    "count_weight": "<f8",
    "count_ts": "<i8",
}


class ItemDelta(msgspec.Struct, gc=False):
    """The value of an `item-deltas` record. ``records`` are catalogue records of items this partition owns:
    (item id, JSON or None for a tombstone). ``arrived`` is the latest broker time in the frame, epoch ms.
    """

    v: int
    partition: int
    offset: int
    arrived: int
    items: list[str]
    columns: dict[str, bytes]
    records: list[tuple[str, bytes | None]]

    def column(self, name: str) -> np.ndarray:
        """A read-only view of one column."""
        return np.frombuffer(self.columns[name], dtype=DELTA_COLUMNS[name])


class Top(msgspec.Struct, gc=False):
    """The heaviest items of one partition in one scope at one half-life, heaviest first; ``counts`` as of ``ts``."""

    scope: str
    half_life: str
    items: list[str]
    counts: list[float]


class Tops(msgspec.Struct, gc=False):
    """The value of a `tops` record: scopes that changed since the partition's last one, and availability changes."""

    v: int
    partition: int
    offset: int
    ts: int
    tops: list[Top]
    available: dict[str, bool]


_ENCODER = msgspec.msgpack.Encoder()
_DELTA = msgspec.msgpack.Decoder(ItemDelta)
_TOPS = msgspec.msgpack.Decoder(Tops)


def encode(record: ItemDelta | Tops) -> bytes:
    return _ENCODER.encode(record)


def decode_delta(raw: bytes) -> ItemDelta:
    """Raises :class:`BadRecord` on what is not a delta of a known version."""
    try:
        delta = _DELTA.decode(raw)
    except msgspec.DecodeError as error:
        raise BadRecord(WRONG_TYPE, f"not an item delta: {error}") from error
    if delta.v != DELTA_VERSION:
        raise BadRecord(UNKNOWN_VERSION, f"delta version {delta.v}, known is {DELTA_VERSION}")
    return delta


def decode_tops(raw: bytes) -> Tops:
    """Raises :class:`BadRecord` on what is not a tops record of a known version."""
    try:
        tops = _TOPS.decode(raw)
    except msgspec.DecodeError as error:
        raise BadRecord(WRONG_TYPE, f"not a tops record: {error}") from error
    if tops.v != TOPS_VERSION:
        raise BadRecord(UNKNOWN_VERSION, f"tops version {tops.v}, known is {TOPS_VERSION}")
    return tops
