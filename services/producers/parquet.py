"""Parquet, row group by row group; objects and lists of events in it are opened as those of JSON Lines are."""

import gzip
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from services.producers.files import Reject, Row, Table, UnreadableLog, bytes_of, format_of, sampled
from services.producers.jsonl import NESTED
from services.producers.parquet_objects import flat, places

ROWS_AT_ONCE = 512  # each perhaps a session of many events


def parquet(path: Path, lists: Sequence[str] = NESTED) -> Table:
    import pyarrow as pa

    def rows(_reject: Reject) -> Iterator[tuple[str, Row]]:
        with _opened(path) as opened:
            done = 0
            for batch in opened.iter_batches(batch_size=ROWS_AT_ONCE):
                table = pa.Table.from_batches([batch])
                columns = [
                    _plain_values(path, name, cells.combine_chunks()) for name, cells in _columns(flat(table, lists))
                ]
                yield from zip(places(table, done, lists), zip(*columns, strict=True), strict=True)
                done += len(batch)

    with _opened(path) as opened:
        columns = tuple(flat(opened.schema_arrow.empty_table(), lists).column_names)
    return Table(path, format_of(path, "Parquet"), columns, rows, sampled(rows))


def _columns(table: Any) -> Iterator[tuple[str, Any]]:
    return zip(table.column_names, table.columns, strict=True)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The ``ParquetFile``; what is wrong with it, now or while it is read, is an :class:`UnreadableLog`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with _seekable(path) as file, pq.ParquetFile(file) as opened:
            yield opened
    except pa.ArrowException as error:
        raise UnreadableLog(f"{path}: {error}") from error


def _plain_values(path: Path, name: str, column: Any) -> list[Any]:
    """Python values; times and dates as epoch milliseconds, times of day as text, durations as milliseconds, bytes as
    the text that they are, decimals as numbers.
    """
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        column = column.cast(pa.timestamp("ms", tz=getattr(kind, "tz", None)), safe=False).cast(pa.int64())
    elif pa.types.is_duration(kind):
        column = column.cast(pa.duration("ms"), safe=False).cast(pa.int64())
    elif pa.types.is_time(kind):
        column = column.cast(pa.string())
    elif pa.types.is_decimal(kind):
        number = float if kind.scale > 0 else int
        return [None if value is None else number(value) for value in column.to_pylist()]
    try:
        values: list[Any] = column.to_pylist()
    except UnicodeDecodeError:  # called text, and is none
        values = column.cast(pa.large_binary()).to_pylist()
    except ValueError as error:
        raise UnreadableLog(f"{path}: column {name!r} of {kind}: {error}") from error
    return [_text(value) if isinstance(value, bytes) else value for value in values] if _holds_bytes(values) else values


def _holds_bytes(values: list[Any]) -> bool:
    return isinstance(next((value for value in values if value is not None), None), bytes)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


@contextmanager
def _seekable(path: Path) -> Iterator[IO[bytes]]:
    """The file for random access: a gzip'd one is unpacked to a temporary file."""
    with bytes_of(path) as raw:
        if raw.seekable() and not isinstance(raw, gzip.GzipFile):
            yield raw
            return
        with tempfile.TemporaryFile() as unpacked:
            while block := raw.read(1 << 20):
                unpacked.write(block)
            unpacked.seek(0)
            yield unpacked
