"""Pairs of items that a user met near each other: each counts one item, ``other``, in the neighbour row of another."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from shared.core.kernel import Floats, Ints, Longs, kernel


class Pairs(NamedTuple):
    """Columns of one length: slots int32 (in a delta, places in its items), the ``weight`` float64 of the event that
    made the pair, the ``gap`` int32 (in a delta int16) of steps between the two, below 0 where ``other`` came before,
    the time ``ts`` int64 (ms) of the later one.
    """

    row: Ints
    other: Ints
    weight: Floats
    gap: Ints
    ts: Longs


def room_for(most: int) -> Pairs:
    """Columns with anything in them."""
    return Pairs(
        np.empty(most, dtype=np.int32),
        np.empty(most, dtype=np.int32),
        np.empty(most, dtype=np.float64),
        np.empty(most, dtype=np.int32),
        np.empty(most, dtype=np.int64),
    )


def part_of(pairs: Pairs, start: int, end: int) -> Pairs:
    """Views."""
    these = slice(start, end)
    return Pairs(pairs.row[these], pairs.other[these], pairs.weight[these], pairs.gap[these], pairs.ts[these])


def joined_pairs(parts: Sequence[Pairs]) -> Pairs:
    """One after the other; at least one part."""
    return Pairs(*map(np.concatenate, zip(*parts, strict=True)))


@kernel
def pair_both(pairs: Pairs, n: int, item: int, other: int, gap: int, back: int, weight: float, ts: int) -> int:
    """``other`` in the row of ``item`` at ``gap``, and this in that one's at ``back``, from place ``n`` on; returns the
    next place.
    """
    pairs.row[n], pairs.other[n], pairs.gap[n] = item, other, gap
    pairs.row[n + 1], pairs.other[n + 1], pairs.gap[n + 1] = other, item, back
    pairs.weight[n] = pairs.weight[n + 1] = weight
    pairs.ts[n] = pairs.ts[n + 1] = ts
    return n + 2
