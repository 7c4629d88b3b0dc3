"""What a candidate is judged by, number by number, in plain Python."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.verify.candidates_oracle import SOURCES, Candidate, Top, Visitor, of_top
from services.verify.logarithm import exp2, log2
from shared.contracts.rank_views import StatView

OTHERS = 12
NEVER_COUNTED = -30.0
MINUTE, HOUR = 60_000.0, 3_600_000.0
UNMET = StatView("", 0, b"", 0, 0, 0, 0, math.nan)


@dataclass(frozen=True)
class World:
    """What stands of items: numbers by item, tops by half-life (ms), and which moment of event time it is; ``profile``
    of the lists: what it does not look at is 0.
    """

    stats: Mapping[str, StatView]
    tops: Sequence[Top]
    half_lives: Sequence[int]
    now: int
    profile: str


def feature_count(half_lives: int) -> int:
    return 3 * len(SOURCES) + 2 * half_lives + OTHERS


def features(visitor: Visitor, item: str, candidate: Candidate, world: World) -> list[float]:
    """In their order."""
    stat = world.stats.get(item, UNMET)
    row = [number for source in range(len(SOURCES)) for number in _of_source(candidate, source)]
    for column in range(len(world.half_lives)):
        looked_at = of_top(world.profile, column, len(world.half_lives)) > 0
        row += [_popularity(stat, column, world) if looked_at else 0.0, candidate.top_places[column]]
    met = stat.last_ts > 0
    row += [_since(stat.last_ts, world.now, MINUTE), _since(stat.first_ts, world.now, HOUR)] if met else [1.0, 0.0]
    pause = _since(visitor.newest_ts, world.now, MINUTE) if visitor.newest_ts > 0 else 0.0
    row += [row[0] * (min(visitor.visits, 20) / 20.0), row[2] * pause, row[3 * len(SOURCES) + 1] * pause]
    row += _likeness(visitor, stat, world.stats) if world.profile == "full" else [0.0] * 4
    row += [0.0 if met else 1.0, _lately(candidate, world.now)]
    return [*row, _of_source(candidate, SOURCES.index("again"))[2] * _habit(visitor)]


def _habit(visitor: Visitor) -> float:
    """How much of what a user took they had taken before."""
    takings = [times for _, times, _ in visitor.own if times]
    return 1.0 - len(takings) / sum(takings) if takings else 0.0


def _lately(candidate: Candidate, now: int) -> float:
    """How lately the user met one of their own items."""
    if candidate.met is None:
        return 0.0
    return max(0.0, 1.0 - log2(1.0 + max(0, now - candidate.met) / MINUTE) * 0.05)


def _of_source(candidate: Candidate, source: int) -> tuple[float, float, float]:
    value = candidate.values[source]
    return candidate.places[source], value, max(0.0, log2(value) / 13.3 + 1.0) if value > 0.0 else 0.0


def _popularity(stat: StatView, column: int, world: World) -> float:
    """The logarithm of the count against that of the heaviest item, both as of now."""
    items, counts, ts = world.tops[column]
    behind = -20.0
    if ts > 0:
        half_life = world.half_lives[column]
        heaviest = math.log2(counts[0]) if items and counts[0] > 0 else NEVER_COUNTED
        heaviest = heaviest - (world.now - ts) / half_life
        behind = log_count(stat, column) - (world.now - stat.ts) / half_life - heaviest
    return min(max(behind, -20.0), 2.0) / 8.66 + 1.0


def log_count(stat: StatView | None, column: int) -> float:
    """log2 of the count at a half-life, as of the item's last event."""
    count = float(stat.decayed()[column]) if stat and stat.counts else 0.0
    return max(math.log2(count), NEVER_COUNTED) if count > 0.0 else NEVER_COUNTED


def _since(ts: int, now: int, unit: float) -> float:
    return log2(1.0 + max(0, now - ts) / unit) * 0.07


def _likeness(visitor: Visitor, stat: StatView, stats: Mapping[str, StatView]) -> list[float]:
    """To the newest item by category, brand and price; the share of its category among the newest ten."""
    if not visitor.recent:
        return [0.0] * 4
    newest = stats.get(visitor.recent[0], UNMET)
    distance = abs(stat.log_price - newest.log_price)
    categories = [stats.get(item, UNMET).category for item in visitor.recent[:10]]
    same = sum(1 for category in categories if stat.category != 0 and category == stat.category)
    return [
        1.0 if newest.category != 0 and newest.category == stat.category else 0.0,
        1.0 if newest.brand != 0 and newest.brand == stat.brand else 0.0,
        0.0 if math.isnan(distance) else exp2(-2.9 * distance),
        same / len(categories),
    ]
