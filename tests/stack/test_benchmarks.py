"""The speed benchmarks run, at a size at which their figures mean nothing, and give the keys that are reported."""

import pytest

from benchmarks import exactness, freshness
from benchmarks.effort import Effort
from benchmarks.peer_runs import QUIXSTREAMS, interpreter_of
from benchmarks.run import OTHER, SPEED
from benchmarks.worker import EXACT, PLAIN
from services.stack.embedded import EmbeddedStack

TINY = Effort(size=0.02, runs=1, seconds=3.0, quick=True)
KEYS = {
    "state_path": {"events_per_cpu_s", "x_faust", "x_plain"},
    "whole": {"events_per_s", "workers", "x_faust", "x_plain"},
    "whole_full": {"events_per_s"},
    "lists": {"per_cpu_s"},
    "freshness_ms": {"p50", "p99"},
    "reader": {"cpu_us", "x_reference", "p99_ms", "fused_cpu_us", "reranked_cpu_us", "unknown_cpu_us"},
    "memory": {"user_bytes", "item_bytes", "redis_user_bytes"},
    "scaling": {"cost_1e6_over_1e4"},
}


@pytest.mark.parametrize("name", SPEED)
def test_a_measure_gives_what_is_reported(stack: EmbeddedStack, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freshness, "SHARES", (freshness.REPORTED,))  # one load is enough to see that it runs
    found = SPEED[name](stack, TINY, print, {"whole": {"events_per_s": 200.0}})
    assert KEYS[name] <= found.keys()
    assert ("x_quixstreams" in found) == (name == "state_path" and interpreter_of(QUIXSTREAMS) is not None)
    if name == "whole":
        assert found["events_per_s"] == max(run["events_per_s"] for run in found["by_workers"].values())
    if name == "lists":
        assert found["by"]["full"]["items_per_list"] == 50


def test_what_exactness_costs_is_measured_to_its_end(stack: EmbeddedStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exactness, "ORDER", (EXACT, PLAIN))
    found = OTHER["exactness"](stack, TINY, print, {})
    written = [run["rec_written"] for how in ("on", "off") for run in found[how]["runs"]]
    assert written == [exactness.USERS * TINY.size] * 2
    assert found["cost_percent"] == found["cost_percent_by_pair"][0]
