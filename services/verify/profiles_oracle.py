"""Frames of one partition, folded event by event into users and item deltas."""

import json
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from services.verify.contexts_oracle import Scoped, scopes_of
from services.verify.slots import Slots
from services.verify.ties import order_key
from services.verify.user_oracle import OWNED, REFUSED, Meeting, User
from shared.contracts.deltas import DELTA_VERSION, ItemDelta
from shared.contracts.event_types import EventType, Meaning
from shared.contracts.frames import Frame, rows
from shared.contracts.ids import Ids
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings
from shared.contracts.topics import ITEM, USER
from shared.contracts.views import segment_scope

Row = dict[str, Any]
HOW = {Meaning.OWN: OWNED, Meaning.REFUSE: REFUSED, Meaning.RELEASE: None}


@dataclass
class Taught:
    """What a frame says of items: meetings, those of what was bought, (item, weight, event time), the same within
    contexts and within segments of users, catalogue records.
    """

    met: list[Meeting] = field(default_factory=list)
    bought: list[Meeting] = field(default_factory=list)
    counts: list[tuple[str, float, int]] = field(default_factory=list)
    scoped: list[Scoped] = field(default_factory=list)
    segmented: list[Scoped] = field(default_factory=list)
    records: list[tuple[str, bytes | None]] = field(default_factory=list)


class ProfilesOracle:
    """O(events · history). Memory as the state itself, in Python objects, and ``met``: the names of all who came since
    they were last forgotten. ``ts``: the newest event time.
    """

    def __init__(self, settings: Settings, partition: int) -> None:
        self._settings = settings
        self._partition = partition
        self.user_slots = Slots(settings.profiles.max_users)
        self.item_slots = Slots(settings.profiles.max_items)
        self._users: dict[str, User] = {}
        self.met: set[str] = set()
        self._repeatable: dict[str, None] = {}
        self._sources: dict[tuple[str, int], int] = {}
        self.offset = -1
        self.ts = 0

    def fold(self, offset: int, frame: Frame) -> dict[int, ItemDelta]:
        """Items partition → what it is told by this frame."""
        self.offset = offset
        told: Iterable[Row] = rows(frame)
        fresh = [row for row in told if self._is_fresh(row)]
        taught = Taught()
        for row in fresh:
            if row["kind"] == ITEM:
                self._take_item(row["item"], row["record"], taught)
        run: list[Row] = []
        for row in fresh:
            if row["kind"] == USER:
                self._learn(run, taught)
                run = []
                self._take_user(row["user"], row["record"])
            elif row["user"] is not None:
                run.append(row)
        self._learn(run, taught)
        arrived = max((row["arrived"] for row in fresh), default=0)
        deltas = {to: self._delta(to, taught, arrived) for to in range(self._settings.topics.items_partitions)}
        self._keep_bounds()
        return {to: delta for to, delta in deltas.items() if delta is not None}

    def _is_fresh(self, row: Row) -> bool:
        place = (row["source"], row["source_partition"])
        fresh: bool = row["source_offset"] > self._sources.get(place, -1)
        if fresh:
            self._sources[place] = row["source_offset"]
        return fresh

    def _take_item(self, item: str, raw: bytes | None, taught: Taught) -> None:
        self._repeatable.pop(item, None)
        if raw is not None and json.loads(raw).get("repeatable") is True:
            self._repeatable[item] = None
            if len(self._repeatable) > self._settings.profiles.max_items:
                del self._repeatable[next(iter(self._repeatable))]
        if partition_of(item, self._settings.topics.frames_partitions) == self._partition:
            taught.records.append((item, raw))

    def _learn(self, run: list[Row], taught: Taught) -> None:
        """Events between two user records; ids are seen before the first of them is applied."""
        for name in dict.fromkeys(row["user"] for row in run):
            self.user_slots.see(name)
        for name in dict.fromkeys(row["item"] for row in run if row["item"] is not None):
            self.item_slots.see(name)
        for row in run:
            self._apply(row, taught)

    def _apply(self, row: Row, taught: Taught) -> None:
        bounds = self._settings.profiles
        kind = self._settings.events.types.get(row["kind"], EventType(meaning=Meaning.NOTE, weight=0.0))
        user = self._user(row["user"])
        item, ts = row["item"], row["ts"]
        if user.repeats(row["key"]):
            return
        self.ts = max(self.ts, ts)
        capped = user.too_many(ts, bounds.max_events_per_minute)
        self._hear(user, row, kind.meaning)
        if item is None:
            return
        if kind.meaning in (Meaning.INTEREST, Meaning.OWN) and kind.weight > 0:
            met = user.meet(item, ts, kind.weight, bounds, self._settings.cooccurrence)
            if not capped:
                taught.met += met
                taught.counts.append((item, kind.weight, ts))
                taught.scoped += [(scope, item, kind.weight, ts) for scope in self._scopes_of(row)]
                if self._settings.popularity.max_contexts:
                    taught.segmented += [(scope, item, kind.weight, ts) for scope in user.segments]
        rules = self._settings.cooccurrence
        if row["kind"] in rules.bought and kind.weight > 0 and not capped:
            taught.bought += user.buy(item, ts, kind.weight, rules.bought_pairs)
        if kind.meaning in HOW:
            user.settle(item, HOW[kind.meaning], ts, bounds.max_owned)

    def _scopes_of(self, row: Row) -> list[str]:
        rules = self._settings.popularity
        return scopes_of(row["context"], row["ts"], rules.contexts) if rules.max_contexts else []

    def _user(self, name: str) -> User:
        self.met.add(name)
        return self._users.setdefault(name, User([0] * self._settings.profiles.dedupe_window))

    def _hear(self, user: User, row: Row, meaning: Meaning) -> None:
        """What the event says of the user."""
        most = self._settings.profiles.max_told
        if meaning in (Meaning.PREFER, Meaning.AVOID) and row["record"] is not None:
            user.feels(row["record"].decode(), most, likes=meaning is Meaning.PREFER)
        elif meaning is Meaning.IDENTIFY and row["session"] is not None:
            user.logged_in(row["session"], most)

    def _take_user(self, name: str, raw: bytes | None) -> None:
        """A record moves its user to other segments, a tombstone makes them unknown."""
        rules = self._settings.profiles
        if raw is None:
            self.user_slots.remove(name)
            self._users.pop(name, None)
            self.met.discard(name)
            return
        said = json.loads(raw).get("attributes", {})
        told = [(field, said[field]) for field in rules.segments if said.get(field) not in (None, "")]
        if told or name in self._users:
            self.user_slots.see(name)
            self._user(name).segments = [segment_scope(field, value) for field, value in told[: rules.max_told]]

    def _delta(self, to: int, taught: Taught, arrived: int) -> ItemDelta | None:
        partitions = self._settings.topics.items_partitions
        bought = _told(taught.bought, to, partitions)
        met = _told(taught.met, to, partitions) + bought
        others = [entry for one in met for entry in one.others]
        scoped = [one for one in taught.scoped + taught.segmented if partition_of(one[1], partitions) == to]
        scopes = list(dict.fromkeys(scope for scope, _, _, _ in scoped))
        if not (met or taught.counts or taught.records):
            return None
        named = {one.item for one in met} | {other for other, _ in others} | {item for item, _, _ in taught.counts}
        items = sorted(named, key=self.item_slots.of.__getitem__)
        index = {item: n for n, item in enumerate(items)}
        columns: dict[str, array[Any]] = {
            "meeting_item": array("i", [index[one.item] for one in met]),
            "meeting_weight": array("d", [one.weight for one in met]),
            "meeting_ts": array("q", [one.ts for one in met]),
            "meeting_size": array("i", [len(one.others) for one in met]),
            "other_item": array("i", [index[other] for other, _ in others]),
            "other_gap": array("h", [gap for _, gap in others]),
            "count_item": array("i", [index[item] for item, _, _ in taught.counts]),
            "count_weight": array("d", [weight for _, weight, _ in taught.counts]),
            "count_ts": array("q", [ts for _, _, ts in taught.counts]),
            "scope_name": array("i", [scopes.index(scope) for scope, _, _, _ in scoped]),
            "scope_item": array("i", [index[item] for _, item, _, _ in scoped]),
            "scope_weight": array("d", [weight for _, _, weight, _ in scoped]),
            "scope_ts": array("q", [ts for _, _, _, ts in scoped]),
        }
        packed = {name: column.tobytes() for name, column in columns.items()}
        source = (DELTA_VERSION, self._partition, self.offset, arrived)
        texts = [item.encode() for item in items]
        ids = Ids(b"".join(texts), array("H", map(len, texts)).tobytes(), array("Q", map(order_key, items)).tobytes())
        return ItemDelta(*source, ids, scopes, packed, taught.records, len(bought))

    def _keep_bounds(self) -> None:
        for name in self.user_slots.evict():
            self._users.pop(name, None)
        gone = set(self.item_slots.evict())
        if gone:
            for user in self._users.values():
                user.drop(gone)

    def users(self) -> dict[str, User]:
        return self._users

    def histories(self) -> dict[str, list[tuple[str, int]]]:
        return {name: user.history for name, user in self._users.items()}

    def possessions(self) -> dict[str, list[tuple[str, tuple[int, int, int]]]]:
        """Of users who own or refuse anything, in their order."""
        return {name: list(user.has.items()) for name, user in self._users.items() if user.has}

    def told(self) -> dict[str, tuple[list[str], ...]]:
        """Of users who said anything of themselves."""
        return {name: user.told() for name, user in self._users.items() if any(user.told())}

    def recent_ids(self) -> dict[str, tuple[list[int], int]]:
        """The ring of event id digests, as it stands in memory, and the place of the next one."""
        return {name: (user.ids, user.next_id) for name, user in self._users.items()}

    def minutes(self) -> dict[str, tuple[int, int]]:
        """The minute of a user's last event, and their events in it."""
        return {name: (user.minute, user.events) for name, user in self._users.items()}

    def sources(self) -> dict[tuple[str, int], int]:
        """The last record of each raw partition that is included."""
        return self._sources

    def repeatable(self) -> list[str]:
        return list(self._repeatable)


def _told(meetings: list[Meeting], to: int, partitions: int) -> list[Meeting]:
    """What an owner is told: of its own items all of their meetings, of others those with what it owns."""

    def others(one: Meeting) -> list[tuple[str, int]]:
        if partition_of(one.item, partitions) == to:
            return one.others
        return [other for other in one.others if partition_of(other[0], partitions) == to]

    return [replace(one, others=mine) for one in meetings if (mine := others(one))]
