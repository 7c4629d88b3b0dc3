"""What frames change for the items of one partition, and what an items partition holds on top.

MessagePack; columns are little-endian bytes of numpy arrays. A delta carries the frame it comes from (partition and
offset), so that a repeat is known by its offset; an `item-deltas` record packs those of all frames that a worker took
together. A meeting goes to the owner of its item, and to owners of its others with those alone: each makes of it the
pairs that its rows count. Counts and catalogue records go to every partition, since a row speaks of items that others
own.
"""

from collections.abc import Sequence
from typing import TypeVar

import msgspec
import numpy as np
from msgspec.structs import replace

from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.errors import BadRecord
from shared.contracts.ids import Ids, check_ids
from shared.contracts.reasons import WRONG_TYPE
from shared.contracts.versions import of_another_version, unread

DELTA_VERSION = 8
TOPS_VERSION = 2

DELTA_COLUMNS: dict[str, str] = {
    "meeting_item": "<i4",  # index into items: what the event was about
    "meeting_weight": "<f8",  # of the event
    "meeting_ts": "<i8",  # event time of the later of the two
    "meeting_size": "<i4",  # how many of the others it has: the first meeting the first ones, and so on
    "other_item": "<i4",  # index into items: what the user met near it
    "other_gap": "<i2",  # steps from the item to it in the history; below 0 where it came before
    "count_item": "<i4",
    "count_weight": "<f8",
    "count_ts": "<i8",
    "scope_name": "<i4",  # index into scopes: within which the event counts, beside the whole shop
    "scope_item": "<i4",  # index into items: one that the partition owns
    "scope_weight": "<f8",
    "scope_ts": "<i8",
}
MEETING_COLUMNS = tuple(name for name in DELTA_COLUMNS if name.startswith("meeting_"))
OTHER_COLUMNS = tuple(name for name in DELTA_COLUMNS if name.startswith("other_"))
COUNT_COLUMNS = tuple(name for name in DELTA_COLUMNS if name.startswith("count_"))
SCOPE_COLUMNS = tuple(name for name in DELTA_COLUMNS if name.startswith("scope_"))
INDEX_COLUMNS = {
    "meeting_item": "items", "other_item": "items", "count_item": "items", "scope_item": "items",
    "scope_name": "scopes",
}  # fmt: skip
ITEM_BYTES = {name: np.dtype(kind).itemsize for name, kind in DELTA_COLUMNS.items()}


class ItemDelta(msgspec.Struct, gc=False):
    """What one frame changes. ``records`` are catalogue records: (item id, JSON or None for a tombstone). ``scopes``:
    those that ``scope_name`` speaks of, in the order in which it names them first. ``arrived``: the latest broker time
    in the frame, epoch ms. The last ``bought`` meetings are of items that one user bought, counted apart: each in the
    row of the other as one that came before.
    """

    v: int
    partition: int
    offset: int
    arrived: int
    items: Ids
    scopes: list[str]
    columns: dict[str, bytes]
    records: list[tuple[str, bytes | None]]
    bought: int

    def column(self, name: str) -> np.ndarray:
        """A read-only view of one column."""
        return np.frombuffer(self.columns[name], dtype=DELTA_COLUMNS[name])


class Top(msgspec.Struct, gc=False):
    """The heaviest items of a scope at one half-life, heaviest first; ``counts`` are decayed to the record's ``ts``."""

    half_life: str
    items: list[str]
    counts: list[float]


class ScopeTops(msgspec.Struct, gc=False, tag="tops"):
    """The value of a `tops` record about a scope: what one items partition holds in it. Replaces the one before. Of a
    scope that it holds no longer there are no ``tops``; a null follows, so that compaction takes both away.
    """

    v: int
    partition: int
    offset: int
    ts: int
    scope: str
    tops: list[Top]


class ScopeNew(msgspec.Struct, gc=False, tag="new"):
    """The value of a `tops` record about what is new in a scope: the newest items that one items partition owns, newest
    first, and since when (epoch ms) they are there. Replaces the one before. Of a scope that it holds no longer there
    are no ``items``; a null follows.
    """

    v: int
    partition: int
    offset: int
    scope: str
    items: list[str]
    since: list[int]


class Availability(msgspec.Struct, gc=False, tag="available"):
    """The value of a `tops` record about an item: whether it may be served."""

    v: int
    partition: int
    offset: int
    item: str
    available: bool


TopsRecord = ScopeTops | ScopeNew | Availability
OfScope = TypeVar("OfScope", ScopeTops, ScopeNew)


def tops_key(record: TopsRecord) -> str:
    """The compaction key of a `tops` record."""
    if isinstance(record, ScopeTops):
        return f"{record.partition}:scope:{record.scope}"
    if isinstance(record, ScopeNew):
        return f"{record.partition}:new:{record.scope}"
    return f"item:{record.item}"


def is_empty(record: TopsRecord) -> bool:
    """Whether it says that its partition holds a scope no longer: a null is to follow."""
    return (isinstance(record, ScopeTops) and not record.tops) or (isinstance(record, ScopeNew) and not record.items)


def emptied(record: OfScope, offset: int) -> OfScope:
    """The same scope, of which its partition holds nothing as of another offset."""
    if isinstance(record, ScopeNew):
        return replace(record, offset=offset, items=[], since=[])
    return replace(record, offset=offset, tops=[])


_ENCODER = msgspec.msgpack.Encoder()
_PACK = msgspec.msgpack.Decoder(list[msgspec.Raw])
_DELTA = msgspec.msgpack.Decoder(ItemDelta)
_TOPS: msgspec.msgpack.Decoder[TopsRecord] = msgspec.msgpack.Decoder(TopsRecord)


def encode(record: ItemDelta | TopsRecord) -> bytes:
    return _ENCODER.encode(record)


def packed(deltas: Sequence[bytes]) -> bytes:
    """The value of an `item-deltas` record: these, each encoded, in their order."""
    return _ENCODER.encode([msgspec.Raw(delta) for delta in deltas])


def unpacked(raw: bytes) -> list[bytes]:
    """What was packed; :class:`BadRecord` on what is no pack."""
    try:
        return [bytes(delta) for delta in _PACK.decode(raw)]
    except DECODE_ERRORS as error:
        raise BadRecord(WRONG_TYPE, f"not a pack of item deltas: {error}") from error


def decode_delta(raw: bytes) -> ItemDelta:
    """Raises :class:`BadRecord` on what is not a delta of a known version with whole columns and known items."""
    try:
        delta = _DELTA.decode(raw)
    except DECODE_ERRORS as error:
        raise unread(raw, "delta", DELTA_VERSION, f"not an item delta: {error}") from error
    if delta.v != DELTA_VERSION:
        raise of_another_version("delta", delta.v, DELTA_VERSION)
    check_ids(delta.items, "items of a delta")
    for columns in (MEETING_COLUMNS, OTHER_COLUMNS, COUNT_COLUMNS, SCOPE_COLUMNS):
        _check_columns(delta, columns)
    _check_meetings(delta)
    return delta


def _check_meetings(delta: ItemDelta) -> None:
    sizes, others = delta.column("meeting_size"), len(delta.column("other_item"))
    if sizes.min(initial=0) < 0 or int(sizes.sum(dtype=np.int64)) != others:
        raise BadRecord(WRONG_TYPE, f"delta column meeting_size does not part {others} others")
    if not 0 <= delta.bought <= len(sizes):
        raise BadRecord(WRONG_TYPE, f"{delta.bought} meetings of what was bought, of {len(sizes)}")
    together = int(sizes[len(sizes) - delta.bought :].sum())
    if delta.column("other_gap")[others - together :].max(initial=0) > 0:
        raise BadRecord(WRONG_TYPE, "delta column other_gap has what was bought come after what was bought with it")


def _check_columns(delta: ItemDelta, names: tuple[str, ...]) -> None:
    """Columns of one length, indexes within what they point into: kernels index without asking."""
    sizes = {len(delta.columns.get(name, b"\0")) / ITEM_BYTES[name] for name in names}
    size = sizes.pop()
    if sizes or not size.is_integer():
        raise BadRecord(WRONG_TYPE, f"delta columns {', '.join(names)} are not whole and of one length")
    for name in names:
        into = INDEX_COLUMNS.get(name)
        if not size or into is None:
            continue
        if np.frombuffer(delta.columns[name], dtype="<u4").max() >= len(getattr(delta, into)):  # below 0 is very large
            raise BadRecord(WRONG_TYPE, f"delta column {name} points outside {into}")


def decode_tops(raw: bytes) -> TopsRecord:
    """Raises :class:`BadRecord` on what is not a tops record of a known version."""
    try:
        tops = _TOPS.decode(raw)
    except DECODE_ERRORS as error:
        raise unread(raw, "tops", TOPS_VERSION, f"not a tops record: {error}") from error
    if tops.v != TOPS_VERSION:
        raise of_another_version("tops", tops.v, TOPS_VERSION)
    return tops
