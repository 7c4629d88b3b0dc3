"""What exactness costs: CPU per event of a worker's process as in production, against one without it.

ON: the real worker. OFF: the same worker, whose checkpoints never come due and whose views are written by plain
pipelined SET. (Source offsets, the idempotent producer and acknowledgement after delivery are in both: they are the
way of the data.) Both get the same frames, at once, when they hold their partitions: what stands in the log before is
folded in one piece at assignment, without turns or checkpoints, which is no picture of a worker at work.

How often to checkpoint. In production a worker at full load has 30 CPU seconds between two checkpoints of a partition,
and at 200,000 users and 50,000 items nearly all of the state has changed by then. A run of 30 CPU seconds and more
with such a state is too long for a benchmark, so both are a tenth: 20,000 users, 5,000 items, 3 CPU seconds. The bytes
saved per CPU second are the same, the transactions ten times as many (which is to the disadvantage of ON). The worker's
clock runs by CPU time (benchmarks/worker.py), so that a busy machine does not make checkpoints more frequent per event.
The state grows during a run; its arrays reach their size early, when most users have been seen.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import IO, Any

from benchmarks.metering import server_cpu
from benchmarks.plain_views import PlainViews
from benchmarks.tenants import tenant, variables_of
from benchmarks.worker import EXACT, PLAIN
from benchmarks.workload import Framing, draw
from services.stack.embedded import EmbeddedStack
from shared.adapters.kafka_clients import exact_producer, produce
from shared.adapters.redis_views import BATCH, ViewStore
from shared.contracts.errors import Unavailable
from shared.contracts.frames import encode_frame
from shared.contracts.settings import Settings
from shared.contracts.topics import FRAMES, topic_name
from shared.contracts.views import VIEW_VERSION, Keys, View, at, encode_view

SEED = 21
USERS, ITEMS, EVENTS_PER_USER = 20_000, 5_000, 20
CHECKPOINT_CPU_MS = 3_000
NEVER_MS = 10**12
ORDER = (EXACT, PLAIN, PLAIN, EXACT, EXACT, PLAIN)
BATCHES = 20
TARGET_PERCENT = 15
FLUSH_S = 300.0
Say = Callable[[str], None]
Log = list[tuple[int, bytes]]
Run = dict[str, Any]


def measure(stack: EmbeddedStack, size: float, say: Say) -> dict[str, Any]:
    """``size`` scales users, and with them events."""
    log: Log = []
    events = 0
    writing: dict[str, Any] = {}
    runs: dict[str, list[Run]] = {EXACT: [], PLAIN: []}
    for how in ORDER:
        with tenant(stack, topics={"raw_partitions": 1}) as settings:
            if not log:
                log, events = _log(settings, int(USERS * size))
                say(f"{events} events in {len(log)} frames, {sum(len(raw) for _, raw in log) / 1e6:.0f} MB")
                writing = _per_view(settings)
            run = _run(stack, settings, how, log, events, say)
        say(f"{how}: {run['cpu_s'] / events * 1e6:.1f} µs/event, {json.dumps(run)}")
        runs[how].append(run)
    return {"events": events, "frames": len(log), "target_percent": TARGET_PERCENT} | _compared(runs, events) | writing


def _log(settings: Settings, users: int) -> tuple[Log, int]:
    """What ingest would have made of the events, (partition, record) in order."""
    draws = draw(SEED, users, ITEMS, EVENTS_PER_USER, settings.profiles.history, days=1)
    batches = Framing(settings, users, ITEMS).batches(draws, 0, len(draws), settings.ingest.batch)
    return [(number, encode_frame(frame)) for batch in batches for number, frame in batch], len(draws)


def _run(stack: EmbeddedStack, settings: Settings, how: str, log: Log, events: int, say: Say) -> Run:
    deltas = len(log) * settings.topics.items_partitions  # counts go to every partition
    pace = CHECKPOINT_CPU_MS if how == EXACT else NEVER_MS
    command = [sys.executable, "-m", "benchmarks.worker", how, str(events), str(deltas)]
    variables = variables_of(settings, HEADRACE_TICKS_CHECKPOINT_MS=str(pace))
    with subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True) as worker:
        try:
            _next_line(worker.stdout)
            say(f"{how}: the worker holds its partitions")
            before = server_cpu(stack)
            _produce(settings, log)
            run = _next_line(worker.stdout)
            run["server_cpu_s"] = {name: round(cpu - before[name], 1) for name, cpu in server_cpu(stack).items()}
        finally:
            worker.kill()
    return run


def _next_line(lines: IO[str] | None) -> Run:
    line = lines.readline() if lines else ""
    if not line:
        raise Unavailable("the worker ended; it said why above")
    found: Run = json.loads(line)
    return found


def _produce(settings: Settings, log: Log) -> None:
    producer = exact_producer(settings.kafka)
    for number, raw in log:
        produce(producer, topic_name(settings, FRAMES), raw, partition=number)
    if producer.flush(FLUSH_S):
        raise Unavailable(f"the frames were not in the log after {FLUSH_S:.0f} s")


def _compared(runs: dict[str, list[Run]], events: int) -> dict[str, Any]:
    on, off = (runs[how] for how in (EXACT, PLAIN))
    pairs = [_percent(a["cpu_s"], b["cpu_s"]) for a, b in zip(on, off, strict=True)]
    return {
        "cost_percent": _percent(median(run["cpu_s"] for run in on), median(run["cpu_s"] for run in off)),
        "cost_percent_by_pair": pairs,
        "on": _summed_up(on, events),
        "off": _summed_up(off, events),
    }


def _percent(on: float, off: float) -> float:
    return round(100 * (on / off - 1), 1)


def _summed_up(runs: Sequence[Run], events: int) -> dict[str, Any]:
    cpu = [round(run["cpu_s"] / events * 1e6, 2) for run in runs]
    return {
        "cpu_us_per_event": median(cpu),
        "spread_us": [min(cpu), max(cpu)],
        "events_per_cpu_s": round(1e6 / median(cpu)),
        "runs": runs,
    }


def _per_view(settings: Settings) -> dict[str, Any]:
    """CPU of our process to write one list of 50, either way: what the difference between the runs is made of."""
    exact, plain = ViewStore(settings), PlainViews(settings)
    cpu: dict[str, list[float]] = {EXACT: [], PLAIN: []}
    for number in range(BATCHES):
        keys, payload = _lists(Keys(settings), number)
        for how, store in ((EXACT, exact), (PLAIN, plain)):
            began = time.process_time()
            store.write(keys, [payload] * len(keys), 3600)
            cpu[how].append((time.process_time() - began) / len(keys) * 1e6)
    exact.close()
    plain.close()
    return {"write_us_per_view": {"eval": round(median(cpu[EXACT]), 2), "set": round(median(cpu[PLAIN]), 2)}}


def _lists(keys: Keys, offset: int) -> tuple[list[str], bytes]:
    """Whose they are, and what all of them say."""
    items = [f"item-{n:06d}" for n in range(50)]
    view = View(VIEW_VERSION, at(1, offset), 1, "personal", "cooc-1", items, [1 / (n + 1) for n in range(50)])
    return [keys.rec(f"bench-{n}") for n in range(BATCH)], encode_view(view)
