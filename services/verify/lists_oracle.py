"""Users' lists in plain Python, from their histories and the views that they are made from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.verify.candidates_oracle import Candidate, Top, Visitor, candidates
from services.verify.features_oracle import World
from services.verify.ranking_oracle import Weights, known_weights, ranked
from services.verify.ties import rounded
from services.verify.user_oracle import REFUSED, User
from shared.contracts.rank_views import RowView, StatView
from shared.contracts.settings import Settings
from shared.contracts.views import MAX_SEEN, View

COMPARED = ("items", "scores", "why", "seen", "recent", "visits", "ts")


class Standing(Protocol):
    """The views that stand."""

    def rows(self, items: Sequence[str]) -> Mapping[str, RowView]: ...

    def stats(self, items: Sequence[str]) -> Mapping[str, StatView]: ...

    def tops(self) -> Sequence[Top]:
        """One per half-life, in the settings' order."""

    def weights(self) -> Weights | None:
        """Of the ranker, if it has learned anything."""


@dataclass(frozen=True)
class ListsOracle:
    """``now``: newest event time of the users' partition; ``repeatable``: what may be bought again."""

    settings: Settings
    standing: Standing
    repeatable: frozenset[str]
    now: int

    def expected(self, users: list[User]) -> list[dict[str, object]]:
        """What their ``rec:`` views must say."""
        visitors = [self._visitor(user) for user in users]
        rows = self.standing.rows(_distinct(item for visitor in visitors for item in visitor.recent))
        tops = self.standing.tops()
        found = [candidates(visitor, rows, tops) for visitor in visitors]
        world = self._world(visitors, found, tops)
        weights = known_weights(self.standing.weights(), len(world.half_lives))
        length = self.settings.lists.length
        return [
            self._list(user, visitor, ranked(visitor, candidate, world, weights, length))
            for user, visitor, candidate in zip(users, visitors, found, strict=True)
        ]

    def _world(self, visitors: list[Visitor], found: list[dict[str, Candidate]], tops: Sequence[Top]) -> World:
        named = [item for of_one in found for item in of_one] + [i for visitor in visitors for i in visitor.recent]
        half_lives = list(self.settings.popularity.half_lives_ms.values())
        return World(self.standing.stats(_distinct(named)), tops, half_lives, self.now)

    def _visitor(self, user: User) -> Visitor:
        recent = [item for item, _ in user.history[::-1]][: self.settings.lists.recent_items]
        newest = user.history[-1][1] if user.history else 0
        return Visitor(recent, newest, len(user.history), frozenset(self._barred(user)))

    def _list(self, user: User, visitor: Visitor, entries: list[tuple[str, float, str]]) -> dict[str, object]:
        return {
            "items": [item for item, _, _ in entries],
            "scores": [rounded(score) for _, score, _ in entries],
            "why": [why for _, _, why in entries],
            "seen": self._seen(user),
            "recent": visitor.recent,
            "visits": visitor.visits,
            "ts": max((ts for _, ts in user.history), default=0),
        }

    def _kept(self, user: User) -> list[str]:
        """What they have or refuse, in the order it came, unless it may be bought again."""
        return [item for item, how in user.has.items() if how == REFUSED or item not in self.repeatable]

    def _barred(self, user: User) -> set[str]:
        """What must not be in their list. Having a repeatable item again is no reason to bar it, even if seen."""
        kept = set(self._kept(user))
        if not self.settings.lists.exclude_viewed:
            return kept
        return {item for item, _ in user.history if item not in user.has} | kept

    def _seen(self, user: User) -> list[str]:
        seen = self._kept(user)
        if self.settings.lists.exclude_viewed:
            seen += [item for item, _ in user.history if item not in self.repeatable]
        return _distinct(seen[::-1])[:MAX_SEEN]


def said_by(view: View) -> dict[str, object]:
    """The same of a view that stands in Redis."""
    return {name: getattr(view, name) for name in COMPARED}


def _distinct(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))
