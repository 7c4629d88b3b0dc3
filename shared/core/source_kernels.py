"""One user's candidates, source by source: the kernels that :mod:`shared.core.sources` is made of.

Over its scratch arrays: ``position`` says where an item stands among the candidates, -1 for none.
"""

import numpy as np

from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, Singles, kernel
from shared.core.logarithm import exp2
from shared.core.taste_kernels import best_by_taste, taste_scores


@kernel
def add_rows(
    recent: Ints,
    row_of: Ints,
    neighbours: Ints,
    scores: Floats,
    lengths: Ints,
    alike: Ints,
    likeness: Floats,
    alike_lengths: Ints,
    depths: Ints,
    weights: Floats,
    sums: Floats,
    touched: Flags,
    touching: Ints,
    sizes: Longs,
    barred: Flags,
) -> None:
    """What the rows of the newest items say, by source."""
    worth = np.ones(4)
    for rank in range(len(recent)):
        if recent[rank] < 0:
            break
        row = row_of[recent[rank]]
        if row >= 0:
            for place in range(lengths[row]):
                for source in range(3):
                    score = scores[row, place, source] * worth[source]
                    if rank < depths[source] and score > 0.0 and not barred[neighbours[row, place]]:
                        touch(neighbours[row, place], score, source, sums, touched, touching, sizes)
            if rank < depths[3]:
                for place in range(alike_lengths[row]):
                    if not barred[alike[row, place]]:
                        touch(alike[row, place], likeness[row, place] * worth[3], 3, sums, touched, touching, sizes)
        worth *= weights


@kernel
def touch(item: int, score: float, source: int, sums: Floats, touched: Flags, touching: Ints, sizes: Longs) -> None:
    """Add to an item's sum in a source."""
    if not touched[source, item]:
        touched[source, item] = True
        touching[source, sizes[source]] = item
        sizes[source] += 1
    sums[source, item] += score


@kernel
def candidate(item: int, n: int, position: Ints, items: Ints) -> int:
    """Make the item a candidate unless it is one; returns how many there are."""
    if position[item] < 0:
        position[item] = n
        items[n] = item
        n += 1
    return n


@kernel
def add_own(
    own: Ints,
    times: Ints,
    last: Longs,
    barred: Flags,
    position: Ints,
    n: int,
    items: Ints,
    values: Floats,
    places: Floats,
    met: Longs,
) -> int:
    """The user's own items that are not barred; how often each was taken against the oftenest one."""
    most = 0.0
    for at in range(len(own)):
        if not barred[own[at]]:
            most = max(most, times[at], 0.5)
    taken = 0
    for at in range(len(own)):
        if barred[own[at]]:
            continue
        n = candidate(own[at], n, position, items)
        here = position[own[at]]
        values[here, 4] = max(float(times[at]), 0.5) / most
        places[here, 4] = 1.0 / np.sqrt(1.0 + taken)
        met[here] = last[at]
        taken += 1
    return n


@kernel
def add_tops(
    top: Ints, top_length: Ints, barred: Flags, position: Ints, n: int, items: Ints, top_places: Floats
) -> int:
    """The heaviest items at each half-life that are not barred."""
    for column in range(len(top)):
        taken = 0
        for place in range(top_length[column]):
            item = top[column, place]
            if barred[item]:
                continue
            n = candidate(item, n, position, items)
            top_places[position[item], column] = 1.0 / np.sqrt(1.0 + place)
            taken += 1
            if taken == 30:
                break
    return n


@kernel
def take_values(items: Ints, n: int, sums: Floats, sizes: Longs, touching: Ints, values: Floats) -> None:
    """The candidates' sums, divided by the source's largest."""
    for source in range(4):
        largest = 0.0
        for place in range(sizes[source]):
            largest = max(largest, sums[source, touching[source, place]])
        if largest > 0.0:
            for place in range(n):
                values[place, source] = sums[source, items[place]] / largest


@kernel
def add_tastes(
    recent: Ints,
    place_of: Ints,
    inner: Singles,
    outer: Singles,
    bias: Singles,
    tastes: Singles,
    slots: Ints,
    barred: Flags,
    keys: Keys,
    best: Ints,
    best_scores: Floats,
    position: Ints,
    n: int,
    items: Ints,
    places: Floats,
) -> int:
    """The items that taste scores highest; ``tastes`` gets the scores of all, ``best_scores[0]`` the highest, infinity
    if nothing is said.
    """
    best_scores[0] = np.inf
    if not taste_scores(recent, place_of, inner, outer, bias, tastes):
        return n
    for place in range(best_by_taste(tastes, slots, barred, keys, best, best_scores)):
        n = candidate(best[place], n, position, items)
        places[position[best[place]], 5] = 1.0 / np.sqrt(1.0 + place)
    return n


@kernel
def take_tastes(items: Ints, n: int, tastes: Singles, place_of: Ints, highest: float, values: Floats) -> None:
    """2^(score - the highest) of the candidates that have a vector."""
    if np.isinf(highest):
        return
    for place in range(n):
        if place_of[items[place]] >= 0:
            values[place, 5] = exp2(np.float64(tastes[place_of[items[place]]]) - highest)
