"""Events into histories, counts of what was seen together and popularity: ours and the peers', in turn.

All events stand in fresh raw topics before anybody reads. Measured is the CPU of the processes that take them (ours:
ingest and worker), from the moment that they are given the topics until nothing waits; that of broker and Redis stands
beside it. Ours are the processes of production without lists (benchmarks/state_worker.py), whose neighbour rows and
trending lists are written to Redis as ever; a peer writes to its changelogs only, the plain loop nowhere.

Slow peers get fewer events, the first ones of the same draw. That is to their advantage: rows of neighbours are
shorter at first.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from benchmarks.effort import Effort
from benchmarks.our_parts import STATE_WORKER, OurParts
from benchmarks.peer_runs import FAUST, PLAIN, QUIXSTREAMS, interpreter_of, run_peer
from benchmarks.raw_events import Shop, expected, produce_raw
from benchmarks.summaries import Run, in_turn, per_cpu_s, times
from benchmarks.tenants import tenant
from benchmarks.workload import Draws
from services.stack.embedded import EmbeddedStack
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import Settings, load_settings

OURS = "headrace"
EVENTS = {OURS: 1_000_000, FAUST: 30_000, QUIXSTREAMS: 100_000, PLAIN: 300_000}
QUICK_EVENTS = {OURS: 200_000, FAUST: 5_000, QUIXSTREAMS: 20_000, PLAIN: 60_000}
NOTES = [
    "CPU of the processes that take the events; broker and Redis are in cpu_s_by_process, not in the ratios",
    "slow peers take fewer events, the first ones of the same draw: CPU per event is what is compared",
    "a peer counts a pair in one row, Headrace in both; peers keep no decay, no event ids and write no rows to Redis",
    "the plain loop keeps its state in memory only: nothing of it survives the process",
]
Say = Callable[[str], None]


def measure(stack: EmbeddedStack, effort: Effort, say: Say) -> dict[str, Any]:
    """``x_…``: how many times as many events per CPU second as that peer."""
    draws = Shop().draws(load_settings().profiles.history)
    events = {
        name: number for name, number in events_of(effort, len(draws)).items() if name == OURS or interpreter_of(name)
    }
    measures = {name: partial(_run, stack, name, draws, number, say) for name, number in events.items()}
    found = {name: per_cpu_s(runs) for name, runs in in_turn(effort.runs, measures).items()}
    ours = found[OURS]["events_per_cpu_s"]
    ratios = {f"x_{name}": times(ours, runs["events_per_cpu_s"]) for name, runs in found.items() if name != OURS}
    return {"events_per_cpu_s": ours} | ratios | {"notes": NOTES, "events": events, "by": found}


def events_of(effort: Effort, drawn: int) -> dict[str, int]:
    """How many each one takes, of those that are drawn."""
    return {name: min(effort.scaled(EVENTS[name], QUICK_EVENTS[name]), drawn) for name in EVENTS}


def _run(stack: EmbeddedStack, name: str, draws: Draws, events: int, say: Say) -> Run:
    """In a tenant of its own."""
    with tenant(stack) as settings:
        produce_raw(settings, draws, events)
        run = run_ours(stack, settings, events) if name == OURS else run_peer(stack, settings, name, events)
        if name != OURS:
            check(name, run["held"], expected(draws, events, settings.profiles.history))
    say(f"{name}: {run['cpu_s'] / events * 1e6:.1f} µs of CPU per event, {run['wall_s']} s, {run['cpu_s_by_process']}")
    return run | {"events": events}


def run_ours(stack: EmbeddedStack, settings: Settings, events: int) -> Run:
    """The state path of ours over raw topics that hold so many events."""
    parts = OurParts(stack, settings)
    with parts.running(STATE_WORKER) as meter:
        parts.catch_up()
        run = meter.read()
        check(OURS, {"events": parts.applied()}, {"events": events})
    return run


def check(name: str, held: Mapping[str, int], want: Mapping[str, int]) -> None:
    """A figure of other work than was asked for is none."""
    if dict(held) != dict(want):
        raise WrongWorkError(f"{name} holds {held}, not {want}")


class WrongWorkError(HeadraceError):
    """What was measured has not done what it was to do."""
