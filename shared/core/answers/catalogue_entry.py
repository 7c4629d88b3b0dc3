"""An item as whoever serves it looks at it: what the catalogue says, made ready to be judged many times."""

from dataclasses import dataclass

import numpy as np

from shared.contracts.views import ItemView
from shared.core.answers.diversity import NARROWEST, UNKNOWN
from shared.core.tables.interning import order_key

FOREVER = 2**63 - 1
BRAND, SELLER = NARROWEST, NARROWEST + 1
WIDTH = NARROWEST + 2
BARE = np.full((1, WIDTH), UNKNOWN, dtype=np.int32).tobytes()
"""The kind of an item of which nothing is known."""


@dataclass(slots=True, eq=False)
class Entry:
    """``kind``: bytes of int32[:data:`WIDTH`], digests of its narrowest categories, its brand, its seller; ``variant``:
    of its parent, or of itself; shown from ``since`` until ``until``, epoch ms.
    """

    view: ItemView
    kind: bytes
    variant: int
    since: int
    until: int

    def price(self, market: str) -> float | None:
        """In a market; elsewhere as everywhere."""
        here = self.view.markets.get(market)
        return self.view.price if here is None or here.price is None else here.price

    def available(self, market: str) -> bool:
        here = self.view.markets.get(market)
        return self.view.available if here is None or here.available is None else here.available


def entry_of(view: ItemView) -> Entry:
    """The catalogue's word on an item, made ready."""
    narrowest = [digest(category) for category in dict.fromkeys(reversed(view.categories))][:NARROWEST]
    kind = [*narrowest, *[UNKNOWN] * (NARROWEST - len(narrowest)), digest(view.brand), digest(view.seller)]
    return Entry(
        view=view,
        kind=np.array(kind, dtype=np.int32).tobytes(),
        variant=order_key(view.parent_id or view.item_id) >> 1,
        since=view.published_at or 0,
        until=FOREVER if view.expires_at is None else view.expires_at,
    )


def digest(text: str | None) -> int:
    """Of a category, a brand, a seller, 31 bits; :data:`UNKNOWN` where there is none."""
    return order_key(text) >> 33 if text else UNKNOWN
