"""The profiles step: a frame in, changed histories and item deltas out. A function of the frames' sequence alone."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import numpy as np

from shared.contracts.deltas import ItemDelta
from shared.contracts.frames import NONE, Frame
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings
from shared.contracts.topics import ITEM, USER
from shared.core.arithmetic.distinct import distinct
from shared.core.frames.frame_slots import slots_of_column
from shared.core.frames.watermarks import Source, fresh_rows
from shared.core.kernel import Flags, Ints, Keys, Longs
from shared.core.profiles.bought import Settled, settle, with_bought
from shared.core.profiles.choices import Chosen, chosen
from shared.core.profiles.context_scopes import Scoped, context_counts, joined, segment_counts
from shared.core.profiles.delta_split import CatalogueRecord, OwnerSplit
from shared.core.profiles.history import APPLIED, CAPPED, REPEATED
from shared.core.profiles.kinds import NOT_SETTLING, Kinds, KindTable
from shared.core.profiles.meetings import Meetings, joined_meetings
from shared.core.profiles.profile_rows import Learned, Rows, learn_rows, tally
from shared.core.profiles.profile_state import ProfileState
from shared.core.profiles.taste_steps import Sequences, sequences
from shared.core.profiles.telling import note_record, note_told


class _Flag(msgspec.Struct):
    """Of an item record, which ingest wrote without blanks; an attribute may have the same name."""

    repeatable: bool = False


_FLAG = msgspec.json.Decoder(_Flag)


@dataclass
class ProfileEffects:
    """What a frame did. ``freed`` user slots (forgotten, evicted) were let go before ``touched`` ones were taken: slots
    whose list is to be written.
    """

    deltas: list[tuple[int, ItemDelta]] = field(default_factory=list)
    touched: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    freed: list[int] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    applied: Counter[str] = field(default_factory=Counter)
    seen_before: int = 0
    repeated: int = 0
    capped: int = 0
    tries: list["Tries"] = field(default_factory=list)
    arrived: Longs = field(default_factory=lambda: np.empty(0, dtype=np.int64))


@dataclass(frozen=True)
class Tries:
    """Events on items new to their user: could the list that stood then have known? Keys are digests of item ids."""

    user: Ints
    item_key: Keys


@dataclass
class Beside:
    """What a frame's events say beside meetings and counts: within which segments of users they count, purchases."""

    within: list[Scoped] = field(default_factory=list)
    bought: list[Meetings] = field(default_factory=list)


class Profiles:
    """The step over one `frames` partition."""

    def __init__(self, settings: Settings, partition: int) -> None:
        self._rules = settings.cooccurrence
        self._frames = settings.topics.frames_partitions
        self._items = settings.topics.items_partitions
        self._max_repeatable = settings.profiles.max_items
        self._kinds = KindTable(settings.events.types, settings.cooccurrence.bought)
        self._contexts = settings.popularity.contexts if settings.popularity.max_contexts else []
        self._segmented = bool(settings.profiles.segments) and settings.popularity.max_contexts > 0
        self._settings = settings
        self.partition = partition
        self.state = ProfileState(settings.profiles)

    @property
    def state(self) -> ProfileState:
        """What is remembered; one that was restored may take its place."""
        return self._state

    @state.setter
    def state(self, state: ProfileState) -> None:
        self._state = state
        self._judged: tuple[Frame, Flags, dict[Source, int]] | None = None  # which rows of a frame are fresh
        self._split = OwnerSplit(state.items, self._items)

    def step(self, offset: int, frame: Frame) -> ProfileEffects:
        """Apply the frame at ``offset``. What its sources say was included already is left out."""
        effects = ProfileEffects()
        fresh, reached = self._fresh_rows(frame)
        self._judged = None
        self.state.sources |= reached
        effects.seen_before = frame.n - int(np.count_nonzero(fresh))
        records = self._take_item_records(frame, fresh)
        learned, within = self._take_events(frame, fresh, effects)
        self.state.offset = offset
        arrived = frame.column("arrived")[fresh]
        latest = int(arrived.max()) if len(arrived) else 0
        source = (self.partition, offset)
        scoped = joined([context_counts(frame, learned, self._contexts), *within])
        effects.deltas = sorted(self._split.deltas(learned, records, source, latest, scoped).items())
        effects.arrived = arrived
        self._evict(effects)
        return effects

    def choices(self, offset: int, frame: Frame, one_in: int) -> Chosen:
        """What users chose in the frame at ``offset``, which is not applied yet; changes nothing."""
        fresh, _ = self._fresh_rows(frame)
        return chosen(frame, fresh, self._kinds.of(frame.kinds).weights, self.state, self._settings, offset, one_in)

    def sequences(self, frame: Frame, most: int) -> Sequences:
        """What users met in a frame that is not applied yet, after at most so many items before it; changes nothing."""
        fresh, _ = self._fresh_rows(frame)
        return sequences(frame, fresh, self._kinds.of(frame.kinds).weights, self.state, most)

    def _fresh_rows(self, frame: Frame) -> tuple[Flags, dict[Source, int]]:
        """As :func:`fresh_rows` has it; a frame is asked about up to three times before it is applied."""
        if self._judged is None or self._judged[0] is not frame:
            self._judged = frame, *fresh_rows(frame, self.state.sources)
        return self._judged[1:]

    def _take_item_records(self, frame: Frame, fresh: Flags) -> list[CatalogueRecord]:
        """Remember what may be bought again; hand on the records that this partition forwards (each by one)."""
        if ITEM not in frame.kinds:
            return []
        forward = []
        chosen = fresh & (frame.column("kind") == frame.kinds.index(ITEM))
        items, records = frame.column("item")[chosen].tolist(), frame.column("record")[chosen].tolist()
        for item, record in zip(items, records, strict=True):
            name = frame.items[item]
            raw = None if record == NONE else frame.records[record]
            self._note_repeatable(name, raw)
            if partition_of(name, self._frames) == self.partition:
                forward.append((name, raw))
        return forward

    def _note_repeatable(self, name: str, raw: bytes | None) -> None:
        repeatable = self.state.repeatable
        repeatable.pop(name, None)
        if raw is not None and b'"repeatable":true' in raw and _FLAG.decode(raw).repeatable:
            repeatable[name] = None
            if len(repeatable) > self._max_repeatable:
                del repeatable[next(iter(repeatable))]

    def _take_events(self, frame: Frame, fresh: Flags, effects: ProfileEffects) -> tuple[Learned, list[Scoped]]:
        """Events in row order; a user record takes effect where it stands among them. Also what counts within segments
        of users.
        """
        is_event = fresh & (frame.column("user") != NONE)
        beside = Beside()
        if USER not in frame.kinds:
            learned = self._learn(frame, np.flatnonzero(is_event), effects, beside)
            return with_bought(learned, beside.bought), beside.within
        user_record = frame.column("kind") == frame.kinds.index(USER)
        parts, run, noted = [], np.flatnonzero(is_event & ~user_record), set[int]()
        for row in np.flatnonzero(fresh & user_record).tolist():
            before = int(np.searchsorted(run, row))
            if before:
                parts.append(self._learn(frame, run[:before], effects, beside))
                run = run[before:]
            self._take_user_record(frame, row, effects, noted)
        parts.append(self._learn(frame, run, effects, beside))
        effects.touched = np.union1d(effects.touched, list(noted)).astype(np.int32)
        return with_bought(_joined(parts), beside.bought), beside.within

    def _take_user_record(self, frame: Frame, row: int, effects: ProfileEffects, noted: set[int]) -> None:
        """Forget the user, or note which segments they are of: ``noted`` slots."""
        user, record = frame.users[int(frame.column("user")[row])], int(frame.column("record")[row])
        if record == NONE:
            self._forget(user, effects)
            noted.discard(effects.freed[-1])
            return
        slot = note_record(self.state, user, frame.records[record])
        if slot is not None:
            noted.add(slot)

    def _forget(self, user: str, effects: ProfileEffects) -> None:
        slot = self.state.users.slots.get(user, -1)
        self.state.forget(user)
        effects.forgotten.append(user)
        effects.freed.append(slot)
        effects.touched = effects.touched[effects.touched != slot]

    def _learn(self, frame: Frame, chosen: Longs, effects: ProfileEffects, beside: Beside) -> Learned:
        kinds, said = frame.column("kind")[chosen], self._kinds.of(frame.kinds)
        rows = Rows(
            user=slots_of_column(self.state.users, frame.users, frame.column("user")[chosen]),
            item=slots_of_column(self.state.items, frame.items, frame.column("item")[chosen]),
            ts=frame.column("ts")[chosen].astype(np.int64),
            key=frame.column("key")[chosen].astype(np.uint64),
            weight=said.weights[kinds],
        )
        self.state.grow()
        learned = learn_rows(self.state, rows, self._rules)
        applied = np.flatnonzero(learned.status >= APPLIED)
        if said.settles:
            beside.bought += self._note_possession(said, kinds, rows, learned.status)
        users = rows.user[applied]
        note_told(self.state, frame, said.meanings, chosen[applied], users)
        if self._segmented:
            beside.within.append(segment_counts(rows.user[learned.count_row], self.state.told, learned))
        self._count(frame, kinds, learned.status, effects)
        if len(applied):
            self.state.ts = max(self.state.ts, int(rows.ts[applied].max()))
            effects.touched = distinct(np.concatenate((effects.touched, users)))
            tried = applied[learned.new[applied]]
            effects.tries.append(Tries(rows.user[tried], self.state.items.keys[rows.item[tried]]))
        return replace(learned, count_row=chosen[learned.count_row])

    def _note_possession(self, said: Kinds, kinds: Ints, rows: Rows, status: Ints) -> list[Meetings]:
        how = said.settling[kinds]
        chosen = np.flatnonzero((status >= APPLIED) & (how != NOT_SETTLING) & (rows.item >= 0))
        if not len(chosen):
            return []
        weight = rows.weight[chosen]
        paired = said.bought[kinds[chosen]] & (status[chosen] == APPLIED) & (weight > 0.0)
        events = Settled(rows.user[chosen], rows.item[chosen], rows.ts[chosen], weight, how[chosen], paired)
        return [settle(self.state, events, self._rules.bought_pairs)]

    def _count(self, frame: Frame, kinds: Ints, status: Ints, effects: ProfileEffects) -> None:
        counts: list[list[int]] = tally(status, kinds, len(frame.kinds)).tolist()
        effects.repeated += sum(counts[REPEATED])
        effects.capped += sum(counts[CAPPED])
        for name, applied, capped in zip(frame.kinds, counts[APPLIED], counts[CAPPED], strict=True):
            if applied or capped:
                effects.applied[name] += applied + capped

    def _evict(self, effects: ProfileEffects) -> None:
        """Keep the bounds, at the record's end."""
        gone = self.state.users.evict()
        if len(gone):
            self.state.clear_users(gone)
            effects.touched = np.setdiff1d(effects.touched, gone)
            effects.freed += gone.tolist()
        left = self.state.items.evict()
        self.state.clear_items(left)
        self._split.forget(left)


def _joined(parts: list[Learned]) -> Learned:
    """Several runs of rows as one."""
    names = [name for name in Learned.__dataclass_fields__ if name not in {"met", "bought"}]
    columns: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Learned(met=joined_meetings([part.met for part in parts]), **columns)
