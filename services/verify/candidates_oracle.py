"""Where a user's candidates come from, in plain Python: rows of the newest items, likeness, own items, taste, tops."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.verify.taste_oracle import Tastes, best_and_values
from services.verify.ties import best_first
from shared.contracts.rank_views import RowView

OF_ROWS = ("together", "next", "quick", "alike")
SOURCES = (*OF_ROWS, "again", "taste")
WEIGHTS = (0.8, 0.6, 0.6, 0.6)
TOP_READ = 100
LOOK = 0.5  # of a taking
DEPTHS = {"full": (20, 5, 5, 3), "fast": (5, 3, 3, 0)}
BEST = {"full": 50, "fast": 20}
"""By ``lists.profile``: how many of the newest items each source looks at, how many of each source are candidates."""

Top = tuple[Sequence[str], Sequence[float], int]
"""The heaviest items at a half-life, their decayed counts, as of when."""


@dataclass(frozen=True)
class Visitor:
    """``recent`` items, newest first; ``newest_ts`` 0 without any; ``visits``: items in the history; ``barred`` from
    the list; ``own``: (item, times taken, when last met), the oftenest first, of what may come again.
    """

    recent: list[str]
    newest_ts: int
    visits: int
    barred: frozenset[str]
    own: list[tuple[str, int, int]] = field(default_factory=list)


@dataclass
class Candidate:
    """By source its value (1: the best of this user's) and its place, by half-life its place among the tops; a place
    is 1/√(1 + n), 0 for none. ``met``: when the user last met it, if it is their own.
    """

    values: list[float]
    top_places: list[float]
    places: list[float] = field(default_factory=lambda: [0.0] * len(SOURCES))
    met: int | None = None


def of_top(profile: str, column: int, half_lives: int) -> int:
    """How many of the heaviest items at a half-life are candidates: fast looks at the last but one and, going back
    from it, at every other.
    """
    if profile == "full":
        return 30
    last_but_one = max(half_lives - 2, 0)
    if column == last_but_one:
        return 50
    return 10 if (column - last_but_one) % 2 == 0 else 0


def candidates(
    visitor: Visitor, rows: Mapping[str, RowView], tastes: Tastes, tops: Sequence[Top], profile: str
) -> dict[str, Candidate]:
    """By item, in no order that matters. O(depth · neighbours + items with vectors)."""
    sums = _sums(visitor, rows, DEPTHS[profile])
    bests = [best_first(entry for entry in source.items() if entry[1] > 0.0)[: BEST[profile]] for source in sums]
    tasted, taste_values = best_and_values(tastes.scores(visitor.recent) if profile == "full" else {}, visitor.barred)
    places_in_tops = [
        dict(_of_top(top, visitor.barred)[: of_top(profile, column, len(tops))]) for column, top in enumerate(tops)
    ]
    own = visitor.own if profile == "full" else []
    named = {item for best in (*bests, tasted) for item, _ in best} | {
        item for places in places_in_tops for item in places
    }
    counts = {item: float(times) if times else LOOK for item, times, _ in own}
    sums.append(counts)
    bests.append(list(counts.items()))
    sums.append(taste_values)
    bests.append(tasted)
    largest = [*(max(source.values(), default=1.0) for source in sums[:-1]), 1.0]
    found = {}
    for item in named | counts.keys():
        values = [source.get(item, 0.0) / most for source, most in zip(sums, largest, strict=True)]
        found[item] = Candidate(values, [places.get(item, 0.0) for places in places_in_tops])
    for source, best in enumerate(bests):
        for place, (item, _) in enumerate(best):
            found[item].places[source] = 1.0 / math.sqrt(1.0 + place)
    for item, _, last in own:
        found[item].met = last
    return found


def _sums(visitor: Visitor, rows: Mapping[str, RowView], depths: Sequence[int]) -> list[dict[str, float]]:
    """By source: what the rows of the newest items say of each item, weighted by how far back they are."""
    sums: list[dict[str, float]] = [{} for _ in OF_ROWS]
    worth = [1.0] * len(OF_ROWS)
    for rank, item in enumerate(visitor.recent):
        for source, other, score in _said(rows[item]) if item in rows else []:
            weighted = score * worth[source]
            if rank < depths[source] and weighted > 0.0 and other not in visitor.barred:
                sums[source][other] = sums[source].get(other, 0.0) + weighted
        worth = [weight * step for weight, step in zip(worth, WEIGHTS, strict=True)]
    return sums


def _said(row: RowView) -> Iterator[tuple[int, str, float]]:
    """(source, item, score)."""
    for other, scores in zip(row.items, row.neighbour_scores().tolist(), strict=True):
        for source, score in enumerate(scores):
            yield source, other, score
    for other, score in zip(row.alike, row.likeness().tolist(), strict=True):
        yield len(OF_ROWS) - 1, other, score


def _of_top(top: Top, barred: frozenset[str]) -> list[tuple[str, float]]:
    """What of it is not barred, each with its place in the whole."""
    places = [(item, 1.0 / math.sqrt(1.0 + place)) for place, item in enumerate(top[0][:TOP_READ])]
    return [entry for entry in places if entry[0] not in barred]
