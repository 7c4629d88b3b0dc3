"""Users' lists in plain Python, from their histories and the views that they are made from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.verify.candidates_oracle import Candidate, Top, Visitor, candidates
from services.verify.exploration_oracle import drawn
from services.verify.features_oracle import World
from services.verify.ranking_oracle import Weights, known_weights, ranked
from services.verify.taste_oracle import Tastes
from services.verify.ties import order_key, rounded
from services.verify.user_oracle import OWNED, REFUSED, User
from shared.contracts.rank_views import RowView, StatView
from shared.contracts.settings import Settings
from shared.contracts.views import LIST_DIGITS, MAX_SEEN, VIEW_VERSION, View, at

MOST_AGAIN = 100
TOLD = ("liked", "avoided", "sessions", "segments")
ORIGIN = {"v": VIEW_VERSION, "source": "personal", "model": "ranked-1", "item_id": None, "scope": None, "bought": []}
COMPARED = (
    *ORIGIN, "at", "user_id", "items", "scores", "why", "seen", "recent", "visits", "again", "ts", "explore", *TOLD,
)  # fmt: skip


class Standing(Protocol):
    """The views that stand."""

    def rows(self, items: Sequence[str]) -> Mapping[str, RowView]: ...

    def stats(self, items: Sequence[str]) -> Mapping[str, StatView]: ...

    def tops(self) -> Sequence[Top]:
        """One per half-life, in the settings' order."""

    def weights(self) -> Weights | None:
        """Of the ranker, if it has learned anything."""

    def tastes(self) -> Tastes:
        """The vectors of items."""


@dataclass(frozen=True)
class ListsOracle:
    """``now``: newest event time of the users' partition, ``offset``: its last record; ``repeatable``: what may be
    bought again.
    """

    settings: Settings
    standing: Standing
    repeatable: frozenset[str]
    now: int
    offset: int

    def expected(self, users: list[tuple[str, User]]) -> list[dict[str, object]]:
        """What their ``rec:`` views must say, by name."""
        visitors = [self._visitor(user) for _, user in users]
        rows = self.standing.rows(_distinct(item for visitor in visitors for item in visitor.recent))
        tops, tastes, profile = self.standing.tops(), self.standing.tastes(), self.settings.lists.profile
        found = [candidates(visitor, rows, tastes, tops, profile) for visitor in visitors]
        world = self._world(visitors, found, tops)
        weights = known_weights(self.standing.weights(), len(world.half_lives))
        made = []
        for (name, user), visitor, candidate in zip(users, visitors, found, strict=True):
            entries = ranked(visitor, candidate, world, weights)
            beyond = [item for item, _, _ in entries[self.settings.lists.length :] if candidate[item].met is None]
            explore = drawn(name, self.offset, beyond, world, self.settings.lists.explore)
            whose = ORIGIN | {"at": at(self.settings.generation, self.offset), "user_id": name}
            made.append(whose | self._list(user, visitor, entries) | {"explore": explore})
        return made

    def _world(self, visitors: list[Visitor], found: list[dict[str, Candidate]], tops: Sequence[Top]) -> World:
        named = [item for of_one in found for item in of_one] + [i for visitor in visitors for i in visitor.recent]
        half_lives = list(self.settings.popularity.half_lives_ms.values())
        return World(self.standing.stats(_distinct(named)), tops, half_lives, self.now, self.settings.lists.profile)

    def _visitor(self, user: User) -> Visitor:
        recent = [item for item, _ in user.history[::-1]][: self.settings.lists.recent_items]
        newest = user.history[-1][1] if user.history else 0
        return Visitor(recent, newest, len(user.history), frozenset(self._barred(user)), self._again(user))

    def _list(self, user: User, visitor: Visitor, entries: list[tuple[str, float, str]]) -> dict[str, object]:
        entries = entries[: self.settings.lists.length]
        return {
            "items": [item for item, _, _ in entries],
            "scores": [rounded(score, LIST_DIGITS) for _, score, _ in entries],
            "why": [why for _, _, why in entries],
            "seen": self._seen(user),
            "recent": visitor.recent,
            "visits": visitor.visits,
            "again": visitor.own,
            "ts": max((ts for _, ts in user.history), default=0),
            **{name: getattr(user, name) for name in TOLD},
        }

    def _barred(self, user: User) -> list[str]:
        """What must not be in their list, newest first: what they refuse; of the rest what may not come again."""
        rules = self.settings.lists
        met = user.history[-1:] if rules.repeats else user.history if rules.exclude_viewed else []
        known = [*user.has, *(item for item, _ in met)]
        return _distinct(item for item in known[::-1] if self._refused(user, item) or not self._may_repeat(user, item))

    def _seen(self, user: User) -> list[str]:
        return self._barred(user)[:MAX_SEEN]

    def _again(self, user: User) -> list[tuple[str, int, int]]:
        """(item, times taken, when last taken or looked at) of what may come again: the oftenest and newest first."""
        met = dict(user.history)
        found = []
        for item in _distinct([*user.has, *met]):
            if not self._refused(user, item) and self._may_repeat(user, item):
                _, times, last = user.has.get(item, (OWNED, 0, 0))
                found.append((item, times, max(last, met.get(item, 0))))
        return sorted(found, key=lambda one: (-one[1], -one[2], order_key(one[0])))[:MOST_AGAIN]

    def _refused(self, user: User, item: str) -> bool:
        return item in user.has and user.has[item][0] == REFUSED

    def _may_repeat(self, user: User, item: str) -> bool:
        if self.settings.lists.repeats:
            return item != user.history[-1][0] if user.history else True
        return item in self.repeatable


def said_by(view: View) -> dict[str, object]:
    """The same of a view that stands in Redis."""
    return {name: getattr(view, name) for name in COMPARED}


def _distinct(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))
