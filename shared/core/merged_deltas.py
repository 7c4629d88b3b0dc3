"""Several frames' deltas as one: what a step costs, it costs once, and most deltas are small."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from shared.contracts.deltas import COUNT_COLUMNS, DELTA_COLUMNS, DELTA_VERSION, INDEX_COLUMNS, PAIR_COLUMNS, ItemDelta


def merged(deltas: Sequence[ItemDelta]) -> ItemDelta:
    """Counts and pairs of all, in their order, those of bought items last; of the frame of the last one. Catalogue
    records and scopes are left out. An item that several name stands in ``items`` as often. O(size).
    """
    last, met = deltas[-1], [slice(len(delta.column("pair_row")) - delta.bought) for delta in deltas]
    first = [0, *accumulate(len(delta.items) for delta in deltas)][:-1]
    columns = dict.fromkeys(DELTA_COLUMNS, b"")
    for name in (*COUNT_COLUMNS, *PAIR_COLUMNS):
        parts = [delta.column(name) for delta in deltas]
        if name in INDEX_COLUMNS:
            parts = [part + start for part, start in zip(parts, first, strict=True)]
        if name in PAIR_COLUMNS:
            bought = [part[those.stop :] for part, those in zip(parts, met, strict=True)]
            parts = [*(part[those] for part, those in zip(parts, met, strict=True)), *bought]
        columns[name] = np.concatenate(parts).astype(DELTA_COLUMNS[name]).tobytes()
    return ItemDelta(
        v=DELTA_VERSION,
        partition=last.partition,
        offset=last.offset,
        arrived=last.arrived,
        items=[item for delta in deltas for item in delta.items],
        keys=b"".join(delta.keys for delta in deltas),
        scopes=[],
        columns=columns,
        records=[],
        bought=sum(delta.bought for delta in deltas),
    )
