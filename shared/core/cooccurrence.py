"""Neighbour rows: per item the decayed counts of at most K items that users met near it.

Three counts of each neighbour: TOGETHER (either order, worth ``gap_weight`` per step between the two), NEXT (it came
after the row's item, worth 1/gap) and QUICK (as NEXT, at a short half-life). A count's row shares one exponent per
column (forward decay, :mod:`shared.core.decay`); a later half-life rescales the row by a power of two, which is exact.
A full row gives the place of the neighbour that is lightest in TOGETHER to the newcomer, ties by item key.
"""

import math

import numpy as np

from shared.contracts.settings import CooccurrenceSettings
from shared.core.decay import TABLE
from shared.core.interning import grown
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, kernel
from shared.core.segments import Segments, pack, pack_ints, put_columns, slices, unpack, unpack_ints

NO_ROW = -1
TOGETHER, NEXT, QUICK = 0, 1, 2
COLUMNS = 3
BY_ROW = ("item_of", "neighbours", "counts", "exponents", "lengths")


class NeighbourRows:
    """Rows for the items that this partition owns. ``row_of`` int32[items] → row; 28 bytes per neighbour.

    ``counts`` float64[rows, K, 3], ``exponents`` int32[rows, 3], ``half_lives`` ms int64[3].
    """

    def __init__(self, rules: CooccurrenceSettings, capacity: int) -> None:
        self.rules = rules
        self.half_lives: Longs = np.array(
            [rules.half_life_ms, rules.half_life_ms, rules.quick_half_life_ms], dtype=np.int64
        )
        self.row_of: Ints = np.full(capacity, NO_ROW, dtype=np.int32)
        self.item_of: Ints = np.full(1024, -1, dtype=np.int32)
        self.neighbours: Ints = np.full((1024, rules.neighbours), -1, dtype=np.int32)
        self.counts: Floats = np.zeros((1024, rules.neighbours, COLUMNS), dtype=np.float64)
        self.exponents: Ints = np.zeros((1024, COLUMNS), dtype=np.int32)
        self.lengths: Ints = np.zeros(1024, dtype=np.int32)
        self._free: list[int] = []
        self._used = 0

    def add_pairs(self, rows: Ints, others: Ints, weights: Floats, gaps: Ints, times: Longs, keys: Keys) -> None:
        """Count pairs (item slots) in order. O(pairs · K)."""
        self.grow(len(keys))
        for item in np.unique(rows[self.row_of[rows] == NO_ROW]).tolist():
            self.row_of[item] = self._new_row(item)
        add_each_pair(
            self.row_of[rows],
            others,
            weights,
            gaps,
            times,
            self.neighbours,
            self.counts,
            self.exponents,
            self.lengths,
            self.half_lives,
            self.rules.gap_weight,
            TABLE,
            keys,
        )

    def grow(self, capacity: int) -> None:
        """Room for an item table of ``capacity`` slots."""
        if capacity > len(self.row_of):
            self.row_of = grown(self.row_of, capacity, NO_ROW)

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
        for name, part in slices("rows", self._used, 24 + 28 * width):
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


@kernel
def add_each_pair(
    rows: Ints,
    others: Ints,
    weights: Floats,
    gaps: Ints,
    times: Longs,
    neighbours: Ints,
    counts: Floats,
    exponents: Ints,
    lengths: Ints,
    half_lives: Longs,
    gap_weight: float,
    table: Floats,
    keys: Keys,
) -> None:
    """One pair after the other into its row."""
    gains = np.zeros(3, dtype=np.float64)
    for pair in range(len(rows)):
        row, other, gap = rows[pair], others[pair], gaps[pair]
        gains[0] = weights[pair]
        for _ in range(abs(gap) - 1):
            gains[0] *= gap_weight
        gains[1] = weights[pair] / gap if gap > 0 else 0.0
        gains[2] = gains[1]
        length = lengths[row]
        bring_up(counts[row], exponents[row], length, gains, times[pair], half_lives, table)
        place = 0
        while place < length and neighbours[row, place] != other:
            place += 1
        if place < length:
            counts[row, place] += gains
            continue
        if length < neighbours.shape[1]:
            lengths[row] = length + 1
        else:
            place = lightest(neighbours[row], counts[row], keys)
        neighbours[row, place] = other
        counts[row, place] = gains


@kernel
def bring_up(
    counts: Floats, exponents: Ints, length: int, gains: Floats, ts: int, half_lives: Longs, table: Floats
) -> None:
    """``gains`` in units of the row's exponents, which move up to ``ts`` where something is gained."""
    for column in range(len(gains)):
        half_life = half_lives[column]
        k = ts // half_life
        if length == 0:
            exponents[column] = k
        if gains[column] == 0.0:
            continue
        gain = gains[column] * table[((ts % half_life) * 1024) // half_life]
        if k > exponents[column]:
            for place in range(length):
                counts[place, column] = math.ldexp(counts[place, column], exponents[column] - k)
            exponents[column] = k
        gains[column] = math.ldexp(gain, k - exponents[column])


@kernel
def lightest(neighbours: Ints, counts: Floats, keys: Keys) -> int:
    """The place with the smallest first count; among equals the one with the largest key."""
    least = 0
    for place in range(1, len(counts)):
        if counts[place, 0] < counts[least, 0] or (
            counts[place, 0] == counts[least, 0] and keys[neighbours[place]] > keys[neighbours[least]]
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
