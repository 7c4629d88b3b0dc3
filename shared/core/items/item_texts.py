"""The bytes of many ``row:`` and ``stat:`` views at once: MessagePack, as ``encode_rank_view`` makes it of each."""

from typing import NamedTuple

import numpy as np

from shared.contracts.rank_views import view_head
from shared.core.kernel import Ints, Keys, Longs, Singles, kernel, making_kernel
from shared.core.texts.encoded_ids import Encoded, EncodedIds, cut
from shared.core.texts.text_kernels import Bytes, put_big_endian, put_little_endian, put_text

ARRAY, ARRAY_16, BIN_32 = 0x90, 0xDC, 0xC6
INT_64, UINT_64, FLOAT_64 = 0xD3, 0xCF, 0xCB
OF_ROW, OF_STAT = 7, 8
"""How many fields the views have."""


class FlatRows(NamedTuple):
    """Rows of ``items`` int32, one after the other without gaps: item n has ``lengths[n]`` neighbours ``others`` int32
    with ``scores`` float32[places, 3], and ``alike_lengths[n]`` that are like it, ``alike`` with ``likeness`` float32;
    all by their slots.
    """

    items: Ints
    lengths: Ints
    others: Ints
    scores: Singles
    alike_lengths: Ints
    alike: Ints
    likeness: Singles


class Numbers(NamedTuple):
    """Of ``items`` int32 (slots): ``counts`` float32[items, half-lives], ``first_ts``, ``last_ts`` int64, ``category``,
    ``brand`` uint64, ``log_price`` as the 64 bits of a float.
    """

    items: Ints
    counts: Singles
    first_ts: Longs
    last_ts: Longs
    category: Keys
    brand: Keys
    log_price: Keys


def row_texts(at: str, ts: int, rows: FlatRows, ids: EncodedIds) -> list[bytes]:
    """A ``row:`` view of each item. O(bytes)."""
    quoted, head = ids.hold(rows.items, rows.others, rows.alike), np.frombuffer(view_head(at), dtype=np.uint8)
    scores = np.ascontiguousarray(rows.scores, dtype="<f4").view(np.uint8).ravel()
    likeness = np.ascontiguousarray(rows.likeness, dtype="<f4").view(np.uint8)
    return cut(*write_rows(head, ts, rows, scores, likeness, quoted, ids.table.keys))


def stat_texts(at: str, ts: int, stats: Numbers, ids: EncodedIds) -> list[bytes]:
    """A ``stat:`` view of each item. O(bytes)."""
    head = np.frombuffer(view_head(at), dtype=np.uint8)
    counts = np.ascontiguousarray(stats.counts, dtype="<f4").view(np.uint8)
    return cut(*write_stats(head, ts, stats, counts, ids.hold(stats.items)))


@kernel
def put_headed(out: Bytes, at: int, kind: int, value: np.uint64, size: int) -> int:
    """A MessagePack type and the number behind it."""
    out[at] = kind
    return put_big_endian(out, at + 1, value, size)


@kernel
def put_binary(out: Bytes, at: int, raw: Bytes, start: int, stop: int) -> int:
    at = put_headed(out, at, BIN_32, np.uint64(stop - start), 4)
    return put_text(out, at, raw, start, stop)


@kernel
def put_id(out: Bytes, at: int, slot: int, ids: Encoded) -> int:
    return put_text(out, at, ids.text, ids.start[slot], ids.start[slot] + ids.size[slot])


@kernel
def put_array(out: Bytes, at: int, slots: Ints, ids: Encoded) -> int:
    at = put_headed(out, at, ARRAY_16, np.uint64(len(slots)), 2)
    for slot in slots:
        at = put_id(out, at, slot, ids)
    return at


@kernel
def sizes_of(slots: Ints, ids: Encoded) -> int:
    room = 0
    for slot in slots:
        room += ids.size[slot]
    return room


@making_kernel
def write_rows(
    head: Bytes, ts: int, rows: FlatRows, scores: Bytes, likeness: Bytes, ids: Encoded, keys: Keys
) -> tuple[Bytes, Longs]:
    """All texts, and where each ends."""
    room = len(rows.items) * (len(head) + 64) + sizes_of(rows.items, ids) + sizes_of(rows.others, ids)
    room += sizes_of(rows.alike, ids) + 20 * len(rows.others) + 12 * len(rows.alike)
    out, ends = np.empty(room, dtype=np.uint8), np.empty(len(rows.items), dtype=np.int64)
    at = first = first_alike = 0
    for n in range(len(ends)):
        last, last_alike = first + rows.lengths[n], first_alike + rows.alike_lengths[n]
        others, alike = rows.others[first:last], rows.alike[first_alike:last_alike]
        at = put_text(out, at, head, 0, len(head))
        out[at] = ARRAY | OF_ROW
        at = put_id(out, at + 1, rows.items[n], ids)
        at = put_headed(out, at, INT_64, np.uint64(ts), 8)
        at = put_array(out, at, others, ids)
        at = put_binary(out, at, scores, 12 * first, 12 * last)
        at = put_array(out, at, alike, ids)
        at = put_binary(out, at, likeness, 4 * first_alike, 4 * last_alike)
        at = put_headed(out, at, BIN_32, np.uint64(8 * (len(others) + len(alike))), 4)
        for slots in (others, alike):
            for slot in slots:
                at = put_little_endian(out, at, keys[slot])
        ends[n], first, first_alike = at, last, last_alike
    return out[:at], ends


@making_kernel
def write_stats(head: Bytes, ts: int, stats: Numbers, counts: Bytes, ids: Encoded) -> tuple[Bytes, Longs]:
    """All texts, and where each ends."""
    room = len(stats.items) * (len(head) + 64 + counts.shape[1]) + sizes_of(stats.items, ids)
    out, ends, at = np.empty(room, dtype=np.uint8), np.empty(len(stats.items), dtype=np.int64), 0
    for n in range(len(ends)):
        at = put_text(out, at, head, 0, len(head))
        out[at] = ARRAY | OF_STAT
        at = put_id(out, at + 1, stats.items[n], ids)
        at = put_headed(out, at, INT_64, np.uint64(ts), 8)
        at = put_binary(out, at, counts[n], 0, counts.shape[1])
        at = put_headed(out, at, INT_64, np.uint64(stats.first_ts[n]), 8)
        at = put_headed(out, at, INT_64, np.uint64(stats.last_ts[n]), 8)
        at = put_headed(out, at, UINT_64, stats.category[n], 8)
        at = put_headed(out, at, UINT_64, stats.brand[n], 8)
        at = put_headed(out, at, FLOAT_64, stats.log_price[n], 8)
        ends[n] = at
    return out[:at], ends
