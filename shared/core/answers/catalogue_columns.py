"""A catalogue in memory as columns: what every request asks of an item stands in arrays, at the item's slot."""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import starmap
from typing import NamedTuple

import numpy as np

from shared.core.answers.catalogue_entry import BARE, WIDTH, Entry
from shared.core.answers.diversity import UNKNOWN
from shared.core.kernel import Flags, Ints, Longs, Tinies
from shared.core.tables.interning import grown
from shared.core.texts.text_slots import UNREAD, TextSlots

Test = Callable[[Entry, str], bool]
"""Whether an item fits, in a market."""
SINCE, UNTIL, VARIANT = 0, 1, 2
"""Columns of ``spans``."""
FEWEST = 1024  # slots at the beginning
MOST_FITS = 32  # tables of tests that are kept; the longest unasked leaves
NOT_TRIED, UNTRIED = -1, b"\xff"


class JudgedBy(NamedTuple):
    """What a kernel looks at to judge and to order items: columns of :class:`CatalogueColumns`."""

    stale: Flags
    open: Flags
    spans: Longs
    kinds: Ints


class Fits:
    """Which items fit some tests, in a market: int8[slots, tests], found once per item."""

    def __init__(self, tests: Sequence[Test], market: str, slots: int) -> None:
        self._tests = tests
        self._market = market
        self._found: Tinies = np.full((slots, len(tests)), NOT_TRIED, dtype=np.int8)

    def of(self, slots: Ints, entries: Sequence[Entry | None]) -> Tinies:
        """int8[m, tests]: 1 where the item fits. What could not be read fits nothing."""
        found = self._found[slots]
        if UNTRIED in found.tobytes():
            for slot in slots[found[:, 0] < 0].tolist():
                entry = entries[slot]
                self._found[slot] = [entry is not None and test(entry, self._market) for test in self._tests]
            found = self._found[slots]
        return found

    def forget(self, slot: int) -> None:
        self._found[slot] = NOT_TRIED

    def hold(self, slots: int) -> None:
        self._found = grown(self._found, slots, NOT_TRIED)


class CatalogueColumns:
    """Items by slot, each one's slot in ``slot_of``, the one put longest ago first; :data:`UNREAD` is nobody's.

    ``entries``; ``kinds`` int32[slots, :data:`WIDTH`] as of :mod:`catalogue_entry`; ``spans`` int64[slots, 3]: shown
    since, until (epoch ms), of which variants one is shown; ``open`` bool[slots]: may be shown where no market says
    otherwise; so may what could not be read; ``stale`` bool[slots]: to be read anew; ``names``, and ``texts`` for
    finding slots in JSON. ``moved`` counts items that left: their slots may be others' now.
    """

    def __init__(self) -> None:
        self.slot_of: OrderedDict[str, int] = OrderedDict()  # a dict finds its first slower the more have left
        self.entries: list[Entry | None] = [None]
        self.kinds: Ints = np.full((FEWEST, WIDTH), UNKNOWN, dtype=np.int32)
        self.spans: Longs = np.zeros((FEWEST, 3), dtype=np.int64)
        self.open: Flags = np.zeros(FEWEST, dtype=np.bool_)
        self.open[UNREAD] = True
        self.stale: Flags = np.zeros(FEWEST, dtype=np.bool_)
        self.names: list[str] = [""]
        self.texts = TextSlots(FEWEST)
        self.moved = 0
        self.tells_kinds = False  # some item had a category or a brand
        self._elsewhere: dict[str, dict[int, bool]] = {}
        self._hidden: AbstractSet[str] = frozenset()
        self._free: deque[int] = deque()
        self._fits: dict[tuple[object, str], Fits] = {}

    def __len__(self) -> int:
        return len(self.slot_of)

    @property
    def judged_by(self) -> JudgedBy:
        """As they stand now."""
        return JudgedBy(self.stale, self.open, self.spans, self.kinds)

    def put(self, item: str, entry: Entry) -> None:
        """Hold what is known of an item now. O(markets of the item)."""
        slot = self.slot_of.pop(item, UNREAD)
        if slot == UNREAD:
            slot = self._free_slot()
            self.names[slot], self.stale[slot] = item, False
            self.texts.put(slot, item)
        else:
            self._clear(slot)
        self.slot_of[item] = slot
        self.entries[slot] = entry
        self.kinds[slot] = np.frombuffer(entry.kind, dtype=np.int32)
        self.spans[slot] = entry.since, entry.until, entry.variant
        self.open[slot] = entry.view.available and item not in self._hidden
        self.tells_kinds = self.tells_kinds or entry.kind != BARE
        for market in entry.view.markets:
            self._elsewhere.setdefault(market, {})[slot] = entry.available(market) and item not in self._hidden

    def drop(self, item: str) -> None:
        slot = self.slot_of.pop(item)
        self._clear(slot)
        self.entries[slot] = None
        self.texts.drop(slot)
        self.stale[slot] = False
        self._free.append(slot)
        self.moved += 1

    def hide(self, hidden: AbstractSet[str]) -> None:
        """These, and no others, are not to be shown, whatever their records say. O(what changes)."""
        changed, self._hidden = hidden ^ self._hidden, hidden
        self.look_again(changed)

    def look_again(self, items: Iterable[str]) -> None:
        """At whether these are hidden, which whoever told the hidden has changed."""
        for item in items:
            slot = self.slot_of.get(item, UNREAD)
            entry = self.entries[slot]
            if entry is not None:
                self.put(item, entry)

    def _free_slot(self) -> int:
        if self._free:
            return self._free.popleft()
        self.entries.append(None)
        self.names.append("")
        if len(self.entries) > len(self.open):
            self._grow(2 * len(self.open))
        return len(self.entries) - 1

    def _grow(self, slots: int) -> None:
        self.kinds, self.spans = grown(self.kinds, slots, UNKNOWN), grown(self.spans, slots, 0)
        self.open, self.stale = grown(self.open, slots, False), grown(self.stale, slots, False)
        self.texts.hold(slots)
        for table in self._fits.values():
            table.hold(slots)

    def _clear(self, slot: int) -> None:
        """Forget what was found out about the item there."""
        entry = self.entries[slot]
        assert entry is not None
        for market in entry.view.markets:
            del self._elsewhere[market][slot]
            if not self._elsewhere[market]:
                del self._elsewhere[market]
        for table in self._fits.values():
            table.forget(slot)

    def find(self, items: Sequence[str]) -> Ints | None:
        """Slots of all, int32[m]; None if one of them is not here."""
        try:
            return np.fromiter(map(self.slot_of.__getitem__, items), dtype=np.int32, count=len(items))
        except KeyError:
            return None

    def slots(self, items: Sequence[str]) -> Ints:
        """Slots, int32[m]; :data:`UNREAD` of what is not here."""
        return np.fromiter((self.slot_of.get(item, UNREAD) for item in items), dtype=np.int32, count=len(items))

    def here(self, slots: Ints, market: str) -> Flags:
        """Whether items may be shown in a market: bool[m]."""
        own = self._elsewhere.get(market)
        here: Flags = self.open[slots]
        if own is not None:
            here[:] = list(starmap(own.get, zip(slots.tolist(), here.tolist(), strict=True)))
        return here

    def told_of(self, market: str) -> bool:
        """Whether an item has a record of its own in this market."""
        return market in self._elsewhere

    def fits(self, owner: object, tests: Sequence[Test], slots: Ints, market: str) -> Tinies:
        """int8[m, tests]: 1 where an item fits a test. ``owner``: whose tests these are, always the same ones. Each is
        made once per item, and in markets that have records of their own once more.
        """
        market = market if market in self._elsewhere else ""
        key = (owner, market)
        table = self._fits.pop(key, None) or Fits(tests, market, len(self.open))
        self._fits[key] = table
        if len(self._fits) > MOST_FITS:
            del self._fits[next(iter(self._fits))]
        return table.of(slots, self.entries)
