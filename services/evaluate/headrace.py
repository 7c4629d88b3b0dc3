"""Headrace itself under test: the very steps of production, wired in one process.

``headrace`` is what the reader serves: the list that stands, or one ranked anew if that one is older than
``reader.fresh_ms``; ``headrace-get`` is what stands in Redis since the user's last event; ``headrace-fast`` is as
``headrace`` under ``lists.profile`` fast, with a learner of its own.
"""

import numpy as np

from services.evaluate.method import Method, Query
from services.evaluate.past import Past
from services.evaluate.production import Production
from shared.core.kernel import Ints

SPARE = 50
"""Places beside the list's own: what the test excludes and production remembers no longer is left out of them."""


class Headrace(Method):
    """What the reader serves."""

    def __init__(self, past: Past, production: Production) -> None:
        self.past = past
        self._production = production

    def learn(self, event: int) -> None:
        self._production.learn(event)

    def settle(self, query: Query) -> None:
        self._production.settle_for(query.user, query.ts)

    def ahead(self) -> tuple[int, float]:
        return self._production.ahead

    def recommend(self, query: Query, n: int) -> Ints:
        self.settle(query)
        return _first(self._served(query, n), query.excluded, n)

    def _served(self, query: Query, n: int) -> Ints:
        production = self._production
        stored = production.stored.of(query.user)
        if stored is not None and query.ts - stored[0] <= production.settings.reader.fresh_ms:
            return stored[1]
        return production.ranked(query.user, query.ts, n + SPARE)


class HeadraceGet(Headrace):
    """What stands in Redis."""

    def _served(self, query: Query, n: int) -> Ints:
        del n
        stored = self._production.stored.of(query.user)
        return stored[1] if stored is not None else np.empty(0, dtype=np.int32)


def _first(items: Ints, excluded: Ints, n: int) -> Ints:
    """``excluded``: ascending. A copy, but where nothing is excluded."""
    if not len(excluded):
        return items[:n]
    place = np.minimum(np.searchsorted(excluded, items), len(excluded) - 1)
    first: Ints = items[excluded[place] != items][:n]
    return first


KINDS: dict[str, type[Headrace]] = {"headrace": Headrace, "headrace-get": HeadraceGet}
