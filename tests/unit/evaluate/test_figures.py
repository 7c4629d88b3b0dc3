import numpy as np
import pytest

from services.evaluate.event_log import EventLog
from services.evaluate.figures import of_methods
from services.evaluate.prequential import Outcome
from services.evaluate.protocol import Protocol, plan_test
from services.evaluate.targets import targets
from tests.unit.evaluate import logs

PROTOCOL = Protocol(warmup=0.4)
CATEGORIES = {"a": ["x"], "b": ["x", "y"], "c": ["y"], "d": ["z"]}


def log() -> EventLog:
    """Targets: u b (warm, old item), v d (warm, new item), w a (cold, old item)."""
    return logs.lines("u a", "v b", "u b", "v d", "w a", categories=CATEGORIES)


def outcome(*rows: list[int]) -> Outcome:
    lists = np.full((len(rows), 50), -1, dtype=np.int32)
    for n, row in enumerate(rows):
        lists[n, : len(row)] = row
    return Outcome(lists, np.full(len(rows), np.nan))


GOOD, POOR = outcome([1, 2], [0, 3], [1, 0]), outcome([1], [2], [])


def figures(**outcomes: Outcome) -> tuple[dict[str, dict[str, object]], dict[str, object]]:
    tried = log()
    asked = targets(tried, plan_test(tried, PROTOCOL), PROTOCOL)
    return of_methods(outcomes, asked, tried, PROTOCOL.cutoffs, seed=7)


def test_figures_of_the_next_item_and_the_rest() -> None:
    good = figures(good=GOOD)[0]["good"]
    assert good["hr@20"] == 1.0
    assert good["mrr@20"] == pytest.approx(2 / 3, abs=1e-6)
    assert good["ndcg@10"] == pytest.approx((1 + 2 / np.log2(3)) / 3, abs=1e-6)
    assert good["precision@10"] == 0.1
    assert good["recall@10"] == 1.0
    assert good["map@10"] == good["mrr@10"]


def test_figures_of_the_lists() -> None:
    good = figures(good=GOOD)[0]["good"]
    assert good["coverage@20"] == 1.0
    assert good["gini@20"] == pytest.approx(2 / 15, abs=1e-6)  # a and b twice, d once; the log has no c
    assert good["diversity@20"] == pytest.approx((1 - 1 / 2 + 1 + 1 - 1 / 2) / 3, abs=1e-6)
    bits = -np.log2([2 / 3, 1 / 3, 2 / 4, 1 / 4, 3 / 5, 2 / 5])
    assert good["novelty@20"] == pytest.approx(bits.mean(), abs=1e-6)


def test_splits_say_how_many_they_are_of() -> None:
    splits = figures(poor=POOR)[0]["poor"]["splits"]
    assert isinstance(splits, dict)
    assert splits["cold_users"] == {"hr@20": 0.0, "n": 1}
    assert splits["warm_users"] == {"hr@20": 0.5, "n": 2}
    assert splits["beginners"] == {"hr@20": pytest.approx(1 / 3, abs=1e-6), "n": 3}
    assert splits["new_items"] == {"hr@20": 0.0, "n": 1}
    assert splits["old_items"] == {"hr@20": 0.5, "n": 2}
    assert splits["hour"]["00"] == {"hr@20": pytest.approx(1 / 3, abs=1e-6), "n": 3}
    assert splits["hour"]["01"] == {"hr@20": None, "n": 0}


def test_who_has_three_events_is_no_beginner() -> None:
    tried = logs.lines("u a", "u b", "u c", "v a", "u d", "v b")
    asked = targets(tried, plan_test(tried, PROTOCOL), PROTOCOL)
    assert asked.beginner.tolist() == [True, True, False, True]


def test_every_method_is_held_against_the_best_one() -> None:
    found, paired = figures(poor=POOR, good=GOOD)
    assert paired["reference"] == "good"
    assert found["good"]["intervals"]["hr@20"] == [1.0, 1.0]  # type: ignore[index]
    by, low, high = paired["differences"]["poor"]["hr@20"]  # type: ignore[index]
    assert by == pytest.approx(2 / 3, abs=1e-6)
    assert 0 <= low <= by <= high <= 1


def test_or_against_headrace_if_it_is_there() -> None:
    _, paired = figures(headrace=POOR, good=GOOD)
    assert paired["reference"] == "headrace"
    assert paired["differences"]["good"]["hr@20"][0] == pytest.approx(-2 / 3, abs=1e-6)  # type: ignore[index]


def test_no_catalogue_no_diversity() -> None:
    plain = logs.lines("u a", "v b", "u b", "v d", "w a")
    asked = targets(plain, plan_test(plain, PROTOCOL), PROTOCOL)
    found, _ = of_methods({"poor": POOR}, asked, plain, PROTOCOL.cutoffs, seed=7)
    assert found["poor"]["diversity@20"] is None
