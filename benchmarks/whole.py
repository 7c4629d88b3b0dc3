"""The whole way, from raw events to refreshed lists in Redis, sustained on this machine with broker and Redis on it.

A generator on the same machine keeps about WINDOW_S seconds of events waiting and no more: what is measured is what the
parts take while lists stay fresh within seconds. (The further a worker is behind, the larger are its frames and the
more events share a list, so it would take more with a longer queue. How many lists an event got stands beside the
rate.) Memory of the worker is sampled; it is flat if the last third of the samples has the median of the first third
after warming up.

It is measured with one worker and with two (`headrace run --workers 2`): ``events_per_s`` is of as many ``workers`` as
take more. ``x_faust``: events per second of wall, ours with one worker against the Faust app, one process as well, with
a list for each event. The peers find their events in full topics, and no generator runs beside them.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from statistics import median
from typing import Any

from benchmarks.effort import Effort
from benchmarks.generator import Generator
from benchmarks.our_parts import OurParts
from benchmarks.peer_runs import FAUST, PLAIN, run_peer
from benchmarks.raw_events import Shop, expected, produce_raw
from benchmarks.state_path import check
from benchmarks.summaries import Run, in_turn, times
from benchmarks.tenants import tenant
from benchmarks.workload import Draws
from services.stack.embedded import EmbeddedStack
from shared.contracts.sections import ListSettings
from shared.contracts.settings import load_settings

OURS = "headrace"
WINDOW_S, LEAST_WINDOW, RATE_OVER = 2.0, 2_000, 10  # the rate of so many samples
SHORT_S, SAMPLE_S = 30.0, 0.5
WARM_SHARE, MOST_WARM_S = 0.25, 30.0
EVENTS = {FAUST: 20_000, PLAIN: 300_000}
QUICK_EVENTS = {FAUST: 2_000, PLAIN: 60_000}
FLAT = 1.05
WORKERS = (1, 2)
FEWEST = 6  # samples
NOTES = [
    "events per second of wall on this machine, broker, Redis and (for ours) the generator on it",
    "peers take fewer events, the first ones of the draw, from full topics",
    "Faust writes a list for each event; ours and the plain loop one for each user of what waits together",
    "ratios are of one worker of ours",
    "a peer's list is a sum of its rows, filled up with popular items; ours is ranked by what the profile says",
]
Say = Callable[[str], None]
Sample = tuple[float, int, int, int]
"""Seconds, events applied, lists written, resident bytes of the worker."""


def fast_profile() -> dict[str, str]:
    """The variables of the fast lists, where settings know them."""
    return {"HEADRACE_LISTS_PROFILE": "fast"} if "profile" in ListSettings.model_fields else {}


def measure(stack: EmbeddedStack, effort: Effort, say: Say) -> dict[str, Any]:
    """With fast lists if there are such; the peers in turn with shorter runs."""
    profile = fast_profile()
    by_workers = {many: sustained(stack, effort, effort.seconds, profile, say, many) for many in WORKERS}
    workers, long = max(by_workers.items(), key=lambda run: float(run[1]["events_per_s"]))
    short = partial(sustained, stack, effort, SHORT_S, profile, say)
    ours = {} if effort.quick else {OURS: short}
    draws = Shop().draws(load_settings().profiles.history)
    peers = {
        name: partial(_run_peer, stack, name, draws, effort.scaled(EVENTS[name], QUICK_EVENTS[name]), say)
        for name in EVENTS
    }
    runs = in_turn(effort.runs, ours | peers)
    rates = {name: median(run["events_per_s"] for run in found) for name, found in runs.items()}
    mine = rates.pop(OURS, by_workers[1]["events_per_s"])
    ratios = {f"x_{name}": times(mine, rate) for name, rate in rates.items()}
    return (
        {"events_per_s": long["events_per_s"], "workers": workers}
        | ratios
        | {"notes": NOTES, "profile": profile, "sustained": long, "by_workers": by_workers, "by": runs}
    )


def measure_full(stack: EmbeddedStack, effort: Effort, say: Say) -> dict[str, Any]:
    """The default lists."""
    run = sustained(stack, effort, effort.seconds, {}, say)
    return {"events_per_s": run["events_per_s"], "sustained": run}


def sustained(
    stack: EmbeddedStack, effort: Effort, seconds: float, more: Mapping[str, str], say: Say, workers: int = 1
) -> Run:
    """Events per second after warming up, and what else was seen meanwhile."""
    least = effort.scaled(LEAST_WINDOW, LEAST_WINDOW)
    with tenant(stack) as settings, Generator(settings, Shop()) as generator:
        parts = OurParts(stack, settings, workers)
        with parts.running(more=more) as meter:
            samples, began = list[Sample](), time.monotonic()
            while (now := time.monotonic() - began) < seconds or len(samples) < FEWEST:
                lists = int(parts.of_workers("headrace_lists_total", view="rec"))
                samples.append((now, parts.applied(), lists, parts.workers_bytes()))
                generator.until(samples[-1][1] + window(samples, least))
                time.sleep(SAMPLE_S)
            used = meter.read()
    run = summed_up(samples, min(MOST_WARM_S, WARM_SHARE * seconds)) | used
    said = f"{run['events_per_s']} events/s, {run['lists_per_event']} lists each, {run['worker_mb']} MB"
    say(f"workers: {workers}; {said}")
    return run


def window(samples: Sequence[Sample], least: int) -> int:
    """How many events may wait, by the rate of the last samples."""
    recent = samples[-RATE_OVER:]
    seconds = recent[-1][0] - recent[0][0]
    return max(least, int(WINDOW_S * (recent[-1][1] - recent[0][1]) / seconds)) if seconds > 0 else least


def summed_up(samples: Sequence[Sample], warm_s: float) -> Run:
    """What samples after warming up come to: the rate over all, and the least and most of five parts."""
    kept = [sample for sample in samples if sample[0] >= warm_s] or list(samples)
    first, last = kept[0], kept[-1]
    events = last[1] - first[1]
    fifths = [kept[n * (len(kept) - 1) // 5] for n in range(6)]
    parts = [round((b[1] - a[1]) / (b[0] - a[0])) for a, b in pairwise(fifths) if b[0] > a[0]]
    third = max(1, len(kept) // 3)
    memory = [median(sample[3] for sample in part) for part in (kept[:third], kept[-third:])]
    return {
        "events_per_s": round(events / max(1e-9, last[0] - first[0])),
        "events_per_s_by_fifth": parts,
        "lists_per_event": round((last[2] - first[2]) / max(1, events), 3),
        "events": last[1],
        "worker_mb": [round(size / 1e6) for size in memory],
        "memory_flat": memory[1] <= FLAT * memory[0],
    }


def _run_peer(stack: EmbeddedStack, name: str, draws: Draws, events: int, say: Say) -> Run:
    with tenant(stack) as settings:
        produce_raw(settings, draws, events)
        run = run_peer(stack, settings, name, events, lists=True)
        check(name, run["held"], expected(draws, events, settings.profiles.history))
    say(f"{name}: {events / run['wall_s']:.0f} events/s, {run['cpu_s'] / events * 1e6:.0f} µs of CPU per event")
    return run | {"events": events, "events_per_s": round(events / run["wall_s"])}
