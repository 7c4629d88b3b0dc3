"""A worker's lag and pulse, with a clock and a store that the test holds."""

from typing import Any, cast
from uuid import uuid4

import numpy as np

from shared.adapters import metrics
from shared.contracts.pulse import PULSE_TTL_S, Pulse, decode_pulse
from shared.contracts.settings import load_settings
from shared.contracts.views import Keys
from streams.hosting.pulse import WINDOW_MS, PulseWriter
from streams.steps.ports import Ports


class Store:
    def __init__(self) -> None:
        self.marks: list[tuple[str, bytes, int]] = []

    def mark(self, key: str, value: bytes, ttl_s: int) -> None:
        self.marks.append((key, value, ttl_s))

    def last(self) -> Pulse:
        pulse = decode_pulse(self.marks[-1][1])
        assert pulse is not None
        return pulse


class Desk:
    """A pulse writer of a tenant of its own: metrics are of the whole process."""

    def __init__(self) -> None:
        self.now, self.store = 0, Store()
        self.tenant = f"t-{uuid4().hex[:6]}"
        settings = load_settings(tenant=self.tenant)
        nothing = cast("Any", None)
        ports = Ports(settings, nothing, cast("Any", self.store), Keys(settings), nothing, lambda: self.now)
        self.writer = PulseWriter(ports)

    def beat(self, **behind: int) -> None:
        named = {(f"{self.tenant}.{name[:-1].replace('_', '-')}", int(name[-1])): n for name, n in behind.items()}
        self.writer.beat(named)

    def lags(self) -> dict[str, float]:
        samples = (s for family in metrics.LAG_RECORDS.collect() for s in family.samples)
        ours = (s for s in samples if s.labels["topic"].startswith(self.tenant))
        return {s.labels["topic"].removeprefix(self.tenant + ".") + s.labels["partition"]: s.value for s in ours}


def test_lag_is_shown_of_what_is_held_and_of_nothing_else() -> None:
    desk = Desk()
    desk.beat(frames1=5, frames3=0, item_deltas0=7)
    assert desk.lags() == {"frames1": 5, "frames3": 0, "item-deltas0": 7}
    desk.beat(frames3=2)
    assert desk.lags() == {"frames3": 2}


def test_a_pulse_has_its_place_by_the_least_frames_partition() -> None:
    desk = Desk()
    desk.beat(frames3=1, frames1=5, item_deltas0=7)
    [(key, _, ttl_s)] = desk.store.marks
    assert (key, ttl_s) == (f"{desk.tenant}:pulse:1", PULSE_TTL_S)
    assert desk.store.last().behind == 13


def test_a_worker_without_frames_has_no_pulse() -> None:
    desk = Desk()
    desk.beat(item_deltas0=7)
    assert desk.store.marks == []


def test_freshness_is_that_of_the_last_minute() -> None:
    desk = Desk()
    desk.beat(frames0=0)
    seen = desk.store.last().freshness["+Inf"]
    metrics.FRESHNESS.observe_all(np.array([0.001]))
    desk.now = 1000
    desk.beat(frames0=0)
    assert desk.store.last().freshness["+Inf"] == seen + 1
    desk.now = WINDOW_MS + 500
    metrics.FRESHNESS.observe_all(np.array([0.001]))
    desk.beat(frames0=0)
    assert desk.store.last().freshness["+Inf"] == 2
    desk.now = WINDOW_MS + 1000
    desk.beat(frames0=0)
    assert desk.store.last().freshness["+Inf"] == 1
