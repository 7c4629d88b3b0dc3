"""What is known of items beside their counts: when they were met, and what the catalogue says they are.

A function of the deltas' sequence: all items partitions hold the facts of all items, since a row speaks of items that
others own.
"""

import math

import numpy as np

from shared.contracts.catalogue import ItemRecord
from shared.core.items.category_members import CategoryMembers, Known
from shared.core.items.embeddings import Embeddings
from shared.core.items.near import Near
from shared.core.items.titles import Titles, terms_of
from shared.core.kernel import Floats, Ints, Keys, Longs, kernel
from shared.core.tables.interning import grown, order_key
from shared.core.tables.segments import Segments, pack, put_columns, slices, unpack

COLUMNS = ("first_ts", "last_ts", "category", "brand", "log_price", "filed")
ROW_BYTES = 48
LATEST = np.iinfo(np.int64).max


class ItemFacts:
    """Arrays by item slot. ``first_ts`` and ``last_ts`` ms (0: never met), ``category``, ``brand`` digests (0: none),
    ``log_price`` NaN where unknown, ``filed``: a number that grows with each record of the catalogue (0: not in it).
    ``titles``: their terms, of which at most ``most_terms`` are known; ``embeddings`` of at most ``most_dimensions``;
    ``near``: what records name as nearest; ``categories``: who is in which.
    """

    def __init__(self, capacity: int, most_terms: int, most_dimensions: int = 0) -> None:
        self.first_ts: Longs = np.zeros(capacity, dtype=np.int64)
        self.last_ts: Longs = np.zeros(capacity, dtype=np.int64)
        self.category: Keys = np.zeros(capacity, dtype=np.uint64)
        self.brand: Keys = np.zeros(capacity, dtype=np.uint64)
        self.log_price: Floats = np.full(capacity, np.nan)
        self.filed: Longs = np.zeros(capacity, dtype=np.int64)
        self.titles = Titles(capacity, most_terms)
        self.embeddings = Embeddings(capacity, most_dimensions)
        self.near = Near(capacity)
        self.categories = CategoryMembers(capacity)
        self._filings = 0

    def grow(self, capacity: int) -> None:
        if capacity <= len(self.filed):
            return
        for name in COLUMNS:
            setattr(self, name, grown(getattr(self, name), capacity, math.nan if name == "log_price" else 0))
        self.titles.grow(capacity)
        self.embeddings.grow(capacity)
        self.near.grow(capacity)
        self.categories.grow(capacity)

    @property
    def known(self) -> Known:
        """What is told of the members of a category beside their numbers."""
        return self.log_price, self.brand, self.titles.marks

    @property
    def ever_filed(self) -> bool:
        """Whether the catalogue ever had anything."""
        return self._filings > 0

    def meet(self, items: Ints, times: Longs) -> None:
        """Events named these items at these times."""
        meet_each(items, times, self.first_ts, self.last_ts)

    def file(self, slot: int, record: ItemRecord) -> None:
        """The catalogue's word on an item; replaces the one before."""
        self.unfile(slot)
        self._filings += 1
        self.filed[slot] = self._filings
        self.brand[slot] = order_key(record.brand) if record.brand else 0
        self.log_price[slot] = math.log(record.price) if record.price and record.price > 0 else math.nan
        category = order_key(record.categories[-1]) if record.categories else 0
        self.category[slot] = category
        self.titles.file(slot, terms_of(record))
        self.embeddings.file(slot, record.embedding)
        self.near.file(slot, record.near)
        if category:
            self.categories.add(slot, category, *(column[slot] for column in self.known))

    def unfile(self, slot: int) -> None:
        """The catalogue knows the item no more."""
        self.titles.unfile(slot)
        self.embeddings.unfile(slot)
        self.near.unfile(slot)
        category = int(self.category[slot])
        if category:
            self.categories.remove(slot, category)
        self.filed[slot] = self.category[slot] = self.brand[slot] = 0
        self.log_price[slot] = math.nan

    def clear(self, slots: Ints) -> None:
        """These items are held no longer."""
        for slot in slots.tolist():
            self.unfile(slot)
        self.first_ts[slots] = self.last_ts[slots] = 0

    def take(self, rows: int) -> Segments:
        """The facts of the first ``rows`` slots as segments."""
        taken = {"facts-clock": pack({}, filings=self._filings)}
        for name, part in slices("facts", rows, ROW_BYTES):
            taken[name] = pack({column: getattr(self, column)[part] for column in COLUMNS}, part.start)
        return taken | self.titles.take(rows) | self.embeddings.take(rows) | self.near.take(rows)

    def restore(self, segments: Segments) -> None:
        """What was taken; room for it must be there."""
        put_columns(self, COLUMNS, segments, "facts")
        self.embeddings.restore(segments)
        self.near.restore(segments)
        self._filings = unpack(segments["facts-clock"]).values["filings"]
        filed = np.flatnonzero(self.filed)
        filed = filed[np.argsort(self.filed[filed], kind="stable")]
        within = filed[self.category[filed] != 0]
        self.categories.restore(within.tolist(), self.category[within].tolist())
        self.titles.restore(segments, filed)


@kernel
def meet_each(items: Ints, times: Longs, first: Longs, last: Longs) -> None:
    """The earliest and the latest time of each item, those from before included."""
    for item in items:
        if first[item] == 0:
            first[item] = LATEST
    for place in range(len(items)):
        item, ts = items[place], times[place]
        first[item] = min(first[item], ts)
        last[item] = max(last[item], ts)
