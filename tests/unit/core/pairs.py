"""Pairs of items as an items partition gets them from a delta: columns that nobody may write to."""

import numpy as np
import numpy.typing as npt

from shared.contracts.sections import CooccurrenceSettings
from shared.core.cooccurrence import NeighbourRows
from shared.core.interning import order_key
from shared.core.pairs import Pairs

HOUR = 3_600_000
START = 1_700_000_000_000
KEYS = np.array([order_key(f"i{n}") for n in range(64)], dtype=np.uint64)
Pair = tuple[int, int, float, int, int]
"""Row's item, the other one, weight, gap, event time."""


def rows_of(**rules: float) -> NeighbourRows:
    settings = {"half_life_ms": HOUR, "quick_half_life_ms": HOUR // 4, "shrinkage": 0, **rules}
    return NeighbourRows(CooccurrenceSettings.model_validate(settings), len(KEYS))


def sealed(values: object, dtype: npt.DTypeLike) -> np.ndarray:
    """A column as it is read from a record."""
    column = np.array(values, dtype=dtype)
    column.flags.writeable = False
    return column


def add(rows: NeighbourRows, pairs: list[Pair]) -> None:
    row, other, weight, gap, ts = zip(*pairs, strict=True)
    rows.add_pairs(
        Pairs(
            np.array(row, dtype=np.int32),
            np.array(other, dtype=np.int32),
            sealed(weight, "<f8"),
            sealed(gap, "<i2"),
            sealed(ts, "<i8"),
        ),
        KEYS,
    )
