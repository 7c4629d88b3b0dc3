"""The state of an `item-deltas` partition as segments, and back, bit for bit. What waits to be published is there, too:
whoever goes on publishes it.
"""

from collections import OrderedDict

from shared.contracts.settings import Settings
from shared.core.items.items import Items
from shared.core.tables.dirty import Dirty
from shared.core.tables.interning import ID_BYTES, Interner
from shared.core.tables.kin import ITEM_IDS
from shared.core.tables.segments import (
    PENDING,
    Segments,
    pack,
    pack_ints,
    pack_list,
    put_columns,
    slices,
    unpack,
    unpack_ints,
    unpack_list,
)

BY_ITEM = ("values", "exponents")
WAITING = ("dirty_rows", "dirty_stats", "fresh_rows", "fresh_stats")


def take(items: Items) -> Segments:
    """O(size of the state)."""
    sources = sorted([partition, offset] for partition, offset in items.sources.items())
    taken = {"meta": pack({}, offset=items.offset, ts=items.ts, sources=sources)}
    taken |= pack_list("unavailable", list(items.unavailable.names), ID_BYTES)
    for waiting in WAITING:
        held: Dirty = getattr(items, waiting)
        taken |= pack_ints(f"{PENDING}{waiting}", held.first(len(held)))
    taken |= items.items.take("items")
    taken |= items.scopes.take()
    taken |= items.contexts.take()
    taken |= items.newest.take()
    taken |= items.catalogue.take()
    taken |= items.rows.take()
    taken |= items.bought.take()
    taken |= items.facts.take(len(items.items.names))
    counters = items.counters
    for name, rows in slices("counters", len(items.items.names), 12 * len(counters.half_lives)):
        taken[name] = pack({column: getattr(counters, column)[rows] for column in BY_ITEM}, rows.start)
    return taken


def restore(settings: Settings, partition: int, segments: Segments) -> Items:
    """The state that was taken, under the same settings."""
    items = Items(settings, partition)
    meta = unpack(segments["meta"]).values
    items.offset, items.ts = meta["offset"], meta["ts"]
    items.sources = dict(meta["sources"])
    items.unavailable.names = OrderedDict.fromkeys(unpack_list(segments, "unavailable"))
    items.items = Interner.restore(settings.cooccurrence.max_items, segments, "items", ITEM_IDS)
    for waiting in WAITING:
        getattr(items, waiting).restore(unpack_ints(segments, f"{PENDING}{waiting}"), items.items.capacity)
    items.scopes.restore(segments)
    items.contexts.restore(segments)
    items.newest.restore(segments)
    items.catalogue.restore(segments)
    items.counters.grow(items.items.capacity)
    put_columns(items.counters, BY_ITEM, segments, "counters")
    items.facts.grow(items.items.capacity)
    items.facts.restore(segments)
    items.rows.restore(segments, items.items.capacity)
    items.bought.restore(segments, items.items.capacity)
    return items
