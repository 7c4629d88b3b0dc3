"""One user's candidates, source by source: the kernels that :mod:`shared.core.sources` is made of.

Items that any source names stand side by side, so that sums, places and values of one user are near each other:
``position`` of a slot says where, -1 nowhere yet, -2 that it must not be. ``taken`` is a named item's number among the
candidates, -1 for none.
"""

import numpy as np

from shared.core.candidates import best_of
from shared.core.kernel import Floats, Ints, Keys, Longs, Singles, kernel
from shared.core.logarithm import exp2
from shared.core.taste_kernels import best_by_taste, taste_scores

PLACES: Floats = 1.0 / np.sqrt(1.0 + np.arange(1000))
"""What a place among a source's best, or among the tops, is worth."""


@kernel
def bar(slots: Ints, position: Ints, how: int) -> None:
    """Set the position of all of these."""
    for slot in slots:
        position[slot] = how


@kernel
def name(item: int, size: int, position: Ints, named: Ints, sums: Floats, taken: Ints) -> int:
    """Let an item stand behind the ``size`` that are named; returns how many are."""
    position[item], named[size], taken[size] = size, item, -1
    for source in range(len(sums)):
        sums[source, size] = 0.0
    return size + 1


@kernel
def add_rows(
    recent: Ints,
    row_of: Ints,
    neighbours: Ints,
    scores: Singles,
    lengths: Ints,
    alike: Ints,
    likeness: Singles,
    alike_lengths: Ints,
    depths: Ints,
    weights: Floats,
    position: Ints,
    named: Ints,
    sums: Floats,
    taken: Ints,
    reached: Ints,
) -> int:
    """What the rows of the newest items say, by source; returns how many items they name, ``reached`` how many did when
    the last row was read that a source looks at: none behind them has a sum there.
    """
    worth, size = np.where(depths > 0, 1.0, 0.0), 0
    reached[:] = 0
    for rank in range(min(len(recent), depths.max())):
        if recent[rank] < 0:
            break
        row = row_of[recent[rank]]
        if row >= 0:
            length = lengths[row]
            if worth[1] > 0.0 or worth[2] > 0.0:
                size = add_row(neighbours[row], scores[row], length, worth, position, named, sums, taken, size)
            else:
                size = add_column(neighbours[row], scores[row, 0], length, worth[0], position, named, sums, taken, size)
            for place in range(alike_lengths[row] if worth[3] > 0.0 else 0):
                item, score = alike[row, place], likeness[row, place] * worth[3]
                if score > 0.0 and position[item] != -2:
                    if position[item] == -1:
                        size = name(item, size, position, named, sums, taken)
                    sums[3, position[item]] += score
        for source in range(len(depths)):
            if rank < depths[source]:
                reached[source] = size
        worth = np.where(depths > rank + 1, worth * weights, 0.0)
    return size


@kernel
def add_row(
    neighbours: Ints,
    scores: Singles,
    length: int,
    worth: Floats,
    position: Ints,
    named: Ints,
    sums: Floats,
    taken: Ints,
    size: int,
) -> int:
    """What one row says of its neighbours, by source; returns how many items are named."""
    together, following, quick = worth[0], worth[1], worth[2]
    for place in range(length):
        item = neighbours[place]
        a, b, c = scores[0, place] * together, scores[1, place] * following, scores[2, place] * quick
        at = position[item]
        if at == -2 or not (a > 0.0 or b > 0.0 or c > 0.0):
            continue
        if at == -1:
            at, size = size, name(item, size, position, named, sums, taken)
        sums[0, at] += a
        sums[1, at] += b
        sums[2, at] += c
    return size


@kernel
def add_column(
    neighbours: Ints,
    scores: Singles,
    length: int,
    worth: float,
    position: Ints,
    named: Ints,
    sums: Floats,
    taken: Ints,
    size: int,
) -> int:
    """What it says by the first source alone, which looks back furthest: most rows are read for nothing else."""
    for place in range(length):
        item, score = neighbours[place], scores[place] * worth
        at = position[item]
        if at == -2 or not score > 0.0:
            continue
        if at == -1:
            at, size = size, name(item, size, position, named, sums, taken)
        sums[0, at] += score
    return size


@kernel
def add_best(
    named: Ints,
    sums: Floats,
    reached: Ints,
    keys: Keys,
    most: int,
    taken: Ints,
    items: Ints,
    places: Floats,
    largest: Floats,
) -> int:
    """The best of each source of rows; ``largest`` sum of each. Returns how many candidates there are."""
    n, best, scores = 0, np.empty(most, dtype=np.int32), np.empty(most)
    for source in range(len(reached)):
        found = best_of(sums[source, : reached[source]], named, keys, best, scores)
        largest[source] = scores[0] if found else 1.0
        for place in range(found):
            at = best[place]
            if taken[at] < 0:
                taken[at], items[n] = n, named[at]
                n += 1
            places[taken[at], source] = PLACES[place]
    return n


@kernel
def take(
    item: int, position: Ints, named: Ints, sums: Floats, taken: Ints, size: int, n: int, items: Ints
) -> tuple[int, int]:
    """Make an item that is not barred a candidate unless it is one; returns how many are named, how many taken."""
    if position[item] == -1:
        size = name(item, size, position, named, sums, taken)
    if taken[position[item]] < 0:
        taken[position[item]], items[n] = n, item
        n += 1
    return size, n


@kernel
def add_own(
    own: Ints,
    times: Ints,
    last: Longs,
    position: Ints,
    named: Ints,
    sums: Floats,
    taken: Ints,
    size: int,
    n: int,
    items: Ints,
    values: Floats,
    places: Floats,
    met: Longs,
) -> tuple[int, int]:
    """The user's own items that are not barred; how often each was taken against the oftenest one."""
    most, found = 0.0, 0
    for at in range(len(own)):
        if position[own[at]] != -2:
            most = max(most, times[at], 0.5)
    for at in range(len(own)):
        if position[own[at]] == -2:
            continue
        size, n = take(own[at], position, named, sums, taken, size, n, items)
        here = taken[position[own[at]]]
        values[here, 4] = max(float(times[at]), 0.5) / most
        places[here, 4] = PLACES[found]
        met[here] = last[at]
        found += 1
    return size, n


@kernel
def add_tops(
    top: Ints,
    top_length: Ints,
    of_tops: Ints,
    position: Ints,
    named: Ints,
    sums: Floats,
    taken: Ints,
    size: int,
    n: int,
    items: Ints,
    top_places: Floats,
) -> tuple[int, int]:
    """So many of the heaviest items at each half-life that are not barred."""
    for column in range(len(top)):
        found = 0
        for place in range(top_length[column]):
            if found == of_tops[column]:
                break
            item = top[column, place]
            if position[item] != -2:
                size, n = take(item, position, named, sums, taken, size, n, items)
                top_places[taken[position[item]], column] = PLACES[place]
                found += 1
    return size, n


@kernel
def take_values(sums: Floats, taken: Ints, size: int, largest: Floats, values: Floats) -> None:
    """The candidates' sums, divided by the source's largest."""
    for at in range(size):
        if taken[at] >= 0:
            for source in range(len(sums)):
                values[taken[at], source] = sums[source, at] / largest[source]


@kernel
def add_tastes(
    recent: Ints,
    place_of: Ints,
    inner: Singles,
    outer: Singles,
    bias: Singles,
    tastes: Singles,
    slots: Ints,
    keys: Keys,
    most: int,
    position: Ints,
    named: Ints,
    sums: Floats,
    taken: Ints,
    size: int,
    n: int,
    items: Ints,
    places: Floats,
) -> tuple[int, int, float]:
    """The items that taste scores highest and that are not barred; ``tastes`` gets the scores of all. How many items
    are named, how many taken, and the highest score: infinity if nothing is said.
    """
    if not most or not taste_scores(recent, place_of, inner, outer, bias, tastes):
        return size, n, np.inf
    best, scores = np.empty(most, dtype=np.int32), np.empty(most)
    found = best_by_taste(tastes, slots, position, keys, best, scores)
    for place in range(found):
        size, n = take(best[place], position, named, sums, taken, size, n, items)
        places[taken[position[best[place]]], 5] = PLACES[place]
    return size, n, scores[0] if found else np.inf


@kernel
def take_tastes(items: Ints, n: int, tastes: Singles, place_of: Ints, highest: float, values: Floats) -> None:
    """2^(score - the highest) of the candidates that have a vector."""
    if np.isinf(highest):
        return
    for place in range(n):
        if place_of[items[place]] >= 0:
            values[place, 5] = exp2(np.float64(tastes[place_of[items[place]]]) - highest)
