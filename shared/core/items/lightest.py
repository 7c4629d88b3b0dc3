"""The lightest neighbour of a full row, which gives its place to a newcomer; ties by item key.

A newcomer is mostly lighter than all others that are left, and so the next to go. While pairs of one row are counted,
what is known of its lightest is held: ``known`` int32[3] says of which row, at which place, and a count (seen as an
integer) that no other neighbour of the row is below.
"""

import numpy as np

from shared.core.kernel import Ints, Keys, Singles, kernel, making_kernel

ROW, PLACE, OTHERS = 0, 1, 2
NONE = -1
MOST = np.int32(2**31 - 1)


@making_kernel
def nothing_known() -> Ints:
    return np.full(3, NONE, dtype=np.int32)


@kernel
def give_place(
    row: int, other: int, gain: float, neighbours: Ints, counts: Singles, bits: Ints, keys: Keys, known: Ints
) -> int:
    """Where ``other``, new to the full row, stands from now on, with its count in the first column."""
    if known[ROW] != row:
        known[ROW], known[PLACE] = row, lightest(neighbours, bits, row, keys)
        known[OTHERS] = least_beside(bits, row, known[PLACE])
    place = known[PLACE]
    neighbours[row, place] = other
    counts[row, 0, place] = gain
    if bits[row, 0, place] >= known[OTHERS]:
        known[ROW] = NONE
    return int(place)


@kernel
def lightest(neighbours: Ints, bits: Ints, row: int, keys: Keys) -> int:
    """The place with the smallest count; among equals the one with the largest key. ``bits``: of counts, none of which
    is negative, so their order as integers is theirs. Without a way out, loops run on vectors.
    """
    smallest = bits[row, 0, 0]
    for place in range(1, bits.shape[2]):
        smallest = min(smallest, bits[row, 0, place])
    first, equals = MOST, np.int32(0)
    for place in range(bits.shape[2]):
        first = min(first, np.int32(place) if bits[row, 0, place] == smallest else MOST)
        equals += np.int32(1) if bits[row, 0, place] == smallest else np.int32(0)
    least = int(first)
    if equals > 1:
        for place in range(least + 1, bits.shape[2]):
            if bits[row, 0, place] == smallest and keys[neighbours[row, place]] > keys[neighbours[row, least]]:
                least = place
    return least


@kernel
def least_beside(bits: Ints, row: int, place: int) -> int:
    """The smallest count in a full row but that at ``place``."""
    smallest = MOST
    for other in range(bits.shape[2]):
        smallest = min(smallest, bits[row, 0, other] if other != place else MOST)
    return int(smallest)
