"""Kernels that step with each event against numpy."""

import numpy as np
import pytest

from services.evaluate.past import Past
from services.evaluate.peers import bpr, isgd
from services.evaluate.peers.factors import BLOCK, Draws, first_factors, put_above_zero
from tests.unit.evaluate.peers.logs import log_of


def test_a_step_of_bpr_is_the_gradient() -> None:
    random = np.random.default_rng(1)
    user, items = random.normal(size=4).astype(np.float32), random.normal(size=(3, 4)).astype(np.float32)
    bias, seen = np.array([0.1, -0.2, 0.3], dtype=np.float32), np.array([0, 1, 2], dtype=np.int32)
    p, q, b = user.astype(np.float64), items.astype(np.float64), bias.astype(np.float64)
    draws = np.array([0.1, 0.99])  # the item itself, which is no negative, then item 2
    bpr.step(user, items, bias, 0, seen, 3, draws, 0.05, 0.01)
    pull = 0.05 / (1.0 + np.exp(b[0] - b[2] + p @ (q[0] - q[2])))
    assert user == pytest.approx(p + pull * (q[0] - q[2]) - 0.05 * 0.01 * p, abs=1e-6)
    assert items[0] == pytest.approx(q[0] + pull * p - 0.05 * 0.01 * q[0], abs=1e-6)
    assert items[2] == pytest.approx(q[2] - pull * p - 0.05 * 0.01 * q[2], abs=1e-6)
    assert bias == pytest.approx([b[0] + pull - 5e-4 * b[0], b[1], b[2] - pull - 5e-4 * b[2]], abs=1e-6)


def test_a_step_of_isgd_is_the_gradient() -> None:
    random = np.random.default_rng(2)
    user, item = random.normal(size=4).astype(np.float32), random.normal(size=4).astype(np.float32)
    p, q = user.astype(np.float64), item.astype(np.float64)
    isgd.step(user, item, 0.1, 0.01)
    error, rate = 1.0 - p @ q, 0.1 / (1.0 + 0.1 * (p @ p + q @ q))
    assert user == pytest.approx(p + rate * (error * q - 0.01 * p), abs=1e-6)
    assert item == pytest.approx(q + rate * (error * p - 0.01 * q), abs=1e-6)


def test_isgd_does_not_diverge_however_often_a_pair_comes() -> None:
    user, item = np.full(4, 9.0, dtype=np.float32), np.full(4, 9.0, dtype=np.float32)
    for _ in range(2000):
        isgd.step(user, item, 0.6, 0.01)
    assert user @ item == pytest.approx(1.0, abs=0.05)


def test_draws_come_in_the_generators_order_across_blocks() -> None:
    draws = Draws(2, seed=3)
    taken = np.array([draws.take() for _ in range(BLOCK + 5)])
    random = np.random.default_rng(3)
    assert np.array_equal(taken, np.concatenate([random.random((BLOCK, 2)), random.random((BLOCK, 2))[:5]]))


def test_scores_are_moved_above_zero_for_items_seen() -> None:
    log = log_of([(0, 0, 2), (1, 0, 0)], items=4)
    past = Past(log)
    out = np.zeros(4)
    put_above_zero(out, past, np.array([-3.0, 9.0, -1.0, 2.0], dtype=np.float32))
    assert not out.any()
    past.push(0)
    past.push(1)
    put_above_zero(out, past, np.array([-3.0, 9.0, -1.0, 2.0], dtype=np.float32))
    assert out.tolist() == [1.0, 0.0, 3.0, 0.0]


def test_factors_depend_on_the_seed_alone() -> None:
    past = Past(log_of([(0, 0, 0)]))
    assert np.array_equal(first_factors(past, 7)[0], first_factors(past, 7)[0])
    assert not np.array_equal(first_factors(past, 7)[0], first_factors(past, 8)[0])
