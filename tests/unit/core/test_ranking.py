import dataclasses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.examples import Examples
from shared.core.features import SEGMENTS, feature_count, judged
from shared.core.interning import order_key
from shared.core.kernel import Floats
from shared.core.rank_cache import RankCache
from shared.core.ranking import OTHERS, WHY, Choices, RankedLists, Situation, examples, ranked, situation
from shared.core.reach import FAST, FULL, Reach
from shared.core.sources import Scratch, gather
from shared.core.taste_steps import Sequences
from tests.unit.core.shops import LADDER, Shop, Visitor, ms, names_of, shops, slot_of, users_in, visitors

WIDTH = feature_count(len(LADDER))
NOTHING_MET = Sequences([], *(np.empty(0, dtype=np.int32) for _ in range(3)))


def situation_of(cache: RankCache, crowd: list[Visitor]) -> Situation:
    users = users_in(cache, crowd)
    return situation(
        users, gather(users, cache, Scratch(), FULL), cache, np.full(len(crowd), ms(1), dtype=np.int64), FULL
    )


def weights_of(seed: int) -> Floats:
    """Few different ones, so that there are ties."""
    return np.random.default_rng(seed).integers(-1, 2, (SEGMENTS, WIDTH)).astype(np.float64)


def plain_scores(at: Situation, weights: Floats, user: int) -> list[float]:
    both = (weights[0] + weights[at.segments[user]]).tolist()
    scores = []
    for place in range(at.found.counts[user]):
        score = 0.0
        for feature, value in enumerate(at.described[user, place].tolist()):
            score += value * both[feature]
        scores.append(score)
    return scores


def listed(cache: RankCache, lists: RankedLists, user: int) -> list[str]:
    return names_of(cache, lists.items[user, : lists.lengths[user]])


@settings(max_examples=40)
@given(shops, st.lists(visitors, min_size=1, max_size=3), st.integers(0, 99), st.integers(1, 12))
def test_lists_equal_a_plain_twin(shop: Shop, crowd: list[Visitor], seed: int, length: int) -> None:
    cache, weights = shop.cache(), weights_of(seed)
    at = situation_of(cache, crowd)
    lists = ranked(at, weights, cache, length)
    for user, visitor in enumerate(crowd):
        names = names_of(cache, at.found.items[user, : at.found.counts[user]])
        scores = dict(zip(names, plain_scores(at, weights, user), strict=True))
        order = sorted(scores, key=lambda name, scores=scores: (-scores[name], order_key(name)))[:length]  # type: ignore[misc]
        n = int(lists.lengths[user])
        assert listed(cache, lists, user) == order
        assert lists.scores[user, :n].tolist() == [scores[name] for name in order]
        assert lists.scores[user, :n].tolist() == sorted(lists.scores[user, :n].tolist(), reverse=True)
        assert (lists.items[user, n:] == -1).all()
        assert not set(order) & set(visitor.excluded)


@settings(max_examples=40)
@given(
    shops,
    st.lists(visitors, min_size=1, max_size=3),
    st.integers(0, 99),
    st.sampled_from([FULL, FAST]),
    st.floats(0, 9),
)
def test_candidates_are_judged_as_their_features_say(
    shop: Shop, crowd: list[Visitor], seed: int, reach: Reach, later: float
) -> None:
    cache, weights = shop.cache(), weights_of(seed) / 7
    users, now = users_in(cache, crowd), np.full(len(crowd), ms(later), dtype=np.int64)
    at = situation(users, gather(users, cache, Scratch(), reach), cache, now, reach)
    scores = judged(users, at.found, cache, now, reach, weights)
    for user in range(len(crowd)):
        assert scores[user, : at.found.counts[user]].tolist() == plain_scores(at, weights, user)


def test_all_equal_scores_go_by_the_items_keys() -> None:
    names = [f"t{n}" for n in range(30)]
    cache = Shop(tops=[dict.fromkeys(names, 1.0), {}, {}]).cache()
    at = situation_of(cache, [Visitor()])
    lists = ranked(at, np.zeros((SEGMENTS, WIDTH)), cache, 10)
    assert listed(cache, lists, 0) == sorted(names, key=order_key)[:10]


def test_why_is_the_source_that_says_most_and_trend_where_none_says_anything() -> None:
    row = {"t": (1.0, 0.2, 0.2), "n": (0.2, 1.0, 0.2), "q": (0.2, 0.2, 1.0)}
    shop = Shop(rows={"a": row}, alike={"a": {"l": 1.0}}, tops=[{"p": 2.0, "t": 1.0}, {}, {}])
    cache = shop.cache()
    visitor = Visitor(["a"], own=[("o", 3, 0.0)])
    lists = ranked(situation_of(cache, [visitor]), weights_of(1), cache, 20)
    why = dict(zip(listed(cache, lists, 0), lists.why[0].tolist(), strict=False))
    assert {item: WHY[n] for item, n in why.items()} == {
        "t": "together", "n": "next", "q": "quick", "l": "alike", "o": "again", "p": "trend",
    }  # fmt: skip


CANDIDATES = 60


def marked(users: int = 1, candidates: int = CANDIDATES) -> tuple[RankCache, Situation]:
    """Users with the same candidates; a candidate's first feature is its place, the second its user."""
    half = candidates // 2
    tops = [{f"c{n}": 1.0 for n in range(half)}, {f"c{n}": 1.0 for n in range(half, candidates)}, {}]
    cache = Shop(tops=tops).cache()
    at = situation_of(cache, [Visitor()] * users)
    described = np.zeros_like(at.described)
    described[:, :, 0] = np.arange(described.shape[1])
    described[:, :, 1] = np.arange(users)[:, None]
    return cache, dataclasses.replace(at, described=described)


def choices(*chosen: tuple[int, int, float, int]) -> Choices:
    """(row of the user, cache slot, weight, draw) each."""
    user, item, weight, draw = zip(*chosen, strict=True)
    return Choices(
        np.array(user, dtype=np.int32),
        np.array(item, dtype=np.int32),
        np.array(weight),
        np.array(draw, dtype=np.uint64),
    )


def places_in(made: Examples) -> list[list[int]]:
    """The candidates' places in each example."""
    cuts = np.cumsum(made.column("sizes"))[:-1]
    return [part[:, 0].astype(int).tolist() for part in np.split(made.matrix(), cuts)]


draws = st.integers(0, 2**64 - 1)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, CANDIDATES - 1), draws), min_size=1, max_size=5))
def test_the_chosen_one_comes_first_and_the_others_are_different_candidates(chosen: list[tuple[int, int, int]]) -> None:
    cache, at = marked(users=3)
    told = choices(*((user, slot_of(cache, f"c{n}"), 2.0, draw) for user, n, draw in chosen))
    made = examples(at, told, NOTHING_MET, 4, 7)
    assert (made.partition, made.offset, made.features, made.missed) == (4, 7, WIDTH, 0)
    assert made.column("sizes").tolist() == [OTHERS + 1] * len(chosen)
    assert made.column("candidates").tolist() == [CANDIDATES] * len(chosen)
    assert made.column("segments").tolist() == [1] * len(chosen)
    assert made.column("weights").tolist() == [2.0] * len(chosen)
    rows = made.matrix().reshape(len(chosen), OTHERS + 1, WIDTH)
    for (user, n, _), example, places in zip(chosen, rows, places_in(made), strict=True):
        assert places[0] == n
        assert len(set(places)) == OTHERS + 1
        assert set(places) <= set(range(CANDIDATES))
        assert set(example[:, 1].tolist()) == {user}


def test_the_same_draw_gives_the_same_sample_whatever_else_is_chosen() -> None:
    cache, at = marked(users=2)
    slot = slot_of(cache, "c7")
    [alone] = places_in(examples(at, choices((0, slot, 1.0, 99)), NOTHING_MET, 0, 0))
    [other, beside] = places_in(examples(at, choices((1, slot, 1.0, 12345), (0, slot, 1.0, 99)), NOTHING_MET, 0, 0))
    assert beside == alone
    assert set(other) != set(alone)


def test_a_choice_that_was_no_candidate_is_counted_and_left_out() -> None:
    cache, at = marked(users=2)
    ghost, seven = slot_of(cache, "ghost"), slot_of(cache, "c7")
    made = examples(at, choices((0, ghost, 1.0, 1), (1, seven, 3.0, 2), (1, ghost, 1.0, 3)), NOTHING_MET, 0, 0)
    assert (made.missed, made.column("weights").tolist(), len(made.matrix())) == (2, [3.0], OTHERS + 1)
    nothing = examples(at, choices((0, ghost, 1.0, 1)), NOTHING_MET, 0, 0)
    assert (nothing.missed, len(nothing.sizes), len(nothing.rows)) == (1, 0, 0)


def test_of_few_candidates_all_are_in_the_example() -> None:
    for candidates in (2, OTHERS, OTHERS + 1, OTHERS + 2):
        cache, at = marked(candidates=candidates)
        [places] = places_in(examples(at, choices((0, slot_of(cache, "c1"), 1.0, 5)), NOTHING_MET, 0, 0))
        assert len(places) == len(set(places)) == min(candidates, OTHERS + 1)
        assert places[0] == 1
        assert candidates > OTHERS + 1 or set(places) == set(range(candidates))


def test_an_only_candidate_is_an_example_of_one() -> None:
    cache = Shop(tops=[{"x": 1.0}, {}, {}]).cache()
    made = examples(situation_of(cache, [Visitor()]), choices((0, slot_of(cache, "x"), 1.0, 5)), NOTHING_MET, 0, 0)
    assert (made.column("sizes").tolist(), made.missed) == ([1], 0)


def test_the_others_are_drawn_evenly() -> None:
    cache, at = marked()
    slot, many = slot_of(cache, "c10"), 4000
    seeds = np.random.default_rng(7).integers(0, 2**64, many, dtype=np.uint64)
    made = examples(at, choices(*((0, slot, 1.0, int(draw)) for draw in seeds)), NOTHING_MET, 0, 0)
    drawn = np.bincount(made.matrix()[:, 0].astype(int), minlength=CANDIDATES)
    share = np.delete(drawn, 10) / many
    expected = OTHERS / (CANDIDATES - 1)
    assert drawn[10] == many
    assert np.abs(share - expected).max() < 5 * (expected * (1 - expected) / many) ** 0.5


def test_features_of_an_example_are_the_candidates_own_in_half_precision() -> None:
    shop = Shop(rows={"a": {"x": (1.0, 0.5, 0.25), "y": (0.5, 0.5, 1.0)}}, tops=[{"y": 2.0}, {}, {}])
    cache = shop.cache()
    cache.put_top(1, ["y"], [2.0], ms(0))
    cache.put_top(2, ["y"], [2.0], ms(0))
    at = situation_of(cache, [Visitor(["a"], visits=7)])
    made = examples(at, choices((0, slot_of(cache, "y"), 1.0, 1)), NOTHING_MET, 0, 0)
    place = names_of(cache, at.found.items[0, :2]).index("y")
    wanted = at.described[0, [place, 1 - place]].astype("<f2")
    assert made.matrix().tobytes() == wanted.tobytes()
    assert made.column("segments").tolist() == [4]
