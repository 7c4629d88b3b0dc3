"""The list that is served: a stored list mixed with what trends now, minus what must not be shown.

Scores of different sources have different scales, so ranks are mixed: rank r of a list weighs ``SCALE / (SCALE + r)``.
Pure: ``now`` is a parameter; the reader and the evaluation call the same functions.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from shared.contracts.settings import ReaderSettings
from shared.contracts.views import View

SCALE = 10.0
MAX_RANK = 1000  # longest list that is mixed: the bound of lists.length and popularity.published
RANK_SCORES = tuple(SCALE / (SCALE + rank) for rank in range(MAX_RANK))
DIGITS = 6  # of a score in an answer
TREND = "trend"
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ranking:
    """A list made ready to be mixed into many others: its items in order, and the score of each by its rank."""

    items: tuple[str, ...]
    scores: dict[str, float]


@dataclass(frozen=True, slots=True)
class Picked:
    """What an answer shows: three columns of equal length, scores descending."""

    items: list[str]
    scores: list[float]
    why: list[str]


NO_RANKING = Ranking((), {})


def ranking(items: Iterable[str]) -> Ranking:
    """Prepare a list once; a repeated item counts at its first place."""
    distinct = tuple(dict.fromkeys(items))[:MAX_RANK]
    return Ranking(distinct, dict(zip(distinct, RANK_SCORES, strict=False)))


def event_now(wall_ms: int, trending_ts: int | None) -> int:
    """The present, in event time: the newest event that trending includes, never ahead of the wall clock.

    So the age of a list is how much newer the trending is that would be mixed into it. In a replay of an old log
    that is minutes, not years; when no events come, nothing ages, since there is nothing newer to mix in.
    """
    return wall_ms if trending_ts is None else min(wall_ms, trending_ts)


def trending_weight(age_ms: int, rules: ReaderSettings) -> float:
    """What trending weighs beside a list of this age: 0 when fresh, half its most at ``trending_half_age_ms``."""
    left: float = 2.0 ** (-max(age_ms, 0) / rules.trending_half_age_ms)
    return rules.trending_weight * (1.0 - left)


def fuse(view: View, trending: Ranking, weight: float, gone: AbstractSet[str], n: int) -> Picked:
    """The ``n`` best of a stored list and of trending, which weighs ``weight`` of 1.

    Nothing in ``gone`` appears; of ``view.seen`` nothing is added. An item of both gets both scores. Equal scores go
    by the place in trending, then by item id; so at weight 0 the list keeps its order and trending only fills it up.
    """
    own = 1.0 - weight
    trend = trending.scores
    reasons = _reasons(view)
    mixed = {
        item: (-(own * score + weight * trend.get(item, 0.0)), -trend.get(item, 0.0), item)
        for item, score in ranking(view.items).scores.items()
        if item not in gone
    }
    for item in _first_new(trending.items, (mixed.keys(), gone, set(view.seen)), n):
        mixed[item] = (-weight * trend[item], -trend[item], item)
    best = sorted(mixed.values())[:n]
    items = [item for _, _, item in best]
    return Picked(items, [round(-score, DIGITS) for score, _, _ in best], [reasons.get(i, TREND) for i in items])


def _first_new(items: Sequence[str], barred: tuple[AbstractSet[str], ...], n: int) -> list[str]:
    """The first ``n`` items in none of ``barred``: more cannot be among the ``n`` best of the mix."""
    held, gone, seen = barred
    found: list[str] = []
    for item in items:
        if len(found) == n:
            break
        if item not in held and item not in gone and item not in seen:
            found.append(item)
    return found


def _reasons(view: View) -> dict[str, str]:
    if len(view.why) == len(view.items):
        return dict(zip(view.items, view.why, strict=True))
    return dict.fromkeys(view.items, "")


def pick(view: View, barred: Sequence[AbstractSet[str]], why: str, n: int) -> Picked:
    """The first ``n`` of a list as stored, without what is barred; ``why`` stands where the list gives no reason."""
    items: list[str] = []
    scores: list[float] = []
    reasons: list[str] = []
    told = view.why if len(view.why) == len(view.items) else [why] * len(view.items)
    for item, score, reason in zip(view.items, view.scores, told, strict=False):
        if len(items) == n:
            break
        if not any(item in set_ for set_ in barred):
            items.append(item)
            scores.append(score)
            reasons.append(reason)
    return Picked(items, scores, reasons)
