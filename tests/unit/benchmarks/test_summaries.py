"""Runs in turn, medians, and when two revisions are apart."""

import io
import json
import math
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import plots
from benchmarks.compare import compared, print_ratios
from benchmarks.effort import Effort
from benchmarks.freshness import percentiles
from benchmarks.generator import Pace
from benchmarks.probes import Probe
from benchmarks.run import keep, write
from benchmarks.summaries import in_turn, per_cpu_s, times
from benchmarks.table import figure, print_table
from benchmarks.whole import summed_up, window


def test_runs_are_interleaved_and_every_other_turn_goes_backwards() -> None:
    order: list[str] = []

    def run(name: str) -> dict[str, int]:
        order.append(name)
        return {"n": len(order)}

    found = in_turn(3, {name: partial(run, name) for name in "ab"})
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert found == {"a": [{"n": 1}, {"n": 4}, {"n": 5}], "b": [{"n": 2}, {"n": 3}, {"n": 6}]}


def test_a_rate_is_the_median_of_runs_by_cpu_time() -> None:
    runs = [{"events": 1000, "cpu_s": cpu, "wall_s": 9.0} for cpu in (0.1, 0.5, 0.2)]
    found = per_cpu_s(runs)
    assert (found["events_per_cpu_s"], found["spread"], found["us_per_event"]) == (5000, [2000, 10_000], 200.0)
    assert times(5000, 300) == 16.67


def test_what_is_sustained_leaves_warming_up_out() -> None:
    samples = [(float(t), 100 * t if t > 5 else 0, 50 * t if t > 5 else 0, 1000 if t > 5 else 5) for t in range(21)]
    found = summed_up(samples, warm_s=6.0)
    assert (found["events_per_s"], found["lists_per_event"], found["memory_flat"]) == (100, 0.5, True)
    assert set(found["events_per_s_by_fifth"]) == {100}
    growing = [(t, n, lists, 1000 + 50 * int(t)) for t, n, lists, _ in samples]
    assert not summed_up(growing, warm_s=6.0)["memory_flat"]


def test_as_many_events_wait_as_are_taken_in_two_seconds() -> None:
    steady = [(n / 2, 3000 * n, 0, 0) for n in range(30)]
    assert window(steady, least=2000) == 12_000
    assert window([*steady, *((15 + n / 2, 90_000, 0, 0) for n in range(10))], least=2000) == 2000
    assert window(steady[:1], least=2000) == 2000


def test_an_event_that_was_never_seen_is_endless() -> None:
    probes = [Probe("u", 0, 1.0, 1.0 + n / 1000) for n in range(1, 100)] + [Probe("u", 0, 1.0)]
    assert percentiles(probes) == {"p50": 50.0, "p99": 99.0, "p99.9": None, "probes": 100, "never": 1}
    assert percentiles([]) == {"p50": None, "p99": None, "p99.9": None, "probes": 0, "never": 0}


def test_a_pace_goes_by_total_and_by_rate() -> None:
    pace = Pace()
    assert pace.allowed(5.0) == 0
    pace.told("until 40", 5.0)
    assert pace.allowed(9.0) == 40
    pace.told("rate 10", 10.0)
    assert pace.allowed(12.5) == 65
    pace.told("until 70", 13.0)
    assert pace.allowed(99.0) == 70


def test_quick_is_less_and_size_scales_both() -> None:
    assert [Effort(0.5).scaled(100, 10), Effort(0.5, quick=True).scaled(100, 10)] == [50, 5]
    assert Effort(1e-9).scaled(100, 10) == 1


def test_revisions_are_compared_by_medians_of_what_both_have() -> None:
    def report(rate: float, p99: float | None) -> dict[str, object]:
        return {"state_path": {"events_per_cpu_s": rate}, "freshness_ms": {"p99": p99}}

    base = [report(100, 5.0), report(120, None), report(110, None)]
    here = [report(220, None), report(115, None), report(230, None)]
    ratios = compared(base, here)
    assert ratios == {"state_path.events_per_cpu_s": {"base": 110, "here": 220, "ratio": 2.0, "apart": False}}
    assert compared(base, here[::2])["state_path.events_per_cpu_s"]["apart"]
    assert not compared(base[:1], here[:1])["state_path.events_per_cpu_s"]["apart"]  # one run tells no spread
    said = io.StringIO()
    print_ratios(ratios, "HEAD~1", Console(file=said, width=120))
    assert "2.000" in said.getvalue()
    assert "within the spread" in said.getvalue()


def test_a_report_is_kept_as_the_last_one_and_in_the_history_with_plots(tmp_path: Path) -> None:
    report = {
        "state_path": {"events_per_cpu_s": 9, "by": {"headrace": {"events_per_cpu_s": 9}}},
        "freshness_ms": {"by": {"50_percent": {"p50": 3.0, "p99": 8.0, "p99.9": None}}},
    }
    for _ in range(2):
        write(report, tmp_path)
    assert json.loads((tmp_path / "latest.json").read_text()) == report
    assert [json.loads(line) for line in (tmp_path / "history.jsonl").read_text().splitlines()] == [report, report]
    assert {path.name for path in plots.draw(report, tmp_path)} == {"state_path.svg", "freshness.svg"}
    assert "p99" in (tmp_path / "freshness.svg").read_text()


def test_what_there_is_of_a_report_is_kept_before_all_is_measured(tmp_path: Path) -> None:
    for part in ({"lists": {"per_cpu_s": 1}}, {"lists": {"per_cpu_s": 1}, "memory": {"user_bytes": 2}}):
        keep(part, tmp_path)
        assert json.loads((tmp_path / "latest.json").read_text()) == part
    assert [path.name for path in tmp_path.iterdir()] == ["latest.json"]


def test_the_table_shows_what_was_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert figure({"a": {"b": 2}}, "a.b") == 2
    assert figure({"a": 1}, "a.b") is None
    print_table({"state_path": {"events_per_cpu_s": 12345, "x_faust": math.pi}})
    shown = capsys.readouterr().out
    assert "12,345" in shown
    assert "freshness" not in shown
