"""How long a worker that takes over every partition needs until it holds what was saved last.

200,000 users (Zipf, histories of about 20 of the default 40 items) and 50,000 items with a catalogue, over the default
partitions, after an hour: 120 checkpoints of 6,000 events each. Nearly every segment has changed by the next
checkpoint, so each one writes nearly all of the state. They follow each other without the 30 s between them; the log
is then given the time to be compacted that the hour would have given it. After BUILD_S no further one is written; the
output says how many there are.

Restored in a process of its own, with empty caches: ``Checkpoints.restore``, i.e. fence, read, check digests, rebuild.
Not in it: the start of Python, Faust and kernels, which a worker has behind it when it is given partitions, and folding
the log's last seconds.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from confluent_kafka import Message

from benchmarks.metering import server_cpu
from benchmarks.saved_state import FoldedShop
from benchmarks.tenants import tenant, variables_of
from benchmarks.workload import Draws, Framing, draw
from services.stack.embedded import EmbeddedStack
from shared.adapters.log_reader import PartitionLog
from shared.contracts.settings import Settings, load_settings
from shared.contracts.state import STATE_TOPICS
from shared.contracts.topics import WORKER, group_name, partition_counts, topic_name
from shared.core.warming import compile_kernels
from streams.app import build_ports
from streams.hosting.checkpoints import Checkpoints
from streams.hosting.rebuilding import Rebuilding
from streams.steps.items import ItemsStep
from streams.steps.profiles import ProfilesStep

SEED = 20
USERS, ITEMS, MEAN_HISTORY = 200_000, 50_000, 20
CHECKPOINTS, EVENTS_BETWEEN = 120, 6_000
BATCH = 4_000
BUILD_S = 300.0
QUIET_S, MOST_QUIET_S = 35.0, 180.0  # the cleaner looks for work every 15 s
RUNS = 3
TARGET_S = 6.0
Say = Callable[[str], None]
STEPS = (ProfilesStep, ItemsStep)


def measure(stack: EmbeddedStack, size: float, say: Say) -> dict[str, Any]:
    """``size`` scales users and items."""
    with tenant(stack) as settings:
        built = _build(settings, size, say)
        disk = partial(_on_disk, stack.home.data("kafka"), settings)
        busy = disk()
        say(f"waiting for the log to be compacted: {busy / 1e6:.0f} MB")
        _wait_until_still(disk)
        say(f"restoring {RUNS} times from {disk() / 1e6:.0f} MB")
        before = server_cpu(stack)
        runs = [_restore_in_a_process(settings) for _ in range(RUNS)]
        servers = {name: round((cpu - before[name]) / RUNS, 2) for name, cpu in server_cpu(stack).items()}
        disks = {"after_the_last_checkpoint": _mb(busy), "compacted": _mb(disk())}
    middle = sorted(runs, key=lambda run: float(run["wall_s"]))[RUNS // 2]
    return {
        "state": built,
        "log_on_disk_mb": disks,
        "target_wall_s": TARGET_S,
        "median": middle | {"server_cpu_s": servers},
        "wall_s": [run["wall_s"] for run in runs],
        "cpu_s": [run["cpu_s"] for run in runs],
        "cpu_s_median": median(run["cpu_s"] for run in runs),
    }


def _build(settings: Settings, size: float, say: Say) -> dict[str, Any]:
    users, items = int(USERS * size), int(ITEMS * size)
    between = max(1, int(EVENTS_BETWEEN * size))
    draws = draw(SEED, users, items, MEAN_HISTORY, settings.profiles.history, days=30)
    framing, shop = Framing(settings, users, items), FoldedShop(settings)
    hour = len(draws) - CHECKPOINTS * between
    say(f"folding {hour} events of {users} users and {items} items")
    shop.fold(framing.catalogue())
    for frames in framing.batches(draws, 0, hour, BATCH):
        shop.fold(frames)
    say(f"saving {CHECKPOINTS} times, {between} events apart, for at most {BUILD_S:.0f} s")
    written = _an_hour(shop, framing, draws, hour, between)
    say(f"saved {len(written)} times, {sum(written) / 1e6:.0f} MB")
    return shop.size() | {
        "checkpoints": len(written),
        "checkpoints_wanted": CHECKPOINTS,
        "events_between": between,
        "first_checkpoint_mb": _mb(written[0]),
        "last_checkpoint_mb": _mb(written[-1]),
    }


def _an_hour(shop: FoldedShop, framing: Framing, draws: Draws, start: int, between: int) -> list[int]:
    """Bytes of each checkpoint. What the last batch touched waits to be published, as it does in a worker."""
    written: list[int] = []
    end = time.monotonic() + BUILD_S
    for first in range(start, len(draws), between):
        if time.monotonic() > end:
            break
        shop.mark_published()
        shop.fold(framing.pack(draws, first, first + between))
        written.append(shop.save())
    return written


def _mb(size: float) -> float:
    return round(size / 1e6, 1)


def _on_disk(data: Path, settings: Settings) -> int:
    """Bytes of the state topics, as Kafka keeps them (lz4); files may be deleted while they are counted."""
    topics = [topic_name(settings, short) for short in STATE_TOPICS.values()]
    files = [file for topic in topics for file in data.glob(f"{topic}-*/*.log")]
    return sum(file.stat().st_size for file in files if file.exists())


def _wait_until_still(size: Callable[[], int]) -> None:
    end = time.monotonic() + MOST_QUIET_S
    last, since = size(), time.monotonic()
    while time.monotonic() < min(end, since + QUIET_S):
        time.sleep(2)
        if (now := size()) != last:
            last, since = now, time.monotonic()


def _restore_in_a_process(settings: Settings) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.restore"]
    done = subprocess.run(command, env=variables_of(settings), stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


class CountedLog(PartitionLog):
    """Counts what it reads."""

    read_bytes = 0
    read_s = 0.0

    def latest(self, topic: str, partition: int, prefix: bytes, *, settled: bool = False) -> dict[bytes, bytes]:
        began = time.perf_counter()
        found = super().latest(topic, partition, prefix, settled=settled)
        self.read_s += time.perf_counter() - began
        return found

    def messages(self, topic: str, partition: int, position: int, end: int, *, contiguous: bool) -> Iterator[Message]:
        for message in super().messages(topic, partition, position, end, contiguous=contiguous):
            self.read_bytes += len(message.key() or b"") + len(message.value() or b"")
            yield message


def restore_all(settings: Settings) -> dict[str, Any]:
    """As one worker that is given every partition. ``fence_s``: what is waited for, all having been begun at once."""
    compile_kernels(settings)
    ports = build_ports(settings)
    log = CountedLog(settings.kafka, group_name(settings, WORKER))
    checkpoints, by_topic = Checkpoints(ports, log), {ports.topic(kind.topic): kind for kind in STEPS}
    rebuilding = Rebuilding(ports, dict(by_topic), log, checkpoints, lambda *_: frozenset())
    counts = partition_counts(settings)
    places = [(topic, number) for topic, kind in by_topic.items() for number in range(counts[kind.topic])]
    began, cpu_began, parts = time.perf_counter(), time.process_time(), []
    for place, begun in [(place, rebuilding.begin(place, lambda: True)) for place in places]:
        before = (time.perf_counter(), time.process_time(), log.read_bytes, log.read_s)
        taken, fenced = begun.result(), time.perf_counter()
        assert taken is not None
        checkpoints.restore(place, *taken)
        wall, cpu = time.perf_counter() - before[0], time.process_time() - before[1]
        step, _ = taken
        parts.append(
            {
                "partition": f"{step.topic}/{step.partition}",
                "offset": step.offset,
                "wall_s": round(wall, 3),
                "cpu_s": round(cpu, 3),
                "fence_s": round(fenced - before[0], 3),
                "read_s": round(log.read_s - before[3], 3),
                "read_mb": _mb(log.read_bytes - before[2]),
            }
        )
    return {
        "wall_s": round(time.perf_counter() - began, 2),
        "cpu_s": round(time.process_time() - cpu_began, 2),
        "read_mb": _mb(log.read_bytes),
        "partitions": parts,
    }


if __name__ == "__main__":
    print(json.dumps(restore_all(load_settings())))
