"""The demo as a user starts it: its summary, its own log, its end."""

import json
import signal
from pathlib import Path

import pytest

from tests.stack.command import PATIENCE_S, headrace, left_over
from tests.waiting import wait_for

KEYS = {
    "events",
    "events_per_s",
    "lists",
    "freshness_ms",
    "dead_letters",
    "hit_rate_20",
    "popularity_hit_rate_20",
    "changed_lists_seen",
    "lag",
}


def log_of_a_shop(path: Path) -> Path:
    """300 events of 30 users, who look at what others of their kind look at; one row is bad."""
    lines = ["timestamp,event,visitorid,itemid"]
    start_ms = 1_700_000_000_000
    for n in range(300):
        user = n % 30
        lines.append(f"{start_ms + n * 1000},view,u{user},i{(user % 3) * 10 + (n // 30 + user) % 10}")
    path.write_text("\n".join([*lines, "yesterday,view,u1,i1"]) + "\n", "utf-8")
    return path


@pytest.mark.timeout(1500)
def test_a_log_of_ones_own_changes_lists_and_is_summed_up(tmp_path: Path) -> None:
    log = log_of_a_shop(tmp_path / "shop.csv")
    demo = headrace(tmp_path / "home", "demo", "--ci", "--events", str(log), "--rate", "50", "--seconds", "20")
    out, err = demo.communicate(timeout=PATIENCE_S)
    assert demo.returncode == 0, out + err
    summary = json.loads(out.splitlines()[-1])
    assert set(summary) == KEYS
    assert summary["events"] == 299  # the first shows when all parts are ready, and is not counted
    assert summary["dead_letters"] == summary["lag"] == 0
    assert 0 < summary["changed_lists_seen"] <= summary["events"]
    assert 0 < summary["lists"] <= 300 + 30  # a worker that begins publishes all once more
    assert 0 < summary["freshness_ms"]["p50"] <= summary["freshness_ms"]["p99"]
    assert 0 <= summary["popularity_hit_rate_20"] <= 1
    assert 0 <= summary["hit_rate_20"] <= 1
    assert left_over(tmp_path / "home") == []


@pytest.mark.timeout(1500)
def test_ctrl_c_ends_all_of_it(tmp_path: Path) -> None:
    demo = headrace(tmp_path / "home", "demo", "--seconds", "600", "--rate", "20")
    assert demo.stderr is not None
    while "events sent" not in demo.stderr.readline():
        assert demo.poll() is None
    demo.send_signal(signal.SIGINT)
    out, err = demo.communicate(timeout=PATIENCE_S)
    assert demo.returncode not in (0, None)
    assert "Traceback" not in out + err
    wait_for("its processes to end", lambda: left_over(tmp_path / "home") == [])
