"""Figures of ranked lists, as pure functions on arrays.

``lists`` is int32[q, n]: the list of each of q queries, best first, :data:`NOTHING` where a list ends. ``places`` is
int32[q]: where the wanted item stands in its list, from 0, or :data:`NOTHING`. What is returned per query is
float64[q].
"""

import numpy as np

from shared.core.kernel import Flags, Floats, Ints, Longs, kernel, making_kernel

NOTHING = -1


def places_of(wanted: Ints, lists: Ints) -> Ints:
    """The place of each query's wanted item in its list. O(q · n)."""
    found = lists == wanted[:, None]
    return np.where(found.any(axis=1), found.argmax(axis=1), NOTHING).astype(np.int32)


def hits(places: Ints, k: int) -> Floats:
    """HR@k: 1 where the wanted item is among the first k."""
    return ((places >= 0) & (places < k)).astype(np.float64)


def reciprocal_ranks(places: Ints, k: int) -> Floats:
    """MRR@k: 1 / rank within the first k, else 0."""
    return hits(places, k) / (np.maximum(places, 0) + 1.0)


def gains(places: Ints, k: int) -> Floats:
    """NDCG@k for one wanted item: 1 / log2(rank + 1) within the first k (Järvelin & Kekäläinen 2002), else 0."""
    return hits(places, k) / np.log2(np.maximum(places, 0) + 2.0)


def relevance(lists: Ints, query: Ints, item: Ints, items: int) -> Flags:
    """Which places of the lists hold a relevant item, bool[q, n]: ``item[r]`` is relevant to query ``query[r]``.

    O((q · n + r) log r); ``items`` is the number of items.
    """
    wanted = query.astype(np.int64) * items + item
    given = np.arange(len(lists), dtype=np.int64)[:, None] * items + lists
    found: Flags = np.isin(given, wanted) & (lists >= 0)
    return found


def precision(found: Flags, k: int) -> Floats:
    """Relevant among the first k, over k."""
    share: Floats = found[:, :k].sum(axis=1) / k
    return share


def recall(found: Flags, relevant: Ints, k: int) -> Floats:
    """Relevant among the first k, over how many are relevant at all (``relevant`` int[q], at least 1)."""
    share: Floats = found[:, :k].sum(axis=1) / relevant
    return share


def average_precision(found: Flags, relevant: Ints, k: int) -> Floats:
    """AP@k: the precision at each relevant place of the first k, summed, over min(k, relevant)."""
    seen = found[:, :k]
    at_each = np.cumsum(seen, axis=1) / np.arange(1, seen.shape[1] + 1)
    mean: Floats = (at_each * seen).sum(axis=1) / np.minimum(relevant, k)
    return mean


def exposures(lists: Ints, items: int) -> Longs:
    """How often each item is in a list: int64[items]."""
    return np.bincount(lists[lists >= 0], minlength=items).astype(np.int64)


def gini(counts: Longs) -> float:
    """Gini coefficient: 0 when all are equal, towards 1 when one has everything; NaN of nothing. O(n log n)."""
    n, total = len(counts), int(counts.sum())
    if total == 0:
        return float("nan")
    return float((2 * np.arange(1, n + 1) - n - 1) @ np.sort(counts) / (n * total))


def novelty(lists: Ints, counts: Ints, totals: Longs) -> Floats:
    """Mean −log2 of the items' popularity share when they were recommended; NaN for an empty list.

    ``counts`` int[q, n]: events of the item before the query, of ``totals`` int[q] in all; both are taken one larger,
    so that an item without events has a share.
    """
    bits = -np.log2((counts + 1) / (totals[:, None] + 1))
    return _mean_over_lists(bits, lists >= 0)


def _mean_over_lists(values: Floats, given: Flags) -> Floats:
    size = given.sum(axis=1)
    total = np.where(given, values, 0.0).sum(axis=1)
    return np.where(size > 0, total / np.maximum(size, 1), np.nan)


@making_kernel
def diversity(lists: Ints, bounds: Longs, categories: Ints) -> Floats:
    """1 − the mean Jaccard index of the categories of each pair in a list (Ziegler et al. 2005).

    Item i's categories are ``categories[bounds[i] : bounds[i + 1]]``, ascending; items without any are passed over, and
    a list with fewer than two others is NaN. O(q · n² · categories per item).
    """
    out = np.empty(len(lists), dtype=np.float64)
    for row in range(len(lists)):
        pairs, alike = 0, 0.0
        for a in range(lists.shape[1]):
            for b in range(a):
                if lists[row, a] < 0 or lists[row, b] < 0:
                    continue
                index = _jaccard(lists[row, a], lists[row, b], bounds, categories)
                if index >= 0.0:
                    pairs += 1
                    alike += index
        out[row] = 1.0 - alike / pairs if pairs else np.nan
    return out


@kernel
def _jaccard(one: int, other: int, bounds: Longs, categories: Ints) -> float:
    """|both| / |either| of two ascending runs; −1 if one is empty."""
    i, j = bounds[one], bounds[other]
    end_i, end_j = bounds[one + 1], bounds[other + 1]
    if i == end_i or j == end_j:
        return -1.0
    size, both = (end_i - i) + (end_j - j), 0
    while i < end_i and j < end_j:
        if categories[i] == categories[j]:
            both += 1
            i += 1
            j += 1
        elif categories[i] < categories[j]:
            i += 1
        else:
            j += 1
    return float(both / (size - both))
