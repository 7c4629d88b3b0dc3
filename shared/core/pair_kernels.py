"""Pairs into neighbour rows (:mod:`shared.core.cooccurrence`), row after row: what one row holds is a function of its
own pairs' order alone, and a row is read from memory once per delta.
"""

import math

import numpy as np

from shared.core.decay import no_spans, pin
from shared.core.kernel import Floats, Ints, Keys, Longs, Singles, kernel, making_kernel
from shared.core.lightest import NONE, PLACE, ROW, give_place, nothing_known
from shared.core.prefetching import prefetch

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


@making_kernel
def add_each_pair(
    order: Ints,
    rows: Ints,
    others: Ints,
    weights: Floats,
    gaps: Ints,
    times: Longs,
    neighbours: Ints,
    counts: Singles,
    bits: Ints,
    exponents: Ints,
    lengths: Ints,
    half_lives: Longs,
    gap_weight: float,
    table: Floats,
    keys: Keys,
) -> None:
    """One pair after the other, in ``order``, into its row; ``bits`` are ``counts`` seen as integers.

    Of ``counts`` with one column only that is kept, and no gap is above 0.
    """
    gains, powers, known = np.zeros(3), np.zeros(POWERS), nothing_known()
    since, until, ks, growths = no_spans(half_lives)
    for number in range(len(order)):
        if number + AHEAD < len(order):
            coming = rows[order[number + AHEAD]]
            if coming != rows[order[number + AHEAD - 1]]:
                ask_for(coming, lengths[coming], neighbours, counts, exponents)
        pair = order[number]
        row, other, gap = rows[pair], others[pair], gaps[pair]
        gains[0] = by_gap(weights[pair], abs(gap), gap_weight, powers)
        gains[1] = weights[pair] / gap if gap > 0 else 0.0
        gains[2] = gains[1]
        for column in range(3):
            pin(times[pair], column, half_lives[column], table, since, until, ks, growths)
        bring_up(counts, exponents, row, lengths[row], gains, ks, growths, known)
        place = place_among(neighbours, row, lengths[row], other)
        if place >= 0:
            gain_more(counts, row, place, gains, known)
        else:
            put(row, other, gains, neighbours, counts, bits, lengths, keys, known)


@kernel
def gain_more(counts: Singles, row: int, place: int, gains: Floats, known: Ints) -> None:
    """A neighbour that stands in the row."""
    for column in range(len(gains)):
        if gains[column] != 0.0:
            counts[row, column, place] += gains[column]
    if place == known[PLACE]:
        known[ROW] = NONE


@kernel
def put(
    row: int,
    other: int,
    gains: Floats,
    neighbours: Ints,
    counts: Singles,
    bits: Ints,
    lengths: Ints,
    keys: Keys,
    known: Ints,
) -> None:
    """A neighbour that is new to the row."""
    place = lengths[row]
    if place < neighbours.shape[1]:
        lengths[row] += 1
        neighbours[row, place], counts[row, 0, place] = other, gains[0]
    else:
        place = give_place(row, other, gains[0], neighbours, counts, bits, keys, known)
    for column in range(1, counts.shape[1]):
        counts[row, column, place] = gains[column]


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
def ask_for(row: int, length: int, neighbours: Ints, counts: Singles, exponents: Ints) -> None:
    """Have what a visit to the row reads on its way from memory: its waiting costs more than all else."""
    prefetch(exponents, row, 0)
    for place in range(0, length, 16):
        prefetch(neighbours, row, place)
        prefetch(counts, row, place)


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
