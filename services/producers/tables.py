"""Files as tables: columns and rows with their place, in a stream. The content decides the format, not the name."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.producers import jsonl
from services.producers.delimited import delimited
from services.producers.files import SAMPLE_ROWS, Reject, Row, Table, UnreadableLog, bytes_of, format_of, sampled
from services.producers.parquet import parquet

_PARQUET = b"PAR1"


def open_table(path: Path, delimiter: str | None = None) -> Table:
    """Look at the file and say how it is read. Raises :class:`UnreadableLog`."""
    if not path.is_file():
        raise UnreadableLog(f"{path} is not a file")
    with bytes_of(path) as stream:
        start = stream.read(65536)
    if not start.strip():
        raise UnreadableLog(f"{path} is empty")
    if start.startswith(_PARQUET):
        return parquet(path)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableLog(f"{path} is UTF-16; convert it to UTF-8")
    first = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if first == b"[":
        raise UnreadableLog(f"{path} is one JSON array; JSON Lines (an object per line) are read")
    return _json_lines(path) if first == b"{" else delimited(path, start, delimiter)


def _json_lines(path: Path) -> Table:
    def objects(reject: Reject) -> Iterator[tuple[str, dict[str, Any]]]:
        with bytes_of(path) as raw:
            yield from jsonl.objects(raw, reject)

    sample = list(itertools.islice(objects(lambda _where, _why: None), SAMPLE_ROWS))
    columns = tuple(dict.fromkeys(name for _, found in sample for name in found))
    if not columns:
        raise UnreadableLog(f"{path}: none of the first lines is a JSON object with fields")

    def rows(reject: Reject) -> Iterator[tuple[str, Row]]:
        return ((where, [found.get(c) for c in columns]) for where, found in objects(reject))

    return Table(path, format_of(path, "JSON Lines"), columns, rows, sampled(rows), shaped=objects)
