"""Decayed counters per item at several half-lives, and the heaviest items of a scope.

A counter is (value, exponent) as in :mod:`shared.core.decay`. All counters of a half-life shrink alike, so an order
changes only by events: nothing is recomputed by a clock.
"""

import numpy as np

from shared.core.decay import TABLE, add, doubled, growth, no_spans, pin, whole_half_lives
from shared.core.interning import grown
from shared.core.kernel import Floats, Ints, Keys, Longs, kernel


class Counters:
    """``values`` float64[capacity, half-lives], ``exponents`` int32 likewise. 12 bytes per item and half-life."""

    def __init__(self, half_lives: list[int], capacity: int) -> None:
        self.half_lives: Longs = np.array(half_lives, dtype=np.int64)
        self.values: Floats = np.zeros((capacity, len(half_lives)), dtype=np.float64)
        self.exponents: Ints = np.zeros((capacity, len(half_lives)), dtype=np.int32)

    def grow(self, capacity: int) -> None:
        if capacity > len(self.values):
            self.values = grown(self.values, capacity)
            self.exponents = grown(self.exponents, capacity)

    def add(self, items: Ints, weights: Floats, times: Longs) -> None:
        """Count events, in order. O(events · half-lives)."""
        count_events(self.values, self.exponents, self.half_lives, TABLE, items, weights, times)

    def counts_of(self, items: Ints, column: int, ts: int) -> Floats:
        """Decayed counts of some items as of ``ts`` at one half-life."""
        out = np.empty(len(items), dtype=np.float64)
        half_life = int(self.half_lives[column])
        counts_at(self.values[items, column], self.exponents[items, column], ts, half_life, TABLE, out)
        return out

    def clear(self, slots: Ints) -> None:
        self.values[slots] = 0.0
        self.exponents[slots] = 0

    def heaviest(self, members: Ints, column: int, ts: int, keys: Keys, most: int) -> tuple[Ints, Floats]:
        """At most ``most`` members with their counts as of ``ts``, heaviest first, ties by item key. O(members)."""
        counts = self.counts_of(members, column, ts)
        if len(members) > most:
            bar = np.partition(counts, len(counts) - most)[len(counts) - most]
            chosen = np.flatnonzero((counts >= bar) & (counts > 0.0))
        else:
            chosen = np.flatnonzero(counts > 0.0)
        order = chosen[np.lexsort((keys[members[chosen]], -counts[chosen]))][:most]
        return members[order].astype(np.int32), counts[order]


@kernel
def count_events(
    values: Floats,
    exponents: Ints,
    half_lives: Longs,
    table: Floats,
    items: Ints,
    weights: Floats,
    times: Longs,
) -> None:
    """values[i, h] += weight · 2^(t/h), in the counter's own exponent."""
    since, until, ks, growths = no_spans(half_lives)
    for row in range(len(items)):
        item = items[row]
        for h in range(len(half_lives)):
            pin(times[row], h, half_lives[h], table, since, until, ks, growths)
            value, exponent = add(values[item, h], exponents[item, h], weights[row] * growths[h], ks[h])
            values[item, h] = value
            exponents[item, h] = exponent


@kernel
def counts_at(values: Floats, exponents: Ints, ts: int, half_life: int, table: Floats, out: Floats) -> None:
    """out[i] = the decayed count of counter i as of ``ts``."""
    grown_by, whole = growth(ts, half_life, table), whole_half_lives(ts, half_life)
    for i in range(len(values)):
        out[i] = doubled(values[i] / grown_by, exponents[i] - whole) if values[i] > 0.0 else 0.0
