"""What item views say, of many items at once, as columns: how it goes from whoever says it into a cache.

Made from views that were read, or by :mod:`shared.core.items.item_views` without views in between. Numbers have the
precision of views.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from shared.contracts.rank_views import RowNumbers, StatView
from shared.core.kernel import Floats, Ints, Keys, Longs, Singles
from shared.core.tables.interning import Interner, Names


class NamesOfRows:
    """Of all neighbours of the rows, or of all that are like them; a row's ids are read when one of them is wanted."""

    def __init__(self, rows: Sequence[RowNumbers], skipped: Ints, lengths: Ints) -> None:
        self._rows = rows
        self._ends = np.cumsum(lengths)
        self._before = skipped + lengths - self._ends  # by row, what a place has before it
        self._read: dict[int, list[str]] = {}

    def __getitem__(self, number: int, /) -> str:
        row = int(np.searchsorted(self._ends, number, side="right"))
        if row not in self._read:
            self._read[row] = self._rows[row].ids()
        return self._read[row][number + int(self._before[row])]


class ByDigest(NamedTuple):
    """Items by the digests of their ids, uint64; ``names`` by place."""

    keys: Keys
    names: Names


class BySlot(NamedTuple):
    """Items by their slots in a table, int32."""

    table: Interner
    slots: Ints


@dataclass(frozen=True)
class SaidRows:
    """Who stands in the rows of ``items`` int32 (slots of the table of whoever asked), one row after the other: item n
    has ``lengths[n]`` ``others`` int32[places] (places in ``who``) with ``scores`` float32[places, columns]: 3 of
    neighbours, 1 of what the catalogue says is like an item.
    """

    items: Ints
    lengths: Ints
    who: ByDigest | BySlot
    others: Ints
    scores: Singles


@dataclass(frozen=True)
class SaidStats:
    """Numbers of ``items`` int32 (slots of the table of whoever asked), each column one per item: ``counts``
    float32[items, half-lives] as of ``ts`` int64, …
    """

    items: Ints
    ts: Longs
    counts: Singles
    first_ts: Longs
    last_ts: Longs
    category: Keys
    brand: Keys
    log_price: Floats


def said_by_rows(items: Ints, views: Sequence[RowNumbers | None]) -> tuple[SaidRows, SaidRows]:
    """What the items' views say of neighbours and of what is like them, of those that have one. O(places)."""
    slots = _told(items, views)
    rows = [view for view in views if view is not None]
    lengths = _ints([len(view.scores) // 12 for view in rows])
    alike_lengths = _ints([len(view.alike_scores) // 4 for view in rows])
    keys = [(view.keys or b"", 8 * length) for view, length in zip(rows, lengths.tolist(), strict=True)]
    near = ByDigest(_keys([mine[:at] for mine, at in keys]), NamesOfRows(rows, np.zeros_like(lengths), lengths))
    like = ByDigest(_keys([mine[at:] for mine, at in keys]), NamesOfRows(rows, lengths, alike_lengths))
    scores, likeness = _singles([view.scores for view in rows]), _singles([view.alike_scores for view in rows])
    return (
        SaidRows(slots, lengths, near, np.arange(len(near.keys), dtype=np.int32), scores.reshape(-1, 3)),
        SaidRows(slots, alike_lengths, like, np.arange(len(like.keys), dtype=np.int32), likeness[:, None]),
    )


def said_by_stats(items: Ints, views: Sequence[StatView | None], half_lives: int) -> SaidStats:
    """The same of numbers; a view of another number of half-lives says nothing."""
    views = [view if view is not None and len(view.counts) == 4 * half_lives else None for view in views]
    told = [view for view in views if view is not None]
    return SaidStats(
        _told(items, views),
        np.array([view.ts for view in told], dtype=np.int64),
        _singles([view.counts for view in told]).reshape(-1, half_lives),
        np.array([view.first_ts for view in told], dtype=np.int64),
        np.array([view.last_ts for view in told], dtype=np.int64),
        np.array([view.category for view in told], dtype=np.uint64),
        np.array([view.brand for view in told], dtype=np.uint64),
        np.array([view.log_price for view in told], dtype=np.float64),
    )


def _told(items: Ints, views: Sequence[object | None]) -> Ints:
    """Of which something is said."""
    return _ints([item for item, view in zip(items.tolist(), views, strict=True) if view is not None])


def _keys(parts: list[bytes]) -> Keys:
    return np.frombuffer(b"".join(parts), dtype="<u8").astype(np.uint64)


def _ints(lengths: list[int]) -> Ints:
    return np.array(lengths, dtype=np.int32)


def _singles(parts: list[bytes]) -> Singles:
    return np.frombuffer(b"".join(parts), dtype="<f4").astype(np.float32)
