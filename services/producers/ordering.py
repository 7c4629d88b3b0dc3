"""Logs in the order of time, in bounded memory: held if small, streamed if sorted, else sorted in runs on disk."""

import heapq
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import IO

import msgspec

from services.producers.records import Record

HELD = 200_000  # records kept in memory, about 100 MB
RUNS = 200  # open files: as many become one
_TIME = attrgetter("ts")
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Record)


@dataclass(frozen=True)
class Ordered:
    """Records by time; equal times keep the order of the files. ``read`` may be called again."""

    read: Callable[[], Iterator[Record]]
    count: int
    first_ts: int
    last_ts: int
    sorted: bool  # whether the files were in order already

    def limited(self, count: int | None) -> "Ordered":
        """Only the first ``count``."""
        if count is None or count >= self.count:
            return self
        last = self.first_ts
        for record in islice(self.read(), count):
            last = record.ts
        return Ordered(lambda: islice(self.read(), count), count, self.first_ts, last, self.sorted)


def in_order(read: Callable[[bool], Iterator[Record]], held: int = HELD) -> Ordered:
    """Go through the records once and find how to give them in order.

    ``read(again)`` starts from the beginning; ``again`` is True from the second time on, when bad rows have been
    reported already.
    """
    kept: list[Record] | None = []
    count, last, first, latest, ordered = 0, -(1 << 62), 1 << 62, -(1 << 62), True
    for record in read(False):
        count += 1
        ts = record.ts
        if ts < last:
            ordered = False
        last = ts
        first, latest = min(first, ts), max(latest, ts)
        if kept is not None:
            kept.append(record)
            if len(kept) > held:
                kept = None
    if kept is not None:
        kept.sort(key=_TIME)
    return Ordered(_again(kept, ordered, lambda: read(True), held), count, first, latest, ordered)


def _again(
    kept: list[Record] | None, ordered: bool, read: Callable[[], Iterator[Record]], held: int
) -> Callable[[], Iterator[Record]]:
    if kept is not None:
        return lambda: iter(kept)
    return read if ordered else lambda: sorted_on_disk(read(), held)


def merged(logs: Iterable[Ordered]) -> Ordered:
    """Several logs as one."""
    parts = [log for log in logs if log.count]
    if len(parts) == 1:
        return parts[0]
    return Ordered(
        lambda: heapq.merge(*(p.read() for p in parts), key=_TIME),
        sum(p.count for p in parts),
        min((p.first_ts for p in parts), default=0),
        max((p.last_ts for p in parts), default=0),
        all(p.sorted for p in parts),
    )


def sorted_on_disk(records: Iterator[Record], run: int) -> Iterator[Record]:
    """External merge sort: runs of ``run`` records in temporary files, :data:`RUNS` at most, then all of them at once.
    Stable.
    """
    with tempfile.TemporaryDirectory(prefix="headrace-sort-") as folder, ExitStack() as files:
        runs: list[IO[bytes]] = []
        while block := sorted(islice(records, run), key=_TIME):
            if len(runs) == RUNS:
                runs = [_as_one(runs, files.enter_context(tempfile.TemporaryFile(dir=folder)))]
            runs.append(files.enter_context(tempfile.TemporaryFile(dir=folder)))
            _write(runs[-1], block)
        del block
        yield from heapq.merge(*map(_read, runs), key=_TIME)


def _as_one(runs: list[IO[bytes]], file: IO[bytes]) -> IO[bytes]:
    """These, which are closed, in the order of time."""
    _write(file, heapq.merge(*map(_read, runs), key=_TIME))
    for run in runs:
        run.close()
    return file


def _write(file: IO[bytes], block: Iterable[Record]) -> None:
    for record in block:
        packed = _ENCODER.encode(record)
        file.write(len(packed).to_bytes(4, "little") + packed)
    file.seek(0)


def _read(file: IO[bytes]) -> Iterator[Record]:
    while head := file.read(4):
        yield _DECODER.decode(file.read(int.from_bytes(head, "little")))
