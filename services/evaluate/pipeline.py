"""The very steps of production in one process: profiles, items, tops and learner, and the maker of lists over them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from services.evaluate.held_items import HeldItems
from shared.contracts.deltas import ItemDelta
from shared.contracts.examples import Examples
from shared.contracts.frames import Frame
from shared.contracts.settings import Settings
from shared.contracts.views import LIST_DIGITS
from shared.core.items.items import Items
from shared.core.kernel import Ints
from shared.core.learning.learner import Learner
from shared.core.learning.teaching import taught
from shared.core.lists.audience import users_of
from shared.core.lists.exploration_candidates import draw_of
from shared.core.lists.list_maker import ListMaker
from shared.core.lists.ranking import WHY, RankedLists
from shared.core.lists.reach import Reach
from shared.core.profiles.profiles import ProfileEffects, Profiles
from shared.core.tables.interning import Interner

MOST_TOGETHER = 256  # users: their candidates and features are 150 kB each
TASTE_READ_EVERY = 256  # steps learned: in production vectors are read every 5 s


@dataclass(frozen=True, slots=True)
class Listed:
    """A user's list, its scores rounded as ``rec:`` has them. ``explore``: what is drawn to stand beside it."""

    items: list[str]
    scores: list[float]
    why: list[str]
    explore: list[str]


class Pipeline:
    """As many partitions as the settings say. What is taken here is in sight of the next list at once, but for likeness
    by the catalogue, which is held as long as in production, by event time. ``reach``: of lists, unless it is that of
    ``lists.profile``.
    """

    def __init__(self, settings: Settings, reach: Reach | None = None) -> None:
        sizes = settings.topics
        self.settings = settings
        self.profiles = [Profiles(settings, n) for n in range(sizes.frames_partitions)]
        self.items = [Items(settings, n) for n in range(sizes.items_partitions)]
        self.learner = Learner(settings)
        source = HeldItems(self.items, self.learner, settings)
        self._maker = ListMaker(settings, source, lambda: 0, reach, self._ts)

    def take_frame(self, partition: int, offset: int, frame: Frame) -> ProfileEffects:
        """Its deltas are handed back, not on."""
        return self.profiles[partition].step(offset, frame)

    def take_delta(self, partition: int, offset: int, delta: ItemDelta) -> None:
        """One for an items partition."""
        items = self.items[partition]
        items.step(offset, delta)
        self._expire(items)

    def take_examples(self, offset: int, made: Examples) -> None:
        """Some for the learner."""
        before = self.learner.taste.learned // TASTE_READ_EVERY
        self.learner.step(offset, made)
        self._maker.cache.expire_tops()
        if self.learner.taste.learned // TASTE_READ_EVERY > before:
            self._maker.cache.expire_taste()

    def examples(self, partition: int, offset: int, frame: Frame) -> Examples | None:
        """Of the frame at ``offset``, which is not taken yet; None if nothing in it is one."""
        profiles, rules = self.profiles[partition], self.settings
        chosen = profiles.choices(offset, frame, rules.ranker.one_in)
        if not len(chosen.user):
            return None
        met = profiles.sequences(frame, rules.lists.recent_items)
        return taught(chosen, met, profiles.state, self._maker, rules.lists, (partition, offset))

    def refresh(self) -> None:
        """Everything is said again as of the newest event time, as `headrace refresh` has it: what did not change since
        an earlier one still stands as of that.
        """
        for items in self.items:
            items.mark_all_dirty()
        self._maker.forget()

    def lists(self, partition: int, users: Ints, ts: int, length: int, drawn_at: int | None = None) -> list[Listed]:
        """Of these user slots of a `frames` partition, -1 for who is not known, as of ``ts`` (event time, ms).

        ``drawn_at``: the frame that what they may explore is drawn as of, of users who are all known; None draws none.
        """
        parts = self.ranked(partition, users, ts, length, drawn_at)
        return [one for found, table in parts for one in listed(found, table.names)]

    def ranked(
        self, partition: int, users: Ints, ts: int, length: int, drawn_at: int | None = None
    ) -> Iterator[tuple[RankedLists, Interner]]:
        """The same, some users at a time, their items as slots of a table that holds until the next ones are made."""
        for start in range(0, len(users), MOST_TOGETHER):
            yield self._ranked(partition, users[start : start + MOST_TOGETHER], ts, length, drawn_at)

    def _ranked(
        self, partition: int, users: Ints, ts: int, length: int, drawn_at: int | None
    ) -> tuple[RankedLists, Interner]:
        cache, state, rules = self._maker.cache, self.profiles[partition].state, self.settings.lists
        cache.trim()
        audience = users_of(state, users, cache, rules)
        draw = None if drawn_at is None else draw_of(state.users.keys[users], drawn_at, rules.explore)
        found = self._maker.lists(audience, np.full(len(users), ts, dtype=np.int64), length, draw)
        return found, cache.items

    def _ts(self) -> int:
        """Event time, ms."""
        return max(profiles.state.ts for profiles in self.profiles)

    def _expire(self, items: Items) -> None:
        """What a delta changed is no longer held as read."""
        cache, most = self._maker.cache, items.rows_waiting
        cache.expire_likes(items.items, items.fresh_rows.first(most))
        cache.expire(items.items, items.take_dirty_rows(most), items.take_dirty_stats(most))
        cache.expire_tops()


def listed(found: RankedLists, names: list[str]) -> list[Listed]:
    """User after user."""
    named, said = names.__getitem__, WHY.__getitem__
    scores, beside = np.round(found.scores, LIST_DIGITS).tolist(), found.explore.tolist()
    columns = (found.items.tolist(), scores, found.why.tolist(), found.lengths.tolist(), beside)
    return [
        Listed(list(map(named, items[:n])), scores[:n], list(map(said, why[:n])), [named(i) for i in drawn if i >= 0])
        for items, scores, why, n, drawn in zip(*columns, strict=True)
    ]
