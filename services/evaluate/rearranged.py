"""Headrace's lists as an answer rearranges them: not more of the same, and with a share of its places explored.

``headrace-diverse`` is ``headrace`` under ``rerank.diversity``, ``headrace-exploring`` under ``rerank.exploration``,
each alone, over the same lists. What is explored is drawn from the candidates of the user that the list does not show:
the fewer events one has had, the likelier.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from services.evaluate.headrace import SPARE, Headrace
from services.evaluate.method import Query
from services.evaluate.past import Past
from services.evaluate.production import Production
from shared.contracts.catalogue import ItemRecord
from shared.core.answers.diversity import NARROWEST, UNKNOWN, Kinds, diverse, familiarity
from shared.core.answers.exploration import explored, hardly_known, seed
from shared.core.answers.fusion import RANK_SCORES
from shared.core.arithmetic.digests import digests
from shared.core.kernel import Floats, Ints

OWN_RECENT = 10
"""Newest items of a user that say what is familiar."""
SHOWN = 20
"""Places of the answer that is explored in: what is pushed out of it stands below."""
BEYOND = 150
"""Candidates below those shown, of whom a pool to explore is drawn."""


class HeadraceDiverse(Headrace):
    """The list of 50, its order greedy by relevance and what is new to it."""

    def __init__(self, past: Past, production: Production) -> None:
        super().__init__(past, production)
        self._kinds = kinds_of(past.log.catalogue, len(past.log.items))
        self._strength = production.settings.rerank.diversity

    def recommend(self, query: Query, n: int) -> Ints:
        items = super().recommend(query, n)
        recent = self.past.history(query.user)[::-1][:OWN_RECENT]
        kinds = _of(self._kinds, items)
        familiar = familiarity(kinds, _of(self._kinds, recent))
        relevance = np.array(RANK_SCORES[: len(items)])
        order = diverse(relevance, kinds, self._strength, n, familiar=familiar)
        reordered: Ints = items[order]
        return reordered


class HeadraceExploring(Headrace):
    """Of the first :data:`SHOWN` places a share is drawn for items hardly known yet; the others keep their order."""

    def __init__(self, past: Past, production: Production) -> None:
        super().__init__(past, production)
        self._rules = production.settings.rerank
        self._digests = digests(past.log.users)
        self._size = production.settings.lists.explore
        self._events: Floats = np.zeros(len(past.log.items))

    def learn(self, event: int) -> None:
        super().learn(event)
        self._events[self.past.log.item[event]] += 1

    def recommend(self, query: Query, n: int) -> Ints:
        shown = min(n, SHOWN)
        items = super().recommend(query, n)
        drawn_by = seed(int(self._digests[query.user]), query.ts, self._rules.stable_ms)
        pool = self._pool(query, items[:shown], drawn_by)
        given = explored(min(shown, len(items)), self._rules.exploration, len(pool), drawn_by)
        return _inserted(items, given, pool, n)

    def _pool(self, query: Query, shown: Ints, drawn_by: int) -> Ints:
        beyond = self._production.ranked(query.user, query.ts, SHOWN + SPARE + BEYOND)
        left = beyond[~np.isin(beyond, shown) & ~np.isin(beyond, query.excluded)]
        drawn: Ints = left[hardly_known(self._events[left], self._size, drawn_by)]
        return drawn


def kinds_of(catalogue: Mapping[int, ItemRecord], items: int) -> Kinds:
    """Of all items, by number."""
    categories = np.full((items, NARROWEST), UNKNOWN, dtype=np.int32)
    brands = np.full(items, UNKNOWN, dtype=np.int32)
    category = _numbered(c for record in catalogue.values() for c in record.categories)
    brand = _numbered(record.brand for record in catalogue.values() if record.brand)
    for item, record in catalogue.items():
        narrowest = list(dict.fromkeys(record.categories))[-NARROWEST:]
        categories[item, : len(narrowest)] = [category[name] for name in narrowest]
        brands[item] = brand[record.brand] if record.brand else UNKNOWN
    return Kinds(categories, brands)


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(dict.fromkeys(names))}


def _of(kinds: Kinds, items: Ints) -> Kinds:
    return Kinds(kinds.categories[items], kinds.brands[items])


def _inserted(items: Ints, given: Sequence[tuple[int, int]], pool: Ints, n: int) -> Ints:
    """The list with an item of the pool at each place that is given away; what else stood there moves down."""
    drawn = pool[[item for _, item in given]]
    whole = items[~np.isin(items, drawn)].tolist()
    for (place, _), item in zip(given, drawn.tolist(), strict=True):
        whole.insert(place, item)
    return np.array(whole[:n], dtype=np.int32)


REARRANGED: dict[str, type[Headrace]] = {"headrace-diverse": HeadraceDiverse, "headrace-exploring": HeadraceExploring}
