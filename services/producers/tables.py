"""Files as tables: columns and rows with their place, in a stream. The content decides the format, not the name."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from services.producers import jsonl
from services.producers.delimited import delimited
from services.producers.files import SAMPLE_ROWS, Reject, Row, Table, UnreadableLog, bytes_of, format_of
from services.producers.parquet import parquet

_PARQUET = b"PAR1"
_PACKED = (b"PK\3\4", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf")  # zip and xlsx, bzip2, xz, zstd, 7z
MANY_COLUMNS = 200  # of JSON Lines; from so many on, only the first rows say which there are


def open_table(path: Path, delimiter: str | None = None, lists: Sequence[str] = jsonl.NESTED) -> Table:
    """Look at the file and say how it is read. ``lists``: columns that may hold a list of the events of one row. Raises
    :class:`UnreadableLog`.
    """
    if not path.is_file():
        raise UnreadableLog(f"{path} is not a file")
    with bytes_of(path) as stream:
        start = stream.read(65536)
    if not start.strip():
        raise UnreadableLog(f"{path} is empty")
    if start.startswith(_PARQUET):
        return parquet(path, lists)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableLog(f"{path} is UTF-16; convert it to UTF-8")
    if b"\0" in start.partition(b"\n")[0] or start.startswith(_PACKED):
        raise UnreadableLog(f"{path} is no text: CSV, TSV, JSON Lines and Parquet are read, each also packed by gzip")
    first = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if first == b"[":
        raise UnreadableLog(f"{path} is one JSON array; JSON Lines (an object per line) are read")
    return _json_lines(path, lists) if first == b"{" else delimited(path, start, delimiter)


def _json_lines(path: Path, lists: Sequence[str]) -> Table:
    def objects(reject: Reject) -> Iterator[tuple[str, dict[str, Any]]]:
        with bytes_of(path) as raw:
            yield from jsonl.objects(raw, reject, lists)

    columns, sample = _columns_of(found for _, found in objects(lambda _where, _why: None))
    if not columns:
        raise UnreadableLog(f"{path}: no line is a JSON object with fields")

    def rows(reject: Reject) -> Iterator[tuple[str, Row]]:
        return ((where, [found.get(c) for c in columns]) for where, found in objects(reject))

    return Table(path, format_of(path, "JSON Lines"), columns, rows, sample, shaped=objects)


def _columns_of(objects: Iterable[dict[str, Any]]) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """All fields of a file, and a sample: its first objects and each later one that brings a field."""
    known: dict[str, None] = {}
    sample: list[dict[str, Any]] = []
    for n, found in enumerate(objects):
        if n < SAMPLE_ROWS or (len(known) < MANY_COLUMNS and not found.keys() <= known.keys()):
            known |= dict.fromkeys(found)
            sample.append(found)
    return tuple(known), tuple([found.get(name) for name in known] for found in sample)
