"""What item views say, of many items at once, as columns: how it goes from whoever says it into a cache.

Made from views that were read, or by :mod:`shared.core.item_views` without views in between. Numbers have the precision
of views.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from shared.contracts.rank_views import RowNumbers, StatView
from shared.core.interning import Names
from shared.core.kernel import Floats, Ints, Keys, Longs, Singles


class NamesOfRows:
    """Of all neighbours of the rows, then of all that are like them; a row's are read when one of them is wanted."""

    def __init__(self, rows: Sequence[RowNumbers], lengths: Ints, alike_lengths: Ints) -> None:
        self._rows = rows
        self._lengths = lengths
        self._ends = np.cumsum(np.concatenate((lengths, alike_lengths)))
        self._read: dict[int, list[str]] = {}

    def __getitem__(self, number: int, /) -> str:
        part = int(np.searchsorted(self._ends, number, side="right"))
        row = part % len(self._rows)
        if row not in self._read:
            self._read[row] = self._rows[row].ids()
        first = 0 if part < len(self._rows) else int(self._lengths[row])
        return self._read[row][first + number - (int(self._ends[part - 1]) if part else 0)]


class NamesOfSlots:
    """Of slots of a table."""

    def __init__(self, names: Sequence[str], slots: Ints) -> None:
        self._names, self._slots = names, slots

    def __getitem__(self, number: int, /) -> str:
        return self._names[int(self._slots[number])]


@dataclass(frozen=True)
class SaidRows:
    """Rows of ``items``, one after the other: item n has ``lengths[n]`` neighbours and ``alike_lengths[n]`` like it.

    ``others`` int32[places] (index into ``keys`` uint64, the digests of their ids, and ``names``) with ``scores``
    float32[places, 3], ``alike`` int32 with ``likeness`` float32 likewise.
    """

    items: Sequence[str]
    keys: Keys
    names: Names
    lengths: Ints
    others: Ints
    scores: Singles
    alike_lengths: Ints
    alike: Ints
    likeness: Singles


@dataclass(frozen=True)
class SaidStats:
    """Numbers of ``items``, each column one per item: ``counts`` float32[items, half-lives] as of ``ts`` int64, …"""

    items: Sequence[str]
    ts: Longs
    counts: Singles
    first_ts: Longs
    last_ts: Longs
    category: Keys
    brand: Keys
    log_price: Floats


def said_by_rows(items: Iterable[str], views: Iterable[RowNumbers | None]) -> SaidRows:
    """What the items' views say, of those that have one. O(places)."""
    told = [(item, view) for item, view in zip(items, views, strict=True) if view is not None]
    rows = [view for _, view in told]
    lengths = _ints([len(view.scores) // 12 for view in rows])
    alike_lengths = _ints([len(view.alike_scores) // 4 for view in rows])
    split = [8 * length for length in lengths.tolist()]
    every = [view.keys or b"" for view in rows]
    keys = [mine[:at] for mine, at in zip(every, split, strict=True)]
    alike_keys = [mine[at:] for mine, at in zip(every, split, strict=True)]
    others = int(lengths.sum())
    return SaidRows(
        [item for item, _ in told],
        np.frombuffer(b"".join(keys + alike_keys), dtype="<u8").astype(np.uint64),
        NamesOfRows(rows, lengths, alike_lengths),
        lengths,
        np.arange(others, dtype=np.int32),
        _singles([view.scores for view in rows]).reshape(-1, 3),
        alike_lengths,
        np.arange(others, others + int(alike_lengths.sum()), dtype=np.int32),
        _singles([view.alike_scores for view in rows]),
    )


def said_by_stats(items: Iterable[str], views: Iterable[StatView | None], half_lives: int) -> SaidStats:
    """The same of numbers; a view of another number of half-lives says nothing."""
    told = [
        (item, view)
        for item, view in zip(items, views, strict=True)
        if view is not None and len(view.counts) == 4 * half_lives
    ]
    return SaidStats(
        [item for item, _ in told],
        np.array([view.ts for _, view in told], dtype=np.int64),
        _singles([view.counts for _, view in told]).reshape(-1, half_lives),
        np.array([view.first_ts for _, view in told], dtype=np.int64),
        np.array([view.last_ts for _, view in told], dtype=np.int64),
        np.array([view.category for _, view in told], dtype=np.uint64),
        np.array([view.brand for _, view in told], dtype=np.uint64),
        np.array([view.log_price for _, view in told], dtype=np.float64),
    )


def _ints(lengths: list[int]) -> Ints:
    return np.array(lengths, dtype=np.int32)


def _singles(parts: list[bytes]) -> Singles:
    return np.frombuffer(b"".join(parts), dtype="<f4").astype(np.float32)
