"""What a neighbour row says: the counts of its neighbours, normalised by how much row and neighbour are seen at all.

TOGETHER: c_ij / ((n_i + s)^a · (n_j + s)^b), a weak normalisation (plain cosine has a = b = 1/2): popular neighbours
keep most of their weight. NEXT and QUICK: c_ij / (n_i + s)^a, how often j is what follows i.
"""

import numpy as np

from shared.contracts.settings import CooccurrenceSettings
from shared.core.candidates import beats
from shared.core.cooccurrence import COLUMNS, NeighbourRows
from shared.core.decay import TABLE, count_at
from shared.core.kernel import Floats, Ints, Keys, Longs, kernel


def row_scores(rows: NeighbourRows, items: Ints, ts: int, popularity: Floats) -> Floats:
    """float64[items, K, 3] for items that have rows, as of ``ts``; zeros beyond a row's length. O(items · K).

    ``popularity`` float64[slots, 2]: decayed counts of all items as of ``ts``, at the rows' half-life and quick.
    """
    rules: CooccurrenceSettings = rows.rules
    out = np.zeros((len(items), rules.neighbours, COLUMNS), dtype=np.float64)
    held = (rows.neighbours, rows.counts, rows.exponents, rows.lengths)
    weigh = (rules.shrinkage, rules.row_exponent, rules.column_exponent)
    score_rows(items, rows.row_of[items], *held, ts, rows.half_lives, TABLE, popularity, *weigh, out)
    return out


@kernel
def score_rows(
    items: Ints,
    rows: Ints,
    neighbours: Ints,
    counts: Floats,
    exponents: Ints,
    lengths: Ints,
    ts: int,
    half_lives: Longs,
    table: Floats,
    popularity: Floats,
    shrinkage: float,
    row_exponent: float,
    column_exponent: float,
    out: Floats,
) -> None:
    """Fill ``out`` row by row."""
    for n in range(len(items)):
        row = rows[n]
        own = (popularity[items[n], 0] + shrinkage) ** row_exponent
        quick = (popularity[items[n], 1] + shrinkage) ** row_exponent
        for place in range(lengths[row]):
            other = neighbours[row, place]
            for column in range(3):
                value = counts[row, place, column]
                divisor = quick if column == 2 else own
                if column == 0:
                    divisor *= (popularity[other, 0] + shrinkage) ** column_exponent
                if value > 0.0 and divisor > 0.0:
                    count = count_at(value, exponents[row, column], ts, half_lives[column], table)
                    out[n, place, column] = count / divisor


@kernel
def best_of_rows(
    rows: Ints, neighbours: Ints, lengths: Ints, scored: Floats, keys: Keys, out: Ints, scores: Floats, sizes: Ints
) -> None:
    """The best neighbours of each row by their first score, ties by key: each inserted among the best so far."""
    for n in range(len(rows)):
        row, size = rows[n], 0
        for place in range(lengths[row]):
            other, score = neighbours[row, place], scored[n, place, 0]
            if size < out.shape[1]:
                size += 1
            elif not beats(score, keys[other], scores[n, size - 1], keys[out[n, size - 1]]):
                continue
            at = size - 1
            while at > 0 and beats(score, keys[other], scores[n, at - 1], keys[out[n, at - 1]]):
                out[n, at] = out[n, at - 1]
                scores[n, at] = scores[n, at - 1]
                at -= 1
            out[n, at] = other
            scores[n, at] = score
        sizes[n] = size


def best_neighbours(rows: NeighbourRows, items: Ints, scored: Floats, keys: Keys) -> tuple[Ints, Floats, Ints]:
    """(int32[n, published], scores likewise, lengths int32[n]) of what :func:`row_scores` said, best first."""
    shape = (len(items), rows.rules.published)
    others, scores = np.full(shape, -1, dtype=np.int32), np.zeros(shape, dtype=np.float64)
    lengths = np.zeros(len(items), dtype=np.int32)
    best_of_rows(rows.row_of[items], rows.neighbours, rows.lengths, scored, keys, others, scores, lengths)
    return others, scores, lengths
