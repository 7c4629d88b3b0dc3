"""The tops step's shell: the sole writer of `trending:`, `popular:`, `new:` and the set of unavailable items."""

import msgspec

from shared.adapters import metrics
from shared.adapters.redis_views import Zset
from shared.contracts.deltas import TopsRecord, decode_tops, is_empty
from shared.contracts.topics import ITEM_DELTAS
from shared.contracts.topics import TOPS as TOPS_TOPIC
from shared.contracts.views import encode_view
from shared.core.items.tops import Tops
from streams.steps.ports import Ports
from streams.steps.step import Step

SCOPES_PER_TICK = 100
TRENDING, NEW = "trending", "new"


class TopsStep(Step):
    """The one `tops` partition."""

    topic = TOPS_TOPIC
    kinds = frozenset((TRENDING, "popular", NEW))
    told_by = (ITEM_DELTAS,)
    contiguous = False  # compacted: only the latest record of each key is kept
    keyed = True

    def __init__(self, partition: int, ports: Ports) -> None:
        self.partition = partition
        self._ports = ports
        self._core = Tops(ports.settings)
        self._known_scopes: set[str] = set()
        self._due = 0
        self._items_anew = False

    @property
    def offset(self) -> int:
        return self._core.offset

    def apply(self, offset: int, value: bytes, *, replayed: bool) -> None:
        self.apply_keyed(offset, b"", value, arrived=0, replayed=replayed)

    def apply_keyed(self, offset: int, key: bytes, value: bytes, *, arrived: int, replayed: bool) -> None:  # noqa: ARG002
        metrics.FRAMES.labels("tops").inc()
        core = self._core
        stands = core.step(offset, decode_tops(value)) if value else core.cleared(offset, key.decode())
        if stands is not None and not replayed:
            self._say_again(stands)

    def _say_again(self, record: TopsRecord) -> None:
        """Behind what a worker said that had slept."""
        self._ports.tell_tops(record)
        if is_empty(record):
            self._ports.clear_tops(record)

    def skip(self, offset: int) -> None:
        self._core.offset = offset

    def publish(self) -> None:
        """Nothing: lists change too often to be written for each record."""

    def tick(self, now: int) -> None:
        self._write_unavailable()
        if now >= self._due:
            tops, new = self._core.tops, self._core.new
            self._remove(tops.take_gone(SCOPES_PER_TICK), new.take_gone(SCOPES_PER_TICK))
            self._write_scopes(tops.dirty.take(SCOPES_PER_TICK))
            self._write_new(new.dirty.take(SCOPES_PER_TICK))
            if tops.settled and new.settled:
                self._due = now + self._ports.settings.ticks.tops_ms

    def _write_unavailable(self) -> None:
        """What changed; all of it where views were lost: a Redis that kept some may hold what is available since."""
        changed, key = self._core.take_changed_items(), self._ports.keys.unavailable()
        if self._items_anew:
            self._items_anew = False
            self._ports.replace_members(key, self.offset, list(self._core.unavailable))
        elif changed:
            present = [item for item, available in changed.items() if not available]
            absent = [item for item, available in changed.items() if available]
            self._ports.set_members(key, self.offset, present, absent)

    def _write_scopes(self, scopes: list[str]) -> None:
        views: dict[str, bytes] = {}
        zsets: list[Zset] = []
        for scope in scopes:
            self._add_scope(scope, views, zsets)
        self._ports.write(TRENDING, list(views), list(views.values()))
        self._ports.write_zsets(zsets)
        self._note_scopes(scopes)

    def _remove(self, scopes: list[str], new: list[str]) -> None:
        """Trending and popular lists of ``scopes``, and ``new`` lists. Without a mark of their removal: there may be
        many, and an older list of a scope does little harm.
        """
        keys, half_lives = self._ports.keys, self._ports.settings.popularity.half_lives_ms
        for scope in scopes:
            views = [keys.trending(scope), keys.popular(scope), *(keys.trending(scope, name) for name in half_lives)]
            self._ports.drop(views, keys.trending_zset(scope), self.offset)
        for scope in new:
            self._ports.drop([keys.new(scope)], None, self.offset)
        held = self._core.tops.held.keys() | self._core.new.held.keys()
        if listed := [scope for scope in dict.fromkeys((*scopes, *new)) if scope not in held]:
            self._ports.set_members(keys.scopes(), self.offset, [], listed)
            self._known_scopes.difference_update(listed)

    def _write_new(self, scopes: list[str]) -> None:
        keys = [self._ports.keys.new(scope) for scope in scopes]
        self._ports.write(NEW, keys, [encode_view(self._core.new_list(scope)) for scope in scopes])
        self._note_scopes(scopes)

    def _note_scopes(self, scopes: list[str]) -> None:
        new = [scope for scope in scopes if scope not in self._known_scopes]
        if new:
            self._ports.set_members(self._ports.keys.scopes(), self.offset, new, [])
            self._known_scopes.update(new)

    def _add_scope(self, scope: str, views: dict[str, bytes], zsets: list[Zset]) -> None:
        keys, rules = self._ports.keys, self._ports.settings.popularity
        lists = self._core.lists(scope)
        trending = lists[rules.trending]
        popular = msgspec.structs.replace(lists[rules.popular], source="popular")
        views |= {keys.trending(scope, name): encode_view(view) for name, view in lists.items()}
        views[keys.trending(scope)] = encode_view(trending)
        views[keys.popular(scope)] = encode_view(popular)
        scores = list(zip(trending.scores, trending.items, strict=True))
        zsets.append(Zset(keys.trending(scope), keys.trending_zset(scope), trending.at, scores))

    def republish(self) -> None:
        self._known_scopes.clear()
        self._items_anew = True
        self._core.mark_all_dirty()

    def strays(self, kind: str, names: list[str]) -> list[str]:
        """Of scopes that are gone, and of half-lives that there are none of any more."""
        _, named, half_life = kind.partition("@")
        if named and half_life not in self._ports.settings.popularity.half_lives_ms:
            return names
        held = (self._core.new if kind == NEW else self._core.tops).held
        return [name for name in names if name not in held]

    def left(self, kind: str, names: list[str]) -> None:
        keys = self._ports.keys
        for scope in names if kind == TRENDING else ():
            self._ports.drop([keys.trending(scope)], keys.trending_zset(scope), self.offset)

    def swept(self) -> None:
        held = [*self._core.tops.held, *self._core.new.held]
        self._ports.replace_members(self._ports.keys.scopes(), self.offset, held)

    @property
    def republished(self) -> bool:
        core = self._core
        return not (self._items_anew or core.tops.dirty.owed or core.new.dirty.owed or core.changed_items)

    @property
    def settled(self) -> bool:
        core = self._core
        return core.tops.settled and core.new.settled and not core.changed_items
