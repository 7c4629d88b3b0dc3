"""Decayed counters per item at several half-lives, and the heaviest items of a scope.

A counter is (value, exponent) as in :mod:`shared.core.arithmetic.decay`. All counters of a half-life shrink alike, so
an order changes only by events: nothing is recomputed by a clock.
"""

from collections.abc import Callable

import numpy as np

from shared.core.arithmetic.candidates import insert
from shared.core.arithmetic.decay import TABLE, add, as_of, decayed, growth, no_spans, pin, whole_half_lives
from shared.core.arithmetic.logarithm import log2
from shared.core.kernel import Floats, Ints, Keys, Longs, Singles, kernel, making_kernel
from shared.core.tables.interning import grown


class Counters:
    """``values`` float64[capacity, half-lives], ``exponents`` int32 likewise. 12 bytes per item and half-life.
    ``changes``: how often they were added to or cleared.
    """

    def __init__(self, half_lives: list[int], capacity: int) -> None:
        self.half_lives: Longs = np.array(half_lives, dtype=np.int64)
        self.values: Floats = np.zeros((capacity, len(half_lives)), dtype=np.float64)
        self.exponents: Ints = np.zeros((capacity, len(half_lives)), dtype=np.int32)
        self.changes = 0

    def grow(self, capacity: int) -> None:
        if capacity > len(self.values):
            self.values = grown(self.values, capacity)
            self.exponents = grown(self.exponents, capacity)

    def add(self, items: Ints, weights: Floats, times: Longs) -> None:
        """Count events, in order. O(events · half-lives)."""
        self.changes += 1
        count_events(self.values, self.exponents, self.half_lives, TABLE, items, weights, times)

    def counts_of(self, items: Ints, column: int, ts: int) -> Floats:
        """Decayed counts of some items as of ``ts`` at one half-life."""
        out = np.empty(len(items), dtype=np.float64)
        half_life = int(self.half_lives[column])
        counts_at(self.values[items, column], self.exponents[items, column], ts, half_life, TABLE, out)
        return out

    def counts_within(self, items: Ints, columns: int, ts: int) -> Singles:
        """float32[items, columns]: the same of some items at each of the first half-lives."""
        out: Singles = np.empty((len(items), columns), dtype=np.float32)
        counts_of_each(self.values, self.exponents, items, 0, ts, self.half_lives, TABLE, out)
        return out

    def counts_beyond(self, items: Ints, columns: int, ts: int) -> Floats:
        """float64[items, others]: at all but the first half-lives."""
        out: Floats = np.empty((len(items), len(self.half_lives) - columns))
        counts_of_each(self.values, self.exponents, items, columns, ts, self.half_lives, TABLE, out)
        return out

    def clear(self, slots: Ints) -> None:
        self.changes += 1
        self.values[slots] = 0.0
        self.exponents[slots] = 0

    def heaviest_each(self, members: Ints, columns: int, ts: int, keys: Keys, most: int) -> list[tuple[Ints, Floats]]:
        """:meth:`heaviest` at each of the first half-lives."""
        shape = columns, min(most, len(members))
        items, counts, sizes = np.empty(shape, np.int32), np.empty(shape), np.empty(columns, np.int32)
        choose_heaviest(
            self.values, self.exponents, members, ts, self.half_lives, TABLE, keys, items, counts, sizes
        )  # fmt: skip
        return [(items[column, :size], counts[column, :size]) for column, size in enumerate(sizes.tolist())]

    def heaviest(self, members: Ints, column: int, ts: int, keys: Keys, most: int) -> tuple[Ints, Floats]:
        """At most ``most`` members with their counts as of ``ts``, heaviest first, ties by item key. O(members)."""
        counts = self.counts_of(members, column, ts)
        counted = np.flatnonzero(counts > 0.0)
        order = counted[heaviest_places(counts[counted], most, lambda places: keys[members[counted[places]]])]
        return members[order].astype(np.int32), counts[order]


def heaviest_places(counts: Floats, most: int, keys_of: Callable[[Longs], Keys]) -> Longs:
    """Places of at most ``most`` counts, heaviest first, ties by the keys of what is there, which are asked for where
    there are ties only. O(counts)
    """
    chosen: Longs = np.arange(len(counts))
    if 0 < most < len(counts):
        chosen = np.flatnonzero(counts >= np.partition(counts, len(counts) - most)[len(counts) - most])
    order = chosen[np.argsort(-counts[chosen], kind="stable")]
    descending = counts[order]
    if (descending[1:] == descending[:-1]).any():
        order = order[np.lexsort((keys_of(order), -descending))]
    return order[:most]


@making_kernel
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
def log_popularity(value: float, exponent: int, grown_by: float, whole: int) -> float:
    """log2(1 + the decayed count), as of a moment by its growth and whole half-lives."""
    return log2(1.0 + decayed(value, exponent, grown_by, whole))


@kernel
def counts_at(values: Floats, exponents: Ints, ts: int, half_life: int, table: Floats, out: Floats) -> None:
    """out[i] = the decayed count of counter i as of ``ts``."""
    grown_by, whole = growth(ts, half_life, table), whole_half_lives(ts, half_life)
    for i in range(len(values)):
        out[i] = decayed(values[i], exponents[i], grown_by, whole)


@making_kernel
def counts_of_each(
    values: Floats,
    exponents: Ints,
    items: Ints,
    first: int,
    ts: int,
    half_lives: Longs,
    table: Floats,
    out: Floats | Singles,
) -> None:
    """out[n, h] = the decayed count of item n as of ``ts`` at half-life ``first`` + h."""
    growths, wholes = as_of(ts, half_lives[first : first + out.shape[1]], table)
    for n in range(len(items)):
        for h in range(out.shape[1]):
            out[n, h] = decayed(values[items[n], first + h], exponents[items[n], first + h], growths[h], wholes[h])


@making_kernel
def choose_heaviest(
    values: Floats,
    exponents: Ints,
    members: Ints,
    ts: int,
    half_lives: Longs,
    table: Floats,
    keys: Keys,
    items: Ints,
    counts: Floats,
    sizes: Ints,
) -> None:
    """The heaviest above 0 into each row, heaviest first, ties by key. O(members · half-lives): what is lighter than
    the last that has room is found out first.
    """
    most = items.shape[1]
    all_counts, ties = np.empty(len(members)), np.empty(most, dtype=np.uint64)
    for h in range(len(items)):
        grown_by, whole = growth(ts, half_lives[h], table), whole_half_lives(ts, half_lives[h])
        for n in range(len(members)):
            all_counts[n] = decayed(values[members[n], h], exponents[members[n], h], grown_by, whole)
        least = np.partition(all_counts, len(members) - most)[len(members) - most] if len(members) > most else 0.0
        chosen = np.flatnonzero((all_counts > 0.0) & (all_counts >= least))
        size = 0
        for place in np.argsort(all_counts[chosen])[::-1]:  # in order already, but for ties
            n = chosen[place]
            size = insert(members[n], all_counts[n], keys[members[n]], size, items[h], counts[h], ties)
        sizes[h] = size
