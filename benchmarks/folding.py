"""Folds a shop of a given size in a process of its own: `python -m benchmarks.folding TASK`, one line of JSON.

The steps of profiles and items alone (decoding and encoding of records included), all partitions, no Kafka, no Redis.
First every user and every item is met, in an order of its own; then events are timed. Bounds are opened, so that
nothing is evicted at any size.
"""

import json
import subprocess
import sys
import time
from typing import Any

import numpy as np
import psutil

from benchmarks.workload import KINDS, SHARES, START_MS, USER_EXPONENT, Draws, Framing, Numbers
from shared.adapters.allocation import give_back
from shared.contracts.deltas import decode_delta, encode
from shared.contracts.frames import decode_frame, encode_frame
from shared.contracts.settings import Settings, load_settings
from shared.core.items.items import Items
from shared.core.profiles.profiles import Profiles
from shared.core.warming import compile_kernels

BATCH = 4_000
ZIPF, UNIFORM = "zipf", "uniform"
ROOMY = 2_000_000
MS_BETWEEN = 100


def folded(users: int, items: int, events: int, law: str, seed: int) -> dict[str, Any]:
    """Of events that are timed once everybody was met, in a process of its own: what that process prints."""
    task = json.dumps([users, items, events, law, seed])
    command = [sys.executable, "-m", "benchmarks.folding", task]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


def drawn(users: int, items: int, events: int, law: str, seed: int) -> Draws:
    """Independent draws; by Zipf, the ranks are mixed over the numbers."""
    chance = np.random.default_rng(seed)
    columns = [_numbers(chance, size, events, law) for size in (users, items)]
    kind = chance.choice(len(KINDS), events, p=SHARES)
    return Draws(columns[0], columns[1], kind, START_MS + np.arange(events) * MS_BETWEEN)


def _numbers(chance: np.random.Generator, size: int, events: int, law: str) -> Numbers:
    if law == UNIFORM:
        return chance.integers(size, size=events)
    share = np.arange(1, size + 1, dtype=np.float64) ** -USER_EXPONENT
    return chance.permutation(size)[chance.choice(size, events, p=share / share.sum())]


def everybody(users: int, items: int, seed: int) -> Draws:
    """Each user and each item at least once."""
    chance, most = np.random.default_rng(seed), max(users, items)
    columns = [
        np.concatenate([chance.permutation(size), chance.integers(size, size=most - size)]) for size in (users, items)
    ]
    return Draws(
        columns[0], columns[1], np.zeros(most, dtype=np.int64), START_MS - (most - np.arange(most)) * MS_BETWEEN
    )


class Folding:
    """The states, and the CPU seconds that folding took."""

    def __init__(self, settings: Settings, users: int, items: int) -> None:
        self._profiles = [Profiles(settings, n) for n in range(settings.topics.frames_partitions)]
        self._items = [Items(settings, n) for n in range(settings.topics.items_partitions)]
        self._framing = Framing(settings, users, items)
        self.cpu_s = 0.0

    def take(self, draws: Draws) -> None:
        """Making the frames is not counted."""
        for batch in self._framing.batches(draws, 0, len(draws), BATCH):
            raw = [(number, encode_frame(frame)) for number, frame in batch]
            began = time.process_time()
            for number, record in raw:
                self._fold(number, record)
            self.cpu_s += time.process_time() - began
            for items in self._items:
                items.take_dirty_scopes(ROOMY)
                items.dirty_rows.clear()
                items.dirty_stats.clear()

    def _fold(self, number: int, record: bytes) -> None:
        profiles = self._profiles[number]
        for owner, delta in profiles.step(profiles.state.offset + 1, decode_frame(record)).deltas:
            items = self._items[owner]
            items.step(items.offset + 1, decode_delta(encode(delta)))


def main() -> None:
    users, items, events, law, seed = json.loads(sys.argv[1])
    roomy = {"max_items": ROOMY}
    give_back()  # as a worker does
    settings = load_settings(profiles=roomy | {"max_users": ROOMY}, cooccurrence=roomy)
    compile_kernels(settings)
    folding, process = Folding(settings, users, items), psutil.Process()
    before = process.memory_info().rss
    folding.take(everybody(users, items, seed))
    folding.cpu_s = 0.0
    folding.take(drawn(users, items, events, law, seed + 2))
    grown = process.memory_info().rss - before
    print(json.dumps({"us_per_event": round(folding.cpu_s / events * 1e6, 3), "grown_bytes": grown}))


if __name__ == "__main__":
    main()
