"""A log's file as bytes, and the table that a reader makes of it."""

import gzip
import itertools
import zlib
from collections import Counter
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
    shaped: Callable[[Reject], Iterator[tuple[str, dict[str, Any]]]] | None = None

    @property
    def typed(self) -> bool:
        """Whether numbers in it are no texts."""
        return self.shaped is not None or self.format.startswith("Parquet")

    def objects(self, reject: Reject) -> Iterator[tuple[str, tuple[str, ...], Row]]:
        """(place, columns, row): the columns of each row by itself, which in JSON Lines may be others than the first
        rows had.
        """
        if self.shaped is None:
            return ((where, self.columns, row) for where, row in self.rows(reject))
        return ((where, tuple(found), list(found.values())) for where, found in self.shaped(reject))


@contextmanager
def bytes_of(path: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked if they are gzip. Whoever reads them hears :class:`UnreadableLog` where they end."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            if packed:
                with gzip.open(raw) as unpacked:
                    yield cast("IO[bytes]", unpacked)
            else:
                yield raw
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableLog(f"{path} cannot be read to its end: {error}") from error


def numbered(columns: Sequence[str]) -> tuple[str, ...]:
    """Their names; one that stood before has its number behind it: ``price``, ``price.2``."""
    times, named = Counter[str](), []
    for name in columns:
        times[name] += 1
        named.append(name if times[name] == 1 else f"{name}.{times[name]}")
    return tuple(named)


def format_of(path: Path, name: str) -> str:
    with path.open("rb") as raw:
        return f"{name}, gzip" if raw.read(2) == _GZIP else name


def sampled(rows: Callable[[Reject], Iterator[tuple[str, Row]]]) -> tuple[Row, ...]:
    return tuple(row for _, row in itertools.islice(rows(lambda _where, _why: None), SAMPLE_ROWS))
