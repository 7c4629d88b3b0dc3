"""What goes wrong on the way: bots, repeats, late and disordered arrivals, events that break the contract."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from services.producers.simulator.faults import FAULTS
from services.producers.simulator.parameters import DAY_MS, Parameters
from services.producers.simulator.rows import VIEW, Rows, joined, rows

Ints = NDArray[np.int64]
BOT_GAP_MS = 200  # five looks a second
_VISIT = 400  # looks of one visit of a bot
_SOON_MS, _LATE_MS = 10_000, 120_000


def bot_visits(p: Parameters) -> Rows:
    """All that bots do: they walk through the catalogue item by item. Their users stand behind the people."""
    rng = np.random.default_rng([p.seed, 2])
    wanted = round(p.events * p.bot_share)
    size = max(1, min(_VISIT, wanted, p.duration_ms // (2 * BOT_GAP_MS)))
    starts = np.sort(rng.random(-(-wanted // size)) * max(1, p.duration_ms - size * BOT_GAP_MS)).astype(np.int64)
    step = np.arange(size)
    when = (p.start_ms + starts[:, None] + step * BOT_GAP_MS).ravel()[:wanted]
    bot = np.repeat(p.users + rng.integers(0, max(1, p.users // 1000), len(starts)), size)[:wanted]
    item = ((rng.integers(0, p.items, len(starts))[:, None] + step) % p.items).ravel()[:wanted]
    return rows(when, VIEW, bot, item, -1 - np.repeat(np.arange(len(starts)), size)[:wanted])


def disturb(events: Rows, p: Parameters, rng: np.random.Generator) -> Rows:
    """Delay, repeat and break some of the events; nothing arrives after the end."""
    n = len(events)
    chance = rng.random(n)
    soon = (rng.random(n) * _SOON_MS).astype(np.int64)
    late = np.exp(rng.uniform(np.log(_LATE_MS), np.log(DAY_MS), n)).astype(np.int64)
    delay = np.where(chance < p.late_share, late, np.where(chance < p.late_share + p.disorder_share, soon, 0))
    events = replace(events, arrives=np.minimum(events.ts + delay, p.end_ms))
    repeats = _repeats(events, p, rng)
    broken = events.take(rng.random(n) < p.bad_share)
    kinds = 1 + rng.integers(0, len(FAULTS), len(broken))
    return joined([events, repeats, replace(broken, fault=kinds)])


def _repeats(events: Rows, p: Parameters, rng: np.random.Generator) -> Rows:
    again = events.take(rng.random(len(events)) < p.duplicate_share)
    return replace(again, arrives=np.minimum(again.arrives + rng.integers(100, 60_000, len(again)), p.end_ms))
