import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.kernel import Floats
from shared.core.learning.contender import AVERAGED, AVERAGED_SHARE, LEAST_AVERAGED
from shared.core.learning.newton import EVERY, FIRST_SPREAD, FORGOTTEN, TOLD
from shared.core.learning.ranker import Ranker
from shared.core.lists.features import SEGMENTS, feature_count
from tests.unit.core.pairs import sealed

HALF_LIVES = 3
WIDTH = feature_count(HALF_LIVES)
RATE = 0.3
Example = tuple[Floats, int, float]
"""Rows (the chosen one first), segment, weight."""


def learn(ranker: Ranker, examples: list[Example]) -> list[float]:
    """As the learner step does: columns of a record."""
    rows = np.concatenate([rows for rows, _, _ in examples])
    columns = zip(*((len(rows), segment, weight) for rows, segment, weight in examples), strict=True)
    sizes, segments, weights = (sealed(c, kind) for c, kind in zip(columns, ("<i4", "<i4", "<f4"), strict=True))
    losses: list[float] = ranker.learn(rows, sizes, segments, weights).tolist()
    return losses


def some_ranker(seed: int) -> Ranker:
    ranker = Ranker(HALF_LIVES, RATE)
    ranker.weights, ranker.average = np.random.default_rng(seed).normal(0, 1, (2, SEGMENTS, WIDTH))
    return ranker


def some_rows(seed: int, size: int) -> Floats:
    return np.random.default_rng(seed).normal(0, 1, (size, WIDTH))


def loss(rows: Floats, weights: Floats) -> float:
    """−log of the chance of the first row: softmax by the book."""
    scores = rows @ weights
    return float(np.log(np.exp(scores - scores.max()).sum()) + scores.max() - scores[0])


def gradient(rows: Floats, weights: Floats) -> Floats:
    """Of −loss."""
    scores = rows @ weights
    chances = np.exp(scores - scores.max())
    rise: Floats = rows[0] - (chances / chances.sum()) @ rows
    return rise


def twin(weights: Floats, average: Floats, spread: Floats, examples: list[Example]) -> list[float]:
    """Softmax gradients, Newton steps and the running average in numpy, in place."""
    losses = []
    for rows, segment, weight in examples:
        both = weights[0] + weights[segment]
        losses.append(loss(rows, both))
        rise = gradient(rows, both)
        for vector in (0, segment):
            known = np.linalg.inv(spread[vector]) + TOLD * weight * np.outer(rise, rise)
            weights[vector] += RATE * weight * np.linalg.solve(known, rise)
            spread[vector] = np.linalg.inv(known)
        average += (weights - average) / LEAST_AVERAGED
    return losses


described = st.tuples(
    st.integers(0, 2**32), st.integers(1, 40), st.integers(1, SEGMENTS - 1), st.sampled_from([0.5, 1.0, 3.0])
)


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.lists(described, min_size=1, max_size=8))
def test_learning_equals_a_numpy_twin(seed: int, told: list[tuple[int, int, int, float]]) -> None:
    examples = [(some_rows(rows, size), segment, weight) for rows, size, segment, weight in told]
    ranker = some_ranker(seed)
    held = [ranker.weights, ranker.average, ranker.spread]
    weights, average, spread = wanted = [part.copy() for part in held]
    assert learn(ranker, examples) == pytest.approx(twin(weights, average, spread, examples), rel=1e-7, abs=1e-7)
    for part, expected in zip(held, wanted, strict=True):
        assert part == pytest.approx(expected, rel=1e-7, abs=1e-7)
    assert ranker.learned == len(examples)


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.integers(2, 40))
def test_the_gradient_is_that_of_finite_differences(seed: int, size: int) -> None:
    """The first step is ``rate · s · g / (1 + TOLD · s · |g|²)``, s the first spread, so g can be told from it."""
    rows, ranker = some_rows(seed, size), Ranker(HALF_LIVES, RATE)
    ranker.weights[:] = 0.0
    learn(ranker, [(rows, 3, 1.0)])
    step = ranker.weights[3] / (RATE * FIRST_SPREAD)
    short = float(np.linalg.norm(step))
    length = np.roots([TOLD * FIRST_SPREAD * short, -1.0, short])
    tiny = 1e-6
    moved = np.eye(WIDTH) * tiny
    slope = [(loss(rows, -shift) - loss(rows, shift)) / (2 * tiny) for shift in moved]
    told = [step * one / short for one in length.real]
    assert min(np.abs(one - slope).max() for one in told) < 1e-4


def test_one_example_moves_the_weights_of_all_and_of_its_segment_only() -> None:
    ranker = some_ranker(1)
    before = ranker.weights.copy()
    learn(ranker, [(some_rows(2, 5), 2, 1.0)])
    assert [bool((ranker.weights[n] != before[n]).any()) for n in range(SEGMENTS)] == [
        n in (0, 2) for n in range(SEGMENTS)
    ]


def test_an_example_of_the_chosen_one_alone_teaches_nothing() -> None:
    ranker = Ranker(HALF_LIVES, RATE)
    before = ranker.weights.copy()
    assert learn(ranker, [(some_rows(2, 1), 2, 1.0)]) == [0.0]
    assert np.array_equal(ranker.weights, before)


def test_scores_far_apart_do_not_overflow() -> None:
    ranker, rows = Ranker(HALF_LIVES, RATE), np.zeros((3, WIDTH))
    ranker.weights[0, 0] = 1.0
    rows[:, 0] = [-2000.0, 5000.0, 0.0]
    [lost] = learn(ranker, [(rows, 1, 1.0)])
    assert lost == pytest.approx(-math.log(1e-300))
    assert np.isfinite(ranker.weights).all()


def test_learning_brings_the_chosen_one_to_the_front_where_one_feature_decides() -> None:
    ranker, decides = Ranker(HALF_LIVES, RATE), 7
    rng = np.random.default_rng(7)

    def problem() -> Floats:
        rows = rng.random((32, WIDTH))
        best = int(np.argmax(rows[:, decides]))
        rows[[0, best]] = rows[[best, 0]]
        return rows

    def rank(rows: Floats) -> int:
        scores = rows @ (ranker.average[0] + ranker.average[4])
        return int((scores > scores[0]).sum())

    tests = [problem() for _ in range(100)]
    before = np.mean([rank(rows) for rows in tests])
    learned = learn(ranker, [(problem(), 4, 1.0) for _ in range(1000)])
    after = np.mean([rank(rows) for rows in tests])
    assert before > 8
    assert after < 2
    assert np.mean(learned[-100:]) < np.mean(learned[:100]) / 2


def test_what_ranks_follows_the_weights_slowly() -> None:
    ranker = some_ranker(1)
    ranker.learned = math.ceil(AVERAGED / AVERAGED_SHARE)
    far = np.abs(ranker.weights - ranker.average).max()
    learn(ranker, [(some_rows(2, 1), 5, 1.0)] * (3 * AVERAGED))  # examples that move no weight
    assert np.abs(ranker.weights - ranker.average).max() == pytest.approx(far * math.exp(-3), rel=0.1)


def test_before_anything_is_learned_sources_and_lasting_popularity_decide() -> None:
    first = Ranker(6, RATE)
    assert first.weights.shape == (SEGMENTS, feature_count(6))
    assert np.flatnonzero(first.weights[0]).tolist() == [2, 5, 8, 11, 14, 18 + 2 * 4]
    assert first.average.tolist() == first.weights.tolist()
    assert not first.weights[1:].any()


def test_with_one_half_life_that_one_is_the_lasting_one() -> None:
    assert np.flatnonzero(Ranker(1, RATE).weights[0]).tolist() == [2, 5, 8, 11, 14, 18]


@settings(max_examples=10)
@given(st.integers(0, 2**32), st.sampled_from([0.9, 0.01, 0.0]))
def test_what_was_told_is_kept_in_part(seed: int, kept: float) -> None:
    ranker = some_ranker(seed)
    learn(ranker, [(some_rows(seed + n, 8), 1 + n % 3, 1.0) for n in range(EVERY - 1)])
    first, before = np.eye(WIDTH) / FIRST_SPREAD, [np.linalg.inv(spread) for spread in ranker.spread]
    ranker.hasten(kept)
    for spread, known in zip(ranker.spread, before, strict=True):
        assert np.linalg.inv(spread) == pytest.approx(kept * known + (1 - kept) * first, rel=1e-7, abs=1e-7)
        assert np.array_equal(spread, spread.T)


def test_after_so_many_examples_a_little_is_forgotten() -> None:
    ranker = some_ranker(1)
    rows = [(some_rows(n, 1), 2, 1.0) for n in range(EVERY)]  # they tell nothing
    ranker.spread *= 0.5
    learn(ranker, rows[:-1])
    assert (ranker.spread[:, 0, 0] == FIRST_SPREAD / 2).all()
    learn(ranker, rows[-1:])
    sure = 1 / ((2 * (1 - FORGOTTEN) + FORGOTTEN) / FIRST_SPREAD)
    assert ranker.spread[:, 0, 0] == pytest.approx([sure if n in (0, 2) else FIRST_SPREAD / 2 for n in range(SEGMENTS)])


def test_however_much_is_learned_the_spread_stays_sound() -> None:
    """Also where features say the same, or nothing at all."""
    ranker, rng = Ranker(HALF_LIVES, RATE), np.random.default_rng(3)
    for _ in range(100):
        rows = rng.random((300, 4, WIDTH)).astype(np.float16)
        rows[:, :, 5], rows[:, :, 6] = rows[:, :, 4], 0.0
        learn(ranker, [(one.astype(np.float64), 1, 3.0) for one in rows])
    assert np.linalg.eigvalsh(ranker.spread).min() > 0
    assert ranker.spread[:, 6, 6] == pytest.approx([FIRST_SPREAD] * SEGMENTS)
    assert np.abs(ranker.weights).max() < 100


@pytest.mark.parametrize(("broken", "segment"), [(np.nan, 1), (np.inf, 1), (1.0, SEGMENTS)])
def test_an_example_with_a_number_that_is_none_or_of_no_segment_teaches_nothing(broken: float, segment: int) -> None:
    ranker = some_ranker(3)
    before = [getattr(ranker, name).copy() for name in ("weights", "average", "spread")]
    rows = some_rows(4, 5)
    rows[2, 1] = broken
    learn(ranker, [(rows, segment, 1.0)])
    for name, held in zip(("weights", "average", "spread"), before, strict=True):
        assert np.array_equal(getattr(ranker, name), held)
