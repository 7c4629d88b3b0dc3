"""Embeddings are of length 1 in 16 bits, exact in any order, and no more than was met."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.verify.facts_oracle import halves
from shared.core.items.embeddings import Embeddings, cosine, of_length_1

NUMBERS = st.lists(st.floats(-1e300, 1e300), max_size=24)


def both(one: list[float], other: list[float]) -> Embeddings:
    held = Embeddings(2, 24)
    held.file(0, one)
    held.file(1, other)
    return held


@given(NUMBERS, NUMBERS)
def test_a_cosine_is_exact_and_near_that_of_the_numbers(one: list[float], other: list[float]) -> None:
    held = both(one, other)
    said = cosine(0, 1, held.vectors, held.sizes)
    a, b = held.of(0), held.of(1)
    same = len(a) == len(b)
    assert Fraction(said) == (sum(Fraction(x) * Fraction(y) for x, y in zip(a, b, strict=True)) if same else 0)
    assert abs(said) <= 1.002
    if same and a:
        meant = math.fsum(x * y for x, y in zip(of_length_1(one), of_length_1(other), strict=True))
        assert said == pytest.approx(meant, abs=0.002)


@given(NUMBERS)
def test_they_are_those_of_the_oracle(numbers: list[float]) -> None:
    held = both(numbers, [])
    assert held.of(0) == list(halves(numbers))


def test_none_costs_nothing_and_a_longer_one_than_the_bound_is_left_out() -> None:
    held = Embeddings(4, 2)
    held.file(0, [1.0, 2.0, 3.0])
    held.file(1, [0.0, 0.0])
    assert (held.vectors.size, held.take(4)) == (0, {})
    held.file(2, [3.0, 4.0])
    assert held.vectors.shape == (4, 2)
    assert held.of(2) == pytest.approx([0.6, 0.8], abs=1e-3)
    assert (held.of(0), held.of(1)) == ([], [])


@given(st.lists(st.tuples(st.integers(0, 5), st.lists(st.sampled_from([-1.0, 0.0, 0.5, 2.0]), max_size=4))))
def test_a_state_is_what_was_filed_last_and_comes_back_bit_for_bit(filed: list[tuple[int, list[float]]]) -> None:
    held = Embeddings(3, 4)
    held.grow(6)
    for slot, numbers in filed:
        held.file(slot, numbers)
    last = dict(filed)
    for slot in range(6):
        assert held.of(slot) == list(halves(last.get(slot, [])))
    again = Embeddings(6, 4)
    again.restore(held.take(6))
    assert again.take(6) == held.take(6)
    assert [again.of(slot) for slot in range(6)] == [held.of(slot) for slot in range(6)]


def test_what_an_item_no_longer_has_leaves_nothing() -> None:
    held = Embeddings(1, 3)
    held.file(0, [1.0, 1.0, 1.0])
    held.file(0, [1.0, 0.0])
    assert held.vectors.tolist() == [[1.0, 0.0, 0.0]]
    held.unfile(0)
    assert not np.any(held.vectors)
    assert held.of(0) == []
