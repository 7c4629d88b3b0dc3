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

from shared.core.kernel import Flags, Floats, Ints, Singles, kernel, making_kernel

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


@making_kernel
def mean_likeness(
    categories: Ints, brands: Ints, vectors: Singles, others: Ints, other_brands: Ints, other_vectors: Singles
) -> Floats:
    """Of each item to all of the others: float64[m]."""
    alike, which = np.zeros(len(brands)), np.arange(len(other_brands)).astype(np.int32)
    for i in range(len(brands)):
        alike[i] = likeness(0.0, i, categories, brands, vectors, which, others, other_brands, other_vectors)
    return alike / len(other_brands)


@kernel
def likeness(
    total: float,
    i: int,
    categories: Ints,
    brands: Ints,
    vectors: Singles,
    which: Ints,
    others: Ints,
    other_brands: Ints,
    other_vectors: Singles,
) -> float:
    """What item i adds to a ``total`` by its likeness to each of ``which`` others: 1 for the same categories, brand and
    direction. Rows are not sliced: counting who holds a slice costs more than all that is compared.
    """
    size, width = 0, categories.shape[1]
    while size < width and categories[i, size] >= 0:
        size += 1
    embedded = vectors.shape[1] > 0 and len(other_vectors) > 0 and np.any(vectors[i])
    for j in which:
        other_size, both = 0, 0
        while other_size < others.shape[1] and others[j, other_size] >= 0:
            for a in range(size):
                both += categories[i, a] == others[j, other_size]
            other_size += 1
        found = SAME_BRAND if brands[i] >= 0 and brands[i] == other_brands[j] else 0.0
        if both:
            found += (1.0 - SAME_BRAND) * both / (size + other_size - both)
        if embedded and np.any(other_vectors[j]):
            found = (1.0 - EMBEDDED) * found + EMBEDDED * cosine(vectors[i], other_vectors[j])
        total += found
    return total


@kernel
def cosine(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    """Of two vectors of length 1, 0 … 1: what points away is merely not alike."""
    total = 0.0
    for d in range(len(one)):
        total += one[d] * other[d]
    return min(max(total, 0.0), 1.0)


@making_kernel
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
    taken, count = np.empty(n, dtype=np.int32), 0  # what has a place, in the order of getting it
    alike, counted = np.zeros(m), np.zeros(m, dtype=np.int32)  # sums of likeness to the first so many of them
    highest = highest_from(relevance)
    shown = np.zeros(groups.shape, dtype=np.int32)  # of each candidate's groups
    owed = _owed(provider, least)
    ahead = 0  # pins further down: placed already, for all that is counted
    for place in range(n):
        if pins[place] >= 0:
            _take(pins[place], groups, provider, open_to, shown, owed)
            taken[count] = pins[place]
            count += 1
            ahead += 1
    placed = 0
    for place in range(n):
        found = pins[place]
        if found >= 0:
            ahead -= 1
        else:
            left = n - place - ahead
            due = owed.sum() >= left
            for wanted in (due, False):  # of those that are owed a place; of all
                found = _best(
                    relevance, highest, categories, brands, vectors, strength, familiar, taken[:count], alike, counted,
                    most, shown, provider, owed, wanted, open_to,
                )  # fmt: skip
                if found >= 0 or not wanted:
                    break
            if found < 0:
                continue
            _take(found, groups, provider, open_to, shown, owed)
            taken[count] = found
            count += 1
        out[placed] = found
        placed += 1
    return out[:placed]


@making_kernel
def _owed(provider: Ints, least: Ints) -> Ints:
    """Places that each provider has a right to: no more than it has candidates."""
    owed = np.zeros(len(least), dtype=np.int32)
    for p in provider:
        if p >= 0 and owed[p] < least[p]:
            owed[p] += 1
    return owed


@making_kernel
def highest_from(relevance: Floats) -> Floats:
    """From each candidate on: float64[m]."""
    highest = relevance.copy()
    for i in range(len(highest) - 2, -1, -1):
        highest[i] = max(highest[i], highest[i + 1])
    return highest


@kernel
def _best(
    relevance: Floats,
    highest: Floats,
    categories: Ints,
    brands: Ints,
    vectors: Singles,
    strength: float,
    familiar: Floats,
    taken: Ints,
    alike: Floats,
    counted: Ints,
    most: Ints,
    shown: Ints,
    provider: Ints,
    owed: Ints,
    due: bool,
    open_to: Flags,
) -> int:
    """The candidate for the next place, the first of equal ones; -1 if all are barred. ``due``: of those owed only.

    Nobody is looked at whose relevance, and that of all after them, is no more than the best has already.
    """
    best, score, count = -1, -np.inf, max(len(taken), 1)
    for i in range(len(relevance)):
        if (1.0 - strength) * highest[i] <= score:
            break
        if not open_to[i] or (due and (provider[i] < 0 or owed[provider[i]] <= 0)) or _is_barred(i, most, shown):
            continue
        if strength > 0.0:
            left = taken[counted[i] :]
            alike[i] = likeness(alike[i], i, categories, brands, vectors, left, categories, brands, vectors)
            counted[i] = len(taken)
        own = (1.0 - strength) * relevance[i] - strength * max(alike[i] / count - familiar[i], 0.0)
        if own > score:
            best, score = i, own
    return best


@kernel
def _is_barred(candidate: int, most: Ints, shown: Ints) -> bool:
    """Whether enough of one of its groups are shown."""
    for g in range(len(most)):  # noqa: SIM110 - numba knows no any() of a generator
        if shown[g, candidate] >= most[g, candidate]:
            return True
    return False


@kernel
def _take(item: int, groups: Ints, provider: Ints, open_to: Flags, shown: Ints, owed: Ints) -> None:
    """The item has a place: what that means for all others."""
    open_to[item] = False
    if len(owed) and provider[item] >= 0:
        owed[provider[item]] = max(owed[provider[item]] - 1, 0)
    for g in range(len(groups)):
        if groups[g, item] >= 0:
            for i in range(len(open_to)):
                shown[g, i] += groups[g, i] == groups[g, item]
