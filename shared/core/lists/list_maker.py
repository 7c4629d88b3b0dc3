"""Lists for users, from what is held of items and what a source of item views says where that is too old."""

from collections.abc import Callable, Sequence
from typing import Protocol

from shared.contracts.rank_views import TasteView
from shared.contracts.settings import Settings
from shared.core.items.content import ALIKE
from shared.core.items.said import BySlot, SaidRows, SaidStats
from shared.core.kernel import Floats, Ints, Keys, Longs
from shared.core.lists.example_rows import Choices, Sample, room_for_sample, sampled
from shared.core.lists.explanation import Explanation, explained
from shared.core.lists.exploration_candidates import Draw
from shared.core.lists.features import Situation
from shared.core.lists.first_weights import first_weights
from shared.core.lists.rank_cache import RankCache
from shared.core.lists.ranking import RankedLists, joined, ranked
from shared.core.lists.reach import Reach, reach_of
from shared.core.lists.sources import Blocks, Candidates, Scratch, Users, gather
from shared.core.tables.interning import Interner

Top = tuple[Sequence[str] | BySlot, Sequence[float] | Floats, int]
"""Items, their decayed counts, the event time of the counts."""


AT_ONCE = 64
"""Users whose candidates are found, judged and ranked together: what is written of them is read while it is near."""
TASTE_TTL_MS = 5000
"""Age at which vectors are read again, about as often as they are written."""


class ItemViewSource(Protocol):
    """Where item views come from: Redis, or the step itself where all is one process."""

    def rows(self, table: Interner, items: Ints, liked: Ints) -> tuple[list[SaidRows], list[SaidRows]]:
        """Of items by their slots in a table the neighbours, of others what is like them: nothing of those that have
        none, in any order.
        """

    def stats(self, table: Interner, items: Ints) -> list[SaidStats]:
        """The same of numbers."""

    def tops(self) -> list[Top]:
        """One per half-life, in the settings' order."""

    def weights(self) -> Floats | None:
        """Of the ranker, if it has learned anything."""

    def taste(self) -> TasteView | None:
        """The vectors of items, if there are any yet."""


class ListMaker:
    """``clock``: what the age of what is held is told by, ms; ``aging``: that of likeness, if another, where it alone
    changes though nothing says so; ``reach``: that of ``lists.profile``, unless given.
    """

    def __init__(
        self,
        settings: Settings,
        source: ItemViewSource,
        clock: Callable[[], int],
        reach: Reach | None = None,
        aging: Callable[[], int] | None = None,
    ) -> None:
        self.cache = rank_cache(settings)
        self._reach = reach or reach_of(settings.lists)
        self._source = source
        self._clock, self._aging = clock, aging or clock
        self._scratch, self._blocks = Scratch(), Blocks()
        self._weights = first_weights(len(self.cache.half_lives))

    def situation(self, users: Users, now: Longs) -> Situation:
        """Candidates as of ``now`` int64[users], event time in ms."""
        self._refresh(users)
        return self._situation(users, now, Blocks())

    def lists(self, users: Users, now: Longs, length: int, draw: Draw | None = None) -> RankedLists:
        """The best ``length`` items of each user, beside them what is drawn of those that there is no room for."""
        self._refresh(users)
        made = []
        for first in range(0, max(1, len(users)), AT_ONCE):
            part = first, first + AT_ONCE
            at = self._situation(users.part(*part), now[slice(*part)], self._blocks)
            made.append(ranked(at, self._weights, length, draw.part(*part) if draw else None))
        return joined(made)

    def sample(self, users: Users, now: Longs, choices: Choices) -> Sample:
        """What these users chose, and what stood beside it as of ``now`` int64[users]."""
        self._refresh(users)
        if 0 < len(users) <= AT_ONCE:
            return sampled(self._situation(users, now, self._blocks), choices)
        made = room_for_sample(len(choices.user), self._weights.shape[1])
        for first in range(0, len(users), AT_ONCE):
            stop = first + AT_ONCE
            at = self._situation(users.part(first, stop), now[first:stop], self._blocks)
            places, theirs = choices.of_users(first, stop)
            made.put(places, sampled(at, theirs))
        return made

    def _situation(self, users: Users, now: Longs, blocks: Blocks) -> Situation:
        """Until the next one in these blocks."""
        return Situation(users, self._found(users, blocks), now, self.cache, self._reach)

    def _refresh(self, users: Users) -> None:
        """What is too old of what candidates are found by."""
        self._refresh_tops()
        if self._reach.taste:
            self._refresh_taste()
        if self._reach.catalogue:  # their ages, too: for how long rows are held
            self._refresh_stats(users.recent[:, : self._reach.deepest])
        self._refresh_rows(users.recent)

    def _found(self, users: Users, blocks: Blocks) -> Candidates:
        """Of what is held, once what is too old of what they are judged by was read again."""
        found = gather(users, self.cache, self._scratch, self._reach, blocks)
        self._refresh_stats(found.items)
        return found

    def ranked(self, at: Situation, length: int, draw: Draw | None = None) -> RankedLists:
        """The same of a situation that was just made."""
        return ranked(at, self._weights, length, draw)

    def explained(self, at: Situation, items: Sequence[int], user: int = 0) -> Explanation:
        """Why these items (slots of the cache) stand where they do for a user of a situation that was just made."""
        return explained(at, self._weights, items, user)

    def popular(self, column: int, most: int) -> Keys:
        """Keys of the heaviest items at a half-life, as they were read last."""
        length = int(min(most, self.cache.top_length[column]))
        keys: Keys = self.cache.items.keys[self.cache.top[column, :length]]
        return keys

    def forget(self) -> None:
        """What was read before is not to be used again."""
        self.cache.clear()

    def _refresh_tops(self) -> None:
        now = self._clock()
        if self.cache.tops_read >= now - self.cache.ttl_ms:
            return
        learned = self._source.weights()
        if learned is not None and learned.shape == self._weights.shape:
            self._weights = learned
        for column, (items, counts, ts) in enumerate(self._source.tops()):
            self.cache.put_top(column, items, counts, ts)
        self.cache.tops_read = now

    def _refresh_taste(self) -> None:
        now = self._clock()
        if self.cache.taste_read < now - TASTE_TTL_MS:
            self.cache.put_taste(self._source.taste(), now)

    def _refresh_rows(self, recent: Ints) -> None:
        now, aged, cache, reach = self._clock(), self._aging(), self.cache, self._reach
        rows = cache.stale_rows(recent[:, : reach.deepest], now)
        likes = cache.stale_likes(recent[:, : reach.liked], aged)
        if len(rows) or len(likes):
            near, like = self._source.rows(cache.items, rows, likes)
            cache.put_rows(rows, near, now)
            if reach.catalogue:  # a view that was read says it in any case
                cache.put_likes(likes, like, aged)

    def _refresh_stats(self, items: Ints) -> None:
        now, cache = self._clock(), self.cache
        stale = cache.stale_stats(items, now)
        if len(stale):
            cache.put_stats(stale, self._source.stats(cache.items, stale), now)


def rank_cache(settings: Settings) -> RankCache:
    """A cache of the sizes that views have."""
    rules, half_lives = settings.lists, list(settings.popularity.half_lives_ms.values())
    width = settings.cooccurrence.neighbours
    return RankCache(rules.neighbour_cache_items, half_lives, width, ALIKE, rules.neighbour_cache_ttl_ms)
