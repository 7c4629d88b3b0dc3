"""What the catalogue says is like an item of a small shop, asked for in a line."""

import numpy as np

from shared.contracts.catalogue import ItemRecord
from shared.core.items.content import alike
from shared.core.items.item_facts import ItemFacts
from shared.core.items.popularity import Counters
from shared.core.tables.interning import Interner

MOST_TERMS, MOST_DIMENSIONS = 100, 4
TABLE = Interner(3000)
TABLE.intern(f"i{n}" for n in range(3000))


def facts_of(records: list[ItemRecord]) -> ItemFacts:
    facts = ItemFacts(TABLE.capacity, MOST_TERMS, MOST_DIMENSIONS)
    for slot, record in enumerate(records):
        facts.file(slot, record)
    return facts


def counters_of(counts: list[float]) -> Counters:
    """Of which each counts what it says in the middle column as of 0."""
    counters = Counters([1, 2, 3], len(counts))
    counters.values[:, 1] = counts
    return counters


def scores_of(facts: ItemFacts, slot: int = 0, counts: list[float] | None = None) -> dict[int, float]:
    counters = counters_of(counts or [0.0] * len(facts.filed))
    items, scores, [size] = alike(facts, np.array([slot], dtype=np.int32), counters, 1, 0, TABLE)
    return dict(zip(items[0, :size].tolist(), scores[0, :size].tolist(), strict=True))


def hat(price: float | None = None, brand: str | None = None) -> ItemRecord:
    return ItemRecord("h", categories=["hats"], price=price, brand=brand)


def called(title: str, category: str | None = None) -> ItemRecord:
    return ItemRecord("t", title=title, categories=[category] if category else [])


def found(records: list[ItemRecord], slot: int, counts: list[float] | None = None) -> dict[int, float]:
    popularity = counts or [0.0] * len(records)
    return scores_of(facts_of(records), slot, popularity)
