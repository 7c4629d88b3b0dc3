"""One user's candidates, source by source: the kernels that :mod:`shared.core.lists.sources` is made of.

Items that any source names stand side by side, so that sums, places and values of one user are near each other:
``position`` of a slot says where, -1 nowhere yet, -2 that it must not be. ``taken`` is a named item's number among the
candidates, -1 for none.
"""

from typing import NamedTuple

import numpy as np

from shared.core.arithmetic.candidates import best_of
from shared.core.arithmetic.logarithm import exp2
from shared.core.kernel import Floats, Ints, Keys, Longs, Singles, kernel
from shared.core.lists.held_taste import Vectors
from shared.core.lists.rank_cache_kernels import Rows
from shared.core.lists.taste_kernels import best_by_taste, taste_scores

PLACES: Floats = 1.0 / np.sqrt(1.0 + np.arange(1000))
"""What a place among a source's best, or among the tops, is worth."""


class Work(NamedTuple):
    """What is used again for each user. By slot ``position`` int32. By place, which is the order of naming: the
    ``named`` slots int32, ``taken`` int32, ``sums`` float64[sources of rows, slots]. Of each source of rows: how many
    were named when the last row was read that it looks at (``reached`` int32), the ``largest`` sum float64: none behind
    those has a sum there, whatever stands in it; what the next row is ``worth`` float64. ``tastes`` float32[slots]; the
    best of a source as they are found (``best`` int32, ``scores`` float64, ``ties`` uint64): arrays that are made where
    they are filled are slow.
    """

    position: Ints
    named: Ints
    taken: Ints
    sums: Floats
    reached: Ints
    largest: Floats
    worth: Floats
    tastes: Singles
    best: Ints
    scores: Floats
    ties: Keys


class Found(NamedTuple):
    """One user's candidates, filled as they are taken: ``items`` int32[most], ``values`` and ``places``
    float64[most, sources], ``top_places`` float64[most, half-lives], ``met`` int64[most].
    """

    items: Ints
    values: Floats
    places: Floats
    top_places: Floats
    met: Longs


class Tops(NamedTuple):
    """The heaviest items at each half-life, int32[half-lives, any] of which ``lengths`` int32 count, and how many of
    them are candidates at ``most`` int32.
    """

    items: Ints
    lengths: Ints
    most: Ints


@kernel
def bar(slots: Ints, position: Ints, how: int) -> None:
    """Set the position of all of these."""
    for slot in slots:
        position[slot] = how


@kernel
def add_rows(recent: Ints, rows: Rows, depths: Ints, weights: Floats, work: Work) -> int:
    """What the rows of the newest items say, by source; returns how many items they name."""
    sums, worth, size, near, deepest = work.sums, work.worth, 0, 0, 0
    for source in range(len(depths)):
        worth[source], work.reached[source] = 1.0 if depths[source] > 0 else 0.0, 0
        near, deepest = max(near, depths[source] if source else 0), max(deepest, depths[source])
    for rank in range(min(len(recent), deepest)):
        if recent[rank] < 0:
            break
        row = rows.row_of[recent[rank]]
        if row >= 0:
            others, scores, length = rows.neighbours[row], rows.scores[row], rows.lengths[row]
            if rank < near:
                size = add_near(
                    others, scores, length, worth, work.position, work.named, sums[0], sums[1], sums[2], sums[3], size
                )
                others, likeness, length = rows.alike[row], rows.likeness[row], rows.alike_lengths[row]
                if worth[3] > 0.0:
                    size = add_alike(
                        others, likeness, length, worth[3], work.position, work.named,
                        sums[0], sums[1], sums[2], sums[3], size,
                    )  # fmt: skip
            else:
                size = add_far(others, scores[0], length, worth[0], work.position, work.named, sums[0], size)
        for source in range(len(depths)):
            if rank < depths[source]:
                work.reached[source] = size
            worth[source] = worth[source] * weights[source] if rank + 1 < depths[source] else 0.0
    work.taken[:size] = -1
    return size


@kernel
def add_near(
    items: Ints,
    scores: Singles,
    length: int,
    worth: Floats,
    position: Ints,
    named: Ints,
    together: Floats,
    following: Floats,
    quick: Floats,
    alike: Floats,
    size: int,
) -> int:
    """What one row says of its neighbours, by source; returns how many items are named."""
    of_together, of_following, of_quick = worth[0], worth[1], worth[2]
    for place in range(length):
        item = items[place]
        at = position[item]
        a, b, c = scores[0, place] * of_together, scores[1, place] * of_following, scores[2, place] * of_quick
        if at >= 0:
            together[at] += a
            following[at] += b
            quick[at] += c
        elif at == -1:
            position[item], named[size] = size, item
            together[size], following[size], quick[size], alike[size] = a, b, c, 0.0
            size += 1
    return size


@kernel
def add_far(
    items: Ints, scores: Singles, length: int, worth: float, position: Ints, named: Ints, together: Floats, size: int
) -> int:
    """What it says by the first source alone, which looks back furthest: most rows are read for nothing else."""
    for place in range(length):
        item = items[place]
        at = position[item]
        if at >= 0:
            together[at] += scores[place] * worth
        elif at == -1:
            position[item], named[size], together[size] = size, item, scores[place] * worth
            size += 1
    return size


@kernel
def add_alike(
    items: Ints,
    likeness: Singles,
    length: int,
    worth: float,
    position: Ints,
    named: Ints,
    together: Floats,
    following: Floats,
    quick: Floats,
    alike: Floats,
    size: int,
) -> int:
    """What is like the row's item by the catalogue."""
    for place in range(length):
        item = items[place]
        at = position[item]
        if at >= 0:
            alike[at] += likeness[place] * worth
        elif at == -1:
            position[item], named[size] = size, item
            together[size], following[size], quick[size], alike[size] = 0.0, 0.0, 0.0, likeness[place] * worth
            size += 1
    return size


@kernel
def add_best(work: Work, keys: Keys, most: int, found: Found) -> int:
    """The best of each source of rows; returns how many candidates there are."""
    n, best, scores = 0, work.best[:most], work.scores
    for source in range(len(work.reached)):
        count = best_of(work.sums[source, : work.reached[source]], work.named, keys, best, scores, work.ties)
        work.largest[source] = scores[0] if count else 1.0
        for place in range(count):
            at = best[place]
            if work.taken[at] < 0:
                work.taken[at], n = n, put(work.named[at], n, found)
            found.places[work.taken[at], source] = PLACES[place]
    return n


@kernel
def put(item: int, n: int, found: Found) -> int:
    """One candidate more, of which nothing is said yet; returns how many there are."""
    found.items[n], found.met[n] = item, 0
    for source in range(found.values.shape[1]):
        found.values[n, source] = found.places[n, source] = 0.0
    for column in range(found.top_places.shape[1]):
        found.top_places[n, column] = 0.0
    return n + 1


@kernel
def take(item: int, at: int, work: Work, size: int, n: int, found: Found) -> tuple[int, int, int]:
    """Make an item that is not barred, whose position is ``at``, a candidate unless it is one; returns how many are
    named, how many taken, and its number.
    """
    if at == -1:
        work.position[item], work.named[size], work.taken[size] = size, item, n
        return size + 1, put(item, n, found), n
    number = work.taken[at]
    if number >= 0:
        return size, n, number
    work.taken[at] = n
    return size, put(item, n, found), n


@kernel
def add_own(own: Ints, times: Ints, last: Longs, work: Work, size: int, n: int, found: Found) -> tuple[int, int]:
    """The user's own items that are not barred; how often each was taken against the oftenest one."""
    most, count = 0.0, 0
    for place in range(len(own)):
        if work.position[own[place]] != -2:
            most = max(most, times[place], 0.5)
    for place in range(len(own)):
        at = work.position[own[place]]
        if at == -2:
            continue
        size, n, number = take(own[place], at, work, size, n, found)
        found.values[number, 4] = max(float(times[place]), 0.5) / most
        found.places[number, 4] = PLACES[count]
        found.met[number] = last[place]
        count += 1
    return size, n


@kernel
def add_tops(tops: Tops, work: Work, size: int, n: int, found: Found) -> tuple[int, int]:
    """So many of the heaviest items at each half-life that are not barred."""
    for column in range(len(tops.items)):
        count = 0
        for place in range(tops.lengths[column]):
            if count == tops.most[column]:
                break
            item = tops.items[column, place]
            at = work.position[item]
            if at != -2:
                size, n, number = take(item, at, work, size, n, found)
                found.top_places[number, column] = PLACES[place]
                count += 1
    return size, n


@kernel
def take_values(work: Work, n: int, found: Found) -> None:
    """The candidates' sums, divided by the source's largest."""
    for number in range(n):
        at = work.position[found.items[number]]
        for source in range(len(work.reached)):
            if at < work.reached[source]:
                found.values[number, source] = work.sums[source, at] / work.largest[source]


@kernel
def add_tastes(
    recent: Ints, vectors: Vectors, keys: Keys, most: int, work: Work, size: int, n: int, found: Found
) -> tuple[int, int, float]:
    """The items that taste scores highest and that are not barred; ``work.tastes`` gets the scores of all. How many
    items are named, how many taken, and the highest score: infinity if nothing is said.
    """
    tastes = work.tastes
    if not most or not taste_scores(recent, vectors.place_of, vectors.inner, vectors.outer, vectors.bias, tastes):
        return size, n, np.inf
    best, scores = work.best[:most], work.scores
    count = best_by_taste(tastes, vectors.items, work.position, keys, best, scores, work.ties)
    highest = scores[0] if count else np.inf
    for place in range(count):
        size, n, number = take(best[place], work.position[best[place]], work, size, n, found)
        found.places[number, 5] = PLACES[place]
    return size, n, highest


@kernel
def take_tastes(n: int, tastes: Singles, place_of: Ints, highest: float, found: Found) -> None:
    """2^(score - the highest) of the candidates that have a vector."""
    if np.isinf(highest):
        return
    for number in range(n):
        place = place_of[found.items[number]]
        if place >= 0:
            found.values[number, 5] = exp2(np.float64(tastes[place]) - highest)
