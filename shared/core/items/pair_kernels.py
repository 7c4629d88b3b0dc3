"""Pairs into neighbour rows (:mod:`shared.core.items.cooccurrence`), row after row: what one row holds is a function of
its own pairs' order alone, and a row is read from memory once per delta.
"""

import math
from typing import NamedTuple

import numpy as np

from shared.core.arithmetic.decay import no_spans, pin
from shared.core.arithmetic.prefetching import prefetch
from shared.core.items.lightest import NONE, PLACE, ROW, give_place, nothing_known
from shared.core.items.pairs import Pairs
from shared.core.kernel import Floats, Ints, Keys, Longs, Singles, kernel, making_kernel

POWERS = 64  # of the gap weight that are kept at hand
AHEAD = 16  # pairs
SMALLEST = -126  # exponent of the smallest factor that a float32 has in full
NOTHING_LEFT = -300  # beyond it every count is 0


@making_kernel
def row_by_row(rows: Ints, starts: Ints, order: Ints) -> None:
    """``order``: the pairs by their row, in order within a row. ``starts``, longer than the highest row, is zeros
    before and after. O(pairs): counting sort over the rows that are met.
    """
    met = np.empty(len(rows), dtype=np.int32)
    n = 0
    for row in rows:
        if starts[row] == 0:
            met[n] = row
            n += 1
        starts[row] += 1
    place = 0
    for number in range(n):
        row = met[number]
        size, starts[row] = starts[row], place
        place += size
    for pair in range(len(rows)):
        order[starts[rows[pair]]] = pair
        starts[rows[pair]] += 1
    starts[met[:n]] = 0


class RowArrays(NamedTuple):
    """Rows of K neighbours as kernels take them: ``neighbours`` int32[rows, K], ``counts`` float32[rows, columns, K],
    ``bits``, the same seen as integers, ``exponents`` int32[rows, 3], ``lengths`` int32[rows].
    """

    neighbours: Ints
    counts: Singles
    bits: Ints
    exponents: Ints
    lengths: Ints


@making_kernel
def add_each_pair(
    order: Ints, pairs: Pairs, held: RowArrays, half_lives: Longs, gap_weight: float, table: Floats, keys: Keys
) -> None:
    """One pair after the other, in ``order``, into its row (``pairs.row`` is a row's number). Of ``counts`` with one
    column only that is kept, and no gap is above 0.
    """
    gains, powers, known = np.zeros(3), np.zeros(POWERS), nothing_known()
    since, until, ks, growths = no_spans(half_lives)
    for number in range(len(order)):
        if number + AHEAD < len(order):
            coming = pairs.row[order[number + AHEAD]]
            if coming != pairs.row[order[number + AHEAD - 1]]:
                ask_for(coming, held)
        pair = order[number]
        row, other, gap, meeting = pairs.row[pair], pairs.other[pair], pairs.gap[pair], pairs.meeting[pair]
        weight, ts = pairs.weight[meeting], pairs.ts[meeting]
        gains[0] = by_gap(weight, abs(gap), gap_weight, powers)
        gains[1] = gains[2] = weight / gap if gap > 0 else 0.0
        for column in range(3):
            pin(ts, column, half_lives[column], table, since, until, ks, growths)
        bring_up(held.counts, held.exponents, row, held.lengths[row], gains, ks, growths, known)
        place = place_among(held.neighbours, row, held.lengths[row], other)
        if place >= 0:
            gain_more(held.counts, row, place, gains, known)
        else:
            put(row, other, gains, held, keys, known)


@kernel
def gain_more(counts: Singles, row: int, place: int, gains: Floats, known: Ints) -> None:
    """A neighbour that stands in the row."""
    for column in range(len(gains)):
        if gains[column] != 0.0:
            counts[row, column, place] += gains[column]
    if place == known[PLACE]:
        known[ROW] = NONE


@kernel
def put(row: int, other: int, gains: Floats, held: RowArrays, keys: Keys, known: Ints) -> None:
    """A neighbour that is new to the row."""
    place = held.lengths[row]
    if place < held.neighbours.shape[1]:
        held.lengths[row] += 1
        held.neighbours[row, place], held.counts[row, 0, place] = other, gains[0]
    else:
        place = give_place(row, other, gains[0], held.neighbours, held.counts, held.bits, keys, known)
    for column in range(1, held.counts.shape[1]):
        held.counts[row, column, place] = gains[column]


@kernel
def by_gap(weight: float, steps: int, gap_weight: float, powers: Floats) -> float:
    """``weight`` · gap_weight^(steps - 1), one multiplication after the other; ``powers`` holds the last weight's."""
    if steps - 1 >= POWERS:
        for _ in range(steps - 1):
            weight *= gap_weight
        return weight
    if powers[0] != weight:
        powers[0] = weight
        for step in range(1, POWERS):
            powers[step] = powers[step - 1] * gap_weight
    return float(powers[max(steps - 1, 0)])


@kernel
def ask_for(row: int, held: RowArrays) -> None:
    """Have what a visit to the row reads on its way from memory: its waiting costs more than all else."""
    prefetch(held.exponents, row, 0)
    for place in range(0, held.lengths[row], 16):
        prefetch(held.neighbours, row, place)
        prefetch(held.counts, row, place)


@kernel
def bring_up(
    counts: Singles, exponents: Ints, row: int, length: int, gains: Floats, ks: Longs, growths: Floats, known: Ints
) -> None:
    """``gains`` in units of the row's exponents, which move up to ``ks`` where something is gained. Counts that are
    rounded anew may be equal that were not.
    """
    for column in range(len(gains)):
        k = ks[column]
        if length == 0:
            exponents[row, column] = k
        if gains[column] == 0.0:
            continue
        gain = gains[column] * growths[column]
        held = exponents[row, column]
        if k > held:
            scale(counts, row, column, length, held - k)
            exponents[row, column] = k
            known[ROW] = NONE
        gains[column] = math.ldexp(gain, k - held) if k < held else gain


@kernel
def scale(counts: Singles, row: int, column: int, length: int, exponent: int) -> None:
    """A column · 2^exponent (at most 0), rounded once: a float32 times a power of two is exact in a double."""
    if exponent < NOTHING_LEFT:
        for place in range(length):
            counts[row, column, place] = 0.0
    elif exponent < SMALLEST:
        for place in range(length):
            counts[row, column, place] = counts[row, column, place] * math.ldexp(1.0, exponent)
    else:
        factor = np.float32(math.ldexp(1.0, exponent))
        for place in range(length):
            counts[row, column, place] *= factor


@kernel
def place_among(neighbours: Ints, row: int, length: int, other: int) -> int:
    """Where ``other`` stands, -1 if nowhere. It stands once at most; without a way out the loop runs on vectors."""
    found = np.int32(-1)
    for place in range(length):
        found = max(found, np.int32(place) if neighbours[row, place] == other else np.int32(-1))
    return int(found)
