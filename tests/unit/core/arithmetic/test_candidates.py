from typing import cast

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.arithmetic.candidates import beats
from shared.core.arithmetic.candidates import best_of as best_places
from shared.core.tables.interning import order_key

ITEMS = 40
KEYS = np.array([order_key(f"i{n}") for n in range(ITEMS)], dtype=np.uint64)
LOW, HIGH = 3, 2**64 - 1


def best_of(candidates: list[int], sums: dict[int, float], length: int) -> list[tuple[int, float]]:
    held = np.array([sums.get(item, 0.0) for item in candidates], dtype=np.float64)
    places, scores = np.full(length, -1, dtype=np.int32), np.zeros(length)
    n = best_places(held, np.array(candidates, dtype=np.int32), KEYS, places, scores, np.zeros(length, dtype=np.uint64))
    return [(candidates[place], score) for place, score in zip(places[:n].tolist(), scores.tolist(), strict=False)]


item = st.integers(0, ITEMS - 1)


@settings(max_examples=200)
@given(
    st.lists(item, max_size=ITEMS, unique=True),
    st.dictionaries(item, st.sampled_from([-1.0, 0.0, 0.25, 0.5, 1.0])),
    st.integers(1, 12),
)
def test_the_best_are_those_of_a_sort_with_ties_by_key(
    candidates: list[int], sums: dict[int, float], length: int
) -> None:
    above = [(i, sums[i]) for i in candidates if sums.get(i, 0.0) > 0]
    assert best_of(candidates, sums, length) == sorted(above, key=lambda e: (-e[1], int(KEYS[e[0]])))[:length]


@given(st.permutations(range(12)))
def test_the_order_of_the_candidates_is_of_no_matter(candidates: list[int]) -> None:
    sums = {n: float(n % 3) for n in range(12)}
    assert best_of(candidates, sums, 5) == best_of(sorted(candidates), sums, 5)


def test_a_higher_score_beats_and_of_equal_ones_the_smaller_key_as_an_unsigned_number() -> None:
    def wins(score: float, key: int, other_score: float, other_key: int) -> bool:
        return beats(score, cast("int", np.uint64(key)), other_score, cast("int", np.uint64(other_key)))

    assert wins(2.0, HIGH, 1.0, LOW)
    assert wins(1.0, LOW, 1.0, HIGH)
    assert not wins(1.0, HIGH, 1.0, LOW)
    assert not wins(1.0, LOW, 1.0, LOW)
