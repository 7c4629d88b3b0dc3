"""What an event costs the steps at ten thousand and at a million users and items: it should be nearly the same.

``cost_1e6_over_1e4`` is of Zipf, as shops have it; uniform, which meets every user and item alike and so none in the
processor's caches, stands beside it. Each run is a process of its own, sizes and laws in turn.
"""

from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

from benchmarks.effort import Effort
from benchmarks.folding import UNIFORM, ZIPF, folded
from benchmarks.summaries import Run, in_turn
from services.stack.embedded import EmbeddedStack

SMALL, LARGE = 10_000, 1_000_000
EVENTS, QUICK_EVENTS = 400_000, 100_000
SEED = 31
Say = Callable[[str], None]


def measure(stack: EmbeddedStack, effort: Effort, say: Say) -> dict[str, Any]:  # noqa: ARG001 - in process
    """µs per event by law and size; ``size`` makes all of it smaller."""
    small, large = (max(100, int(size * min(1.0, effort.size))) for size in (SMALL, LARGE))
    events = effort.scaled(EVENTS, QUICK_EVENTS)
    sizes, laws = {"1e4": small, "1e6": large}, [ZIPF] if effort.quick else [ZIPF, UNIFORM]
    measures = {f"{law} {name}": partial(_run, size, events, law, say) for law in laws for name, size in sizes.items()}
    runs = in_turn(effort.runs, measures)
    cost = {name: median(run["us_per_event"] for run in found) for name, found in runs.items()}
    ratios = {law: round(cost[f"{law} 1e6"] / cost[f"{law} 1e4"], 2) for law in laws}
    return {"cost_1e6_over_1e4": ratios[ZIPF], "by_law": ratios, "us_per_event": cost, "sizes": sizes, "runs": runs}


def _run(size: int, events: int, law: str, say: Say) -> Run:
    run = folded(size, size, events, law, SEED)
    say(f"{law}, {size} users and items: {run['us_per_event']} µs per event")
    return run
