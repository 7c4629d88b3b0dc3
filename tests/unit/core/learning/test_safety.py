"""The blend against its best source: who is published after which examples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.arithmetic.draws import draws
from shared.core.kernel import Floats
from shared.core.learning.safety import (
    MARGIN,
    REMEMBERED,
    RISK,
    SHADOW_ONE_IN,
    STAKES,
    Safety,
    in_shadow,
    reciprocal_rank,
    single_sources,
)  # fmt: skip
from shared.core.lists.features import SEGMENTS
from shared.core.lists.first_weights import first_weights
from shared.core.lists.sources import NAMES, SOURCES
from shared.core.tables.segments import unpack
from tests.unit.core.problems import HALF_LIVES, SIZE, WIDTH, Record, record, spoiled

LADDER = ["1h", "1d", "7d"]
SHADOWED = np.zeros(1, dtype=np.uint64)
TOGETHER_LOG, NEXT_LOG = 2, 5
GOOD, BAD = first_weights(HALF_LIVES), -first_weights(HALF_LIVES)


def safety(*contenders: str) -> Safety:
    return Safety(LADDER, list(contenders or ("softmax",)))


def choice(rng: np.random.Generator) -> Record:
    """What two sources together put first was chosen, one of them counting for more."""
    rows = rng.random((SIZE, WIDTH))
    best = int(np.argmax(rows[:, TOGETHER_LOG] + 2 * rows[:, NEXT_LOG]))
    rows[[0, best]] = rows[[best, 0]]
    return record([rows], 2)


def show(judge: Safety, rng: np.random.Generator, n: int, *blends: Floats) -> None:
    for _ in range(n):
        rows, sizes, segments, _ = choice(rng)
        judge.judge(rows, sizes, segments, SHADOWED, list(blends))


def perfect() -> Floats:
    weights = np.zeros((SEGMENTS, WIDTH))
    weights[0, [TOGETHER_LOG, NEXT_LOG]] = 1.0, 2.0
    return weights


def test_a_single_sources_weights_order_by_it_and_then_by_what_is_popular() -> None:
    weights = single_sources(HALF_LIVES)
    assert weights.shape == (SOURCES + HALF_LIVES, SEGMENTS, WIDTH)
    rows = np.zeros((4, WIDTH))
    rows[:, NEXT_LOG] = [0.5, 0.5, 0.51, 0.5]
    rows[:, 3 * SOURCES + 2] = [0.8, 1.0, 0.2, 0.8]
    order = rows @ weights[1, 0]
    assert order[2] > order[1] > order[0] == order[3]
    assert not weights[:, 1:].any()


@given(st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=1, max_size=9))
def test_equals_share_their_places(scores: list[float]) -> None:
    rows = np.zeros((len(scores), 2))
    rows[:, 0] = scores
    above = sum(score > scores[0] for score in scores)
    beside = scores.count(scores[0]) - 1
    assert reciprocal_rank(rows, np.array([1.0, 1.0])) == 1 / (1 + above + beside / 2)


def test_the_sample_is_one_in_twenty() -> None:
    drawn = sum(int(in_shadow(draws(frame, np.arange(10))).sum()) for frame in range(2000))
    assert abs(drawn - 20_000 / SHADOW_ONE_IN) < 5 * (20_000 / SHADOW_ONE_IN) ** 0.5


def test_what_is_not_in_the_sample_or_says_nothing_is_not_judged() -> None:
    judge, rng = safety(), np.random.default_rng(1)
    rows, sizes, segments, _ = choice(rng)
    judge.judge(rows, sizes, segments, SHADOWED + np.uint64(1), [GOOD])
    alone = record([rows[:1]], 2)
    nowhere = record([rows], SEGMENTS)
    broken = record([spoiled()], 2)
    for told in (alone, nowhere, broken):
        judge.judge(*told[:3], SHADOWED, [GOOD])
    assert judge.judged == 0
    judge.judge(rows, sizes, segments, SHADOWED, [GOOD])
    assert judge.judged == 1


def test_of_a_record_those_that_are_drawn_are_judged() -> None:
    judge, rng = safety(), np.random.default_rng(2)
    parts = [choice(rng)[0] for _ in range(5)]
    whole = record(parts, 2)
    drawn = np.array([1, 0, 1, 20, 7], dtype=np.uint64)
    judge.judge(*whole[:3], drawn, [GOOD])
    one_by_one = safety()
    for each in (parts[1], parts[3]):
        one_by_one.judge(*record([each], 2)[:3], SHADOWED, [GOOD])
    assert judge.take() == one_by_one.take()


def test_the_leader_is_the_source_that_knows_best() -> None:
    judge = safety()
    show(judge, np.random.default_rng(3), 50, perfect())
    assert judge.names[judge.leader] == "next"
    assert 0.5 < judge.means[judge.leader] < judge.means[0] == 1.0
    assert judge.published == "softmax"


def test_a_blend_that_is_surely_worse_is_demoted_and_comes_back() -> None:
    judge, rng = safety(), np.random.default_rng(4)
    show(judge, rng, 400, perfect())
    assert judge.published == "softmax"
    show(judge, rng, 5, BAD)
    assert judge.published == "softmax"  # a few are no proof
    show(judge, rng, 60, BAD)
    assert judge.published == "next"
    assert judge.weights([BAD]).tolist() == single_sources(HALF_LIVES)[1].tolist()
    show(judge, rng, 200, BAD)
    assert judge.published == "next"
    show(judge, rng, 5, perfect())
    assert judge.published == "next"
    show(judge, rng, 100, perfect())
    assert judge.published == "softmax"
    assert judge.weights([GOOD]) is GOOD


def test_a_false_alarm_is_rare_even_right_at_the_margin() -> None:
    """Once in 1 / RISK examples of the sample, at most."""
    rng, alarms = np.random.default_rng(5), 0
    n = int(5 / RISK)
    judge = safety()
    for x in rng.choice([-0.5, 0.5], n) - MARGIN:
        ranks = np.zeros(len(judge.names))
        ranks[0], ranks[1] = max(x, 0.0), max(-x, 0.0)
        judge.leader, judge.demoted = 1, False
        judge._learn(ranks)
        alarms += judge.demoted
    assert alarms <= n * RISK


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.floats(-1, 1))
def test_capital_is_never_below_the_stake_nor_beyond_the_proof(seed: int, shift: float) -> None:
    judge = safety()
    for x in np.clip(np.random.default_rng(seed).normal(shift, 0.5, 300), -1, 1):
        ranks = np.full(len(judge.names), 0.0)
        ranks[0], ranks[1:] = max(x, 0.0), max(-x, 0.0)
        judge._learn(ranks)
        assert judge.capital.min() >= 1.0 - STAKES.max() * (1 + MARGIN)
        assert judge.capital.mean() < 1 / RISK
        assert np.abs(judge.means).max() <= 1.0


def test_old_means_fade() -> None:
    judge, rng = safety(), np.random.default_rng(6)
    show(judge, rng, 2000, perfect())
    good = judge.means[0]
    show(judge, rng, REMEMBERED, BAD)
    late = judge.means[0]
    assert good == pytest.approx(1.0)
    assert late == pytest.approx(np.exp(-1) + (1 - np.exp(-1)) * 0.1, abs=0.1)


def test_of_two_contenders_the_better_one_is_published() -> None:
    judge, rng = safety("softmax", "logistic"), np.random.default_rng(7)
    assert judge.published == "softmax"
    show(judge, rng, 100, BAD, perfect())
    assert judge.published == "logistic"
    assert judge.weights([BAD, GOOD]) is GOOD
    show(judge, rng, 800, perfect(), BAD)
    assert judge.published == "softmax"


def test_one_no_worse_than_the_leader_comes_back_though_it_is_no_better() -> None:
    judge, rng = safety(), np.random.default_rng(9)
    single = single_sources(HALF_LIVES)[1]
    show(judge, rng, 100, BAD)
    assert judge.published == "next"
    show(judge, rng, 2500, single)
    assert judge.published == "softmax"


def test_one_worse_by_more_than_the_margin_does_not() -> None:
    judge = safety()
    judge.demoted, judge.leader = True, 1
    rng, back = np.random.default_rng(10), 0
    for x in rng.normal(-2 * MARGIN, 0.2, 5000).clip(-1, 1):
        ranks = np.zeros(len(judge.names))
        ranks[0], ranks[1] = max(x, 0.0), max(-x, 0.0)
        judge._learn(ranks)
        back += not judge.demoted
    assert back == 0


def test_of_two_equals_the_one_that_is_published_stays() -> None:
    judge, rng = safety("softmax", "logistic"), np.random.default_rng(8)
    show(judge, rng, 100, BAD, perfect())
    show(judge, rng, 800, perfect(), perfect())
    assert judge.published == "logistic"


def test_restored_at_any_time_it_goes_on_bit_for_bit() -> None:
    whole, parted = safety(), safety()
    for number in range(300):
        blend = perfect() if number < 100 else BAD
        for judge in (whole, parted):
            show(judge, np.random.default_rng(number), 1, blend)
        if number % 7 == 0:
            saved, parted = parted.take(), safety()
            parted.restore(unpack(saved))
    assert whole.demoted
    assert parted.take() == whole.take()


def test_its_names_are_those_of_sources_and_half_lives() -> None:
    assert safety().names == ["softmax", *NAMES, "popularity-1h", "popularity-1d", "popularity-7d"]
