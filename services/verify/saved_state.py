"""What production has saved, in the oracle's plain shapes."""

import math
from typing import Any

from services.verify.facts_oracle import Facts
from services.verify.rows_oracle import Neighbours
from shared.contracts.catalogue import ItemRecord
from shared.contracts.settings import Settings
from shared.contracts.state import digest
from shared.contracts.views import ItemView, decode_item_view
from shared.core.items import item_segments
from shared.core.items.context_counts import ScopeCounts
from shared.core.items.cooccurrence import COLUMNS, NeighbourRows
from shared.core.items.item_facts import ItemFacts
from shared.core.items.items import Items
from shared.core.items.popularity import Counters
from shared.core.items.titles import NONE
from shared.core.learning.learner import Learner
from shared.core.profiles import profile_segments
from shared.core.tables.interning import Interner
from shared.core.tables.runs import Runs
from shared.core.tables.segments import PENDING, Segments, of_table, unpack_ints, unpack_list

Shapes = dict[str, dict[Any, Any]]
SHOWN = (
    "item_id", "title", "categories", "brand", "price", "image", "available", "repeatable", "parent_id", "published_at",
    "expires_at", "tags", "seller", "markets", "attributes",
)  # fmt: skip
DESCRIPTION = 1000  # characters


def shown(record: ItemRecord | ItemView) -> list[Any]:
    """What pages show of an item."""
    return [*(getattr(record, field) for field in SHOWN), record.description[:DESCRIPTION]]


def saved_profiles(settings: Settings, segments: Segments) -> Shapes:
    """Of a `frames` partition: by user, by raw partition, by item."""
    state = profile_segments.restore(settings.profiles, segments)
    users, items = state.users, state.items.names
    slots = slots_of(users)
    return {
        "history of": {user: state.history(user) for user in slots},
        "what is owned or refused by": {
            user: [(items[item], (one.how, one.times, one.last)) for item, one in had.items()]
            for user, slot in slots.items()
            if (had := state.had(slot))
        },
        "what was told by": {
            users.names[slot]: tuple(list(getattr(told, name)) for name in ("liked", "avoided", "sessions", "segments"))
            for slot, told in state.told.items()
        },
        "recent event ids of": {user: _ring(state.recent, slot) for user, slot in slots.items()},
        "minute and its events of": {
            user: (int(state.minute[slot]), int(state.minute_events[slot])) for user, slot in slots.items()
        },
        **in_order("users", users, segments),
        **in_order("items", state.items, segments),
        "watermark of": dict(state.sources),
        "repeatable": dict(enumerate(state.repeatable)),
        "newest event time": {"": state.ts},
    }


def slots_of(table: Interner) -> dict[str, int]:
    """By id, who was not seen for longest first."""
    return {table.names[slot]: slot for slot in sorted(table.live().tolist(), key=table.last_seen.__getitem__)}


def in_order(what: str, table: Interner, segments: Segments) -> Shapes:
    """What decides who leaves a table, and which slot is the next one's: (id, its slot, its digest) in the order in
    which they were seen, slots that are free.
    """
    free = unpack_ints(segments, f"{what}-free").tolist()
    return {f"{what} as they were seen": dict(enumerate(_seen(table))), f"free slots of {what}": dict(enumerate(free))}


def _seen(table: Interner) -> list[tuple[str, int, int]]:
    return [(name, slot, int(table.keys[slot])) for name, slot in slots_of(table).items()]


def _ring(recent: Runs, user: int) -> tuple[list[int], int]:
    """Place by place, 0 where nothing was put yet; the place of the next one."""
    held: list[int] = recent.of(user, "key").tolist()
    return held + [0] * (recent.most - len(held)), int(recent.entered[user]) % recent.most


def saved_items(settings: Settings, partition: int, segments: Segments) -> Shapes:
    """Of an `item-deltas` partition: by item, by `frames` partition, by scope."""
    state = item_segments.restore(settings, partition, segments)
    names, counters, slots = state.items.names, state.counters, slots_of(state.items)
    return {
        "neighbours of": _neighbours(names, state.rows),
        "exponents of the row of": _exponents(names, state.rows),
        "bought with": _neighbours(names, state.bought),
        "exponents of what was bought with": _exponents(names, state.bought),
        "counters of": {item: _counters(counters, slot) for item, slot in slots.items()},
        "facts of": {item: _facts(state.facts, slot) for item, slot in slots.items()},
        "embedding of": {item: state.facts.embeddings.of(slot) for item, slot in slots.items()},
        "named as near by": {item: state.facts.near.of(slot) for item, slot in slots.items()},
        "terms of": {item: _terms(state.facts, slot) for item, slot in slots.items()},
        "order in which it was filed": dict(enumerate(_filed(state))),
        "unavailable": dict(enumerate(state.unavailable.names)),
        "watermark of frames partition": dict(state.sources),
        "items of scope": {
            scope: {names[slot] for slot in state.scopes.members(scope).tolist()} for scope in state.scopes.names()
        }
        | {scope: set(slots_of(counts.items)) for scope, counts in state.contexts.held.items()},
        "order of categories counted in": dict(enumerate(state.scopes.names())),
        "categories of, in the order of their records": dict(
            enumerate((item, list(scopes)) for item, scopes in unpack_list(segments, "scopes-categories"))
        ),
        "counts within scope": {scope: _counts(counts) for scope, counts in state.contexts.held.items()},
        "order within scope": {scope: _seen(counts.items) for scope, counts in state.contexts.held.items()},
        "order of scopes counted in": dict(enumerate(state.contexts.held)),
        "first filed": dict(enumerate(state.newest.firsts().items())),
        "order of categories filed in": dict(enumerate(state.newest.names())),
        "new in scope": {
            scope: list(zip(*state.newest.newest(scope, 1000), strict=True)) for scope in state.newest.names()
        },
        "newest event time": {"": state.ts},
        "catalogue entry of": {
            item: shown(decode_item_view(state.catalogue.get(item) or b"")) for item in state.catalogue.ids.slots
        },
        **in_order("items", state.items, segments),
        **in_order("catalogue-ids", state.catalogue.ids, segments),
    }


def waiting(segments: Segments) -> dict[str, set[str]]:
    """Of an `item-deltas` partition: kind of view → items of which it waits to be written."""
    names = [name for segment in of_table(segments, "items") for name in segment.values["names"]]
    rows, stats = (
        {names[slot] for table in tables for slot in unpack_ints(segments, f"{PENDING}{table}").tolist()}
        for tables in (("dirty_rows", "fresh_rows"), ("dirty_stats", "fresh_stats"))
    )
    return {"sim": rows, "row": rows, "stat": stats}


def saved_learner(settings: Settings, segments: Segments) -> Shapes:
    """Of the `examples` partition: by segment of users, by part of the blend, by `frames` partition."""
    state = Learner(settings)
    state.restore(segments)
    return {
        "weights": dict(enumerate(state.weights().tolist())),
        "digest of": digests({name: segment for name, segment in segments.items() if name != "meta"}),
        "watermark of frames partition": dict(state.sources),
        "examples learned": {"": state.blend.learned},
    }


def digests(segments: Segments) -> dict[str, str]:
    """Of parts of a state whose numbers would tell a person nothing."""
    return {name: digest(segment).hex() for name, segment in segments.items()}


def _counters(counters: Counters, slot: int) -> list[tuple[float, int]]:
    return list(zip(counters.values[slot].tolist(), counters.exponents[slot].tolist(), strict=True))


def _counts(counts: ScopeCounts) -> dict[str, list[tuple[float, int]]]:
    return {item: _counters(counts.counters, slot) for item, slot in slots_of(counts.items).items()}


def _by_row(names: list[str], rows: NeighbourRows) -> dict[str, int]:
    """Items that have any neighbour."""
    return {names[item]: row for row, item in enumerate(rows.item_of.tolist()) if item >= 0 and rows.lengths[row]}


def _exponents(names: list[str], rows: NeighbourRows) -> dict[str, tuple[int, ...]]:
    return {item: tuple(rows.exponents[row].tolist()) for item, row in _by_row(names, rows).items()}


def _neighbours(names: list[str], rows: NeighbourRows) -> dict[str, Neighbours]:
    return {item: _in_places(names, rows, row) for item, row in _by_row(names, rows).items()}


def _in_places(names: list[str], rows: NeighbourRows, row: int) -> Neighbours:
    """What is not kept of a neighbour is 0."""
    length, beyond = int(rows.lengths[row]), (0.0,) * (COLUMNS - rows.counts.shape[2])
    others, counts = rows.neighbours[row, :length].tolist(), rows.counts[row, :length].tolist()
    return [(names[other], (*of_other, *beyond)) for other, of_other in zip(others, counts, strict=True)]


def _facts(facts: ItemFacts, slot: int) -> Facts:
    price = float(facts.log_price[slot])
    met = int(facts.first_ts[slot]), int(facts.last_ts[slot])
    return (*met, int(facts.category[slot]), int(facts.brand[slot]), None if math.isnan(price) else price)


def _terms(facts: ItemFacts, slot: int) -> list[int]:
    """Digests of the title's terms, in its order."""
    digests = {number: digest for digest, number in facts.titles.numbers.items()}
    return [digests[number] for number in facts.titles.terms[slot].tolist() if number != NONE]


def _filed(state: Items) -> list[str]:
    """Items of the catalogue; the numbers themselves say no more than an order."""
    numbers = {item: int(state.facts.filed[slot]) for item, slot in state.items.slots.items()}
    return sorted((item for item, number in numbers.items() if number), key=numbers.__getitem__)
