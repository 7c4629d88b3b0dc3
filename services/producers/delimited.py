"""CSV and its kin: delimiter, quoting and header are found out."""

import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, cast

from services.producers.files import Reject, Row, Table, UnreadableLog, bytes_of, format_of, sampled
from shared.contracts.errors import BadRecord

MALFORMED_ROW = "malformed-row"
_DELIMITERS = ("\t", "::", ";", "|", ",")
_LINE_END = re.compile(r"\r\n|\r|\n")  # as files are read; str.splitlines knows a dozen more
_NAMES = {"\t": "TSV", ",": "CSV", ";": "text by semicolon", "|": "text by bar", "::": "text by double colon"}


def delimited(path: Path, start: bytes, delimiter: str | None) -> Table:
    head = _LINE_END.split(start.decode("utf-8-sig", errors="replace").lstrip("\r\n"), 20)[:20]
    mark = delimiter or _guess_delimiter(head)
    quoting = csv.QUOTE_NONE if mark == "\t" and '"' not in head[0] else csv.QUOTE_MINIMAL
    cells = _first_cells(path, head[0], mark, quoting)
    header = not any(_is_number(cell) for cell in cells)
    columns = tuple(c.strip() for c in cells) if header else tuple(str(n + 1) for n in range(len(cells)))

    def rows(reject: Reject) -> Iterator[tuple[str, Row]]:
        with bytes_of(path) as raw, io.TextIOWrapper(raw, "utf-8-sig", errors="surrogateescape", newline="") as text:
            yield from _checked(_cells(text, mark, quoting), len(columns), int(header), reject)

    name = _NAMES.get(mark, f"text by {mark!r}") + ("" if header else " without a header")
    return Table(path, format_of(path, name), columns, rows, sampled(rows), header)


def _first_cells(path: Path, line: str, mark: str, quoting: int) -> list[str]:
    for _, cells in _cells(io.StringIO(line + "\n"), mark, quoting):
        if not isinstance(cells, csv.Error):
            return cells
    raise UnreadableLog(f"{path}: the first line cannot be split: {line[:80]!r}")


def _guess_delimiter(head: Sequence[str]) -> str:
    """The mark that cuts the first rows into the most columns, as many in each."""
    best = max(_DELIMITERS, key=lambda mark: (_least_cuts(head, mark), mark != ","))
    return best if best in head[0] else ","


def _least_cuts(head: Sequence[str], mark: str) -> int:
    rows = [row for _, row in _cells(io.StringIO("\n".join(head)), mark, csv.QUOTE_MINIMAL)]
    whole = [row for row in rows[:-1] or rows if not isinstance(row, csv.Error)]
    return min((len(row) - 1 for row in whole), default=0)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _cells(text: IO[str], mark: str, quoting: int) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """(line, cells) of each line that is not blank."""
    if len(mark) > 1:
        yield from ((n, line.rstrip("\r\n").split(mark)) for n, line in enumerate(text, 1) if line.strip())
        return
    lines, began = _Lines(text), 1
    reader = csv.reader(lines, delimiter=mark, quoting=cast("Any", quoting))
    while True:
        try:
            for cells in reader:
                if lines.ended:  # the reader wanted more: a quote is open
                    yield reader.line_num, csv.Error(f"a quote is opened, and not closed, from line {began} on")
                elif cells:
                    yield reader.line_num, cells
                began = reader.line_num + 1
        except csv.Error as error:
            yield reader.line_num, csv.Error(f"{error}; it began in line {began}")
            began = reader.line_num + 1
        else:
            return


class _Lines:
    """Lines of which it is known whether they were all asked for, and one more."""

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        yield from self._text
        self.ended = True


def _checked(
    cells: Iterator[tuple[int, list[str] | csv.Error]], width: int, skip: int, reject: Reject
) -> Iterator[tuple[str, Row]]:
    for line, row in itertools.islice(cells, skip, None):
        if isinstance(row, csv.Error):
            reject(str(line), BadRecord(MALFORMED_ROW, str(row)))
        elif len(row) != width:
            reject(str(line), BadRecord(MALFORMED_ROW, f"{len(row)} fields, the header has {width}"))
        else:
            yield str(line), row
