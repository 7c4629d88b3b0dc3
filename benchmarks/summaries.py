"""Runs in turn, and what is said of several runs of one thing."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

Run = dict[str, Any]
TICK_S = 0.01  # the least that the operating system counts


def in_turn(runs: int, measures: Mapping[str, Callable[[], Run]]) -> dict[str, list[Run]]:
    """Each once, then each once more, every other time in the opposite order, so that what the machine does meanwhile
    meets all of them alike.
    """
    found: dict[str, list[Run]] = {name: [] for name in measures}
    for turn in range(runs):
        names = list(measures) if turn % 2 == 0 else list(measures)[::-1]
        for name in names:
            found[name].append(measures[name]())
    return found


def per_cpu_s(runs: Sequence[Run]) -> dict[str, Any]:
    """Events per CPU second of runs that have ``events`` and ``cpu_s``: the median, the ends, the runs."""
    rates = [run["events"] / max(TICK_S, run["cpu_s"]) for run in runs]
    return {
        "events_per_cpu_s": round(median(rates)),
        "spread": [round(min(rates)), round(max(rates))],
        "us_per_event": round(1e6 / median(rates), 2),
        "wall_s": [run["wall_s"] for run in runs],
        "runs": list(runs),
    }


def times(ours: float, theirs: float) -> float:
    """How many times theirs ours is."""
    return round(ours / theirs, 2)
