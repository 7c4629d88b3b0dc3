"""The quantiles of a histogram, and what the workers say of themselves."""

import asyncio
from math import inf

from services.reader.endpoints.status import quantile, write_path
from shared.contracts.pulse import Pulse, encode_pulse
from shared.contracts.settings import load_settings
from shared.contracts.views import Keys
from tests.unit.reader.fakes import FakeViews


def test_linear_within_a_bucket() -> None:
    buckets = {0.001: 0.0, 0.002: 100.0, inf: 100.0}
    assert quantile(buckets, 0.5) == 1.5
    assert quantile(buckets, 0.99) == 1.99


def test_beyond_the_last_edge_is_the_last_edge() -> None:
    assert quantile({0.001: 1.0, inf: 100.0}, 0.99) == 1.0


def test_nothing_observed() -> None:
    assert quantile({0.001: 0.0, inf: 0.0}, 0.5) is None
    assert quantile({}, 0.5) is None


def ask(views: FakeViews) -> object:
    return asyncio.run(write_path(views, Keys(load_settings()), 4))


def test_the_pulses_of_all_workers_are_one_write_path() -> None:
    views = FakeViews()
    views.values["pulse:0"] = encode_pulse(Pulse(1, 10, 3, {"0.1": 0, "0.2": 4, "+Inf": 4}))
    views.values["pulse:3"] = encode_pulse(Pulse(1, 20, 4, {"0.1": 4, "0.2": 4, "+Inf": 4}))
    views.values["pulse:1"] = b"{}"
    assert ask(views) == {"applied": 30, "behind": 7, "freshness_ms": {"p50": 100.0, "p99": 198.0}}


def test_without_a_worker_or_without_redis_there_is_none() -> None:
    views = FakeViews()
    assert ask(views) is None
    views.broken = True
    assert ask(views) is None
