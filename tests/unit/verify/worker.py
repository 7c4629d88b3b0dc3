"""A worker's steps over logs and views that are held in memory: what they publish, and what `verify` reads of it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

from services.verify.shop import Findings, Shop
from shared.adapters.rank_reader import RankReader
from shared.adapters.redis_views import Zset
from shared.adapters.skip_log import skipped_offsets
from shared.adapters.state_log import Saved
from shared.contracts.deltas import packed
from shared.contracts.errors import BadRecord
from shared.contracts.frames import Frame, encode_frame
from shared.contracts.rank_views import version_of
from shared.contracts.reasons import WRONG_TYPE
from shared.contracts.settings import Settings
from shared.contracts.skips import SKIP_VERSION, Skip, encode_skip, skip_key
from shared.contracts.topics import FRAMES, SKIPS
from shared.contracts.views import Keys, MembersKeys
from shared.core.lists.list_maker import ListMaker
from streams.hosting.sweep import Sweep
from streams.steps.batch_lists import BatchListsStep
from streams.steps.items import ItemsStep
from streams.steps.learner import LearnerStep
from streams.steps.lists import ListWriter
from streams.steps.ports import Ports
from streams.steps.profiles import ProfilesStep
from streams.steps.step import KeptStep, Step
from streams.steps.tops import TopsStep

Place = tuple[str, int]
LATER = 10_000
"""Milliseconds between two turns: whatever is paced is due, whatever is held is too old."""


class Log:
    """What :class:`shared.adapters.log_reader.PartitionLog` says; whoever folds it has acknowledged everything."""

    def __init__(self) -> None:
        self.records: dict[Place, list[bytes]] = defaultdict(list)
        self.keys: dict[Place, dict[int, bytes]] = defaultdict(dict)
        self.first: dict[Place, int] = {}
        self.skips: dict[bytes, bytes] = {}
        self.packs: dict[Place, list[bytes]] = defaultdict(list)

    def produce(
        self, topic: str, value: bytes | None, *, partition: int = 0, key: bytes | None = None, headers: object = None
    ) -> None:
        del headers
        if key is not None:
            self.keys[topic, partition][len(self.records[topic, partition])] = key
        self.records[topic, partition].append(value or b"")

    def pack(self, topic: str, value: bytes, partition: int) -> None:
        self.packs[topic, partition].append(value)

    def send_packs(self) -> None:
        for (topic, partition), values in self.packs.items():
            self.produce(topic, packed(values), partition=partition)
        self.packs.clear()

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        return self.first.get((topic, partition), 0), len(self.records[topic, partition])

    def committed(self, topic: str, partition: int) -> int:
        return len(self.records[topic, partition])

    def read(
        self, topic: str, partition: int, start: int, end: int, *, contiguous: bool
    ) -> Iterator[tuple[int, bytes]]:
        del contiguous
        yield from enumerate(self.records[topic, partition][start:end], start)

    def skip(self, topic: str, partition: int, offset: int) -> None:
        """A person decides."""
        decision = Skip(SKIP_VERSION, topic, partition, offset, "it ends workers", 0)
        self.skips[skip_key(topic, partition, offset)] = encode_skip(decision)

    def latest(self, topic: str, _partition: int, prefix: bytes) -> dict[bytes, bytes]:
        assert topic == SKIPS
        return {key: value for key, value in self.skips.items() if key.startswith(prefix)}

    def messages(self, topic: str, partition: int, start: int, end: int, *, contiguous: bool) -> Iterator[Any]:
        keys = self.keys[topic, partition]
        for offset, value in self.read(topic, partition, start, end, contiguous=contiguous):
            yield SimpleNamespace(
                offset=partial(int, offset), key=partial(keys.get, offset), value=partial(bytes, value)
            )


class Views:
    """What :class:`shared.adapters.redis_views.ViewStore` says."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.going: set[str] = set()  # keys that do not live for ever
        self.sets: dict[str, set[str]] = defaultdict(set)
        self.zsets: dict[str, dict[str, float]] = {}
        self.versions: dict[str, str] = {}
        self.walked: list[str] = []
        self.changes: list[tuple[str, bool]] = []  # an item, and whether its view stood when it was named

    def write(self, keys: Sequence[str], payloads: Sequence[bytes], ttl_s: int) -> int:
        (self.going.update if ttl_s else self.going.difference_update)(keys)
        self.held |= zip(keys, payloads, strict=True)
        return 0

    def read(self, keys: Sequence[str]) -> list[bytes | None]:
        versions = {key: version.encode() for key, version in self.versions.items()}
        return [self.held.get(key, versions.get(key)) for key in keys]

    def lifetimes(self, keys: Sequence[str]) -> list[int]:
        return [60 if key in self.going else -1 for key in keys]

    def remove(self, keys: Sequence[str], version: str) -> None:
        for key in keys:
            if key in self.held and version_of(self.held[key]) <= version:
                del self.held[key]

    def drop(self, views: Sequence[str], zset: str | None, version: str) -> None:
        self.remove(views, version)
        if views[0] not in self.held:
            self.zsets.pop(zset or "", None)

    def erase(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.held.pop(key, None)

    def names(self, prefix: str) -> list[str]:
        return sorted(key.removeprefix(prefix) for key in {*self.held, *self.zsets} if key.startswith(prefix))

    def scan(self, cursor: int, prefix: str, count: int) -> tuple[int, list[str]]:
        self.walked = self.walked if cursor else sorted(self.held)
        after = cursor + count
        return after * (after < len(self.walked)), [k for k in self.walked[cursor:after] if k.startswith(prefix)]

    def set_members(self, of: MembersKeys, version: str, present: Sequence[str], absent: Sequence[str]) -> bool:
        if version < self.versions.get(of.at, ""):
            return False
        self.versions[of.at] = version
        self.sets[of.members] |= set(present)
        self.sets[of.members] -= set(absent)
        return True

    def replace_members(self, of: MembersKeys, version: str, members: Sequence[str]) -> bool:
        return self.set_members(of, version, members, list(self.sets[of.members].difference(members)))

    def add_changes(self, key: str, items: Sequence[str]) -> None:
        prefix = key.removesuffix("item-changes")
        self.changes += [(item, f"{prefix}item:{item}" in self.held) for item in items]

    def members(self, key: str) -> set[str]:
        self._refuse_a_text(key)
        return self.sets[key]

    def write_zsets(self, zsets: Sequence[Zset]) -> None:
        self.zsets |= {zset.key: {member: score for score, member in zset.scores} for zset in zsets}

    def scores(self, key: str) -> dict[str, float]:
        self._refuse_a_text(key)
        return self.zsets.get(key, {})

    def _refuse_a_text(self, key: str) -> None:
        if key in self.held:
            raise BadRecord(WRONG_TYPE, f"{key} holds what is of another kind")


class Worker:
    """All partitions of all steps. A turn folds a frame and what comes of it, and publishes all."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.log, self.views = Log(), Views()
        self.now = 0
        maker = ListMaker(settings, RankReader(cast("Any", self.views), settings), lambda: self.now)
        log, views = cast("Any", self.log), cast("Any", self.views)
        self.ports = Ports(settings, log, views, Keys(settings), maker, lambda: self.now)
        self.lists = ListWriter(self.ports)
        sizes = settings.topics
        self.profiles = [ProfilesStep(n, self.ports) for n in range(sizes.frames_partitions)]
        self.items = [ItemsStep(n, self.ports) for n in range(sizes.items_partitions)]
        batch_lists = BatchListsStep(0, self.ports, lambda _: cast("Any", self.log))
        self.others: list[Step] = [TopsStep(0, self.ports), LearnerStep(0, self.ports), batch_lists]

    def turn(self, partition: int, frame: Frame) -> None:
        """Of one record."""
        self.turn_of([(partition, frame)])

    def turn_of(self, frames: Sequence[tuple[int, Frame]]) -> None:
        """Of frames by their partitions. Items first: lists are made from what they have published."""
        for partition, frame in frames:
            self.log.produce(self.ports.topic(FRAMES), encode_frame(frame), partition=partition)
            self._fold(self.profiles[partition])
        self.publish()
        for partition, _ in frames:
            self.profiles[partition].publish()
        self.lists.write()

    def fold(self) -> None:
        """All that is in the logs, without publishing anything that is paced."""
        for profiles in self.profiles:
            self._fold(profiles)
        self.log.send_packs()
        for step in (*self.items, *self.others):
            self._fold(step)

    def publish(self) -> None:
        """All that is not a user's list."""
        self.log.send_packs()
        for step in (*self.items, *self.others):
            self._fold(step)
            self.now += LATER
            step.tick(self.now)

    def refresh(self) -> None:
        """Everything, in order."""
        for step in (*self.items, *self.others):
            step.republish()
        self.publish()
        for profiles in self.profiles:
            self._fold(profiles)
            profiles.republish()
            while not profiles.settled:
                self.now += LATER
                profiles.tick(self.now)
                self.lists.write()
        self.sweep()

    def sweep(self) -> None:
        """As the host has it done once all is published."""
        walk = Sweep(self.ports, cast("Any", self.log))
        for step in (*self.profiles, *self.items, *self.others):
            walk.done((self.ports.topic(step.topic), step.partition), step)
        while walk.under_way:
            walk.page()

    def _fold(self, step: Step) -> None:
        topic = self.ports.topic(step.topic)
        keys = self.log.keys[topic, step.partition]
        skipped = skipped_offsets(cast("Any", self.log), self.settings, topic, step.partition)
        for offset, value in self.log.read(topic, step.partition, step.offset + 1, 2**31, contiguous=True):
            if offset in skipped:
                step.skip(offset)
                continue
            step.apply_keyed(offset, keys.get(offset, b""), value, arrived=0, replayed=False)

    def kept(self) -> dict[Place, KeptStep]:
        """The steps whose state is kept, by what they fold."""
        steps: list[Step] = [*self.profiles, *self.items, *self.others]
        return {(step.topic, step.partition): step for step in steps if isinstance(step, KeptStep)}

    def shop(self) -> Shop:
        """What `verify` sees after a refresh."""
        return MemoryShop(self)


class MemoryShop(Shop):
    """A :class:`Shop` over a worker's memory; the states are as they stand."""

    def __init__(self, worker: Worker) -> None:
        self.settings, self.refreshed, self.keys = worker.settings, True, Keys(worker.settings)
        self.log, self.views = cast("Any", worker.log), cast("Any", worker.views)
        self.findings = Findings()
        self._kept = worker.kept()

    @property
    def stands(self) -> bool:
        return True

    def _read_saved(self, short: str, partition: int) -> Saved | None:
        step = self._kept[short, partition]
        return Saved(step.offset, step.take(), {}) if step.offset >= 0 else None
