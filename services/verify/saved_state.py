"""What production has saved, in the oracle's plain shapes."""

from typing import Any

from shared.contracts.catalogue import ItemRecord
from shared.contracts.settings import Settings
from shared.contracts.views import ItemView, decode_item_view
from shared.core import item_segments, profile_segments
from shared.core.segments import Segments

Shapes = dict[str, dict[Any, Any]]
SHOWN = ("item_id", "title", "categories", "brand", "price", "image", "available", "repeatable")


def shown(record: ItemRecord | ItemView) -> list[Any]:
    """What pages show of an item."""
    return [getattr(record, field) for field in SHOWN]


def saved_profiles(settings: Settings, segments: Segments) -> Shapes:
    """Of a `frames` partition: by user, by raw partition, by item."""
    state = profile_segments.restore(settings.profiles, segments)
    users, items = state.users, state.items.names
    return {
        "history of": {user: state.history(user) for user in users.slots},
        "what is owned or refused by": {
            users.names[slot]: [(items[item], how) for item, how in had.items()]
            for slot, had in state.has.items()
            if had
        },
        "recent event ids of": {user: state.recent_keys[slot].tolist() for user, slot in users.slots.items()},
        "watermark of": dict(state.sources),
        "repeatable": dict(enumerate(state.repeatable)),
    }


def saved_items(settings: Settings, partition: int, segments: Segments) -> Shapes:
    """Of an `item-deltas` partition: by item, by `frames` partition, by scope."""
    state = item_segments.restore(settings, partition, segments)
    names, rows, counters = state.items.names, state.rows, state.counters
    by_row = {names[item]: row for row, item in enumerate(rows.item_of.tolist()) if item >= 0 and rows.lengths[row]}
    return {
        "neighbours of": {item: _neighbours(names, rows, row) for item, row in by_row.items()},
        "exponent of the row of": {item: int(rows.exponents[row]) for item, row in by_row.items()},
        "counters of": {
            item: list(zip(counters.values[slot].tolist(), counters.exponents[slot].tolist(), strict=True))
            for item, slot in state.items.slots.items()
        },
        "unavailable": dict(enumerate(state.unavailable)),
        "watermark of frames partition": dict(state.sources),
        "items of scope": {
            scope: {names[slot] for slot in state.scopes.members(scope).tolist()} for scope in state.scopes.names()
        },
        "newest event time": {"": state.ts},
        "catalogue entry of": {
            item: shown(decode_item_view(state.catalogue.get(item) or b"")) for item in state.catalogue.ids.slots
        },
    }


def _neighbours(names: list[str], rows: Any, row: int) -> list[tuple[str, float]]:
    length = int(rows.lengths[row])
    others, counts = rows.neighbours[row, :length].tolist(), rows.counts[row, :length].tolist()
    return [(names[other], count) for other, count in zip(others, counts, strict=True)]
