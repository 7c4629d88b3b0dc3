"""Models that are fitted once a day: the formulas, and fresh against stale lists."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from services.evaluate.past import Past
from services.evaluate.peers.als import Als, solve_rows
from services.evaluate.peers.batch import user_items
from services.evaluate.peers.ease import Ease, item_weights
from services.evaluate.peers.nmf import Nmf
from services.evaluate.peers.svd import Svd, largest
from tests.unit.evaluate.peers.logs import learned, log_of, random_events, scores

EVENTS = random_events(6, 200, users=20, items=12)
LOG = log_of(EVENTS, items=12)


def matrix_of(log_past: Past) -> np.ndarray:
    dense: np.ndarray = user_items(log_past).toarray()
    return dense


def test_the_matrix_says_who_took_what() -> None:
    wanted = np.zeros((20, 12))
    for _, user, item in EVENTS:
        wanted[user, item] = 1.0
    assert np.array_equal(matrix_of(learned(LOG, lambda past: Svd(past, 2, 7, stale=False)).past), wanted)


def test_ease_solves_the_regression_with_an_empty_diagonal() -> None:
    x = np.random.default_rng(0).integers(0, 2, (30, 6)).astype(np.float32)
    weights = item_weights(x.T @ x, 2.0)
    for item in range(6):  # column by column: ridge regression on the other items
        others = [n for n in range(6) if n != item]
        gram = x[:, others].T @ x[:, others] + 2.0 * np.eye(5)
        assert weights[others, item] == pytest.approx(np.linalg.solve(gram, x[:, others].T @ x[:, item]), abs=1e-4)
        assert weights[item, item] == 0.0


def test_svd_projects_onto_the_largest_directions() -> None:
    method = learned(LOG, lambda past: Svd(past, 5, 7, stale=False))
    x = matrix_of(method.past)
    directions = np.linalg.svd(x)[2][:5]
    assert np.array([scores(method, user) for user in range(20)]) == pytest.approx(
        x @ directions.T @ directions, abs=1e-4
    )


def test_svd_drops_directions_that_are_rounding() -> None:
    log = log_of([(n, n % 6, n % 2) for n in range(12)], items=5)  # rank 2: two camps of one item each
    method = learned(log, lambda past: Svd(past, 4, 7, stale=False))
    assert method._items.shape == (5, 2)
    assert scores(method, 1).tolist() == pytest.approx([0, 1, 0, 0, 0], abs=1e-5)


def test_svd_of_one_seed_is_one_to_the_last_bit() -> None:
    """Also where there are fewer directions than factors, so that what finds them has to begin again."""
    x = np.random.default_rng(3).random((30, 40)) < 0.3
    x[20:] = x[:10]
    for matrix in (csr_array(x.astype(np.float32)), csr_array(x.T.astype(np.float32))):
        sizes, directions = largest(matrix, 29, 7)
        for _ in range(4):
            again = largest(matrix, 29, 7)
            assert np.array_equal(sizes, again[0])
            assert np.array_equal(directions, again[1])


def test_als_solves_each_row_exactly() -> None:
    random = np.random.default_rng(1)
    others, x = random.normal(size=(5, 3)), csr_array(np.array([[1.0, 0.0, 1.0, 0.0, 0.0], [0.0] * 5], np.float32))
    out = np.ones((2, 3))
    solve_rows(x.indptr, x.indices, others, others.T @ others, 4.0, 0.5, out)
    confidence = np.diag([5.0, 1.0, 5.0, 1.0, 1.0])
    left = others.T @ confidence @ others + 0.5 * np.eye(3)
    assert out[0] == pytest.approx(np.linalg.solve(left, others.T @ confidence @ [1, 0, 1, 0, 0]))
    assert not out[1].any()


def test_als_alternates_towards_a_fixed_point() -> None:
    method = learned(LOG, lambda past: Als(past, 4, 10.0, 0.1, 7, stale=False))
    x = matrix_of(method.past)
    found = np.array([scores(method, user) for user in range(20)])
    assert found[x == 1.0].mean() > found[x == 0.0].mean() + 0.5


def test_nmf_finds_blocks() -> None:
    events = [(10 * user + item, user, item + 4 * (user % 2)) for user in range(10) for item in range(4)]
    method = learned(log_of(events), lambda past: Nmf(past, 2, 7, stale=False))
    assert scores(method, 0) == pytest.approx([1, 1, 1, 1, 0, 0, 0, 0], abs=0.05)


def test_a_stale_list_is_that_of_the_night() -> None:
    log = log_of([*EVENTS, (10**9, 0, 3)], items=12)
    past, fresh_past = Past(log), Past(log)
    stale, fresh = Ease(past, 5.0, stale=True), Ease(fresh_past, 5.0, stale=False)
    for event in range(len(log)):
        if event == len(log) - 1:
            stale.refit(0)
            fresh.refit(0)
            then = scores(stale, 0)
            assert np.array_equal(then, scores(fresh, 0))
        past.push(event)
        fresh_past.push(event)
    assert np.array_equal(scores(stale, 0), then)
    assert not np.array_equal(scores(fresh, 0), then)


def test_who_came_after_the_refit_has_a_fresh_list_but_no_stale_one() -> None:
    log = log_of([*EVENTS, (10**9, 20, 0)], items=12)
    for stale in (True, False):
        past = Past(log)
        method = Ease(past, 5.0, stale=stale)
        for event in range(len(log) - 1):
            past.push(event)
        method.refit(0)
        past.push(len(log) - 1)
        assert scores(method, 20).any() != stale
