"""What ``sim:``, ``row:`` and ``stat:`` views of an items partition say, in plain values."""

import math
import struct
from functools import cache

from services.verify.content_oracle import alike, liked_by
from services.verify.facts_oracle import Facts
from services.verify.items_oracle import ItemsOracle
from services.verify.rows_oracle import Neighbours, RowsOracle
from services.verify.ties import best_first, rounded
from shared.contracts.rank_views import RowView, StatView
from shared.contracts.views import View

Scored = list[tuple[str, float]]
SimilarSaid = tuple[int, Scored, Scored]
"""Event time, neighbours and items like it, what the same users bought."""
RowSaid = tuple[int, Neighbours, Scored]
"""Event time, neighbours in their places, items like it."""
StatSaid = tuple[int, tuple[float, ...], Facts]
"""Event time, decayed counts, facts."""


def single(number: float) -> float:
    """The nearest 32-bit number."""
    (rounded_number,) = struct.unpack("<f", struct.pack("<f", number))
    return float(rounded_number)


class ItemViewsOracle:
    """As of the last delta that ``items`` have folded: to be made anew after the next one."""

    def __init__(self, items: ItemsOracle) -> None:
        self._items = items
        names = list(items.settings.popularity.half_lives_ms)
        self._ladder = len(names)
        self._liked_by = liked_by(names)
        self._count = cache(items.count)

    def similar(self, item: str) -> SimilarSaid:
        """``sim:``: the best neighbours by how often they were met together, then what is like it by the catalogue;
        what was bought with it.
        """
        rules = self._items.settings.cooccurrence
        published = rules.published
        best = best_first((other, scores[0]) for other, scores in self._neighbours(item, self._items.rows))[:published]
        among = {other for other, _ in best}
        like = [entry for entry in self._alike(item) if entry[0] not in among]
        most = max(1, published // 5)
        behind = [other for other, _ in like if not self._items.facts.is_met(other)][:most]
        room = max(0, min(most, published - len(best)) - len(behind))
        behind += [other for other, _ in like if self._items.facts.is_met(other)][:room]
        best = best[: published - len(behind)]
        last = best[-1][1] if best else 1.0
        best += [(other, last * (score / (1.0 + score))) for other, score in like if other in behind]
        bought = best_first((other, scores[0]) for other, scores in self._neighbours(item, self._items.bought))
        bought = bought[: rules.bought_neighbours]
        return self._items.ts, _rounded(best), _rounded(bought)

    def _alike(self, item: str) -> Scored:
        return alike(self._items.facts, item, lambda other: self._count(other, self._liked_by))

    def row(self, item: str) -> RowSaid:
        """``row:``: all neighbours, and what is like it."""
        neighbours = [(other, tuple(map(single, scores))) for other, scores in self._neighbours(item, self._items.rows)]
        return self._items.ts, neighbours, [(other, single(score)) for other, score in self._alike(item)]

    def stat(self, item: str) -> StatSaid:
        """``stat:``: counts and facts."""
        counts = tuple(single(self._count(item, column)) for column in range(self._ladder))
        return self._items.ts, counts, self._items.facts.of(item)

    def _neighbours(self, item: str, rows: RowsOracle) -> Neighbours:
        return rows.scores(item, self._items.ts, self._seen)

    def _seen(self, item: str) -> tuple[float, float]:
        return self._count(item, self._ladder), self._count(item, self._ladder + 1)


def _rounded(scored: Scored) -> Scored:
    return [(other, rounded(score)) for other, score in scored]


def said_by_similar(view: View) -> SimilarSaid:
    """The same of a view that stands."""
    return view.ts, list(zip(view.items, view.scores, strict=True)), view.bought


def said_by_row(view: RowView) -> RowSaid:
    """The same of a view that stands."""
    neighbours = zip(view.items, map(tuple, view.neighbour_scores().tolist()), strict=True)
    return view.ts, list(neighbours), list(zip(view.alike, view.likeness().tolist(), strict=True))


def said_by_stat(view: StatView) -> StatSaid:
    """The same of a view that stands."""
    price = None if math.isnan(view.log_price) else view.log_price
    return view.ts, tuple(view.decayed().tolist()), (view.first_ts, view.last_ts, view.category, view.brand, price)
