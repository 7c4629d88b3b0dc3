"""The storefront's events in the order of their arrival, window by window, so that memory does not grow."""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from services.producers.records import Record
from services.producers.simulator.mishaps import bot_visits, disturb
from services.producers.simulator.names import COUNTRIES, DEVICES
from services.producers.simulator.parameters import DAY_MS, Parameters
from services.producers.simulator.rows import KINDS, Rows, joined, no_rows
from services.producers.simulator.sessions import sessions
from services.producers.simulator.world import World, build_world, item_id, user_id
from shared.contracts.events import Scalar

_WINDOW_EVENTS = 6000
_PER_SESSION = 8.0  # events, as a first guess
_MARGIN = 1.004  # a little more is made than asked for, so that the count is met
_PEAK_HOUR, _SWING = 20, 0.75
_STEPS = 200  # of a window, in which the rhythm is taken to be even


@dataclass
class Storefront:
    """One run. ``counts`` is the truth of what was sent, complete when the events are through."""

    parameters: Parameters
    world: World
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Arrival:
    """An event on its way: when it arrives (epoch ms) and what is wrong with it (0: nothing)."""

    at: int
    fault: int
    record: Record


def open_storefront(parameters: Parameters) -> Storefront:
    return Storefront(parameters, build_world(parameters))


def arrivals(front: Storefront) -> Iterator[Arrival]:
    """Exactly the events asked for, by arrival; repeats, bots and broken ones count among them."""
    left = front.parameters.events
    naming = _Naming(front)
    for made in _blocks(front):
        block = made.take(np.arange(min(left, len(made))))
        left -= len(block)
        _count(front, block)
        yield from naming.arrivals(block)
        if not left:
            return


def _at_rhythm(start: int, end: int, drawn: NDArray[np.float64]) -> NDArray[np.int64]:
    """Numbers from 0 to 1 → times of the window, more of them where the shop is busier."""
    grid = np.linspace(start, end, _STEPS)
    running = np.concatenate([[0.0], np.cumsum(rhythm((grid[1:] + grid[:-1]) / 2))])
    return np.minimum(np.interp(drawn, running / running[-1], grid).astype(np.int64), end - 1)


def rhythm(when: NDArray[np.float64]) -> NDArray[np.float64]:
    """How busy the shop is, 1 on average: an evening peak, a quiet early morning (UTC)."""
    hour = (when % DAY_MS) / DAY_MS * 24
    return 1 + _SWING * np.cos((hour - _PEAK_HOUR) / 24 * 2 * np.pi)


def _blocks(front: Storefront) -> Iterator[Rows]:
    """Windows of time; what arrives later than its window waits for its own."""
    p = front.parameters
    edges = p.start_ms + np.linspace(0, p.duration_ms, max(2, p.events // _WINDOW_EVENTS + 1)).astype(np.int64)
    busy = np.array([rhythm(np.linspace(a, b, _STEPS)).mean() * (b - a) for a, b in itertools.pairwise(edges)])
    maker, waiting = _Maker(front), no_rows()
    for w, (start, end) in enumerate(itertools.pairwise(edges)):
        waiting = joined([waiting, *maker.window(start, end, busy[w] / busy[w:].sum())]).by_arrival()
        ready = int(np.searchsorted(waiting.arrives, end)) if end < p.end_ms else len(waiting)
        yield waiting.take(np.arange(ready))
        waiting = waiting.take(np.arange(ready, len(waiting)))


class _Maker:
    """Makes what happens in a window, and keeps account so that the whole comes to the count asked for."""

    def __init__(self, front: Storefront) -> None:
        self._p, self._world = front.parameters, front.world
        self._rng = np.random.default_rng([self._p.seed, 3])
        self._bots = bot_visits(self._p)
        self._wanted = self._p.events * _MARGIN + 10 - len(self._bots)
        self._people = self._sessions = self._number = self._made = 0

    def window(self, start: int, end: int, share: float) -> Iterator[Rows]:
        """``share`` of what is still missing; the last window goes on until nothing is."""
        yield self._disturbed(self._bots.take((self._bots.ts >= start) & (self._bots.ts < end)))
        yield self._people_of(start, end, share)
        while end == self._p.end_ms and self._made < self._p.events:
            yield self._people_of(start, end, 1.0)

    def _people_of(self, start: int, end: int, share: float) -> Rows:
        per_session = max(1.0, self._people / self._sessions) if self._sessions else _PER_SESSION
        count = max(int(end == self._p.end_ms), round((self._wanted - self._people) * share / per_session))
        starts = np.sort(_at_rhythm(start, end, self._rng.random(count)))
        made = self._disturbed(sessions(self._world, self._p, starts, self._sessions, self._rng))
        self._sessions += count
        self._people += len(made)
        return made

    def _disturbed(self, events: Rows) -> Rows:
        within = events.take(events.ts < self._p.end_ms)
        made = disturb(replace(within, number=self._number + np.arange(len(within))), self._p, self._rng)
        self._number += len(within)
        self._made += len(made)
        return made


def _count(front: Storefront, block: Rows) -> None:
    """Repeats are counted by whoever reads the ids; here is what the block itself shows."""
    bots = block.user >= front.parameters.users
    front.counts.update(
        events=len(block),
        bad=int((block.fault > 0).sum()),
        bots=int(bots.sum()),
        late=int((block.arrives - block.ts >= 60_000).sum()),
    )
    for kind, n in zip(KINDS, np.bincount(block.kind, minlength=len(KINDS)).tolist(), strict=True):
        front.counts[kind] += n


class _Naming:
    """Numbers → ids and records."""

    def __init__(self, front: Storefront) -> None:
        p, users = front.parameters, front.world.users
        self._items = [item_id(n) for n in range(p.items)]
        self._people = p.users
        self._run = f"sim{p.seed}-{p.start_ms:x}"
        self._contexts: list[dict[str, Scalar]] = [
            {"device": device, "country": country} for device in DEVICES for country in COUNTRIES
        ]
        self._context_of = users.device * len(COUNTRIES) + users.country

    def arrivals(self, block: Rows) -> Iterator[Arrival]:
        people = self._people
        contexts = self._context_of[np.minimum(block.user, people - 1)]
        values = np.where(np.isnan(block.value), None, block.value)  # type: ignore[call-overload]
        columns = (block.number, block.ts, block.arrives, block.kind, block.user, block.item, block.session)
        for number, ts, at, kind, user, item, session, fault, value, context in zip(
            *(c.tolist() for c in (*columns, block.fault, values, contexts)), strict=True
        ):
            bot = user >= people
            record = Record(
                ts,
                KINDS[kind],
                f"bot-{user - people}" if bot else user_id(user),
                self._items[item],
                value,
                None if bot else self._contexts[context],
                None,
                f"crawl{-session}" if bot else f"s{session}",
                f"{self._run}-{number}",
            )
            yield Arrival(at, fault, record)
