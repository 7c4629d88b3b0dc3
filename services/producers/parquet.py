"""Parquet, row group by row group."""

import gzip
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from services.producers.files import Reject, Row, Table, UnreadableLog, bytes_of, format_of, sampled


def parquet(path: Path) -> Table:
    import pyarrow as pa

    def rows(_reject: Reject) -> Iterator[tuple[str, Row]]:
        with _opened(path) as opened:
            row = 0
            for batch in opened.iter_batches(batch_size=8192):
                columns = [_plain_values(pa, column) for column in batch.columns]
                for cells in zip(*columns, strict=True):
                    row += 1
                    yield str(row), cells

    with _opened(path) as opened:
        columns = tuple(opened.schema_arrow.names)
    return Table(path, format_of(path, "Parquet"), columns, rows, sampled(rows))


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


def _plain_values(pa: Any, column: Any) -> list[Any]:
    """Python values; times and dates as epoch milliseconds, bytes as the text that they are, decimals as numbers."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        column = column.cast(pa.timestamp("ms", tz=getattr(kind, "tz", None)), safe=False).cast(pa.int64())
    if pa.types.is_decimal(kind):
        number = float if kind.scale > 0 else int
        return [None if value is None else number(value) for value in column.to_pylist()]
    try:
        values: list[Any] = column.to_pylist()
    except UnicodeDecodeError:  # called text, and is none
        values = column.cast(pa.large_binary()).to_pylist()
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
