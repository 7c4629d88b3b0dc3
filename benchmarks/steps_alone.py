"""What each step of the state path costs on its own: raw JSON in, item states out, in one process and without Kafka.

Events go through the very functions that ingest and workers call, in batches as large as ingest takes under load, so in
frames as large as production has. Lists and other views are neither made nor written. What is told is CPU time.

``python -m benchmarks.steps_alone EVENTS USERS ITEMS`` prints one measurement.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from benchmarks.workload import KINDS, Draws, draw, item_name, user_name
from shared.contracts.deltas import decode_delta, decode_tops, encode
from shared.contracts.events import encode_event
from shared.contracts.frames import decode_frame
from shared.contracts.settings import Settings, load_settings
from shared.core.items.items import Items
from shared.core.items.tops import Tops
from shared.core.profiles.profiles import Profiles
from shared.core.warming import compile_kernels
from streams.intake.intake import Intake

EVENTS_PER_DAY = 1_000_000
BATCHES_PER_SECOND = 25  # at 100,000 events/s: how often top counts are told
LEAST_EACH, MOST_TIMES = 2.0, 50.0  # events of a user: on average at least, and the most active one's


@dataclass(frozen=True, slots=True)
class Raw:
    """A polled message."""

    of: str
    number: int
    at: int
    sent: bytes
    took: tuple[int, int]

    def topic(self) -> str:
        return self.of

    def partition(self) -> int:
        return self.number

    def offset(self) -> int:
        return self.at

    def value(self) -> bytes:
        return self.sent

    def key(self) -> None:
        return None

    def timestamp(self) -> tuple[int, int]:
        return self.took


@dataclass
class Landed:
    """A delivery that keeps what it is given: (partition, bytes)."""

    records: list[tuple[int, bytes]] = field(default_factory=list)

    def produce(self, topic: str, value: bytes, *, partition: int = -1, **more: Any) -> None:
        assert not more, f"a dead letter in {topic}"
        self.records.append((partition, value))

    def take(self) -> list[tuple[int, bytes]]:
        taken, self.records = self.records, []
        return taken


class StatePath:
    """All partitions of all steps; ``cpu_s`` by step."""

    def __init__(self, settings: Settings) -> None:
        sizes = settings.topics
        self.cpu_s: defaultdict[str, float] = defaultdict(float)
        self.profiles = [Profiles(settings, n) for n in range(sizes.frames_partitions)]
        self.items = [Items(settings, n) for n in range(sizes.items_partitions)]
        self.tops = Tops(settings)
        self._settings = settings
        self._landed = Landed()
        self._intake = Intake(settings, cast("Any", self._landed))
        self._batches = 0

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        before = time.process_time_ns()
        yield
        self.cpu_s[step] += (time.process_time_ns() - before) / 1e9

    def take(self, messages: list[Raw]) -> None:
        """One batch, from raw records to items' states."""
        with self._timed("decode+validate"):
            self._intake.take(cast("Any", messages))
        with self._timed("frame build+encode"):
            self._intake.send()
        for number, raw in self._landed.take():
            self._take_frame(number, raw)
        self._wait_no_longer()

    def _take_frame(self, number: int, raw: bytes) -> None:
        profiles = self.profiles[number]
        with self._timed("frame decode"):
            frame = decode_frame(raw)
        with self._timed("profiles step"):
            effects = profiles.step(profiles.state.offset + 1, frame)
        with self._timed("delta encode"):
            deltas = [(owner, encode(delta)) for owner, delta in effects.deltas]
        for owner, delta in deltas:
            items = self.items[owner]
            with self._timed("delta decode"):
                decoded = decode_delta(delta)
            with self._timed("items step"):
                items.step(items.offset + 1, decoded)

    def _wait_no_longer(self) -> None:
        """What is dirty goes on as with a worker's ticks, so that marks are made and cleared at production's pace."""
        self._batches += 1
        most = self._settings.cooccurrence.rows_per_tick
        with self._timed("items step"):
            for items in self.items:
                items.take_dirty_rows(most)
                items.take_dirty_stats(most)
        if self._batches % BATCHES_PER_SECOND == 0:
            with self._timed("tops"):
                for items in self.items:
                    for record in items.take_dirty_scopes(self._settings.ticks.scopes_per_tick):
                        self.tops.step(self.tops.offset + 1, decode_tops(encode(record)))


def messages(settings: Settings, draws: Draws, start: int, end: int) -> list[Raw]:
    """Events [start, end) as producers send them, one after the other in each raw partition."""
    raw, made = settings.topics.raw_partitions, []
    columns = (column[start:end].tolist() for column in (draws.user, draws.item, draws.kind, draws.ts))
    for number, (user, item, kind, ts) in enumerate(zip(*columns, strict=True), start):
        event = {"event_id": f"event-{number:020d}", "user_id": user_name(user), "item_id": item_name(item), "ts": ts}
        made.append(Raw(KINDS[kind], number % raw, number, encode_event(event), (1, ts)))
    return made


def measure_steps(events: int, users: int, items: int, seed: int) -> dict[str, Any]:
    """CPU µs per event by step, of ``events`` that follow as many which made the state."""
    settings = load_settings()
    compile_kernels(settings)
    mean = max(LEAST_EACH, 2 * events / users)
    draws = draw(seed, users, items, mean, int(MOST_TIMES * mean), users * mean / EVENTS_PER_DAY)
    path, batch = StatePath(settings), settings.ingest.batch
    for start in range(0, 2 * events, batch):
        if start >= events > start - batch:
            path.cpu_s.clear()
            measured = start
        path.take(messages(settings, draws, start, min(start + batch, 2 * events)))
    each = {step: 1e6 * seconds / (2 * events - measured) for step, seconds in path.cpu_s.items()}
    total = sum(each.values())
    told = {step: round(cost, 3) for step, cost in each.items()} | {"all": round(total, 3)}
    return {"events": events, "users": users, "items": items, "us": told, "events_per_cpu_s": round(1e6 / total)}


def main() -> None:
    events, users, items = map(int, sys.argv[1:])
    print(json.dumps(measure_steps(events, users, items, seed=1)))


if __name__ == "__main__":
    main()
