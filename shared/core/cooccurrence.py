"""Neighbour rows: per item the decayed counts of at most K items that users met near it.

All counts of a row share one exponent (forward decay, :mod:`shared.core.decay`); a later half-life rescales the row by
a power of two, which is exact. A full row gives the place of its lightest neighbour to the newcomer, ties by item key.
"""

import math

import numpy as np

from shared.contracts.settings import CooccurrenceSettings
from shared.core.candidates import beats
from shared.core.decay import TABLE, count_at
from shared.core.interning import grown
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, kernel
from shared.core.segments import Segments, pack, pack_ints, put_columns, slices, unpack, unpack_ints

NO_ROW = -1
BY_ROW = ("item_of", "neighbours", "counts", "exponents", "lengths")


class NeighbourRows:
    """Rows for the items that this partition owns. ``row_of`` int32[items] → row; 12 bytes per neighbour."""

    def __init__(self, rules: CooccurrenceSettings, capacity: int) -> None:
        self.rules = rules
        self.row_of: Ints = np.full(capacity, NO_ROW, dtype=np.int32)
        self.item_of: Ints = np.full(1024, -1, dtype=np.int32)
        self.neighbours: Ints = np.full((1024, rules.neighbours), -1, dtype=np.int32)
        self.counts: Floats = np.zeros((1024, rules.neighbours), dtype=np.float64)
        self.exponents: Ints = np.zeros(1024, dtype=np.int32)
        self.lengths: Ints = np.zeros(1024, dtype=np.int32)
        self._free: list[int] = []
        self._used = 0

    def add_pairs(self, rows: Ints, others: Ints, weights: Floats, times: Longs, keys: Keys) -> None:
        """Count pairs (item slots) in order. O(pairs · K)."""
        if len(keys) > len(self.row_of):
            self.row_of = grown(self.row_of, len(keys), NO_ROW)
        for item in np.unique(rows[self.row_of[rows] == NO_ROW]).tolist():
            self.row_of[item] = self._new_row(item)
        add_each_pair(
            self.row_of[rows],
            others,
            weights,
            times,
            self.neighbours,
            self.counts,
            self.exponents,
            self.lengths,
            self.rules.half_life_ms,
            TABLE,
            keys,
        )

    def _new_row(self, item: int) -> int:
        if self._free:
            row = self._free.pop()
        else:
            row = self._used
            self._used += 1
            self._hold(self._used)
        self.item_of[row] = item
        return row

    def _hold(self, rows: int) -> None:
        """Double until so many rows fit."""
        while rows > len(self.lengths):
            capacity = 2 * len(self.lengths)
            self.item_of = grown(self.item_of, capacity, -1)
            self.neighbours = grown(self.neighbours, capacity, -1)
            self.counts = grown(self.counts, capacity)
            self.exponents = grown(self.exponents, capacity)
            self.lengths = grown(self.lengths, capacity)

    def take(self) -> Segments:
        """The rows as segments; what stands beyond a row's length is left out, so equal rows have equal bytes."""
        taken = {"rows-used": pack({}, used=self._used)} | pack_ints("rows-free", self._free)
        width = self.rules.neighbours
        for name, part in slices("rows", self._used, 12 + 12 * width):
            beyond = np.arange(width)[None, :] >= self.lengths[part, None]
            columns = {column: getattr(self, column)[part].copy() for column in BY_ROW}
            columns["neighbours"][beyond], columns["counts"][beyond] = -1, 0.0
            columns["exponents"][self.lengths[part] == 0] = 0
            taken[name] = pack(columns, part.start)
        return taken

    def restore(self, segments: Segments, capacity: int) -> None:
        """The rows that were taken, for an item table of ``capacity`` slots."""
        self._used = unpack(segments["rows-used"]).values["used"]
        self._free = unpack_ints(segments, "rows-free")
        self._hold(self._used)
        put_columns(self, BY_ROW, segments, "rows")
        self.row_of = np.full(capacity, NO_ROW, dtype=np.int32)
        owned = np.flatnonzero(self.item_of >= 0).astype(np.int32)
        self.row_of[self.item_of[owned]] = owned

    def clear(self, slots: Ints) -> None:
        """Drop the items' own rows and every mention of them. O(rows · K), once per many new items."""
        if not len(slots):
            return
        for slot in slots[self.row_of[slots] != NO_ROW].tolist():
            row = int(self.row_of[slot])
            self.lengths[row] = 0
            self.item_of[row] = -1
            self.row_of[slot] = NO_ROW
            self._free.append(row)
        gone: Flags = np.zeros(len(self.row_of), dtype=np.bool_)
        gone[slots] = True
        drop_neighbours(self.neighbours, self.counts, self.lengths, gone)

    def best(self, items: Ints, ts: int, popularity: Floats, keys: Keys) -> tuple[Ints, Floats, Ints]:
        """Published neighbours of items that have rows: (int32[n, published], scores likewise, lengths int32[n]), best
        first by c_ij / ((n_i + s)^a · (n_j + s)^b), ties by item key. O(K · published) each at worst.

        ``popularity``: the decayed counts of all items as of ``ts``, by slot.
        """
        rules = self.rules
        others = np.full((len(items), rules.published), -1, dtype=np.int32)
        scores = np.zeros((len(items), rules.published), dtype=np.float64)
        lengths = np.zeros(len(items), dtype=np.int32)
        held = (self.neighbours, self.counts, self.exponents, self.lengths)
        weigh = (rules.shrinkage, rules.row_exponent, rules.column_exponent)
        rank_rows(
            items,
            self.row_of[items],
            *held,
            ts,
            rules.half_life_ms,
            TABLE,
            popularity,
            *weigh,
            keys,
            others,
            scores,
            lengths,
        )
        return others, scores, lengths


@kernel
def add_each_pair(
    rows: Ints,
    others: Ints,
    weights: Floats,
    times: Longs,
    neighbours: Ints,
    counts: Floats,
    exponents: Ints,
    lengths: Ints,
    half_life: int,
    table: Floats,
    keys: Keys,
) -> None:
    """One pair after the other into its row."""
    for pair in range(len(rows)):
        row, other = rows[pair], others[pair]
        k = times[pair] // half_life
        gain = weights[pair] * table[((times[pair] % half_life) * 1024) // half_life]
        length = lengths[row]
        if length == 0:
            exponents[row] = k
        elif k > exponents[row]:
            for place in range(length):
                counts[row, place] = math.ldexp(counts[row, place], exponents[row] - k)
            exponents[row] = k
        else:
            gain = math.ldexp(gain, k - exponents[row])
        place = 0
        while place < length and neighbours[row, place] != other:
            place += 1
        if place < length:
            counts[row, place] += gain
            continue
        if length < neighbours.shape[1]:
            lengths[row] = length + 1
        else:
            place = lightest(neighbours[row], counts[row], keys)
        neighbours[row, place] = other
        counts[row, place] = gain


@kernel
def lightest(neighbours: Ints, counts: Floats, keys: Keys) -> int:
    """The place with the smallest count; among equals the one with the largest key."""
    least = 0
    for place in range(1, len(counts)):
        if counts[place] < counts[least] or (
            counts[place] == counts[least] and keys[neighbours[place]] > keys[neighbours[least]]
        ):
            least = place
    return least


@kernel
def drop_neighbours(neighbours: Ints, counts: Floats, lengths: Ints, gone: Flags) -> None:
    """Close the gaps that the items in ``gone`` leave in every row."""
    for row in range(len(lengths)):
        kept = 0
        for place in range(lengths[row]):
            if not gone[neighbours[row, place]]:
                neighbours[row, kept] = neighbours[row, place]
                counts[row, kept] = counts[row, place]
                kept += 1
        lengths[row] = kept


@kernel
def rank_rows(
    items: Ints,
    rows: Ints,
    neighbours: Ints,
    counts: Floats,
    exponents: Ints,
    lengths: Ints,
    ts: int,
    half_life: int,
    table: Floats,
    popularity: Floats,
    shrinkage: float,
    row_exponent: float,
    column_exponent: float,
    keys: Keys,
    out: Ints,
    scores: Floats,
    sizes: Ints,
) -> None:
    """Row after row: each neighbour's normalised count, inserted where it belongs among the best so far."""
    for n in range(len(items)):
        row = rows[n]
        own = (popularity[items[n]] + shrinkage) ** row_exponent
        size = 0
        for place in range(lengths[row]):
            other = neighbours[row, place]
            count = count_at(counts[row, place], exponents[row], ts, half_life, table)
            score = count / (own * (popularity[other] + shrinkage) ** column_exponent)
            if size < out.shape[1]:
                size += 1
            elif not beats(score, keys[other], scores[n, size - 1], keys[out[n, size - 1]]):
                continue
            at = size - 1
            while at > 0 and beats(score, keys[other], scores[n, at - 1], keys[out[n, at - 1]]):
                out[n, at] = out[n, at - 1]
                scores[n, at] = scores[n, at - 1]
                at -= 1
            out[n, at] = other
            scores[n, at] = score
        sizes[n] = size
