"""From an event's sending to the user's list in Redis that includes it, at 10, 50 and 80 % of what the parts can take.

A generator process sends at a steady rate, all on this machine. Beside it probes act in every partition ten times a
second and read Redis as an app does, every few milliseconds (benchmarks/probes.py); a time includes half of such a
look on average. What was never seen counts as endless. ``p50`` and ``p99`` are of half the capacity.
"""

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.effort import Effort
from benchmarks.generator import Generator
from benchmarks.our_parts import OurParts
from benchmarks.probes import Probe, Probes, percentile
from benchmarks.raw_events import Shop
from benchmarks.tenants import tenant
from benchmarks.whole import WORKERS, fast_profile, sustained
from services.stack.embedded import EmbeddedStack

SHARES = (10, 50, 80)
REPORTED = 50
LOOK_S = 0.002
LEVEL_S, QUICK_LEVEL_S = 60.0, 10.0
WARM_S, GIVE_UP_S = 5.0, 30.0
PERCENTS = (50, 99, 99.9)
CAPACITY_S = 20.0
Say = Callable[[str], None]


def measure(
    stack: EmbeddedStack, effort: Effort, say: Say, capacity: float | None = None, workers: int = WORKERS[-1]
) -> dict[str, Any]:
    """``capacity``: events per second as ``whole`` found it with so many workers; measured here in short if nobody
    has.
    """
    known = capacity or sustained(stack, effort, CAPACITY_S, fast_profile(), say, workers)["events_per_s"]
    by = {f"{share}_percent": _at(stack, effort, share * known / 100, workers, say) for share in SHARES}
    reported = by[f"{REPORTED}_percent"]
    about = {"capacity_events_per_s": round(known), "workers": workers}
    return {"p50": reported["p50"], "p99": reported["p99"]} | about | {"by": by}


def _at(stack: EmbeddedStack, effort: Effort, rate: float, workers: int, say: Say) -> dict[str, Any]:
    seconds = QUICK_LEVEL_S if effort.quick else LEVEL_S
    with tenant(stack) as settings, Generator(settings, Shop()) as generator:
        parts = OurParts(stack, settings, workers)
        with parts.running(more=fast_profile()):
            generator.rate(rate)
            probes = Probes(settings, LOOK_S)
            probes.start()
            counted = watched(probes, seconds * effort.size)
            probes.stop()
            applied = parts.applied()
    found = percentiles(counted)
    say(f"at {rate:.0f} events/s: {found}")
    return {"events_per_s": round(rate), "events_applied": applied} | found


def watched(probes: Probes, seconds: float, warm_s: float = WARM_S) -> list[Probe]:
    """The probes of so many seconds after warming up, once each was seen or is given up."""
    time.sleep(warm_s)
    start = time.monotonic()
    time.sleep(seconds)
    end = time.monotonic()
    counted = [probe for probe in probes.probes if start <= probe.sent < end]
    while any(probe.seen is None for probe in counted) and time.monotonic() < end + GIVE_UP_S:
        time.sleep(LOOK_S)
    return counted


def percentiles(probes: Sequence[Probe]) -> dict[str, Any]:
    """Milliseconds by name; None for what never came."""
    ages = sorted(math.inf if p.seen is None else p.seen - p.sent for p in probes)
    found: dict[str, Any] = {f"p{percent:g}": _ms(percentile(ages, percent)) if ages else None for percent in PERCENTS}
    return found | {"probes": len(ages), "never": sum(map(math.isinf, ages))}


def _ms(seconds: float) -> float | None:
    return None if math.isinf(seconds) else round(1000 * seconds, 1)
