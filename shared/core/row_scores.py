"""What a neighbour row says: the counts of its neighbours, normalised by how much row and neighbour are seen at all.

TOGETHER: c_ij / ((n_i + s)^a · (n_j + s)^b), a weak normalisation (plain cosine has a = b = 1/2): popular neighbours
keep most of their weight. NEXT and QUICK: c_ij / (n_i + s)^a, how often j is what follows i.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from shared.contracts.sections import CooccurrenceSettings
from shared.core.candidates import insert
from shared.core.cooccurrence import COLUMNS, NeighbourRows
from shared.core.decay import TABLE, as_of, decayed
from shared.core.kernel import Floats, Ints, Keys, Longs, Singles, making_kernel


class Scored(NamedTuple):
    """Rows one after the other without gaps: ``lengths`` int32[rows], ``scores`` float64[places, 3] of the neighbours
    ``others`` int32[places], which are places in ``mentioned`` int32: slots, the rows' own items among them.
    """

    lengths: Ints
    others: Ints
    scores: Floats
    mentioned: Ints


def row_scores(rows: NeighbourRows, items: Ints, ts: int, popularity: Callable[[Ints], Floats]) -> Scored:
    """What the rows of these items, who all have one, say as of ``ts``; where a table keeps one column alone, zeros in
    the others. O(items · K).

    ``popularity`` tells of slots float64[slots, 2]: decayed counts as of ``ts``, at the rows' half-life and quick.
    """
    rules: CooccurrenceSettings = rows.rules
    row_of = rows.row_of[items]
    lengths = rows.lengths[row_of]
    mentioned = number_each(items, row_of, rows.neighbours, lengths, rows.number)
    others, scores = np.empty(lengths.sum(), dtype=np.int32), np.zeros((lengths.sum(), COLUMNS))
    held = (rows.neighbours, rows.by_column, rows.exponents, lengths)
    weigh = (rules.shrinkage, rules.row_exponent, rules.column_exponent)
    told = popularity(mentioned)
    score_rows(items, row_of, *held, ts, rows.half_lives, TABLE, rows.number, told, *weigh, others, scores)
    rows.number[mentioned] = 0
    return Scored(lengths, others, scores, mentioned)


@making_kernel
def number_each(items: Ints, rows: Ints, neighbours: Ints, lengths: Ints, number: Ints) -> Ints:
    """The slots of these items and of the neighbours in their rows, each once, in the order in which they are met.
    ``number``, by slot: zeros before; of those that were met their place and 1 after it.
    """
    found, size = np.empty(min(len(number), len(items) + lengths.sum()), dtype=np.int32), 0
    for n in range(len(items)):
        if number[items[n]] == 0:
            found[size] = items[n]
            size += 1
            number[items[n]] = size
        for place in range(lengths[n]):
            other = neighbours[rows[n], place]
            if number[other] == 0:
                found[size] = other
                size += 1
                number[other] = size
    return found[:size]


@making_kernel
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
    number: Ints,
    popularity: Floats,
    shrinkage: float,
    row_exponent: float,
    column_exponent: float,
    others: Ints,
    scores: Floats,
) -> None:
    """Fill ``others`` and ``scores`` row by row. A neighbour's power is the same in every row, so each is reckoned
    once.
    """
    powers = np.empty(len(popularity))
    for met in range(len(popularity)):
        powers[met] = (popularity[met, 0] + shrinkage) ** column_exponent
    divisors, (growths, wholes) = np.empty(3), as_of(ts, half_lives, table)
    at = 0
    for n in range(len(items)):
        row, own = rows[n], number[items[n]] - 1
        divisors[0] = divisors[1] = (popularity[own, 0] + shrinkage) ** row_exponent
        divisors[2] = (popularity[own, 1] + shrinkage) ** row_exponent
        for place in range(lengths[n]):
            others[at] = number[neighbours[row, place]] - 1
            for column in range(by_column.shape[1]):
                value = float(by_column[row, column, place])
                divisor = divisors[column] * powers[others[at]] if column == 0 else divisors[column]
                if value > 0.0 and divisor > 0.0:
                    count = decayed(value, exponents[row, column], growths[column], wholes[column])
                    scores[at, column] = count / divisor
            at += 1


@making_kernel
def best_of_rows(
    others: Ints, lengths: Ints, scored: Floats, keys: Keys, out: Ints, scores: Floats, sizes: Ints
) -> None:
    """The best neighbours (slots) of each row by their first score, ties by key."""
    ties, at = np.empty(out.shape[1], dtype=np.uint64), 0
    for n in range(len(lengths)):
        size = 0
        for place in range(at, at + lengths[n]):
            size = insert(others[place], scored[place, 0], keys[others[place]], size, out[n], scores[n], ties)
        sizes[n], at = size, at + lengths[n]


def best_neighbours(said: Scored, most: int, keys: Keys) -> tuple[Ints, Floats, Ints]:
    """(int32[n, most], scores likewise, lengths int32[n]) of what :func:`row_scores` said, best first."""
    shape = (len(said.lengths), most)
    others, scores = np.full(shape, -1, dtype=np.int32), np.zeros(shape, dtype=np.float64)
    lengths = np.zeros(len(said.lengths), dtype=np.int32)
    best_of_rows(said.mentioned[said.others], said.lengths, said.scores, keys, others, scores, lengths)
    return others, scores, lengths
