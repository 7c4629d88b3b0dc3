"""What is known of items beside their counts, item by item: when they were met, what the catalogue says they are."""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from services.verify.ties import order_key
from services.verify.titles_oracle import TitlesOracle
from shared.contracts.catalogue import ItemRecord


@dataclass(frozen=True)
class Said:
    """By the catalogue: digests of the narrowest category and of the brand (0: none), ln of the price (None: none), the
    embedding in halves, of length 1 (empty: none), what is named as near.
    """

    category: int = 0
    brand: int = 0
    log_price: float | None = None
    embedding: tuple[float, ...] = ()
    near: tuple[str, ...] = ()


NOTHING_SAID = Said()
Facts = tuple[int, int, int, int, float | None]
"""First and last met (ms; 0: never), category, brand, ln of the price."""


class FactsOracle:
    """Of all items of the shop that the partition holds. ``filed``: in the order of their last record."""

    def __init__(self, most_terms: int, most_dimensions: int = 0) -> None:
        self._most_dimensions = most_dimensions
        self.titles = TitlesOracle(most_terms)
        self._met: dict[str, tuple[int, int]] = {}
        self.filed: dict[str, Said] = {}
        self._members: dict[int, dict[str, None]] = {}

    def meet(self, item: str, ts: int) -> None:
        """An event named it."""
        first, last = self._met.get(item, (ts, ts))
        self._met[item] = (min(first, ts), max(last, ts))

    def file(self, item: str, record: ItemRecord) -> None:
        """The catalogue's word; replaces the one before."""
        self.unfile(item)
        category = order_key(record.categories[-1]) if record.categories else 0
        price = record.price if record.price is not None and record.price > 0 else None
        brand = order_key(record.brand) if record.brand else 0
        vector = halves(record.embedding) if len(record.embedding) <= self._most_dimensions else ()
        self.filed[item] = Said(category, brand, None if price is None else math.log(price), vector, tuple(record.near))
        if category:
            self._members.setdefault(category, {})[item] = None
        self.titles.file(item, record)

    def unfile(self, item: str) -> None:
        """The catalogue knows it no more."""
        self.titles.unfile(item)
        said = self.filed.pop(item, None)
        if said is not None and said.category:
            del self._members[said.category][item]

    def drop(self, items: list[str]) -> None:
        """These are no longer held."""
        for item in items:
            self.unfile(item)
            self._met.pop(item, None)

    def said(self, item: str) -> Said:
        return self.filed.get(item, NOTHING_SAID)

    def siblings(self, item: str, most: int) -> list[str]:
        """Of the ``most`` items of its category that were filed last, all but itself; none without a category."""
        category = self.said(item).category
        newest = islice(reversed(self._members[category]), most) if category else iter(())
        return [other for other in newest if other != item]

    def is_met(self, item: str) -> bool:
        """Whether an event has named it."""
        return item in self._met

    def of(self, item: str) -> Facts:
        said = self.said(item)
        return (*self._met.get(item, (0, 0)), said.category, said.brand, said.log_price)


def halves(numbers: Sequence[float]) -> tuple[float, ...]:
    """Of length 1, each number of 16 bits; none where all are 0."""
    largest = max((abs(number) for number in numbers), default=0.0)
    if largest == 0.0:
        return ()
    parts = [number / largest for number in numbers]
    length = math.sqrt(math.fsum(part * part for part in parts))
    return struct.unpack(f"<{len(parts)}e", struct.pack(f"<{len(parts)}e", *(part / length for part in parts)))
