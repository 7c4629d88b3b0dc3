"""The order of an answer: the best first, but not more of the same, within what rules say (maximal marginal relevance).

Greedy (Carbonell and Goldstein, 1998): the next place goes to the candidate with the most of
``(1 - strength) · relevance - strength · likeness``, where likeness is the mean likeness to what is already placed,
beyond what the user's own recent items have of it (as Steck's calibration, 2018: who only ever looks at shoes is not
kept from shoes). Caps, shares and pins hold in the same walk, so that none undoes another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from shared.core.kernel import Flags, Floats, Ints, Singles, kernel

UNKNOWN = -1
FREE = -1
"""A place that nothing is pinned to."""
NARROWEST = 4
"""Categories of an item that are enough to look at: its narrowest."""
SAME_BRAND = 0.2
"""Of the likeness of two items what a common brand says; the rest is the Jaccard index of their categories."""
EMBEDDED = 0.5
"""Of the likeness of two items with embeddings what their cosine says; the rest is as above."""
NO_VECTORS = np.empty((0, 0), dtype=np.float32)
NO_GROUPS = np.empty((0, 0), dtype=np.int32)
NOBODY = np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Kinds:
    """What m items are like. ``categories`` int32[m, c]: each item's, none twice, :data:`UNKNOWN` after its last;
    ``brands`` int32[m], :data:`UNKNOWN` for none; ``vectors`` float32[m, d]: embeddings of length 1, or of zeros where
    an item has none; d may be 0.
    """

    categories: Ints
    brands: Ints
    vectors: Singles = field(default_factory=lambda: NO_VECTORS)


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds of an answer, whatever is relevant: of m candidates in g groupings, p providers with a share.

    ``groups`` int32[g, m]: the group of each candidate, -1 for none, and ``most`` int32[g, m]: how many of that group
    may be shown. ``provider`` int32[m]: 0 … p - 1 or -1, and ``least`` int32[p]: how many of each are to be shown.
    :mod:`shared.core.caps` and :mod:`shared.core.exposure` make these.
    """

    groups: Ints = field(default_factory=lambda: NO_GROUPS)
    most: Ints = field(default_factory=lambda: NO_GROUPS)
    provider: Ints = field(default_factory=lambda: NOBODY)
    least: Ints = field(default_factory=lambda: NOBODY)


UNLIMITED = Limits()


def diverse(
    relevance: Floats,
    kinds: Kinds,
    strength: float,
    n: int,
    *,
    familiar: Floats | None = None,
    limits: Limits = UNLIMITED,
    pins: Sequence[tuple[int, int]] = (),
) -> Ints:
    """The candidates to show, in order: int32[at most n], no repeats.

    ``relevance`` float64[m], 0 … 1; ``strength`` 0 … 1: at 0 by relevance alone, equal ones as they come. ``familiar``
    float64[m]: likeness that costs nothing (:func:`familiarity`). ``pins``: (place, candidate), each candidate once;
    they count for every limit and are held by none; those from place n on are passed over.

    Fewer than n only where candidates are too few or limits bar the rest: what is pinned below then moves up. A
    ``least`` that candidates or ``most`` make impossible is come as near to as it goes. O(n · m · (c² + d + g)).
    """
    return arrange(
        relevance, kinds.categories, kinds.brands, kinds.vectors, strength,
        np.zeros(len(relevance)) if familiar is None else familiar,
        limits.groups, limits.most, limits.provider, limits.least, pinned(pins, len(relevance), n),
    )  # fmt: skip


def pinned(pins: Sequence[tuple[int, int]], m: int, n: int) -> Ints:
    """int32[at most n]: which of m candidates is pinned to each place, or :data:`FREE`."""
    places: Ints = np.full(max(min(n, m), 0), FREE, dtype=np.int32)
    for place, candidate in pins:
        if place < len(places):
            places[place] = candidate
    return places


def familiarity(kinds: Kinds, recent: Kinds) -> Floats:
    """The mean likeness of each of m candidates to the user's r recent items: float64[m], 0 if r is. O(m · r)."""
    if not len(recent.brands):
        return np.zeros(len(kinds.brands))
    return mean_likeness(
        kinds.categories, kinds.brands, kinds.vectors, recent.categories, recent.brands, recent.vectors
    )


@kernel
def mean_likeness(
    categories: Ints, brands: Ints, vectors: Singles, others: Ints, other_brands: Ints, other_vectors: Singles
) -> Floats:
    """Of each item to all of the others: float64[m]."""
    alike = np.zeros(len(brands))
    for j in range(len(other_brands)):
        add_likeness(alike, categories, brands, vectors, others[j], other_brands[j], other_vectors[j : j + 1])
    return alike / len(other_brands)


@kernel
def add_likeness(
    alike: Floats, categories: Ints, brands: Ints, vectors: Singles, others: Ints, brand: int, vector: Singles
) -> None:
    """To the sums float64[m] that of each item to one item: 1 for the same categories, brand and direction. The item:
    int32[c], its brand, float32[0 or 1, d].
    """
    size_of_other = _size(others)
    embedded = vectors.shape[1] > 0 and vector.size == vectors.shape[1] and np.any(vector)
    for i in range(len(brands)):
        size, both = _size(categories[i]), 0
        for a in range(size):
            for b in range(size_of_other):
                both += categories[i, a] == others[b]
        found = SAME_BRAND if brand >= 0 and brands[i] == brand else 0.0
        if both:
            found += (1.0 - SAME_BRAND) * both / (size + size_of_other - both)
        if embedded and np.any(vectors[i]):
            found = (1.0 - EMBEDDED) * found + EMBEDDED * cosine(vectors[i], vector[0])
        alike[i] += found


@kernel
def _size(categories: Ints) -> int:
    """How many there are before the first :data:`UNKNOWN`."""
    for n in range(len(categories)):
        if categories[n] < 0:
            return n
    return len(categories)


@kernel
def cosine(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    """Of two vectors of length 1, 0 … 1: what points away is merely not alike."""
    total = 0.0
    for d in range(len(one)):
        total += one[d] * other[d]
    return min(max(total, 0.0), 1.0)


@kernel
def arrange(
    relevance: Floats,
    categories: Ints,
    brands: Ints,
    vectors: Singles,
    strength: float,
    familiar: Floats,
    groups: Ints,
    most: Ints,
    provider: Ints,
    least: Ints,
    pins: Ints,
) -> Ints:
    """As :func:`diverse`; ``pins`` int32[n]: the candidate of each place, or :data:`FREE`."""
    m, n = len(relevance), len(pins)
    out = np.empty(n, dtype=np.int32)
    open_to = np.ones(m, dtype=np.bool_)
    alike = np.zeros(m)  # sum of likeness to what is placed
    shown = np.zeros(groups.shape, dtype=np.int32)  # of each candidate's groups
    owed = _owed(provider, least)
    ahead = 0  # pins further down: placed already, for all that is counted
    for place in range(n):
        if pins[place] >= 0:
            _take(pins[place], categories, brands, vectors, strength, groups, provider, open_to, alike, shown, owed)
            ahead += 1
    placed = 0
    for place in range(n):
        found = pins[place]
        if found >= 0:
            ahead -= 1
        else:
            left = n - place - ahead
            due = owed.sum() >= left
            count = max(placed + ahead, 1)
            found = _best(relevance, strength, familiar, alike, count, most, shown, provider, owed, due, open_to)
            if found < 0 and due:
                found = _best(relevance, strength, familiar, alike, count, most, shown, provider, owed, False, open_to)
            if found < 0:
                continue
            _take(found, categories, brands, vectors, strength, groups, provider, open_to, alike, shown, owed)
        out[placed] = found
        placed += 1
    return out[:placed]


@kernel
def _owed(provider: Ints, least: Ints) -> Ints:
    """Places that each provider has a right to: no more than it has candidates."""
    owed = np.zeros(len(least), dtype=np.int32)
    for p in provider:
        if p >= 0 and owed[p] < least[p]:
            owed[p] += 1
    return owed


@kernel
def _best(
    relevance: Floats,
    strength: float,
    familiar: Floats,
    alike: Floats,
    count: int,
    most: Ints,
    shown: Ints,
    provider: Ints,
    owed: Ints,
    due: bool,
    open_to: Flags,
) -> int:
    """The candidate for the next place, the first of equal ones; -1 if all are barred. ``due``: of those owed only."""
    best, highest = -1, -np.inf
    for i in range(len(relevance)):
        if not open_to[i] or (due and (provider[i] < 0 or owed[provider[i]] <= 0)):
            continue
        barred = False
        for g in range(len(most)):
            barred = barred or shown[g, i] >= most[g, i]
        if barred:
            continue
        excess = max(alike[i] / count - familiar[i], 0.0)
        score = (1.0 - strength) * relevance[i] - strength * excess
        if score > highest:
            best, highest = i, score
    return best


@kernel
def _take(
    item: int,
    categories: Ints,
    brands: Ints,
    vectors: Singles,
    strength: float,
    groups: Ints,
    provider: Ints,
    open_to: Flags,
    alike: Floats,
    shown: Ints,
    owed: Ints,
) -> None:
    """The item has a place: what that means for all others."""
    open_to[item] = False
    if len(owed) and provider[item] >= 0:
        owed[provider[item]] = max(owed[provider[item]] - 1, 0)
    for g in range(len(groups)):
        if groups[g, item] >= 0:
            for i in range(len(open_to)):
                shown[g, i] += groups[g, i] == groups[g, item]
    if strength > 0.0:
        vector = vectors[item : item + 1]
        add_likeness(alike, categories, brands, vectors, categories[item], brands[item], vector)
