"""What the reader holds in memory: the lists that many share, and the items that must not be shown.

Read again every ``refresh_ms``; a list that did not change is not decoded again. When Redis is gone, or has lost its
views, what was known stays and ``stale`` says so. Also the last known lists of users, for that time.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import structlog

from services.reader.store.away import Away
from services.reader.store.catalogue import Catalogue
from services.reader.store.reading import Unreadable, read_view
from services.reader.store.views import Views
from shared.contracts.errors import Unavailable
from shared.contracts.settings import Settings
from shared.contracts.topics import FRAMES, topic_name
from shared.contracts.views import ALL, Keys, View, is_standing
from shared.core.answers.fusion import NO_RANKING, Ranking, ranking
from shared.core.answers.mixed_at_once import trending_texts
from shared.core.texts.text_slots import TextSlots

MAX_SHARED = 128  # lists of scopes and half-lives held and refreshed; the longest unasked leaves
Read = tuple[bytes | None, str]
"""A value, and why it is only the last known one, empty if it is current."""
NOTHING: Read = (None, "")
log = structlog.get_logger()


@dataclass(slots=True)
class Listing:
    """A shared list as read: the bytes, to see whether it changed, and what was made of them."""

    raw: bytes | None = None
    view: View | None = None
    ranked: Ranking = NO_RANKING
    _texts: TextSlots | None = None

    def take(self, raw: bytes | None) -> None:
        """Replace the list; one that cannot be read counts as none (its writer is told by the log)."""
        if raw == self.raw:
            return
        view = None
        if raw is not None:
            try:
                view = read_view(raw)
            except Unreadable as error:
                log.warning("shared_list_unreadable", error=str(error))
        self.raw, self.view = raw, view
        self.ranked = ranking(view.items) if view else NO_RANKING
        self._texts = None

    def texts(self) -> TextSlots:
        """Its items, ready to be mixed into a list that is not decoded; made when it is asked for first."""
        if self._texts is None:
            self._texts = trending_texts(list(self.ranked.scores))
        return self._texts


class Held:
    """Shared lists by key, the unavailable items, and each user's last known list (a bounded LRU of bytes)."""

    def __init__(self, views: Views, settings: Settings) -> None:
        self._views = views
        self._settings, self._keys = settings, Keys(settings)
        self._trending, self._popular = self._keys.trending(ALL), self._keys.popular(ALL)
        self._pause = settings.reader.refresh_ms / 1000
        self.catalogue = Catalogue(views, self._keys, settings.reader.catalogue_items)
        self._most_known = settings.reader.last_known_lists
        self._shared: dict[str, Listing] = {}
        self._known: OrderedDict[str, bytes] = OrderedDict()  # a dict finds its first slower the more have left
        self._doubted: set[str] = set()  # of these, what Redis had no more; it may be about to be found lost
        self._away = Away(self.catalogue.columns)
        self.trending = Listing()
        self.popular = Listing()
        self.lost = False
        self._returning = False  # lists that were lost are being written again
        self._said = ""  # of Redis, to the log: changes only
        self.read_once = False

    @property
    def unavailable(self) -> AbstractSet[str]:
        """Items that must not be shown, whatever their records say."""
        return self._away.items

    @property
    def up(self) -> bool:
        """Whether Redis answered when it was asked last."""
        return self._views.up

    @property
    def stale(self) -> str:
        """Why what is held may be old: ``redis`` does not answer, its views are ``lost``, or empty: it is current."""
        if not self._views.up:
            return "redis"
        return "lost" if self.lost else ""

    async def run(self, also: Callable[[], None]) -> None:
        """Refresh for ever, and what else is to be; a failure that is not Redis's absence ends the process that awaits
        this.
        """
        while True:
            also()
            await self.refresh()
            await asyncio.sleep(self._pause)

    async def refresh(self) -> None:
        """Read all shared lists and who is unavailable; keep what is known if Redis does not answer."""
        asked = list(self._shared)
        try:
            trending, popular, *others = await self._read([self._trending, self._popular, *asked])
        except Unavailable as error:
            if self._said != "away":
                log.warning("redis_away", error=str(error))
            self._said = "away"
            return
        if self._said != "answers":
            log.info("redis_answers")
        self._said = "answers"
        if self.lost:
            self._returning = True
            self._doubted.clear()
            return
        self.trending.take(trending)
        self.popular.take(popular)
        for key, raw in zip(asked, others, strict=True):
            if key in self._shared:
                self._shared[key].take(raw)
        self.read_once = self.read_once or trending is not None
        self._returning = self._returning and not await self._lists_stand()
        if not self._returning:
            self._forget_doubted()

    def _forget_doubted(self) -> None:
        """What Redis had no more, while it had lost nothing, was removed."""
        for key in self._doubted:
            self._known.pop(key, None)
        self._doubted.clear()

    async def _lists_stand(self) -> bool:
        """Whether workers have written all users' lists again: each partition says so. One that says nothing has nobody
        who writes its lists yet, or not begun.
        """
        view, topic = self.trending.view, topic_name(self._settings, FRAMES)
        written_by = view.at.partition("-")[0] if view is not None else ""
        generation = int(written_by) if written_by.isdecimal() else 0
        keys = [self._keys.published(topic, n, generation) for n in range(self._settings.topics.frames_partitions)]
        try:
            return all(map(is_standing, await self._views.get(*keys)))
        except Unavailable:
            return False

    async def _read(self, keys: list[str]) -> list[bytes | None]:
        """The values of keys, the first two of which tell whether Redis has lost its views; once what has changed of
        items is taken in. What was known of who is unavailable stays until the views are back.
        """
        gone, away, catalogue = self._keys.unavailable(), self._away, self.catalogue
        streams = [(self._keys.changes(), catalogue.last), (gone.changes, away.last)]
        (version, *values), size, (changes, words) = await self._views.snapshot([gone.at, *keys], gone.members, streams)
        self.lost = catalogue.lost = not any(values[:2]) and self.trending.view is not None
        if not self.lost and not away.take(words, size, version):
            away.take_whole(*await self._views.members(gone.members, gone.changes))
        catalogue.take(changes)
        return values

    async def shared(self, key: str) -> Listing:
        """A shared list; one not yet held is read now, and refreshed from now on. Raises :class:`Unavailable`."""
        if key == self._trending:
            return self.trending
        if key == self._popular:
            return self.popular
        listing = self.at_hand(key)
        if listing is None:
            listing = Listing()
            listing.take((await self._views.get(key))[0])
            self._shared[key] = listing
            while len(self._shared) > MAX_SHARED:
                self._shared.pop(next(iter(self._shared)))
        return listing

    def at_hand(self, key: str) -> Listing | None:
        """Such a list, if nothing has to be read for it."""
        listing = self._shared.pop(key, None)
        if listing is not None:
            self._shared[key] = listing  # asked for last
        return listing

    async def list_of(self, key: str) -> Read:
        """A user's or an item's list, and why it is only the last known one (empty: it is current)."""
        return (await self.lists_of(key))[0]

    async def lists_of(self, *keys: str) -> list[Read]:
        """Several, asked for at once."""
        try:
            found = await self._views.get(*keys)
        except Unavailable:
            return [(None if key in self._doubted else self._known.get(key), "redis") for key in keys]
        return [self._current(key, raw) for key, raw in zip(keys, found, strict=True)]

    def _current(self, key: str, raw: bytes | None) -> Read:
        known = self._known
        if raw is None:
            if self.lost or self._returning:
                return known.get(key), "lost"
            if key in known:
                self._doubted.add(key)
            return NOTHING
        self._doubted.discard(key)
        if self._most_known:
            known[key] = raw
            known.move_to_end(key)
            if len(known) > self._most_known:
                known.popitem(last=False)
        return raw, ""
