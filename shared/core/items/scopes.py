"""Which items belong to which popularity list: the whole catalogue, and each category that the catalogue names."""

from collections import OrderedDict

import numpy as np

from shared.contracts.views import ALL, category_scope
from shared.core.kernel import Ints
from shared.core.tables.interning import ID_BYTES, grown
from shared.core.tables.segments import PENDING, Segments, pack_list, unpack_list
from shared.core.tables.told_names import ToldNames

UNSETTLED = -1
MOST_KINDS = 100_000  # numbered; then they are numbered anew
DIRTY = f"{PENDING}scopes"
GONE = f"{DIRTY}-gone"


class Scopes:
    """Item slots by scope: at most ``bound`` categories (the one not touched for longest leaves), ``max_items`` filed.

    ``file`` says an item's categories (before or after its first event), ``touch`` that its counters moved.
    """

    def __init__(self, bound: int, max_items: int) -> None:
        self.bound = bound
        self._max_items = max_items
        self._categories: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._members: dict[str, dict[int, None]] = {ALL: {}}
        self._scopes_of: dict[int, tuple[str, ...]] = {}  # most share one
        self.dirty = ToldNames()
        self._filed: dict[str, int] = {}
        self._kinds: list[tuple[str, ...]] = []  # which scopes items are in, numbered
        self._numbers: dict[tuple[str, ...], int] = {}
        self._kind_of: Ints = np.full(0, UNSETTLED, dtype=np.int32)  # by slot: a member of all scopes of that kind

    def file(self, item: str, categories: list[str]) -> None:
        """The catalogue's word on an item; replaces the one before."""
        self._unsettle(self._filed.get(item))
        self._categories.pop(item, None)
        if categories:
            self._categories[item] = tuple(category_scope(c) for c in categories)
            if len(self._categories) > self._max_items:
                oldest = next(iter(self._categories))
                self._unsettle(self._filed.get(oldest))
                del self._categories[oldest]
        slot = self._filed.get(item)
        if slot is not None:
            self._leave(slot)
            self.touch(item, slot)

    def touch(self, item: str, slot: int) -> None:
        """The item's counters moved: its scopes are to be published again."""
        self._filed[item] = slot
        scopes = self._scopes_now(item)
        self._be_in(slot, scopes)
        for scope in scopes:
            members = self._members.pop(scope, {})
            members[slot] = None
            self._members[scope] = members  # the last touched stands last
            self.dirty.mark(scope)
        while len(self._members) > self.bound + 1:
            self._drop_oldest()

    def touch_all(self, slots: Ints, names: list[str]) -> None:
        """:meth:`touch` of one after the other; ``names`` by slot. O(slots); those that were touched before cost
        next to nothing: only the order of scopes is at stake.
        """
        self._hold(len(names), len(slots))
        unsettled = slots[self._kind_of[slots] == UNSETTLED].tolist()
        if not self._has_room({s for slot in unsettled for s in self._categories.get(names[slot], ())}):
            for slot in slots.tolist():
                self.touch(names[slot], slot)
            return
        for slot in unsettled:
            self._settle(names[slot], slot)
        met = self._kind_of[slots].tolist()
        for kind in dict.fromkeys(met):
            self.dirty.mark_all(self._kinds[kind])
        latest: dict[str, None] = {}
        for kind in dict.fromkeys(reversed(met)):
            latest |= dict.fromkeys(reversed(self._kinds[kind]))
        for scope in reversed(latest):
            self._members[scope] = self._members.pop(scope)

    def _has_room(self, scopes: set[str]) -> bool:
        return len(self._members) + len(scopes.difference(self._members)) <= self.bound + 1

    def _settle(self, item: str, slot: int) -> None:
        """Make the item a member of its scopes; their order is left as it is."""
        self._filed[item] = slot
        scopes = self._scopes_now(item)
        for scope in scopes:
            self._members.setdefault(scope, {})[slot] = None
        kind = self._numbers.setdefault(scopes, len(self._kinds))
        if kind == len(self._kinds):
            self._kinds.append(scopes)
        self._kind_of[slot] = kind
        self._be_in(slot, self._kinds[kind])

    def _scopes_now(self, item: str) -> tuple[str, ...]:
        return ALL, *self._categories.get(item, ())

    def _be_in(self, slot: int, scopes: tuple[str, ...]) -> None:
        """In these, too."""
        held = self._scopes_of.get(slot)
        if held is None:
            self._scopes_of[slot] = scopes
        elif more := [scope for scope in scopes if scope not in held]:
            self._scopes_of[slot] = (*held, *more)

    def _unsettle(self, slot: int | None) -> None:
        if slot is not None and slot < len(self._kind_of):
            self._kind_of[slot] = UNSETTLED

    def _hold(self, slots: int, new: int) -> None:
        """Room for so many slots and as many new kinds."""
        if slots > len(self._kind_of):
            self._kind_of = grown(self._kind_of, 2 * slots, UNSETTLED)
        if len(self._kinds) + new > MOST_KINDS:
            self._kinds.clear()
            self._numbers.clear()
            self._kind_of[:] = UNSETTLED

    def _drop_oldest(self) -> None:
        oldest = next(scope for scope in self._members if scope != ALL)
        for slot in self._members.pop(oldest):
            self._scopes_of[slot] = tuple(scope for scope in self._scopes_of[slot] if scope != oldest)
            self._unsettle(slot)
        self.dirty.forget(oldest)

    def _leave(self, slot: int) -> None:
        self._unsettle(slot)
        for scope in sorted(self._scopes_of.pop(slot, ())):
            self._members[scope].pop(slot, None)
            self.dirty.mark(scope)

    def drop_slots(self, slots: Ints) -> None:
        """These items are no longer held."""
        gone = set(slots.tolist())
        for slot in gone:
            self._leave(slot)
        self._filed = {item: slot for item, slot in self._filed.items() if slot not in gone}

    def names(self) -> list[str]:
        """The whole catalogue and every category that has items, the longest untouched first."""
        return list(self._members)

    def members(self, scope: str) -> Ints:
        """Slots in a scope, in no order that matters. O(members)."""
        slots = self._members.get(scope, {})
        return np.fromiter(slots, dtype=np.int32, count=len(slots))

    def take_dirty(self, most: int) -> list[str]:
        """The whole catalogue if it changed, and at most ``most`` categories, longest waiting first."""
        first = [ALL] if ALL in self.dirty else []
        self.dirty.published(ALL)
        return first + self.dirty.take(most)

    def mark_all_dirty(self) -> None:
        self.dirty.owe(self._members)

    def take(self) -> Segments:
        """As segments. Who is a member is told item by item, so that a large scope is spread over many segments."""
        number = {scope: n for n, scope in enumerate(self._members)}
        numbers = {scopes: sorted(number[scope] for scope in scopes) for scopes in set(self._scopes_of.values())}
        filed = [[item, slot, numbers[self._scopes_of[slot]]] for item, slot in self._filed.items()]
        categories = [[item, list(scopes)] for item, scopes in self._categories.items()]
        return (
            pack_list("scopes", list(self._members), ID_BYTES)
            | pack_list("scopes-filed", filed, 2 * ID_BYTES)
            | pack_list("scopes-categories", categories, 4 * ID_BYTES)
            | pack_list(DIRTY, list(self.dirty), ID_BYTES)
            | pack_list(GONE, list(self.dirty.gone), ID_BYTES)
        )

    def restore(self, segments: Segments) -> None:
        """The scopes that were taken."""
        order = unpack_list(segments, "scopes")
        self._members = {scope: {} for scope in order}
        for item, slot, scopes in unpack_list(segments, "scopes-filed"):
            self._filed[item] = slot
            self._be_in(slot, tuple(order[n] for n in scopes))
            for n in scopes:
                self._members[order[n]][slot] = None
        filed = unpack_list(segments, "scopes-categories")
        self._categories = OrderedDict((item, tuple(scopes)) for item, scopes in filed)
        self.dirty = ToldNames(unpack_list(segments, DIRTY), order, unpack_list(segments, GONE))
