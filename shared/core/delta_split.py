"""What a frame teaches, split by who owns it: pairs to the owner of their row, counts and catalogue to every one."""

import numpy as np

from shared.contracts.deltas import DELTA_VERSION, ItemDelta
from shared.contracts.routing import partition_of
from shared.core.interning import Interner
from shared.core.kernel import Ints
from shared.core.profile_rows import Learned

CatalogueRecord = tuple[str, bytes | None]


def split_by_owner(
    learned: Learned,
    items: Interner,
    records: list[CatalogueRecord],
    source: tuple[int, int],
    arrived: int,
    partitions: int,
) -> dict[int, ItemDelta]:
    """Items partition → its delta, if there is anything to say. ``source`` is the frame's (partition, offset)."""
    owner = _owners(learned.pair_row, items, partitions)
    deltas = {}
    for partition in range(partitions):
        mine = owner == partition
        if mine.any() or len(learned.count_item) or records:
            deltas[partition] = _delta(learned, mine, items, records, source, arrived)
    return deltas


def _owners(slots: Ints, items: Interner, partitions: int) -> Ints:
    unique, back = np.unique(slots, return_inverse=True)
    names = items.names
    owners = np.array([partition_of(names[slot], partitions) for slot in unique.tolist()], dtype=np.int32)
    return owners[back] if len(slots) else np.empty(0, dtype=np.int32)


def _delta(
    learned: Learned,
    mine: np.ndarray,
    items: Interner,
    records: list[CatalogueRecord],
    source: tuple[int, int],
    arrived: int,
) -> ItemDelta:
    rows, others = learned.pair_row[mine], learned.pair_other[mine]
    unique, back = np.unique(np.concatenate([rows, others, learned.count_item]), return_inverse=True)
    local = back.astype("<i4")
    names = items.names
    return ItemDelta(
        v=DELTA_VERSION,
        partition=source[0],
        offset=source[1],
        arrived=arrived,
        items=[names[slot] for slot in unique.tolist()],
        columns={
            "pair_row": local[: len(rows)].tobytes(),
            "pair_other": local[len(rows) : 2 * len(rows)].tobytes(),
            "pair_weight": learned.pair_weight[mine].astype("<f8").tobytes(),
            "pair_gap": learned.pair_gap[mine].astype("<i2").tobytes(),
            "pair_ts": learned.pair_ts[mine].astype("<i8").tobytes(),
            "count_item": local[2 * len(rows) :].tobytes(),
            "count_weight": learned.count_weight.astype("<f8").tobytes(),
            "count_ts": learned.count_ts.astype("<i8").tobytes(),
        },
        records=records,
    )
