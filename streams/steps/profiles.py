"""The profiles step's shell: frames in; `item-deltas` and users' lists out."""

import numpy as np

from shared.adapters import metrics
from shared.contracts.deltas import encode
from shared.contracts.examples import encode_examples
from shared.contracts.frames import Frame, decode_frame
from shared.contracts.routing import partition_of
from shared.contracts.topics import BATCH_LIST, EXAMPLES, FRAMES, ITEM_DELTAS, TOPS
from shared.core.kernel import Ints, Longs
from shared.core.learning.teaching import taught
from shared.core.profiles import profile_segments
from shared.core.profiles.prequential import DEPTH, PublishedLists
from shared.core.profiles.profiles import ProfileEffects, Profiles
from shared.core.tables.segments import Segments
from streams.steps.lists import Wanted
from streams.steps.ports import Ports
from streams.steps.step import KeptStep

EXAMPLES_PER_PAUSE = 32
NOTHING: Longs = np.empty(0, dtype=np.int64)


class ProfilesStep(KeptStep):
    """One `frames` partition."""

    topic = FRAMES
    after = (ITEM_DELTAS, TOPS, EXAMPLES)
    kinds = frozenset(("rec",))

    def __init__(self, partition: int, ports: Ports) -> None:
        self.partition = partition
        self._ports = ports
        self._core = Profiles(ports.settings, partition)
        self._published = PublishedLists()
        rules = ports.settings.popularity
        self._teach_due = 0
        self._popular = list(rules.half_lives_ms).index(rules.popular)
        self._waiting: Ints = np.empty(0, dtype=np.int32)
        self._touched: dict[int, None] = {}
        self._arrived: list[Longs] = []

    @property
    def offset(self) -> int:
        return self._core.state.offset

    def apply(self, offset: int, value: bytes, *, replayed: bool) -> None:
        frame = decode_frame(value)
        if not replayed and not self._ports.silent and self._ports.clock() >= self._teach_due:
            self._teach(offset, frame)
        effects = self._core.step(offset, frame)
        metrics.FRAMES.labels("profiles").inc()
        if replayed:
            return
        self._hand_on(effects)
        self._count_hits(effects)
        self._forget(effects.forgotten, offset)
        for gone in effects.freed:
            self._touched.pop(gone, None)
        self._touched |= dict.fromkeys(effects.touched.tolist())
        self._arrived.append(effects.arrived)
        self._measure(effects)

    def skip(self, offset: int) -> None:
        self._core.state.offset = offset

    def take(self) -> Segments:
        return profile_segments.take(self._core.state)

    def restore(self, segments: Segments) -> None:
        self._core.state = profile_segments.restore(self._ports.settings.profiles, segments)
        self._published = PublishedLists()

    def publish(self) -> None:
        """One list per user that the records touched."""
        arrived, self._arrived = self._arrived, []
        touched = np.fromiter(self._touched, dtype=np.int32, count=len(self._touched))
        self._ask(touched, np.concatenate(arrived) if arrived else NOTHING)
        self._touched.clear()

    def _ask(self, users: Ints, arrived: Longs) -> None:
        if len(users) or len(arrived):
            self._ports.lists.append(Wanted(self._core.state, self._published, users, self.offset, arrived))

    def _teach(self, offset: int, frame: Frame) -> None:
        """Examples are made before the frame is learned: of what was in sight of the lists that stood. Of a frame now
        and then, the later the more there were: a worker that is behind has many small frames, and lists come first.
        """
        rules, maker = self._ports.settings, self._ports.maker
        chosen = self._core.choices(offset, frame, rules.ranker.one_in)
        if not len(chosen.user):
            return
        pauses = -(-len(chosen.user) // EXAMPLES_PER_PAUSE)
        self._teach_due = self._ports.clock() + pauses * rules.ranker.pause_ms
        met = self._core.sequences(frame, rules.lists.recent_items)
        made = taught(chosen, met, self._core.state, maker, rules.lists, (self.partition, offset))
        metrics.EXAMPLES_MISSED.inc(made.missed)
        self._ports.delivery.produce(self._ports.topic(EXAMPLES), encode_examples(made), partition=0)

    def _hand_on(self, effects: ProfileEffects) -> None:
        topic = self._ports.topic(ITEM_DELTAS)
        for partition, delta in effects.deltas:
            self._ports.delivery.pack(topic, encode(delta), partition)

    def _forget(self, users: list[str], offset: int) -> None:
        """Their lists, what readers keep of them, and lists that a batch model made: the record of these, and with it
        the view. A rebuild meets tombstones of long ago: who came again since has a batch list that is theirs.
        """
        keys = self._ports.keys
        self._ports.remove([keys.rec(user) for user in users], offset)
        self._ports.erase([of(user) for user in users for of in (keys.told, keys.shown)])
        if not self._ports.silent:
            for user in users:
                self._ports.delivery.produce(self._ports.topic(BATCH_LIST), None, key=user.encode(), partition=0)

    def _count_hits(self, effects: ProfileEffects) -> None:
        popular = self._ports.maker.popular(self._popular, DEPTH)
        for tries in effects.tries:
            tried, hit, popular_hit = self._published.hits(tries, popular)
            metrics.HIT_TRIALS.inc(tried)
            metrics.HITS.labels("personal").inc(hit)
            metrics.HITS.labels("popular").inc(popular_hit)

    def _measure(self, effects: ProfileEffects) -> None:
        for kind, count in effects.applied.items():
            metrics.EVENTS_APPLIED.labels(kind).inc(count)
        metrics.EVENTS_DUPLICATE.labels("source-offset").inc(effects.seen_before)
        metrics.EVENTS_DUPLICATE.labels("event-id").inc(effects.repeated)
        metrics.EVENTS_BOT.inc(effects.capped)

    def tick(self, now: int) -> None:  # noqa: ARG002
        state = self._core.state
        metrics.STATE_SIZE.labels("profiles", self.partition, "users").set(len(state.users))
        metrics.STATE_SIZE.labels("profiles", self.partition, "items").set(len(state.items))
        self._ask_again()

    def _ask_again(self) -> None:
        """For lists that were lost, as many as there is time for beside those that other partitions ask for."""
        asked = sum(len(wanted.users) for wanted in self._ports.lists)
        room = self._ports.refill.room(asked)
        again, self._waiting = self._waiting[:room], self._waiting[room:]
        live = self._core.state.users.last_seen[again] >= 0
        self._ask(again[live], NOTHING)

    def republish(self) -> None:
        self._ports.maker.forget()
        self._waiting = self._core.state.users.live()

    def strays(self, kind: str, names: list[str]) -> list[str]:  # noqa: ARG002 - there is but one kind
        """Who was forgotten, or left at the bound: which of both, nothing here says."""
        partitions = self._ports.settings.topics.frames_partitions
        mine = [name for name in names if partition_of(name, partitions) == self.partition]
        return [name for name, slot in zip(mine, self._core.state.users.find(mine).tolist(), strict=True) if slot < 0]

    @property
    def settled(self) -> bool:
        return not len(self._waiting)
