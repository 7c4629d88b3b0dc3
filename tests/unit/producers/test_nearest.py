"""Nearest vectors: exactly as a plain search finds them, and nearly by FAISS, whose misses are counted."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.producers import nearest as module
from services.producers.nearest import NOBODY, nearest, nearest_items, without

MOST = 50


def clustered(n: int, seed: int, dimensions: int = 32) -> np.ndarray:
    """Around n / 40 centres, as catalogues are."""
    draw = np.random.default_rng(seed)
    centres = draw.normal(size=(max(1, n // 40), dimensions))
    vectors: np.ndarray = (centres[draw.integers(0, len(centres), n)] + 0.5 * draw.normal(size=(n, dimensions))).astype(
        np.float32
    )
    return vectors


@given(st.lists(st.lists(st.integers(-3, 3), min_size=2, max_size=2), min_size=1, max_size=8), st.integers(1, 4))
def test_they_are_those_of_a_plain_search(rows: list[list[int]], most: int) -> None:
    found = nearest(np.array(rows, dtype=np.float32), len(rows), most)
    for at, places in enumerate(found.tolist()):
        near = [place for place in places if place != NOBODY]
        others = [n for n, row in enumerate(rows) if n != at and any(row)] if any(rows[at]) else []
        assert len(near) == len(set(near)) == min(most, len(others))
        assert set(near) <= set(others)
        best = sorted((cosine(rows[at], rows[n]) for n in others), reverse=True)[:most]
        assert np.allclose([cosine(rows[at], rows[n]) for n in near], best, atol=1e-5)


def cosine(one: list[int], other: list[int]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True)) / (math.hypot(*one) * math.hypot(*other))


def test_of_more_than_a_block_none_is_near_itself_and_the_nearest_stand_first() -> None:
    vectors, told = clustered(3 * module.BLOCK + 7, 3), list[int]()
    found = nearest(vectors, len(vectors), 5, told.append)
    assert sum(told) == len(vectors)
    assert not (found == np.arange(len(vectors))[:, None]).any()
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = np.einsum("nd,nkd->nk", unit, unit[found])
    assert (np.diff(cosines, axis=1) <= 1e-6).all()


def test_an_index_misses_few_and_finds_the_same_each_time() -> None:
    vectors = clustered(4000, 7)
    exact, nearly = nearest(vectors, 4000, MOST), nearest(vectors, 4000, MOST, exact_most=0)
    recall = np.mean([len({*a} & {*b}) / MOST for a, b in zip(exact.tolist(), nearly.tolist(), strict=True)])
    assert 0.9 < recall <= 1.0
    assert (nearest(vectors, 4000, MOST, exact_most=0) == nearly).all()
    assert not (nearly == np.arange(len(vectors))[:, None]).any()


def test_the_first_alone_are_told_what_they_would_be_beside_the_rest() -> None:
    vectors = clustered(900, 5)
    vectors[[2, 40]] = 0.0
    whole = nearest(vectors, 900, 9)
    for asked in (1, 300):
        assert (nearest(vectors, asked, 9) == whole[:asked]).all()
        nearly = nearest(vectors, asked, 9, exact_most=0)
        assert (nearly == nearest(vectors, 900, 9, exact_most=0)[:asked]).all()


def test_an_index_of_fewer_than_are_wanted_leaves_places_empty() -> None:
    found = nearest(np.eye(4, dtype=np.float32), 4, 6, exact_most=0)
    assert [{*row} for row in found.tolist()] == [{*range(4), NOBODY} - {n} for n in range(4)]


def test_who_was_not_found_loses_the_last_of_the_others() -> None:
    found = np.array([[0, 5, 6], [4, 5, 6], [7, 2, -1]])
    assert without(found, np.array([0, 1, 2])).tolist() == [[5, 6], [4, 5], [7, -1]]


def test_items_are_told_by_name() -> None:
    vectors = {"a": [1.0, 0.0], "b": [0.0, 0.0], "c": [1.0, 0.1], "d": [0.0, 1.0]}
    found = nearest_items({item: np.array(numbers, dtype=np.float32) for item, numbers in vectors.items()}, 3)
    assert {item: found.of(item) for item in [*vectors, "x"]} == {
        "a": ["c", "d"], "b": [], "c": ["a", "d"], "d": [], "x": [],
    }  # fmt: skip
