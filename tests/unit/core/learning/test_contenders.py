"""What every contender keeps to."""

import numpy as np
import pytest
from river.utils import VectorDict

from shared.core.learning.contender import AVERAGED, AVERAGED_SHARE, HASTE, HASTENED_AVERAGED, KEPT, Contender
from shared.core.learning.logistic import InOrder, Logistic
from shared.core.learning.ranker import Ranker
from shared.core.lists.features import SEGMENTS
from shared.core.lists.first_weights import first_weights
from shared.core.tables.segments import unpack
from tests.unit.core.problems import HALF_LIVES, SIZE, WIDTH, record, records, spoiled

RATE = 0.3
DECIDES = 7
LONG = round(AVERAGED / AVERAGED_SHARE)
KINDS = [Ranker, Logistic]
Kind = type[Contender]


def of(kind: Kind) -> Contender:
    return kind(HALF_LIVES, RATE)


@pytest.mark.parametrize("kind", KINDS)
def test_it_finds_out_which_feature_decides(kind: Kind) -> None:
    contender, rng = of(kind), np.random.default_rng(1)
    losses = np.concatenate([contender.learn(*told) for told in records(rng, DECIDES, 400)])
    assert losses[:40].mean() > np.log(SIZE) - 0.5
    assert losses[-40:].mean() < losses[:40].mean() / 2
    assert int(np.argmax(contender.average[0] + contender.average[4])) == DECIDES
    assert contender.learned == len(losses) == 1600


@pytest.mark.parametrize("kind", KINDS)
def test_before_anything_is_learned_all_rank_alike(kind: Kind) -> None:
    assert of(kind).average.tolist() == first_weights(HALF_LIVES).tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_restored_in_the_middle_it_goes_on_bit_for_bit(kind: Kind) -> None:
    whole, parted, rng = of(kind), of(kind), np.random.default_rng(2)
    for number, told in enumerate(records(rng, DECIDES, 30)):
        if number == 10:
            whole.hasten()
            parted.hasten()
        if number in {9, 15}:
            saved, parted = parted.take(), of(kind)
            parted.restore(unpack(saved))
        assert parted.learn(*told).tolist() == whole.learn(*told).tolist()
    assert parted.take() == whole.take()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("segment", [4, SEGMENTS])
def test_what_says_nothing_teaches_nothing(kind: Kind, segment: int) -> None:
    contender = of(kind)
    before = contender.weights.copy()
    rows = spoiled() if segment < SEGMENTS else np.random.default_rng(1).random((SIZE, WIDTH))
    assert contender.learn(*record([rows], segment)).tolist() == [0.0]
    assert contender.weights.tolist() == before.tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_beside_what_says_nothing_the_rest_teaches(kind: Kind) -> None:
    mixed, alone, [told] = of(kind), of(kind), list(records(np.random.default_rng(3), DECIDES, 1))
    good = list(told[0].reshape(4, SIZE, WIDTH))
    mixed.learn(*record([good[0], spoiled(), *good[1:]]))
    alone.learn(*told)
    assert mixed.weights == pytest.approx(alone.weights)
    assert mixed.weights.tolist() != first_weights(HALF_LIVES).tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_haste_is_bounded_and_passes(kind: Kind) -> None:
    contender, rng = of(kind), np.random.default_rng(4)
    for told in records(rng, DECIDES, 50):
        contender.learn(*told)
    for _ in range(1000):
        contender.hasten()
    steps = contender.held[2]
    assert getattr(contender, steps) == pytest.approx(getattr(of(kind), steps), abs=1e-9)
    contender.learned = LONG
    assert (contender.horizon, contender.haste) == (HASTENED_AVERAGED, HASTE)
    for told in records(rng, DECIDES, HASTE // 4):
        contender.learn(*told)
    assert (contender.horizon, contender.haste) == (AVERAGED, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_in_haste_the_average_follows_faster(kind: Kind) -> None:
    calm, hasty = of(kind), of(kind)
    calm.learned = hasty.learned = LONG
    hasty.hasten()
    for told in records(np.random.default_rng(5), DECIDES, 20):
        calm.learn(*told)
        hasty.learn(*told)
    first = first_weights(HALF_LIVES)
    assert np.abs(hasty.average - first).sum() > 3 * np.abs(calm.average - first).sum()


def test_haste_scales_what_was_learned() -> None:
    ranker, logistic = Ranker(HALF_LIVES, RATE), Logistic(HALF_LIVES, RATE)
    first = ranker.spread.copy()
    ranker.spread /= 50.0
    logistic.squares[:] = 50.0
    ranker.hasten()
    logistic.hasten()
    assert ranker.spread == pytest.approx(first / (KEPT * 50.0 + 1.0 - KEPT))
    assert logistic.squares == pytest.approx(np.full_like(logistic.squares, 5.0))


def test_logistic_weighs_the_chosen_one_as_much_as_all_others() -> None:
    """With weights and intercept of zero every row's gradient is half of its weight: the sums cancel in a feature that
    all share, so it stays where it was.
    """
    logistic = of(Logistic)
    logistic.weights[:] = 0.0
    logistic.restore(unpack(logistic.take()))
    rows = np.random.default_rng(6).random((SIZE, WIDTH))
    rows[:, 3] = 1.0
    logistic.learn(*record([rows, rows[:5]]))
    assert logistic.weights[0, 3] == pytest.approx(0.0, abs=1e-12)
    assert np.abs(logistic.weights[0]).max() > 0.01
    assert not logistic.weights[1:].any()


@pytest.mark.parametrize("n", [1, 7, 400])
def test_logistic_adds_products_feature_after_feature_wherever_it_runs(n: int) -> None:
    rng, model, names = np.random.default_rng(n), InOrder(), [str(column) for column in range(WIDTH)]
    rows, weights = rng.normal(0, 1, (n, WIDTH)), rng.normal(0, 1, WIDTH).tolist()
    model._weights, model.intercept = VectorDict(dict(zip(names, weights, strict=True))), 0.25
    plain = []
    for row in rows.tolist():
        score = 0.25
        for value, weight in zip(row, weights, strict=True):
            score += value * weight
        plain.append(score)
    assert model._raw_dot_many(rows, names).tolist() == plain


def test_a_far_off_score_is_no_trouble_for_river() -> None:
    logistic = of(Logistic)
    logistic.weights[0, 0] = 2000.0
    logistic.restore(unpack(logistic.take()))
    rows = np.zeros((3, WIDTH))
    rows[:, 0] = [-1.0, 1.0, 0.0]
    assert logistic.learn(*record([rows])).tolist() == [pytest.approx(-np.log(1e-300))]
    assert np.isfinite(logistic.weights).all()
