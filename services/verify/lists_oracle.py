"""A user's list in plain Python, from their history and the views that it is made from."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.verify.items_oracle import best_first, rounded
from services.verify.user_oracle import REFUSED, User
from shared.contracts.settings import Settings
from shared.contracts.views import View

Row = list[tuple[str, float]]


@dataclass(frozen=True)
class Sources:
    """``rows``: ``sim:`` views by item; ``trending``: of the whole catalogue; ``repeatable``: may be bought again."""

    rows: Mapping[str, Row]
    trending: list[str]
    repeatable: frozenset[str]


def expected_list(user: User, sources: Sources, settings: Settings) -> dict[str, object]:
    """What ``rec:{user}`` must say."""
    rules = settings.lists
    barred = _barred(user, sources, settings)
    sums: dict[str, float] = {}
    weight = 1.0
    for item, _ in user.history[::-1][: rules.recent_items]:
        for other, score in sources.rows.get(item, []):
            if other not in barred and weight * score > 0.0:
                sums[other] = sums.get(other, 0.0) + weight * score
        weight *= rules.rank_weight
    best = best_first(list(sums.items()))[: rules.length]
    floor, room = (best[-1][1] if best else 1.0), rules.length - len(best)
    fill = [item for item in sources.trending if item not in barred and item not in {name for name, _ in best}][:room]
    topped = [(item, floor * (room - n) / (room + 1)) for n, item in enumerate(fill)]
    return {
        "items": [item for item, _ in best + topped],
        "scores": [rounded(score) for _, score in best + topped],
        "why": ["cooc"] * len(best) + ["trend"] * len(topped),
        "seen": _seen(user, sources, settings),
        "ts": max((ts for _, ts in user.history), default=0),
    }


def said_by(view: View) -> dict[str, object]:
    """The same of a view that stands in Redis."""
    return {name: getattr(view, name) for name in ("items", "scores", "why", "seen", "ts")}


def _kept(user: User, sources: Sources) -> list[str]:
    """What they have or refuse, in the order it came, unless it may be bought again."""
    return [item for item, how in user.has.items() if how == REFUSED or item not in sources.repeatable]


def _barred(user: User, sources: Sources, settings: Settings) -> set[str]:
    """What must not be in their list. Having a repeatable item again is no reason to bar it, even if it was seen."""
    kept = set(_kept(user, sources))
    if not settings.lists.exclude_viewed:
        return kept
    return {item for item, _ in user.history if item not in user.has} | kept


def _seen(user: User, sources: Sources, settings: Settings) -> list[str]:
    seen = _kept(user, sources)
    if settings.lists.exclude_viewed:
        seen += [item for item, _ in user.history if item not in sources.repeatable]
    return list(dict.fromkeys(seen[::-1]))[: settings.popularity.published]
