"""Small logs, and methods that have learned them."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from services.evaluate.event_log import NONE, EventLog
from services.evaluate.method import Query, Scoring
from services.evaluate.past import Past
from shared.contracts.catalogue import ItemRecord
from shared.core.kernel import Floats, Ints

START = 1_700_000_000_000
M = TypeVar("M", bound=Scoring)
NOBODY: Ints = np.zeros(0, dtype=np.int32)

Events = Sequence[tuple[int, int, int]]
"""(ms since START, user, item), in order of time."""


def log_of(
    events: Events, catalogue: dict[int, ItemRecord] | None = None, *, items: int = 0, baskets: list[int] | None = None
) -> EventLog:
    times, users, taken = (np.array(column) for column in zip(*events, strict=True))
    none = np.full(len(events), NONE, dtype=np.int32)
    most = max(int(taken.max()) + 1, items, *(item + 1 for item in catalogue or ()))
    return EventLog(
        "small",
        times.astype(np.int64) + START,
        users.astype(np.int32),
        taken.astype(np.int32),
        np.zeros(len(events), dtype=np.int32),
        np.full(len(events), np.nan),
        none if baskets is None else np.array(baskets, dtype=np.int32),
        none,
        none,
        [f"u{user:03}" for user in range(int(users.max()) + 1)],
        [f"i{item:03}" for item in range(most)],
        ["view"],
        catalogue=catalogue or {},
    )


def learned(log: EventLog, build: Callable[[Past], M]) -> M:
    """The method after the whole log, refitted at its end."""
    past = Past(log)
    method = build(past)
    for event in range(len(log)):
        method.learn(event)
        past.push(event)
    method.refit(int(log.ts[-1]))
    return method


def scores(method: Scoring, user: int, ts: int | None = None) -> Floats:
    """float64[items]; by default as of the last event."""
    log = method.past.log
    out = np.zeros(len(log.items), dtype=np.float64)
    method.score(Query(user, int(log.ts[-1]) if ts is None else ts + START, len(log) - 1, NOBODY), out)
    return out


def random_events(seed: int, count: int, users: int, items: int, step: int = 1000) -> list[tuple[int, int, int]]:
    random = np.random.default_rng(seed)
    return [(step * n, int(random.integers(users)), int(random.integers(items) ** 2 // items)) for n in range(count)]
