"""Pairs of items as an items partition gets them from a delta: columns that nobody may write to."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from shared.contracts.deltas import MEETING_COLUMNS, OTHER_COLUMNS, ItemDelta
from shared.contracts.routing import partition_of
from shared.contracts.sections import CooccurrenceSettings
from shared.core.items.cooccurrence import NeighbourRows
from shared.core.items.pairs import Pairs, pairs_of
from shared.core.profiles.meetings import KINDS, Meetings, parted
from shared.core.tables.interning import order_key

HOUR = 3_600_000
START = 1_700_000_000_000
KEYS = np.array([order_key(f"i{n}") for n in range(64)], dtype=np.uint64)
Pair = tuple[int, int, float, int, int]
"""Row's item, the other one, weight, gap, event time."""


def rows_of(**rules: float) -> NeighbourRows:
    settings = {"half_life_ms": HOUR, "quick_half_life_ms": HOUR // 4, "shrinkage": 0, "few_items": 0, **rules}
    return NeighbourRows(CooccurrenceSettings.model_validate(settings), len(KEYS))


def sealed(values: object, dtype: npt.DTypeLike) -> np.ndarray:
    """A column as it is read from a record."""
    column = np.array(values, dtype=dtype)
    column.flags.writeable = False
    return column


def add(rows: NeighbourRows, pairs: list[Pair]) -> None:
    """Each of a meeting of its own."""
    row, other, weight, gap, ts = (list(column) for column in zip(*pairs, strict=True))
    columns = (row, other, gap, range(len(pairs)))
    slots = [np.array(column, dtype=np.int32) for column in columns]
    rows.add_pairs(Pairs(slots[0], slots[1], slots[2], slots[3], sealed(weight, "<f8"), sealed(ts, "<i8")), KEYS)


Meeting = tuple[int, float, int, list[tuple[int, int]]]
"""Item, weight, event time, (other, gap) of each."""


def meetings_of(made: Sequence[Meeting]) -> Meetings:
    others = [other for *_, those in made for other in those]
    columns = [[item for item, *_ in made], [weight for _, weight, *_ in made], [ts for *_, ts, _ in made]]
    columns += [[len(those) for *_, those in made], [other for other, _ in others], [gap for _, gap in others]]
    return Meetings(*(np.array(column, dtype=kind) for column, kind in zip(columns, KINDS, strict=True)))


def plain_pairs(made: Sequence[Meeting], back: int = -1) -> list[Pair]:
    """Of all of them, in order: the other in the item's row, the item in the other's."""
    return [
        pair
        for item, weight, ts, those in made
        for other, gap in those
        for pair in ((item, other, weight, gap, ts), (other, item, weight, back * gap, ts))
    ]


def listed(pairs: Pairs) -> list[Pair]:
    """As a list of pairs."""
    row, other, gap, meeting = (column.tolist() for column in pairs[:4])
    of = list(zip(pairs.weight.tolist(), pairs.ts.tolist(), strict=True))
    return [(r, o, of[m][0], g, of[m][1]) for r, o, g, m in zip(row, other, gap, meeting, strict=True)]


def told(delta: ItemDelta, partition: int, partitions: int) -> tuple[list[Pair], list[Pair]]:
    """The pairs that the owner makes of a delta, of names' places: those of what was met, those of what was bought."""
    met = Meetings(*(delta.column(name) for name in MEETING_COLUMNS + OTHER_COLUMNS))
    mine = np.array([partition_of(name, partitions) == partition for name in delta.items], dtype=np.bool_)
    slots = np.arange(len(mine), dtype=np.int32)
    seen, bought = parted(met, len(met.item) - delta.bought)
    return listed(pairs_of(seen, slots, mine, -1)), listed(pairs_of(bought, slots, mine, 1))
