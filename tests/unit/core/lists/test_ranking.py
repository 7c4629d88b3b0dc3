import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.kernel import Floats
from shared.core.lists.features import SEGMENTS, feature_count, judged
from shared.core.lists.rank_cache import RankCache
from shared.core.lists.ranking import WHY, RankedLists, ranked
from shared.core.tables.interning import order_key
from tests.unit.core.shops import LADDER, Shop, Visitor, names_of, shops, situation_of, visitors

WIDTH = feature_count(len(LADDER))


def weights_of(seed: int) -> Floats:
    """Few different ones, so that there are ties."""
    return np.random.default_rng(seed).integers(-1, 2, (SEGMENTS, WIDTH)).astype(np.float64)


def listed(cache: RankCache, lists: RankedLists, user: int) -> list[str]:
    return names_of(cache, lists.items[user, : lists.lengths[user]])


@settings(max_examples=40)
@given(shops, st.lists(visitors, min_size=1, max_size=3), st.integers(0, 99), st.integers(1, 12))
def test_lists_equal_a_plain_twin(shop: Shop, crowd: list[Visitor], seed: int, length: int) -> None:
    cache, weights = shop.cache(), weights_of(seed)
    at = situation_of(cache, crowd)
    lists, judged_at = ranked(at, weights, length), judged(at, weights)
    for user, visitor in enumerate(crowd):
        names = names_of(cache, at.found.items[user, : at.found.counts[user]])
        scores = dict(zip(names, judged_at[user, : len(names)].tolist(), strict=True))
        order = sorted(scores, key=lambda name, scores=scores: (-scores[name], order_key(name)))[:length]  # type: ignore[misc]
        n = int(lists.lengths[user])
        assert listed(cache, lists, user) == order
        assert lists.scores[user, :n].tolist() == [scores[name] for name in order]
        assert lists.scores[user, :n].tolist() == sorted(lists.scores[user, :n].tolist(), reverse=True)
        assert (lists.items[user, n:] == -1).all()
        assert not set(order) & set(visitor.excluded)


def test_all_equal_scores_go_by_the_items_keys() -> None:
    names = [f"t{n}" for n in range(30)]
    cache = Shop(tops=[dict.fromkeys(names, 1.0), {}, {}]).cache()
    at = situation_of(cache, [Visitor()])
    lists = ranked(at, np.zeros((SEGMENTS, WIDTH)), 10)
    assert listed(cache, lists, 0) == sorted(names, key=order_key)[:10]


def test_why_is_the_source_that_says_most_and_trend_where_none_says_anything() -> None:
    row = {"t": (1.0, 0.2, 0.2), "n": (0.2, 1.0, 0.2), "q": (0.2, 0.2, 1.0)}
    shop = Shop(rows={"a": row}, alike={"a": {"l": 1.0}}, tops=[{"p": 2.0, "t": 1.0}, {}, {}])
    cache = shop.cache()
    visitor = Visitor(["a"], own=[("o", 3, 0.0)])
    lists = ranked(situation_of(cache, [visitor]), weights_of(1), 20)
    why = dict(zip(listed(cache, lists, 0), lists.why[0].tolist(), strict=False))
    assert {item: WHY[n] for item, n in why.items()} == {
        "t": "together", "n": "next", "q": "quick", "l": "alike", "o": "again", "p": "trend",
    }  # fmt: skip
