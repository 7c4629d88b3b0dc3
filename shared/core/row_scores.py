"""What a neighbour row says: the counts of its neighbours, normalised by how much row and neighbour are seen at all.

TOGETHER: c_ij / ((n_i + s)^a · (n_j + s)^b), a weak normalisation (plain cosine has a = b = 1/2): popular neighbours
keep most of their weight. NEXT and QUICK: c_ij / (n_i + s)^a, how often j is what follows i.
"""

import numpy as np

from shared.contracts.sections import CooccurrenceSettings
from shared.core.candidates import insert
from shared.core.cooccurrence import COLUMNS, NeighbourRows
from shared.core.decay import TABLE, doubled, growth, whole_half_lives
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, Singles, kernel

UNKNOWN = -1.0


def row_scores(rows: NeighbourRows, items: Ints, ts: int, popularity: Floats) -> Floats:
    """float64[items, K, 3] for items that have rows, as of ``ts``; zeros beyond a row's length, and where
    a table keeps one column alone. O(items · K).

    ``popularity`` float64[slots, 2]: decayed counts as of ``ts``, at the rows' half-life and quick; only those of
    :func:`mentioned` items are looked at.
    """
    rules: CooccurrenceSettings = rows.rules
    out = np.zeros((len(items), rules.neighbours, COLUMNS), dtype=np.float64)
    held = (rows.neighbours, rows.by_column, rows.exponents, rows.lengths)
    weigh = (rules.shrinkage, rules.row_exponent, rules.column_exponent)
    score_rows(items, rows.row_of[items], *held, ts, rows.half_lives, TABLE, popularity, *weigh, out)
    return out


def mentioned(rows: NeighbourRows, items: Ints) -> Ints:
    """The slots of items that have rows and of all their neighbours, each once. O(items · K)."""
    seen = np.zeros(len(rows.row_of), dtype=np.bool_)
    return mention_each(items, rows.row_of[items], rows.neighbours, rows.lengths, seen)


@kernel
def mention_each(items: Ints, rows: Ints, neighbours: Ints, lengths: Ints, seen: Flags) -> Ints:
    """In the order in which they are met. ``seen``, by slot: false everywhere."""
    found, size = np.empty(len(seen), dtype=np.int32), 0
    for n in range(len(items)):
        if not seen[items[n]]:
            seen[items[n]] = True
            found[size] = items[n]
            size += 1
        for place in range(lengths[rows[n]]):
            other = neighbours[rows[n], place]
            if not seen[other]:
                seen[other] = True
                found[size] = other
                size += 1
    return found[:size]


@kernel
def score_rows(
    items: Ints,
    rows: Ints,
    neighbours: Ints,
    by_column: Singles,
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
    """Fill ``out`` row by row. A neighbour's power is the same in every row, so each is reckoned once."""
    powers = np.full(len(popularity), UNKNOWN)
    divisors, growths, wholes = np.empty(3), np.empty(3), np.empty(3, dtype=np.int64)
    for column in range(3):
        growths[column] = growth(ts, half_lives[column], table)
        wholes[column] = whole_half_lives(ts, half_lives[column])
    for n in range(len(items)):
        row = rows[n]
        divisors[0] = divisors[1] = (popularity[items[n], 0] + shrinkage) ** row_exponent
        divisors[2] = (popularity[items[n], 1] + shrinkage) ** row_exponent
        for place in range(lengths[row]):
            other = neighbours[row, place]
            if powers[other] == UNKNOWN:
                powers[other] = (popularity[other, 0] + shrinkage) ** column_exponent
            for column in range(by_column.shape[1]):
                value = float(by_column[row, column, place])
                divisor = divisors[column] * powers[other] if column == 0 else divisors[column]
                if value > 0.0 and divisor > 0.0:
                    count = doubled(value / growths[column], exponents[row, column] - wholes[column])
                    out[n, place, column] = count / divisor


@kernel
def best_of_rows(
    rows: Ints, neighbours: Ints, lengths: Ints, scored: Floats, keys: Keys, out: Ints, scores: Floats, sizes: Ints
) -> None:
    """The best neighbours of each row by their first score, ties by key: each inserted among the best so far."""
    ties = np.empty(out.shape[1], dtype=np.uint64)
    for n in range(len(rows)):
        row, size = rows[n], 0
        for place in range(lengths[row]):
            other = neighbours[row, place]
            size = insert(other, scored[n, place, 0], keys[other], size, out[n], scores[n], ties)
        sizes[n] = size


def best_neighbours(rows: NeighbourRows, items: Ints, scored: Floats, keys: Keys) -> tuple[Ints, Floats, Ints]:
    """(int32[n, published], scores likewise, lengths int32[n]) of what :func:`row_scores` said, best first."""
    shape = (len(items), rows.rules.published)
    others, scores = np.full(shape, -1, dtype=np.int32), np.zeros(shape, dtype=np.float64)
    lengths = np.zeros(len(items), dtype=np.int32)
    best_of_rows(rows.row_of[items], rows.neighbours, rows.lengths, scored, keys, others, scores, lengths)
    return others, scores, lengths
