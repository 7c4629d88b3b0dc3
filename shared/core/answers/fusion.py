"""The list that is served: a stored list mixed with what trends now, minus what must not be shown.

Scores of different sources have different scales, so ranks are mixed: rank r of a list weighs ``SCALE / (SCALE + r)``.
Pure: ``now`` is a parameter; the reader and the evaluation call the same functions.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from shared.contracts.sections import ReaderSettings
from shared.contracts.views import SCORE_DIGITS, View

SCALE = 10.0
MAX_RANK = 1000  # longest list that is mixed: the bound of lists.length and popularity.published
RANK_SCORES = tuple(SCALE / (SCALE + rank) for rank in range(MAX_RANK))
TREND = "trend"
LIVE_MS = 7 * 86_400_000
"""A stream whose newest event is older is the replay of a log."""
ADDED = -1  # the place of what the list did not have
Row = tuple[float, float, int, str]  # score and score in trending, both negated, place in the list, item


@dataclass(frozen=True, slots=True)
class Ranking:
    """A list made ready to be mixed into many others: its items in order, each with the score of its rank."""

    scores: dict[str, float]


@dataclass(frozen=True, slots=True)
class Picked:
    """What an answer shows: three columns of equal length, scores descending."""

    items: list[str]
    scores: list[float]
    why: list[str]


NO_RANKING = Ranking({})


def ranking(items: Iterable[str]) -> Ranking:
    """Prepare a list once; a repeated item counts at its first place."""
    return Ranking(dict(zip(dict.fromkeys(items), RANK_SCORES, strict=False)))


def event_now(wall_ms: int, trending_ts: int | None) -> int:
    """The present, in event time: the newest event that trending includes, never ahead of the wall clock.

    So the age of a list is how much newer the trending is that would be mixed into it. In a replay of an old log
    that is minutes, not years; when no events come, nothing ages, since there is nothing newer to mix in.
    """
    return wall_ms if trending_ts is None else min(wall_ms, trending_ts)


def moment(wall_ms: int, trending_ts: int | None) -> int:
    """The present, for what has a time of its own: items that are published or expire, rules, the hour.

    That goes on when no events come. Only where the newest event is further behind than :data:`LIVE_MS`, as in the
    replay of an old log, is it the log's own time, in which the items of then are shown.
    """
    return wall_ms if trending_ts is None or wall_ms - trending_ts <= LIVE_MS else trending_ts


def trending_weight(age_ms: int, rules: ReaderSettings) -> float:
    """What trending weighs beside a list of this age: 0 when fresh, half its most at ``trending_half_age_ms``."""
    left: float = 2.0 ** (-max(age_ms, 0) / rules.trending_half_age_ms)
    return rules.trending_weight * (1.0 - left)


def fuse(view: View, trending: Ranking, weight: float, gone: AbstractSet[str], n: int, reason: str = TREND) -> Picked:
    """The ``n`` best of a stored list and of trending (or another ranking), which weighs ``weight`` of 1; ``reason``
    stands at what only that has.

    Nothing in ``gone`` appears; of ``view.seen`` nothing is added. An item of both gets both scores. Equal scores go
    by the place in trending, then by the place in the list; so at weight 0 the list keeps its order and trending only
    fills it up.
    """
    rows = sorted(_own(view.items, trending.scores, weight, gone, n))
    if added := _new(view, trending, weight, rows, gone, n):
        rows = sorted(rows + added)
    best = rows[:n]
    told = view.why if len(view.why) == len(view.items) else [""] * len(view.items)
    return Picked(
        [item for _, _, _, item in best],
        [round(-score, SCORE_DIGITS) for score, _, _, _ in best],
        [reason if place == ADDED else told[place] for _, _, place, _ in best],
    )


def _own(items: list[str], trend: dict[str, float], weight: float, gone: AbstractSet[str], n: int) -> list[Row]:
    """Of the list itself: the first ``n`` and all that trend; of the others none can be among the ``n`` best."""
    own, rows, held = 1.0 - weight, list[Row](), set[str]()
    for place, (item, score) in enumerate(zip(items, RANK_SCORES, strict=False)):
        trended = trend.get(item, 0.0)
        if (trended or n) and item not in gone and item not in held:
            n -= not trended
            held.add(item)
            rows.append((-(own * score + weight * trended), -trended, place, item))
    return rows


def _new(view: View, trending: Ranking, weight: float, own: list[Row], gone: AbstractSet[str], n: int) -> list[Row]:
    """The first ``n`` of trending that the list does not have and that may be added; none that scores less than ``n``
    of its ``own``, sorted: beside a list that is not old that is nearly all.
    """
    rows: list[Row] = []
    least = -own[n - 1][0] if 0 < n <= len(own) else 0.0
    barred: set[str] = set()
    for item, score in trending.scores.items():
        if weight * score < least or len(rows) == n:
            break
        barred = barred or {item for _, _, _, item in own}.union(view.seen)
        if item not in barred and item not in gone:
            rows.append((-weight * score, -score, ADDED, item))
    return rows
