"""What the steps of a worker share: settings, the way to the log, the views, the caches for making lists."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import structlog

from shared.adapters import metrics
from shared.adapters.clock import passed_ms
from shared.adapters.redis_views import ViewStore, Zset
from shared.contracts.deltas import TopsRecord, encode, tops_key
from shared.contracts.settings import Settings
from shared.contracts.topics import TOPS, topic_name
from shared.contracts.views import AT_START, GENERATION_LENGTH, Keys, MembersKeys, at
from shared.core.items.items_at_hand import ItemsAtHand
from shared.core.lists.list_maker import ListMaker
from streams.out.delivery import Delivery
from streams.out.view_thread import AtOnce, Work, Writing
from streams.steps.ages import Ages
from streams.steps.refill import Refill

if TYPE_CHECKING:
    from streams.steps.lists import Wanted

log = structlog.get_logger()


@dataclass
class Ports:
    """Built by the composition root. What changes views goes to ``writing``, in its order."""

    settings: Settings
    delivery: Delivery
    views: ViewStore
    keys: Keys
    maker: ListMaker
    clock: Callable[[], int] = passed_ms
    """What is due when, in ms since some moment; the broker's times are told by another."""
    silent: bool = False
    """The generation is being rebuilt: nothing is published until it has caught up."""
    lists: "list[Wanted]" = field(default_factory=list)
    """Asked for and not written yet: the host has them written together."""
    writing: Writing = field(default_factory=AtOnce)
    ages: Ages = field(default_factory=Ages)
    refill: Refill = field(default_factory=Refill)
    at_hand: ItemsAtHand = field(default_factory=lambda: ItemsAtHand(1, {}))
    """Items partitions that the worker holds, for whoever makes its lists; unless it is given, nobody asks it."""
    outdated: bool = field(default=False, init=False)
    """It was said that a later generation's views stand: nothing else tells why lists stand still."""

    def topic(self, short: str) -> str:
        return topic_name(self.settings, short)

    def then(self, work: Work) -> None:
        """Do it once the views that were asked for before are written."""
        self.writing.put(work)

    def remove(self, views: list[str], offset: int) -> None:
        """Remove views, as of a record."""
        if views and not self.silent:
            self.then(partial(self.views.remove, views, at(self.settings.generation, offset)))

    def drop(self, views: list[str], zset: str | None, offset: int) -> None:
        """Have a list, its other views and its ZSET, if it has one, be no more, as of a record."""
        if not self.silent:
            self.then(partial(self.views.drop, views, zset, at(self.settings.generation, offset)))

    def erase(self, keys: list[str]) -> None:
        """Remove what readers keep beside views."""
        if keys and not self.silent:
            self.then(partial(self.views.erase, keys))

    def set_members(self, of: MembersKeys, offset: int, present: list[str], absent: list[str]) -> None:
        """Add and remove members of a set, as of a record."""
        if not self.silent:
            version = at(self.settings.generation, offset)
            self.then(partial(self._take, of, partial(self.views.set_members, of, version, present, absent)))

    def replace_members(self, of: MembersKeys, offset: int, members: list[str]) -> None:
        """Have a set hold these and no others, as of a record."""
        if not self.silent:
            version = at(self.settings.generation, offset)
            self.then(partial(self._take, of, partial(self.views.replace_members, of, version, members)))

    def _take(self, of: MembersKeys, change: Callable[[], bool]) -> None:
        if not change():
            metrics.STALE_VIEWS.labels(of.members.rpartition(":")[2]).inc()

    def write_zsets(self, zsets: list[Zset]) -> None:
        """Write the ZSETs beside lists."""
        if zsets and not self.silent:
            self.then(partial(self.views.write_zsets, zsets))

    def tell_changes(self, items: list[str]) -> None:
        """Name items whose ``item:`` views have changed, for whoever holds them; a name too many does no harm."""
        if items and not self.silent:
            self.then(partial(self.views.add_changes, self.keys.changes(), items))

    def tell_tops(self, record: TopsRecord) -> None:
        """Have the owner of what is global hear of it: of each key the compacted log keeps what came last."""
        self.delivery.produce(self.topic(TOPS), encode(record), key=tops_key(record).encode(), partition=0)

    def clear_tops(self, record: TopsRecord) -> None:
        """Whoever reads the log from its beginning some day need not hear of it."""
        self.delivery.produce(self.topic(TOPS), None, key=tops_key(record).encode(), partition=0)

    def write(self, view: str, keys: list[str], payloads: list[bytes], ttl_s: int = 0) -> None:
        """Write views of a kind and count them."""
        if keys and not self.silent:
            self.then(partial(self._write, view, keys, payloads, ttl_s))

    def _write(self, view: str, keys: list[str], payloads: list[bytes], ttl_s: int) -> None:
        refused = self.views.write(keys, payloads, ttl_s)
        metrics.LISTS.labels(view).inc(len(keys) - refused)
        if refused:
            metrics.STALE_VIEWS.labels(view).inc(refused)
        if refused == len(keys) and not self.outdated:
            self._look_for_later(keys[0])

    def _look_for_later(self, key: str) -> None:
        [held] = self.views.read([key])
        theirs = held[AT_START : AT_START + GENERATION_LENGTH] if held else b""
        if theirs.isdigit() and int(theirs) > self.settings.generation:
            self.outdated = True
            log.warning("a later generation serves: no view of this one's is taken", generation=int(theirs))
