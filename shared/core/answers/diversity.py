"""The order of an answer: the best first, but not more of the same, within what rules say (maximal marginal relevance).

Greedy (Carbonell and Goldstein, 1998): the next place goes to the candidate with the most of
``(1 - strength) · relevance - strength · likeness``, where likeness is the mean likeness to what is already placed,
beyond what the user's own recent items have of it (as Steck's calibration, 2018: who only ever looks at shoes is not
kept from shoes). Caps, shares and pins hold in the same walk, so that none undoes another.
"""

from collections.abc import Sequence
from typing import NamedTuple

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


class Kinds(NamedTuple):
    """What m items are like. ``categories`` int32[m, c]: each item's, none twice, :data:`UNKNOWN` after its last;
    ``brands`` int32[m], :data:`UNKNOWN` for none; ``vectors`` float32[m, d]: embeddings of length 1, or of zeros where
    an item has none; d may be 0.
    """

    categories: Ints
    brands: Ints
    vectors: Singles = NO_VECTORS


class Limits(NamedTuple):
    """What holds of an answer, whatever is relevant: of m candidates in g groupings, p providers with a share.

    ``groups`` int32[g, m]: the group of each candidate, -1 for none, and ``most`` int32[g, m]: how many of that group
    may be shown. ``provider`` int32[m]: 0 … p - 1 or -1, and ``least`` int32[p]: how many of each are to be shown.
    :mod:`shared.core.answers.caps` and :mod:`shared.core.answers.exposure` make these.
    """

    groups: Ints = NO_GROUPS
    most: Ints = NO_GROUPS
    provider: Ints = NOBODY
    least: Ints = NOBODY


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
    known = np.zeros(len(relevance)) if familiar is None else familiar
    return arrange(relevance, kinds, strength, known, limits, pinned(pins, len(relevance), n))


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
    return mean_likeness(kinds, recent)


@making_kernel
def mean_likeness(kinds: Kinds, others: Kinds) -> Floats:
    """Of each item to all of the others: float64[m]."""
    alike, which = np.zeros(len(kinds.brands)), np.arange(len(others.brands)).astype(np.int32)
    for i in range(len(alike)):
        alike[i] = likeness(0.0, i, kinds, which, others)
    return alike / len(which)


@kernel
def likeness(total: float, i: int, kinds: Kinds, which: Ints, others: Kinds) -> float:
    """What item i adds to a ``total`` by its likeness to each of ``which`` others: 1 for the same categories, brand and
    direction. Rows are not sliced: counting who holds a slice costs more than all that is compared.
    """
    own, theirs = kinds.categories, others.categories
    size, width = 0, own.shape[1]
    while size < width and own[i, size] >= 0:
        size += 1
    embedded = kinds.vectors.shape[1] > 0 and len(others.vectors) > 0 and np.any(kinds.vectors[i])
    for j in which:
        other_size, both = 0, 0
        while other_size < theirs.shape[1] and theirs[j, other_size] >= 0:
            for a in range(size):
                both += own[i, a] == theirs[j, other_size]
            other_size += 1
        found = SAME_BRAND if kinds.brands[i] >= 0 and kinds.brands[i] == others.brands[j] else 0.0
        if both:
            found += (1.0 - SAME_BRAND) * both / (size + other_size - both)
        if embedded and np.any(others.vectors[j]):
            found = (1.0 - EMBEDDED) * found + EMBEDDED * cosine(kinds.vectors[i], others.vectors[j])
        total += found
    return total


@kernel
def cosine(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    """Of two vectors of length 1, 0 … 1: what points away is merely not alike."""
    total = 0.0
    for d in range(len(one)):
        total += one[d] * other[d]
    return min(max(total, 0.0), 1.0)


class Offer(NamedTuple):
    """m candidates: ``relevance`` float64[m], the ``highest`` from each on float64[m], ``familiar`` float64[m] as
    :func:`diverse` has it.
    """

    relevance: Floats
    highest: Floats
    familiar: Floats


class Walk(NamedTuple):
    """What the places given so far mean for each candidate: ``open`` bool[m], whether it has none; ``alike``
    float64[m], sums of its likeness to the first ``counted`` int32[m] of those that have one; of each of its groups how
    many are ``shown`` int32[g, m]. ``owed`` int32[p]: places that each provider has still a right to.
    """

    open: Flags
    alike: Floats
    counted: Ints
    shown: Ints
    owed: Ints


@making_kernel
def arrange(relevance: Floats, kinds: Kinds, strength: float, familiar: Floats, limits: Limits, pins: Ints) -> Ints:
    """As :func:`diverse`; ``pins`` int32[n]: the candidate of each place, or :data:`FREE`."""
    m, n = len(relevance), len(pins)
    offer, walk = Offer(relevance, highest_from(relevance), familiar), _begun(m, limits)
    taken, count = np.empty(n, dtype=np.int32), 0  # what has a place, in the order of getting it
    for pin in pins:
        if pin >= 0:
            count = _take(pin, limits, walk, taken, count)
    ahead = count  # pins further down: placed already, for all that is counted
    out, placed = np.empty(n, dtype=np.int32), 0
    for place in range(n):
        found = pins[place]
        if found >= 0:
            ahead -= 1
        else:
            found = _next(offer, kinds, strength, limits, walk, taken[:count], n - place - ahead)
            if found < 0:
                continue
            count = _take(found, limits, walk, taken, count)
        out[placed] = found
        placed += 1
    return out[:placed]


@making_kernel
def _begun(m: int, limits: Limits) -> Walk:
    """Nobody has a place, and each provider a right to as many as it has candidates at most."""
    owed = np.zeros(len(limits.least), dtype=np.int32)
    for p in limits.provider:
        if p >= 0 and owed[p] < limits.least[p]:
            owed[p] += 1
    shown = np.zeros(limits.groups.shape, dtype=np.int32)
    return Walk(np.ones(m, dtype=np.bool_), np.zeros(m), np.zeros(m, dtype=np.int32), shown, owed)


@making_kernel
def highest_from(relevance: Floats) -> Floats:
    """From each candidate on: float64[m]."""
    highest = relevance.copy()
    for i in range(len(highest) - 2, -1, -1):
        highest[i] = max(highest[i], highest[i + 1])
    return highest


@kernel
def _next(offer: Offer, kinds: Kinds, strength: float, limits: Limits, walk: Walk, taken: Ints, left: int) -> int:
    """Who gets the first of ``left`` free places: one of those that are owed one, if these are all; -1 for nobody."""
    owed = 0
    for of_one in walk.owed:
        owed += of_one
    if owed >= left:
        found = _best(offer, kinds, strength, limits, walk, taken, True)
        if found >= 0:
            return found
    return _best(offer, kinds, strength, limits, walk, taken, False)


@kernel
def _best(offer: Offer, kinds: Kinds, strength: float, limits: Limits, walk: Walk, taken: Ints, due: bool) -> int:
    """The candidate for the next place, the first of equal ones; -1 if all are barred. ``due``: of those owed only.

    Nobody is looked at whose relevance, and that of all after them, is no more than the best has already.
    """
    best, score, count = -1, -np.inf, max(len(taken), 1)
    for i in range(len(offer.relevance)):
        if (1.0 - strength) * offer.highest[i] <= score:
            break
        if not walk.open[i] or (due and not _is_owed(i, limits, walk)) or _is_barred(i, limits, walk):
            continue
        if strength > 0.0:
            walk.alike[i] = likeness(walk.alike[i], i, kinds, taken[walk.counted[i] :], kinds)
            walk.counted[i] = len(taken)
        beyond = max(walk.alike[i] / count - offer.familiar[i], 0.0)
        own = (1.0 - strength) * offer.relevance[i] - strength * beyond
        if own > score:
            best, score = i, own
    return best


@kernel
def _is_owed(candidate: int, limits: Limits, walk: Walk) -> bool:
    """Whether its provider has a right to a place."""
    provider = limits.provider[candidate]
    return bool(provider >= 0 and walk.owed[provider] > 0)


@kernel
def _is_barred(candidate: int, limits: Limits, walk: Walk) -> bool:
    """Whether enough of one of its groups are shown."""
    for g in range(len(limits.most)):  # noqa: SIM110 - numba knows no any() of a generator
        if walk.shown[g, candidate] >= limits.most[g, candidate]:
            return True
    return False


@kernel
def _take(item: int, limits: Limits, walk: Walk, taken: Ints, count: int) -> int:
    """The item has a place: what that means for all others. How many have one now."""
    walk.open[item] = False
    if len(walk.owed) and limits.provider[item] >= 0:
        walk.owed[limits.provider[item]] = max(walk.owed[limits.provider[item]] - 1, 0)
    groups = limits.groups
    for g in range(len(groups)):
        if groups[g, item] >= 0:
            for i in range(len(walk.open)):
                walk.shown[g, i] += groups[g, i] == groups[g, item]
    taken[count] = item
    return count + 1
