"""Neighbour rows: per item the decayed counts of at most K items that users met near it.

Three counts of each neighbour: TOGETHER (either order, worth ``gap_weight`` per step between the two), NEXT (it came
after the row's item, worth 1/gap) and QUICK (as NEXT, at a short half-life). A count's row shares one exponent per
column (forward decay, :mod:`shared.core.arithmetic.decay`); a later half-life rescales the row by a power of two, which
is exact. A full row gives the place of the neighbour that is lightest in TOGETHER to the newcomer, ties by item key. K
is larger while rows are few (:mod:`shared.contracts.row_width`); when they no longer are, every row keeps its heaviest.
"""

import numpy as np

from shared.contracts.row_width import row_width
from shared.contracts.sections import CooccurrenceSettings
from shared.core.arithmetic.decay import TABLE
from shared.core.items.pair_kernels import RowArrays, add_each_pair, row_by_row
from shared.core.items.pairs import Pairs
from shared.core.kernel import Flags, Ints, Keys, Longs, Singles, kernel
from shared.core.tables.interning import grown
from shared.core.tables.segments import Segments, pack, pack_ints, put_columns, slices, unpack, unpack_ints

NO_ROW = -1
TOGETHER, NEXT, QUICK = 0, 1, 2
COLUMNS = 3
BY_ROW = ("item_of", "neighbours", "counts", "exponents", "lengths")


class NeighbourRows:
    """Rows for the items that this partition owns. ``row_of`` int32[items] → row; 16 bytes per neighbour.

    ``counts`` float32[rows, K, columns], ``exponents`` int32[rows, 3], ``half_lives`` ms int64[3]. In memory a row's
    counts stand column by column, so that the lightest is looked for in TOGETHER alone: ``by_column`` float32[rows,
    columns, K]. What is added is a double; the sum is rounded to a float32, once. With one column, TOGETHER, no gap may
    be above 0: the others would be 0.
    """

    def __init__(
        self,
        rules: CooccurrenceSettings,
        capacity: int,
        table: str = "rows",
        columns: int = COLUMNS,
        partitions: int = 1,
    ) -> None:
        self.rules = rules
        self._table = table  # in a saved state
        self._partitions = partitions
        width = row_width(rules, partitions, 0)
        self.half_lives: Longs = np.array(
            [rules.half_life_ms, rules.half_life_ms, rules.quick_half_life_ms], dtype=np.int64
        )
        self.row_of: Ints = np.full(capacity, NO_ROW, dtype=np.int32)
        self.number: Ints = np.zeros(capacity, dtype=np.int32)  # by item, for whoever scores rows: zeros between calls
        self.item_of: Ints = np.full(1024, -1, dtype=np.int32)
        self.neighbours: Ints = np.zeros((1024, width), dtype=np.int32)
        self.by_column: Singles = np.zeros((1024, columns, width), dtype=np.float32)
        self.exponents: Ints = np.zeros((1024, COLUMNS), dtype=np.int32)
        self.lengths: Ints = np.zeros(1024, dtype=np.int32)
        self._starts: Ints = np.zeros(1024 + 1, dtype=np.int32)  # zeros between two calls
        self._free: list[int] = []
        self._used = 0

    @property
    def counts(self) -> Singles:
        """The counts neighbour by neighbour; a view."""
        return self.by_column.transpose(0, 2, 1)

    @property
    def held(self) -> RowArrays:
        """As kernels take the rows."""
        bits = self.by_column.view(np.int32)
        return RowArrays(self.neighbours, self.by_column, bits, self.exponents, self.lengths)

    def add_pairs(self, pairs: Pairs, keys: Keys) -> None:
        """Count pairs of item slots in order. O(pairs · K)."""
        self.grow(len(keys))
        row_of = self.row_of[pairs.row]
        if row_of.min(initial=0) == NO_ROW:
            self._begin_rows(np.unique(pairs.row[row_of == NO_ROW]))
            row_of = self.row_of[pairs.row]
        order = np.empty(len(row_of), dtype=np.int32)
        row_by_row(row_of, self._starts, order)
        pairs = pairs._replace(row=row_of)
        add_each_pair(order, pairs, self.held, self.half_lives, self.rules.gap_weight, TABLE, keys)

    def grow(self, capacity: int) -> None:
        """Room for an item table of ``capacity`` slots."""
        if capacity > len(self.row_of):
            self.row_of = grown(self.row_of, capacity, NO_ROW)
            self.number = np.zeros(capacity, dtype=np.int32)

    def _begin_rows(self, items: Ints) -> None:
        """Empty ones for items that have none: those that are free again, then new ones."""
        again = [self._free.pop() for _ in range(min(len(items), len(self._free)))]
        new = len(items) - len(again)
        rows = np.concatenate([again, np.arange(self._used, self._used + new)]).astype(np.int32)
        self._used += new
        self._hold(self._used)
        self.item_of[rows], self.row_of[items] = items, rows

    def _hold(self, rows: int) -> None:
        """Grow until so many rows fit: to twice as many, since what is not written to yet takes no memory. Once there
        are too many for wide ones, they are narrow for good.
        """
        width = row_width(self.rules, self._partitions, rows)
        if width < self.neighbours.shape[1]:
            self.neighbours, self.by_column = narrowed(self.neighbours, self.by_column, self.lengths, width)
        while rows > len(self.lengths):
            capacity = 2 * len(self.lengths)
            self.item_of = grown(self.item_of, capacity, -1)
            self.neighbours = grown(self.neighbours, capacity)
            self.by_column = grown(self.by_column, capacity)
            self._starts = np.zeros(capacity + 1, dtype=np.int32)
            self.exponents = grown(self.exponents, capacity)
            self.lengths = grown(self.lengths, capacity)

    def take(self) -> Segments:
        """The rows as segments; what stands beyond a row's length is left out, so equal rows have equal bytes."""
        table = self._table
        taken = {f"{table}-used": pack({}, used=self._used)} | pack_ints(f"{table}-free", self._free)
        width = self.neighbours.shape[1]
        for name, part in slices(table, self._used, 24 + (4 + 4 * self.by_column.shape[1]) * width):
            beyond = np.arange(width)[None, :] >= self.lengths[part, None]
            columns = {column: getattr(self, column)[part].copy() for column in BY_ROW}
            columns["neighbours"][beyond], columns["counts"][beyond] = -1, 0.0
            columns["exponents"][self.lengths[part] == 0] = 0
            taken[name] = pack(columns, part.start)
        return taken

    def restore(self, segments: Segments, capacity: int) -> None:
        """The rows that were taken, for an item table of ``capacity`` slots."""
        self._used = unpack(segments[f"{self._table}-used"]).values["used"]
        self._free = unpack_ints(segments, f"{self._table}-free").tolist()
        self._hold(self._used)
        put_columns(self, BY_ROW, segments, self._table)
        self.row_of = np.full(capacity, NO_ROW, dtype=np.int32)
        self.number = np.zeros(capacity, dtype=np.int32)
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
        drop_neighbours(self.neighbours, self.by_column, self.lengths, gone)


def narrowed(neighbours: Ints, by_column: Singles, lengths: Ints, width: int) -> tuple[Ints, Singles]:
    """Rows of at most ``width`` neighbours, ``lengths`` changed in place: the heaviest in TOGETHER, ties by place, in
    the order in which they stood. O(rows · K · log K), once.
    """
    kept, counts = neighbours[:, :width].copy(), by_column[:, :, :width].copy()
    for row in np.flatnonzero(lengths > width).tolist():
        length = int(lengths[row])
        heaviest = np.sort(np.argsort(-by_column[row, TOGETHER, :length], kind="stable")[:width])
        kept[row], counts[row] = neighbours[row, heaviest], by_column[row][:, heaviest]
    np.minimum(lengths, width, out=lengths)
    return kept, counts


@kernel
def drop_neighbours(neighbours: Ints, by_column: Singles, lengths: Ints, gone: Flags) -> None:
    """Close the gaps that the items in ``gone`` leave in every row."""
    for row in range(len(lengths)):
        kept = 0
        for place in range(lengths[row]):
            if not gone[neighbours[row, place]]:
                neighbours[row, kept] = neighbours[row, place]
                for column in range(by_column.shape[1]):
                    by_column[row, column, kept] = by_column[row, column, place]
                kept += 1
        lengths[row] = kept
