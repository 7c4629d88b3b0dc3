"""What item views say, of many items at once, as columns: how it goes from whoever says it into a cache.

Made from views that were read, or by :mod:`shared.core.item_views` without views in between. Numbers have the precision
of views.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from shared.contracts.rank_views import RowView, StatView
from shared.core.kernel import Floats, Ints, Keys, Longs, Singles


@dataclass(frozen=True)
class SaidRows:
    """Rows of ``items``, one after the other: item n has ``lengths[n]`` neighbours and ``alike_lengths[n]`` like it.

    ``others`` int32[places] (index into ``names``) with ``scores`` float32[places, 3], ``alike`` int32 with
    ``likeness`` float32 likewise.
    """

    items: Sequence[str]
    names: Sequence[str]
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


def said_by_rows(items: Iterable[str], views: Iterable[RowView | None]) -> SaidRows:
    """What the items' views say, of those that have one. O(places)."""
    told = [(item, view) for item, view in zip(items, views, strict=True) if view is not None]
    lengths = _ints([len(view.items) for _, view in told])
    alike_lengths = _ints([len(view.alike) for _, view in told])
    others = int(lengths.sum())
    return SaidRows(
        [item for item, _ in told],
        [*chain.from_iterable(view.items for _, view in told), *chain.from_iterable(view.alike for _, view in told)],
        lengths,
        np.arange(others, dtype=np.int32),
        _singles([view.scores for _, view in told]).reshape(-1, 3),
        alike_lengths,
        np.arange(others, others + int(alike_lengths.sum()), dtype=np.int32),
        _singles([view.alike_scores for _, view in told]),
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


def row_views(said: SaidRows, ts: int) -> list[RowView]:
    """``row:`` views that say the same."""
    made, start, alike_start = list[RowView](), 0, 0
    others, alike = (list(map(said.names.__getitem__, named.tolist())) for named in (said.others, said.alike))
    scores, likeness = said.scores.astype("<f4"), said.likeness.astype("<f4")
    for item, length, alike_length in zip(said.items, said.lengths.tolist(), said.alike_lengths.tolist(), strict=True):
        row, like = slice(start, start + length), slice(alike_start, alike_start + alike_length)
        start, alike_start = row.stop, like.stop
        made.append(
            RowView(
                item,
                ts,
                others[row],
                scores[row].tobytes(),
                alike[like],
                likeness[like].tobytes(),
            )
        )
    return made


def stat_views(said: SaidStats) -> list[StatView]:
    """``stat:`` views that say the same."""
    columns = (said.ts, said.first_ts, said.last_ts, said.category, said.brand, said.log_price)
    return [
        StatView(item, ts, counts.astype("<f4").tobytes(), *rest)
        for item, counts, ts, *rest in zip(said.items, said.counts, *(c.tolist() for c in columns), strict=True)
    ]


def _ints(lengths: list[int]) -> Ints:
    return np.array(lengths, dtype=np.int32)


def _singles(parts: list[bytes]) -> Singles:
    return np.frombuffer(b"".join(parts), dtype="<f4").astype(np.float32)
