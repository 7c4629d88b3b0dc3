"""Counts of item pairs that users met near each other, per item at most K neighbours, halving with age."""

import numpy as np

from services.evaluate.past import Past
from services.evaluate.peers.histories import newest_distinct
from services.evaluate.peers.layout import row_starts
from services.evaluate.peers.settings import NEVER
from shared.core.kernel import Floats, Ints, Longs, kernel

NEIGHBOURS = 200


class PairCounts:
    """Item i's row starts at ``starts[i]`` of ``neighbours`` (int32) and ``weights`` (float64); ``lengths[i]`` places
    are in use, as of ``times[i]`` (ms, when the row changed last). ``counts`` float64[items]: events, decayed
    likewise, as of ``count_times``. At most 12 · 200 bytes per item.
    """

    def __init__(self, past: Past, gap_weights: Floats, half_life_ms: int, *, both_ways: bool) -> None:
        items = len(past.log.items)
        self._past = past
        self._gap_weights = gap_weights
        self._half_life = half_life_ms
        self._both_ways = both_ways
        self._newest: Ints = np.zeros(len(gap_weights), dtype=np.int32)
        self.starts = row_starts(past.log, 2 * len(gap_weights), NEIGHBOURS)
        self.neighbours: Ints = np.zeros(self.starts[-1], dtype=np.int32)
        self.weights: Floats = np.zeros(self.starts[-1], dtype=np.float64)
        self.lengths: Ints = np.zeros(items, dtype=np.int32)
        self.times: Longs = np.zeros(items, dtype=np.int64)
        self.counts: Floats = np.zeros(items, dtype=np.float64)
        self.count_times: Longs = np.zeros(items, dtype=np.int64)

    def learn(self, event: int) -> None:
        """Pair the event's item with the newest distinct items before it: the g-th of them weighs ``gap_weights[g]``.
        What lies behind an earlier event of the item itself was paired then. O(gaps · K).
        """
        log = self._past.log
        start, end = self._past.span(int(log.user[event]))
        learn_pairs(
            self.starts, self.neighbours, self.weights, self.lengths, self.times, self.counts, self.count_times,
            self._half_life, self._past.items, start, end, int(log.item[event]), int(log.ts[event]),
            self._gap_weights, self._both_ways, self._newest,
        )  # fmt: skip

    def score(
        self, user: int, ts: int, rank_weights: Floats, exponents: tuple[float, float], shrinkage: float, out: Floats
    ) -> None:
        """Add for each neighbour i of the r-th newest distinct item j of the user
        rank_weights[r] · c_ij / ((n_j + s)^row · (n_i + s)^column) with ``exponents`` (row, column).
        """
        start, end = self._past.span(user)
        newest = np.empty(len(rank_weights), dtype=np.int32)
        score_pairs(
            self.starts, self.neighbours, self.weights, self.lengths, self.times, self.counts, self.count_times,
            self._half_life, self._past.items, start, end, ts, rank_weights, exponents[0], exponents[1], shrinkage,
            newest, out,
        )  # fmt: skip


@kernel
def remaining(ms: int, half_life: int) -> float:
    """What is left of 1 after ``ms``."""
    return 1.0 if half_life == NEVER else 2.0 ** (-ms / half_life)


@kernel
def count_pair(
    starts: Longs, neighbours: Ints, weights: Floats, lengths: Ints, times: Longs, half_life: int,
    row: int, other: int, weight: float, ts: int,
) -> None:  # fmt: skip
    """Bring the row to ``ts`` and count the pair; a full row gives the place of its lightest neighbour to a newcomer,
    among equals of the one with the largest number. O(K).
    """
    start, length = starts[row], lengths[row]
    end = start + length
    if ts > times[row] and half_life != NEVER:
        kept = remaining(ts - times[row], half_life)
        for place in range(start, end):
            weights[place] *= kept
    times[row] = ts
    for place in range(start, end):
        if neighbours[place] == other:
            weights[place] += weight
            return
    free = end
    if end < starts[row + 1]:
        lengths[row] = length + 1
    else:
        free = start
        for place in range(start + 1, end):
            equal = weights[place] == weights[free]
            if weights[place] < weights[free] or (equal and neighbours[place] > neighbours[free]):
                free = place
    neighbours[free] = other
    weights[free] = weight


@kernel
def learn_pairs(
    starts: Longs, neighbours: Ints, weights: Floats, lengths: Ints, times: Longs, counts: Floats, count_times: Longs,
    half_life: int, items: Ints, start: int, end: int, item: int, ts: int, gap_weights: Floats, both_ways: bool,
    newest: Ints,
) -> None:  # fmt: skip
    """Count the event, and its pairs from the nearest to the farthest."""
    for gap in range(newest_distinct(items, start, end, newest)):
        other = newest[gap]
        if other == item:
            break
        count_pair(starts, neighbours, weights, lengths, times, half_life, other, item, gap_weights[gap], ts)
        if both_ways:
            count_pair(starts, neighbours, weights, lengths, times, half_life, item, other, gap_weights[gap], ts)
    counts[item] = counts[item] * remaining(ts - count_times[item], half_life) + 1.0
    count_times[item] = ts


@kernel
def score_pairs(
    starts: Longs, neighbours: Ints, weights: Floats, lengths: Ints, times: Longs, counts: Floats, count_times: Longs,
    half_life: int, items: Ints, start: int, end: int, ts: int, rank_weights: Floats,
    row_exponent: float, column_exponent: float, shrinkage: float, newest: Ints, out: Floats,
) -> None:  # fmt: skip
    """The newest item's row first. O(ranks · K)."""
    for rank in range(newest_distinct(items, start, end, newest)):
        row = newest[rank]
        own = counts[row] * remaining(ts - count_times[row], half_life) + shrinkage
        scale = rank_weights[rank] * remaining(ts - times[row], half_life) / own**row_exponent
        for place in range(starts[row], starts[row] + lengths[row]):
            other = neighbours[place]
            count = counts[other] * remaining(ts - count_times[other], half_life) + shrinkage
            out[other] += scale * weights[place] / count**column_exponent
