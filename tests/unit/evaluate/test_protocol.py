import numpy as np
import pytest

from services.evaluate import protocol
from services.evaluate.event_log import EventLog
from services.evaluate.protocol import Protocol
from tests.unit.evaluate import logs


def test_the_sample_is_ascending_without_repetition_and_the_same_for_a_seed() -> None:
    drawn = protocol.pick(100, 200, 30, seed=7)
    expected = np.sort(np.random.default_rng(7).choice(np.arange(100, 200), 30, replace=False))
    assert drawn.tolist() == expected.tolist()
    assert protocol.pick(100, 110, 30, seed=7).tolist() == list(range(100, 110))


def test_a_target_is_new_to_the_user() -> None:
    log = logs.lines("u a", "v a", "u b", "u a", "v a", "u c")
    plan = protocol.plan_test(log, Protocol(warmup=0.2))
    assert plan.targets.tolist() == [1, 2, 5]
    assert plan.start.tolist() == [1, 2, 5]
    assert plan.sampled == 5


def test_with_repeats_all_count_but_the_last_item_again() -> None:
    log = logs.lines("u a", "v a", "u b", "u a", "v a", "u a", "u b")
    plan = protocol.plan_test(log, Protocol(warmup=0.15, repeats=True))
    assert plan.targets.tolist() == [1, 2, 3, 6]


BASKETS = [("u", "a", "1"), ("u", "b", "1"), ("v", "a", "1"), ("u", "a", "2"), ("u", "a", "2"), ("u", "c", None)]


def baskets() -> EventLog:
    return logs.of([logs.record(u, i, n, basket=b) for n, (u, i, b) in enumerate(BASKETS)], baskets=True)


def test_a_group_is_a_basket_of_one_user() -> None:
    assert protocol.group_bounds(baskets(), 6, baskets=True).tolist() == [0, 2, 3, 5, 6]
    assert protocol.group_bounds(baskets(), 6, baskets=False).tolist() == [0, 1, 2, 3, 4, 5, 6]


def test_what_is_new_is_judged_by_what_came_before_the_basket() -> None:
    plan = protocol.plan_test(baskets(), Protocol(warmup=0.0, baskets=True))
    assert plan.targets.tolist() == [0, 1, 2, 5]
    assert plan.start.tolist() == [0, 0, 2, 5]


def test_the_last_item_is_that_before_the_basket() -> None:
    plan = protocol.plan_test(baskets(), Protocol(warmup=0.0, baskets=True, repeats=True))
    assert plan.targets.tolist() == [0, 1, 2, 3, 4, 5]


def test_tuning_sees_the_warm_up_only_and_is_asked_in_its_second_half() -> None:
    log = logs.checkerboard(25)
    plan = protocol.plan_tuning(log, Protocol(warmup=0.4), sample=1500)
    assert plan.bounds[-1] == 40
    assert plan.targets.tolist() == list(range(20, 40))
    assert plan.fit_from == 20


@pytest.mark.parametrize(("k", "cutoffs"), [(20, (10, 20)), (5, (5, 10, 20))])
def test_10_and_20_are_always_among_the_cutoffs(k: int, cutoffs: tuple[int, ...]) -> None:
    assert Protocol(k=k).cutoffs == cutoffs


def test_firsts_and_lasts() -> None:
    log = logs.lines("u a", "v a", "u b", "u a", "v b")
    assert protocol.first_of_pair(log).tolist() == [0, 1, 2, 0, 4]
    assert protocol.first_of_user(log).tolist() == [0, 1, 0, 0, 1]
    assert protocol.first_of_item(log).tolist() == [0, 0, 2, 0, 2]
    assert protocol.last_items(log, log.user, np.arange(5)).tolist() == [-1, -1, 0, 1, 0]


def test_events_of_a_user_are_counted_up_to_an_event() -> None:
    log = logs.lines("u a", "v a", "u b", "u a", "v b")
    users, before = log.user[[0, 3, 4, 3]], np.array([0, 3, 4, 5])
    assert protocol.events_before(log, users, before).tolist() == [0, 2, 1, 3]
