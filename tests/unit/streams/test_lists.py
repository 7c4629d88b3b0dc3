"""Lists of several partitions made together are those made apart."""

from itertools import pairwise
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.profiles.prequential import PublishedLists
from shared.core.profiles.profile_state import ProfileState
from streams.steps.lists import Wanted, together
from streams.steps.refill import MOMENT_MS, Refill
from tests.unit.core.frame_rows import Row, frame_of
from tests.unit.verify.shops import shop_of
from tests.unit.verify.worker import Worker

NONE = np.empty(0, dtype=np.int64)


@pytest.fixture(scope="module")
def shop() -> Worker:
    """One partition has a record more."""
    worker = shop_of(5, 3)
    user = next(name for name in worker.profiles[1]._core.state.users.slots)
    worker.turn(1, frame_of([Row(user, "i1", at=10_000)], first_offset=10**6, partition=1))
    return worker


def lists_of(worker: Worker) -> dict[str, bytes]:
    return {key: raw for key, raw in worker.views.held.items() if ":rec:" in key or key.startswith("rec:")}


@pytest.mark.parametrize("most", [256, 7])
def test_together_and_apart_are_the_same_lists(shop: Worker, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.steps.lists.MOST_TOGETHER", most)
    shop.refresh()  # one partition after the other
    apart = lists_of(shop)
    assert len({raw.split(b'"ts"')[0] for raw in apart.values()}) == 2  # as of records of both
    for key in apart:
        del shop.views.held[key]
    for step in shop.profiles:
        step.republish()
        step.tick(shop.now)
    shop.lists.write()
    assert lists_of(shop) == apart


def test_lists_that_were_lost_are_made_again_a_few_at_a_time(shop: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many partitions a worker holds: the events of others wait meanwhile."""
    shop.refresh()
    before, slow = lists_of(shop), Refill()
    slow.took(10**6, 10**6 * MOMENT_MS / 7)
    monkeypatch.setattr(slow, "took", lambda *_: None)
    monkeypatch.setattr(shop.ports, "refill", slow)
    for key in before:
        del shop.views.held[key]
    for step in shop.profiles:
        step.republish()
    made = [0]
    while not all(step.republished for step in shop.profiles):
        for step in shop.profiles:
            step.tick(shop.now)
        shop.lists.write()
        made.append(len(lists_of(shop)))
    assert lists_of(shop) == before
    assert {after - earlier for earlier, after in pairwise(made[:-1])} == {7}
    assert len(made) > 3


def test_what_was_asked_for_is_written_once(shop: Worker) -> None:
    shop.refresh()
    assert shop.ports.lists == []
    for key in lists_of(shop):
        del shop.views.held[key]
    shop.lists.write()
    assert lists_of(shop) == {}


def test_nobody_sees_lists_during_a_rebuild(shop: Worker) -> None:
    shop.refresh()
    before = lists_of(shop)
    for key in before:
        del shop.views.held[key]
    shop.ports.silent = True
    for step in shop.profiles:
        step.republish()
        step.tick(shop.now)
    shop.lists.write()
    shop.ports.silent = False
    assert lists_of(shop) == {}
    assert shop.ports.lists == []
    shop.refresh()
    assert lists_of(shop).keys() == before.keys()


def wanted(users: list[int], number: int) -> Wanted:
    slots = np.array(users, dtype=np.int32)
    return Wanted(cast("ProfileState", None), cast("PublishedLists", None), slots, number, NONE)


@given(parts=st.lists(st.lists(st.integers(0, 99), max_size=9), max_size=5), most=st.integers(1, 8))
def test_all_are_made_in_their_order_and_few_at_once(parts: list[list[int]], most: int) -> None:
    batches = list(together([wanted(users, n) for n, users in enumerate(parts)], most))
    made = [(one.offset, user) for batch in batches for one in batch for user in one.users.tolist()]
    assert made == [(n, user) for n, users in enumerate(parts) for user in users]
    sizes = [sum(len(one.users) for one in batch) for batch in batches]
    assert all(size == most for size in sizes[:-1])
    assert all(0 < size <= most for size in sizes)
