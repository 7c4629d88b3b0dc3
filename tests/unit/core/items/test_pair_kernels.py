"""Pairs row by row do what pairs one after the other do, in plain Python."""

import math
from dataclasses import dataclass, field

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.arithmetic.decay import TABLE, growth, whole_half_lives
from shared.core.items.cooccurrence import NeighbourRows
from shared.core.items.lightest import lightest
from shared.core.items.pair_kernels import by_gap, place_among, scale
from tests.unit.core.pairs import HOUR, KEYS, START, Pair, add, rows_of

WIDTH = 3


def single(value: float) -> float:
    """Rounded to 24 bits."""
    return float(np.float32(value))


gaps = st.integers(1, 70).flatmap(lambda n: st.sampled_from([n, -n]))
weights = st.sampled_from([0.5, 1.0, 1.0, 3.0])
moments = st.integers(0, 3 * HOUR) | st.sampled_from([0, 0, 0, 2_000 * HOUR])
pairs = st.lists(
    st.tuples(st.integers(0, 3), st.integers(4, 9), weights, gaps, moments.map(lambda t: START + t)),
    min_size=1,
    max_size=60,
)

crowded = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.integers(4, 12),
        st.sampled_from([1.0, 1.0, 3.0]),
        st.integers(1, 4),
        st.sampled_from([START] * 9 + [START + HOUR, START + 40 * HOUR]),
    ),
    min_size=30,
    max_size=60,
)


@dataclass
class Row:
    """Neighbour → three counts, places in order; the exponents that they share."""

    others: list[int] = field(default_factory=list)
    counts: list[list[float]] = field(default_factory=list)
    exponents: list[int] = field(default_factory=list)

    def add(self, pair: Pair, half_lives: list[int]) -> None:
        _, other, weight, gap, ts = pair
        gains = [weight, weight / gap if gap > 0 else 0.0, weight / gap if gap > 0 else 0.0]
        for _ in range(abs(gap) - 1):
            gains[0] *= 0.8
        ks = [whole_half_lives(ts, half_life) for half_life in half_lives]
        if not self.others:
            self.exponents = ks.copy()
        for column, half_life in enumerate(half_lives):
            if gains[column]:
                gain = gains[column] * growth(ts, half_life, TABLE)
                if ks[column] > self.exponents[column]:
                    for held in self.counts:
                        held[column] = single(math.ldexp(held[column], self.exponents[column] - ks[column]))
                    self.exponents[column] = ks[column]
                gains[column] = math.ldexp(gain, ks[column] - self.exponents[column])
        self.put(other, gains)

    def put(self, other: int, gains: list[float]) -> None:
        if other in self.others:
            held = self.counts[self.others.index(other)]
            held[:] = [single(a + b) for a, b in zip(held, gains, strict=True)]
        elif len(self.others) < WIDTH:
            self.others.append(other)
            self.counts.append([single(gain) for gain in gains])
        else:
            place = min(range(WIDTH), key=lambda n: (self.counts[n][0], -int(KEYS[self.others[n]])))
            self.others[place], self.counts[place] = other, [single(gain) for gain in gains]


def as_rows(held: NeighbourRows) -> dict[int, Row]:
    found = {}
    for row, item in enumerate(held.item_of.tolist()):
        if item >= 0:
            n = held.lengths[row]
            found[item] = Row(
                held.neighbours[row, :n].tolist(), held.counts[row, :n].tolist(), held.exponents[row].tolist()
            )
    return found


@settings(max_examples=120)
@given(st.lists(pairs, min_size=1, max_size=3) | st.lists(crowded, min_size=1, max_size=2))
def test_bit_for_bit(deltas: list[list[Pair]]) -> None:
    held, plain = rows_of(neighbours=WIDTH), dict[int, Row]()
    for delta in deltas:
        add(held, delta)
        for pair in delta:
            plain.setdefault(pair[0], Row()).add(pair, held.half_lives.tolist())
    assert as_rows(held) == plain


@given(st.lists(st.floats(0.0, 2.0**127, width=32), min_size=1), st.integers(-1200, 0))
def test_scaling_is_ldexp(counts: list[float], exponent: int) -> None:
    held = np.array([[counts]], dtype=np.float32)
    scale(held, 0, 0, len(counts), exponent)
    assert held.ravel().tolist() == [single(math.ldexp(count, exponent)) for count in counts]


@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 2.0**-149, 1.0, 1.5, 2.0**60]), st.integers(0, 9)), min_size=1, max_size=40
    )
)
def test_the_lightest_and_of_equals_the_one_with_the_largest_key(entries: list[tuple[float, int]]) -> None:
    counts, others = (
        np.array([[[c for c, _ in entries]]], dtype=np.float32),
        np.array([[o for _, o in entries]], dtype=np.int32),
    )
    wanted = min(range(len(entries)), key=lambda n: (entries[n][0], -int(KEYS[entries[n][1]])))
    assert lightest(others, counts.view(np.int32), 0, KEYS) == wanted


@given(st.lists(st.integers(0, 50), max_size=100, unique=True), st.integers(0, 50))
def test_a_neighbour_is_found_where_it_stands(held: list[int], other: int) -> None:
    row = np.array([[*held, other]], dtype=np.int32)  # beyond the length it does not count
    assert place_among(row, 0, len(held), other) == (held.index(other) if other in held else -1)


@given(st.lists(st.tuples(weights, st.integers(1, 100)), max_size=9))
def test_a_gap_is_weighed_step_by_step(asked: list[tuple[float, int]]) -> None:
    powers = np.zeros(64)
    for weight, steps in asked:
        wanted = weight
        for _ in range(steps - 1):
            wanted *= 0.8
        assert by_gap(weight, steps, 0.8, powers) == wanted
