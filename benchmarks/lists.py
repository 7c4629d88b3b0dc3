"""What a list costs: made by the list maker of the only worker, written to a real Redis, in one process.

Users of a shop are taken at random, as many together as wait in a turn of a busy worker, round after round for some
seconds. ``per_cpu_s`` counts the CPU of our process alone; Redis's own stands beside it. The profile is the fast one if
settings have it; the default beside it.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.effort import Effort
from benchmarks.metering import server_cpu
from benchmarks.one_process import OneProcess
from benchmarks.raw_events import SEED, Shop
from benchmarks.tenants import tenant
from benchmarks.whole import fast_profile
from benchmarks.workload import Framing
from services.stack.embedded import EmbeddedStack
from shared.contracts.settings import Settings
from shared.contracts.views import decode_view
from shared.core.warming import compile_kernels

USERS, ITEMS, BATCH = 10_000, 5_000, 4_000
QUICK_USERS = 2_000
TOGETHER = 128
WARM_S, BUSY_S = 1.0, 3.0  # what is held is read again once a second: several of them count
Say = Callable[[str], None]


def measure(stack: EmbeddedStack, effort: Effort, say: Say) -> dict[str, Any]:
    """Lists of 50 per CPU second of ours."""
    profiles = ["fast", "full"] if fast_profile() else ["full"]
    by = {profile: _of_profile(stack, effort, profile, bool(fast_profile())) for profile in profiles}
    for profile, found in by.items():
        say(f"{profile}: {found['us_per_list']} µs of CPU per list")
    return {"per_cpu_s": by[profiles[0]]["per_cpu_s"], "profile": profiles[0], "by": by}


def _of_profile(stack: EmbeddedStack, effort: Effort, profile: str, known: bool) -> dict[str, Any]:
    more: dict[str, Any] = {"lists": {"profile": profile}} if known else {}
    with tenant(stack, **more) as settings:
        shop = folded_shop(settings, effort)
        chance = np.random.default_rng(SEED)
        _busy(shop, chance, WARM_S)
        before = server_cpu(stack)["redis"]
        rounds = _busy(shop, chance, max(1, effort.runs) * BUSY_S)
        redis = server_cpu(stack)["redis"] - before
        lengths = _lengths(shop)
        shop.close()
    written, cpu_s = sum(count for _, count in rounds), sum(cpu for cpu, _ in rounds)
    each = [cpu / count * 1e6 for cpu, count in rounds]
    return {
        "per_cpu_s": round(written / cpu_s),
        "us_per_list": round(cpu_s / written * 1e6, 1),
        "spread_us": [round(float(np.percentile(each, share)), 1) for share in (10, 90)],
        "redis_us_per_list": round(redis / written * 1e6, 1),
        "lists": written,
        "items_per_list": lengths,
    }


def folded_shop(settings: Settings, effort: Effort) -> OneProcess:
    """A shop with rows, numbers and tops in Redis, and no list yet."""
    compile_kernels(settings)
    users = effort.scaled(USERS, QUICK_USERS)
    draws = Shop(users, ITEMS).draws(settings.profiles.history)
    shop, framing = OneProcess(settings), Framing(settings, users, ITEMS)
    for frames in framing.batches(draws, 0, len(draws), BATCH):
        shop.fold(frames)
    shop.publish_items()
    return shop


def _busy(shop: OneProcess, chance: np.random.Generator, seconds: float) -> list[tuple[float, int]]:
    """Rounds without a pause."""
    rounds, end = list[tuple[float, int]](), time.monotonic() + seconds
    while time.monotonic() < end:
        rounds.append(_timed(shop, chance))
    return rounds


def _timed(shop: OneProcess, chance: np.random.Generator) -> tuple[float, int]:
    """CPU seconds of the lists of some users of a partition, and how many there were."""
    step = shop.profiles[int(chance.integers(len(shop.profiles)))]
    users = chance.permutation(step.users)[:TOGETHER].astype(np.int32)
    began = time.process_time()
    step.write_lists(users)
    return time.process_time() - began, len(users)


def _lengths(shop: OneProcess) -> float:
    """Mean items of the lists that stand."""
    raw = shop.views.read([shop.ports.keys.rec(name) for name in shop.profiles[0].names[:500]])
    lengths = [len(decode_view(payload).items) for payload in raw if payload is not None]
    return round(sum(lengths) / max(1, len(lengths)), 1)
