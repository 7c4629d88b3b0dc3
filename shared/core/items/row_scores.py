"""What a neighbour row says: the counts of its neighbours, normalised by how much row and neighbour are seen at all.

TOGETHER: c_ij / ((n_i + s)^a · (n_j + s)^b), a weak normalisation (plain cosine has a = b = 1/2): popular neighbours
keep most of their weight. NEXT and QUICK: c_ij / (n_i + s)^a, how often j is what follows i.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from shared.core.arithmetic.candidates import insert
from shared.core.arithmetic.decay import TABLE, as_of, decayed
from shared.core.items.cooccurrence import COLUMNS, NeighbourRows
from shared.core.items.pair_kernels import RowArrays
from shared.core.kernel import Floats, Ints, Keys, Longs, making_kernel


class Scored(NamedTuple):
    """Rows one after the other without gaps: ``lengths`` int32[rows], ``scores`` float64[places, 3] of the neighbours
    ``others`` int32[places], which are places in ``mentioned`` int32: slots, the rows' own items among them.
    """

    lengths: Ints
    others: Ints
    scores: Floats
    mentioned: Ints


class Told(NamedTuple):
    """What is known of the items that are mentioned: by slot their places and 1 (``number`` int32[slots]), their
    ``popularity`` float64[mentioned, 2].
    """

    number: Ints
    popularity: Floats


class Norm(NamedTuple):
    """s, a and b of the normalisation."""

    shrinkage: float
    row_exponent: float
    column_exponent: float


def row_scores(rows: NeighbourRows, items: Ints, ts: int, popularity: Callable[[Ints], Floats]) -> Scored:
    """What the rows of these items, who all have one, say as of ``ts``; where a table keeps one column alone, zeros in
    the others. O(items · K).

    ``popularity`` tells of slots float64[slots, 2]: decayed counts as of ``ts``, at the rows' half-life and quick.
    """
    rules, row_of = rows.rules, rows.row_of[items]
    lengths = rows.lengths[row_of]
    mentioned = number_each(items, row_of, rows.neighbours, lengths, rows.number)
    told = Told(rows.number, popularity(mentioned))
    norm = Norm(rules.shrinkage, rules.row_exponent, rules.column_exponent)
    others, scores = score_rows(items, row_of, rows.held, as_of(ts, rows.half_lives, TABLE), told, norm)
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
    items: Ints, rows: Ints, held: RowArrays, now: tuple[Floats, Longs], told: Told, norm: Norm
) -> tuple[Ints, Floats]:
    """``others`` and ``scores`` as of :class:`Scored`, row by row; ``now`` as of :func:`as_of`. A neighbour's power is
    the same in every row, so each is reckoned once.
    """
    popularity, (growths, wholes) = told.popularity, now
    powers = np.empty(len(popularity))
    for met in range(len(popularity)):
        powers[met] = (popularity[met, 0] + norm.shrinkage) ** norm.column_exponent
    places = held.lengths[rows].sum()
    others, scores, at = np.empty(places, dtype=np.int32), np.zeros((places, COLUMNS)), 0
    divisors = np.empty(COLUMNS)
    for n in range(len(items)):
        row, own = rows[n], told.number[items[n]] - 1
        divisors[0] = divisors[1] = (popularity[own, 0] + norm.shrinkage) ** norm.row_exponent
        divisors[2] = (popularity[own, 1] + norm.shrinkage) ** norm.row_exponent
        for place in range(held.lengths[row]):
            others[at] = told.number[held.neighbours[row, place]] - 1
            for column in range(held.counts.shape[1]):
                value = float(held.counts[row, column, place])
                divisor = divisors[column] * powers[others[at]] if column == 0 else divisors[column]
                if value > 0.0 and divisor > 0.0:
                    count = decayed(value, held.exponents[row, column], growths[column], wholes[column])
                    scores[at, column] = count / divisor
            at += 1
    return others, scores


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
