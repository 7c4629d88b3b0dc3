"""What is compared: the logs, the saved states and the views of one tenant and generation."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from services.ops.refresh import all_stand
from services.verify.comparison import Comparison
from services.verify.saved_state import Shapes
from shared.adapters.log_reader import PartitionLog
from shared.adapters.redis_views import ViewStore
from shared.adapters.skip_log import skipped_offsets
from shared.adapters.state_log import Saved, read_saved
from shared.contracts.errors import BadRecord
from shared.contracts.rank_views import is_view, version_of
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings
from shared.contracts.topics import FRAMES, WORKER, group_name, topic_name
from shared.contracts.views import ItemView, Keys, View, at, decode_item_view, decode_view

BATCH = 500
Decoded = TypeVar("Decoded")
Told = TypeVar("Told", View, ItemView)
SAID = ("at", "ts", "items", "scores", "bought")


@dataclass
class Findings:
    """A comparison per kind of thing, and what could not be compared."""

    parts: dict[str, Comparison] = field(default_factory=dict)
    not_compared: list[str] = field(default_factory=list)

    def of(self, name: str) -> Comparison:
        return self.parts.setdefault(name, Comparison())

    @property
    def differing(self) -> int:
        return sum(part.differing for part in self.parts.values())


def scored(view: View) -> list[tuple[str, float]]:
    """A list's items with their scores."""
    return list(zip(view.items, view.scores, strict=True))


def origin(view: View) -> dict[str, Any]:
    """All that a list of no user says beside :data:`SAID`: what it is and whose. What is not told is left out."""
    return {name: value for name, value in msgspec.to_builtins(view).items() if name not in SAID}


def list_in(raw: bytes) -> View:
    """:class:`ValueError` on what is no list, or has its version elsewhere than where writers compare it."""
    return _with_its_version(decode_view(raw), raw)


def item_in(raw: bytes) -> ItemView:
    """The same of what a page shows of an item."""
    return _with_its_version(decode_item_view(raw), raw)


def _with_its_version(view: Told, raw: bytes) -> Told:
    if not is_view(raw) or version_of(raw) != view.at:
        raise ValueError(f"its version {view.at} does not stand where writers compare it")
    return view


class Shop:
    """Reads; ``close`` it. ``refreshed``: all views were published after the last record was applied."""

    def __init__(self, settings: Settings, *, refreshed: bool) -> None:
        self.settings, self.refreshed = settings, refreshed
        self.keys = Keys(settings)
        self.log = PartitionLog(settings.kafka, group_name(settings, WORKER))
        self.views = ViewStore(settings)
        self.findings = Findings()

    @cached_property
    def stands(self) -> bool:
        """Whether workers have said that all views that there ever were stand; some may wait to be written anew."""
        return all_stand(self.views, self.settings)

    def topic(self, short: str) -> str:
        return topic_name(self.settings, short)

    def end(self, short: str, partition: int) -> int:
        return self.log.bounds(self.topic(short), partition)[1]

    def skipped(self, short: str, partition: int) -> frozenset[int]:
        """Records that a person decided to leave out."""
        return skipped_offsets(self.log, self.settings, self.topic(short), partition)

    @cached_property
    def acknowledged(self) -> list[int]:
        """By partition of `frames`, so many records have all their effects. Asked once: all is judged as of then."""
        count, topic = self.settings.topics.frames_partitions, self.topic(FRAMES)
        return [self.log.committed(topic, partition) for partition in range(count)]

    @cached_property
    def listed(self) -> dict[int, list[str]]:
        """Who has a list, by partition of `frames`."""
        return self._named(self.keys.rec(""), self.settings.topics.frames_partitions)

    @cached_property
    def shown(self) -> dict[int, list[str]]:
        """Of which items a page can show something, by partition of `item-deltas`."""
        return self._named(self.keys.item(""), self.settings.topics.items_partitions)

    def _named(self, prefix: str, partitions: int) -> dict[int, list[str]]:
        found: dict[int, list[str]] = defaultdict(list)
        for name in self.views.names(prefix):
            found[partition_of(name, partitions)].append(name)
        return found

    def saved(self, short: str, partition: int) -> Saved | None:
        """The state that is saved. Noted if there is none though there are records; different if it includes a record
        that there is not.
        """
        saved, end = self._read_saved(short, partition), self.end(short, partition)
        if saved is None and end:
            self.findings.not_compared.append(f"the state of {short}/{partition}: none is saved yet")
        if saved is not None and saved.offset >= end:
            self.findings.of("states").missing(f"record {saved.offset} of {short}/{partition}, which is in its state")
        return saved

    def _read_saved(self, short: str, partition: int) -> Saved | None:
        return read_saved(self.log, self.settings, short, partition)

    def compare_states(self, place: str, expected: Shapes, found: Shapes) -> None:
        """An oracle's state with a saved one."""
        for name, values in expected.items():
            self.findings.of("states").mapping(f"{place}: {name}", values, found[name])

    def read(self, keys: list[str]) -> list[bytes | None]:
        """What stands under these keys."""
        parts = (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))
        return [payload for part in parts for payload in self.views.read(part)]

    def lists(self, keys: list[str]) -> list[View | None]:
        """The same of keys that hold lists."""
        return [self.decoded(key, raw, list_in) for key, raw in zip(keys, self.read(keys), strict=True)]

    def held(self, key: str, ask: Callable[[str], Decoded]) -> Decoded | None:
        """What stands under a key that holds no text; None, and a difference, where it is of another kind."""
        try:
            return ask(key)
        except BadRecord as error:
            self.findings.of("views").unreadable(key, error)
            return None

    def check_version(self, part: str, key: str, version: str, end: int) -> None:
        """It is of this generation, and of a record that there is: nothing may replace what is ahead of its log."""
        first, last = at(self.settings.generation, 0), at(self.settings.generation, max(end - 1, 0))
        self.findings.of(part).same(f"{key}: its version {version} is of the log", True, first <= version <= last)

    def decoded(self, key: str, raw: bytes | None, decode: Callable[[bytes], Decoded]) -> Decoded | None:
        """None of what is not there, and of what cannot be read, which is a difference."""
        try:
            return None if raw is None else decode(raw)
        except (ValueError, BadRecord) as error:
            self.findings.of("views").unreadable(key, error)
            return None

    def close(self) -> None:
        self.log.close()
        self.views.close()
