"""The order of :mod:`diversity` where nothing but relevance and likeness counts: no limit, no pin, no embedding.

That is nearly every answer, and this is a third of the work: a likeness to what the user met is found when a candidate
is looked at, and most never are.
"""

import numpy as np

from shared.core.answers.catalogue_entry import BRAND
from shared.core.answers.diversity import NARROWEST, SAME_BRAND, highest_from
from shared.core.kernel import Floats, Ints, kernel, making_kernel

ROW = NARROWEST + 2
"""Of an item: its narrowest categories, its brand, how many categories these are."""
SIZE = ROW - 1
NOT_FOUND = -1.0


@making_kernel
def arrange_plain(kinds: Ints, slots: Ints, recent: Ints, relevance: Floats, strength: float, n: int) -> Ints:
    """As :func:`shared.core.answers.diversity.diverse`, from slots of the catalogue's ``kinds``; ``recent``: of what
    the user met. O(n · candidates looked at), which with little likeness are hardly more than n.
    """
    m = len(slots)
    highest, rows, met = highest_from(relevance), _rows(kinds, slots), _rows(kinds, recent)
    out, open_to = np.empty(min(n, m), dtype=np.int32), np.ones(m, dtype=np.bool_)
    familiar = np.full(m, NOT_FOUND)
    alike, counted = np.zeros(m), np.zeros(m, dtype=np.int32)  # sums of likeness to the first so many of those placed
    for place in range(len(out)):
        best, score, count = -1, -np.inf, max(place, 1)
        for i in range(m):
            if (1.0 - strength) * highest[i] <= score:
                break
            if not open_to[i]:
                continue
            if strength > 0.0:
                if familiar[i] == NOT_FOUND:
                    familiar[i] = _mean_likeness(rows, i, met)
                for other in range(counted[i], place):
                    alike[i] += _likeness(rows, i, rows, out[other])
                counted[i] = place
                own = (1.0 - strength) * relevance[i] - strength * max(alike[i] / count - familiar[i], 0.0)
            else:
                own = relevance[i]
            if own > score:
                best, score = i, own
        out[place], open_to[best] = best, False
    return out


@making_kernel
def _rows(kinds: Ints, slots: Ints) -> Ints:
    """int32[m, :data:`ROW`]."""
    rows = np.empty((len(slots), ROW), dtype=np.int32)
    for n in range(len(slots)):
        size = 0
        for column in range(NARROWEST):
            rows[n, column] = kinds[slots[n], column]
            if size == column and rows[n, column] >= 0:
                size += 1
        rows[n, NARROWEST], rows[n, SIZE] = kinds[slots[n], BRAND], size
    return rows


@kernel
def _mean_likeness(rows: Ints, i: int, others: Ints) -> float:
    if not len(others):
        return 0.0
    total = 0.0
    for j in range(len(others)):
        total += _likeness(rows, i, others, j)
    return total / len(others)


@kernel
def _likeness(rows: Ints, i: int, others: Ints, j: int) -> float:
    """As :func:`shared.core.answers.diversity.likeness` of one item to another."""
    size, other_size, both = rows[i, SIZE], others[j, SIZE], 0
    for a in range(size):
        for b in range(other_size):
            both += rows[i, a] == others[j, b]
    brand = rows[i, NARROWEST]
    found = SAME_BRAND if brand >= 0 and brand == others[j, NARROWEST] else 0.0
    if both:
        found += (1.0 - SAME_BRAND) * both / (size + other_size - both)
    return found
