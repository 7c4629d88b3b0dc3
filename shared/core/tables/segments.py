"""A state as segments: slices of its tables, each small enough for one record; equal contents have equal bytes.

A segment is MessagePack: columns (dtype, shape and little-endian bytes of numpy arrays: what is restored is bit for
bit what was) and plain values. Segments are named ``table/number`` and stand in the order of their rows. A table whose
name begins with :data:`PENDING` says what waits to be published: the pace of the shell, not a function of the log.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.errors import BadRecord
from shared.contracts.reasons import WRONG_TYPE
from shared.core.kernel import Ints

SEGMENT_BYTES = 1_000_000
MOST_ROWS = 4096
PENDING = "pending-"
Column = npt.NDArray[Any]
Segments = dict[str, bytes]


class _Column(msgspec.Struct, array_like=True, frozen=True):
    dtype: str
    shape: tuple[int, ...]
    data: bytes


class Segment(msgspec.Struct, array_like=True, frozen=True):
    """``start`` is its first row in the table."""

    start: int
    packed: dict[str, _Column]
    values: dict[str, Any]

    def column(self, name: str) -> Column:
        """A read-only view of one column."""
        held = self.packed[name]
        return np.frombuffer(held.data, dtype=held.dtype).reshape(held.shape)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Segment)


def pack(columns: Mapping[str, Column], start: int = 0, **values: Any) -> bytes:
    """One segment."""
    packed = {name: _Column(c.dtype.newbyteorder("<").str, c.shape, c.tobytes()) for name, c in columns.items()}
    return _ENCODER.encode(Segment(start, packed, values))


def unpack(raw: bytes) -> Segment:
    """Raises :class:`BadRecord` on what is no segment."""
    try:
        return _DECODER.decode(raw)
    except DECODE_ERRORS as error:
        raise BadRecord(WRONG_TYPE, f"not a segment of a state: {error}") from error


def slices(table: str, rows: int, row_bytes: int) -> Iterator[tuple[str, slice]]:
    """The names of a table's segments and which rows each one holds: a power of two of about ``row_bytes`` each that
    stays below :data:`SEGMENT_BYTES`.
    """
    most = max(1, min(MOST_ROWS, SEGMENT_BYTES // row_bytes))
    size = 1 << (most.bit_length() - 1)
    for number, start in enumerate(range(0, rows, size)):
        yield f"{table}/{number}", slice(start, min(rows, start + size))


def of_table(segments: Segments, table: str) -> Iterator[Segment]:
    """A table's segments in order."""
    number = 0
    while (raw := segments.get(f"{table}/{number}")) is not None:
        yield unpack(raw)
        number += 1


def put_columns(held: Any, columns: tuple[str, ...], segments: Segments, table: str) -> None:
    """Copy a table's columns to where they stood in the arrays of these names that ``held`` has."""
    for segment in of_table(segments, table):
        put_rows(held, columns, segment)


def put_rows(held: Any, columns: tuple[str, ...], segment: Segment) -> None:
    """The same of one segment."""
    for name in columns:
        rows = segment.column(name)
        getattr(held, name)[segment.start : segment.start + len(rows)] = rows


def pack_list(table: str, entries: list[Any], entry_bytes: int) -> Segments:
    """A list of plain values (of an order that matters) as a table."""
    return {
        name: pack({}, rows.start, entries=entries[rows]) for name, rows in slices(table, len(entries), entry_bytes)
    }


def pack_ints(table: str, numbers: Ints | list[int]) -> Segments:
    """Numbers as a table of int32."""
    column = np.asarray(numbers, dtype=np.int32)
    parts = slices(table, len(column), column.itemsize)
    return {name: pack({"free": column[rows]}, rows.start) for name, rows in parts}


def unpack_ints(segments: Segments, table: str) -> Ints:
    """Those that were packed, as an array of their own."""
    found = [segment.column("free") for segment in of_table(segments, table)]
    return np.concatenate(found) if found else np.empty(0, dtype=np.int32)


def unpack_list(segments: Segments, table: str) -> list[Any]:
    return [entry for segment in of_table(segments, table) for entry in segment.values["entries"]]
