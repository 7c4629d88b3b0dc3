"""A log's file as bytes, and the table that a reader makes of it."""

import gzip
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from shared.contracts.errors import BadRecord, HeadraceError

Row = Sequence[Any]
Reject = Callable[[str, BadRecord], None]  # (where, why)
SAMPLE_ROWS = 500
_GZIP = b"\x1f\x8b"


class UnreadableLog(HeadraceError):  # noqa: N818
    """The file cannot be read as a log; the text says why."""

    exit_status = 2


@dataclass(frozen=True)
class Table:
    """One file. ``rows(reject)`` may be called again and again; what is no row goes to ``reject`` with its place."""

    path: Path
    format: str
    columns: tuple[str, ...]
    rows: Callable[[Reject], Iterator[tuple[str, Row]]]
    sample: tuple[Row, ...]
    header: bool = True


@contextmanager
def bytes_of(path: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked if they are gzip."""
    with path.open("rb") as raw:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        if packed:
            with gzip.open(raw) as unpacked:
                yield cast("IO[bytes]", unpacked)
        else:
            yield raw


def format_of(path: Path, name: str) -> str:
    with path.open("rb") as raw:
        return f"{name}, gzip" if raw.read(2) == _GZIP else name


def sampled(rows: Callable[[Reject], Iterator[tuple[str, Row]]]) -> tuple[Row, ...]:
    return tuple(row for _, row in itertools.islice(rows(lambda _where, _why: None), SAMPLE_ROWS))
