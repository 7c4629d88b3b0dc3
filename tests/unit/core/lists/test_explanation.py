"""Why an item stands in a list."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.kernel import Floats
from shared.core.lists.explanation import AGE, GROUPS, NO_ANCHOR, TREND, Explanation, explained, group_of_features
from shared.core.lists.features import SEGMENTS, Situation, feature_count, feature_names
from shared.core.lists.ranking import ranked
from shared.core.lists.reach import FAST, FULL, Reach
from shared.core.lists.sources import Scratch, gather
from tests.unit.core.shops import HOUR, LADDER, START, Shop, Stat, Visitor, ms, slot_of, users_in

SHOP = Shop(
    rows={
        "tea": {"pot": (1.0, 0.0, 0.0), "cup": (0.2, 0.0, 0.0)},
        "milk": {"pot": (0.9, 0.0, 0.0), "cup": (1.0, 0.0, 0.0), "jug": (0.0, 1.0, 0.0)},
    },
    alike={"tea": {"maté": 1.0}},
    stats={name: Stat(first=-2.0) for name in ("pot", "cup", "jug", "maté", "star")},
    tops=[{"star": 9.0}, {"star": 9.0}, {"star": 9.0}],
)


def explain(visitor: Visitor, items: list[str], weights: Floats | None = None, reach: Reach = FULL) -> Explanation:
    cache = SHOP.cache()
    users = users_in(cache, [visitor])
    wanted = [slot_of(cache, item) for item in items]
    found = gather(users, cache, Scratch(), reach)
    at = Situation(users, found, np.array([ms(1)], dtype=np.int64), cache, reach)
    even = np.ones((SEGMENTS, feature_count(len(LADDER)))) if weights is None else weights
    return explained(at, even, wanted)


@given(st.integers(0, 2**32 - 1), st.sampled_from([FULL, FAST]))
def test_parts_sum_up_to_the_score_by_which_the_list_is_ranked(seed: int, reach: Reach) -> None:
    weights = np.random.default_rng(seed).normal(size=(SEGMENTS, feature_count(len(LADDER))))
    cache = SHOP.cache()
    users = users_in(cache, [Visitor(["tea", "milk"], ["tea", "milk"], 0.0, 2)])
    at = Situation(users, gather(users, cache, Scratch(), reach), np.array([START + HOUR]), cache, reach)
    lists = ranked(at, weights, 10)
    n = int(lists.lengths[0])
    found = explained(at, weights, lists.items[0, :n].tolist())
    assert found.candidate.all()
    assert found.parts.sum(axis=1).tolist() == pytest.approx(lists.scores[0, :n].tolist())


def test_every_feature_adds_to_one_group() -> None:
    names = feature_names(["a", "b", "c"])
    by_group: dict[str, list[str]] = {group: [] for group in GROUPS}
    for name, group in zip(names, group_of_features(3).tolist(), strict=True):
        by_group[GROUPS[group]].append(name)
    assert by_group["next"] == ["next-place", "next-value", "next-log"]
    assert by_group["again"] == ["again-place", "again-value", "again-log", "again-lately", "again-habit"]
    assert by_group[TREND] == [*(f"{w}-{h}" for h in "abc" for w in ("popularity", "top-place")), "place-pause"]
    assert by_group[AGE] == ["since-last", "since-first", "never-met"]


def test_the_anchor_is_the_item_whose_row_says_most() -> None:
    found = explain(Visitor(["tea", "milk"], newest=0.0, visits=2), ["pot", "cup", "jug", "maté", "star"])
    assert found.anchors.tolist() == [0, 1, 1, 0, NO_ANCHOR]
    assert found.shares[0] == pytest.approx(1.0 / (1.0 + 0.8 * 0.9))
    assert found.shares[1] == pytest.approx(0.8 / (0.8 + 0.2))
    assert found.shares.tolist()[2:] == [1.0, 1.0, 0.0]


def test_a_source_weighs_in_the_anchor_as_it_does_in_the_score() -> None:
    """The older item follows; the newer is only seen together."""
    cache = Shop(rows={"new": {"x": (1.0, 0.0, 0.0)}, "old": {"x": (0.1, 1.0, 0.0)}}).cache()
    users = users_in(cache, [Visitor(["new", "old"], newest=0.0, visits=2)])
    at = Situation(users, gather(users, cache, Scratch(), FULL), np.array([ms(1)], dtype=np.int64), cache, FULL)
    for column, anchor in ((1, 0), (4, 1)):
        weights = np.zeros((SEGMENTS, feature_count(len(LADDER))))
        weights[0, column] = 1.0
        assert explained(at, weights, [slot_of(cache, "x")]).anchors.tolist() == [anchor]


def test_an_item_that_is_no_candidate_has_no_parts_and_no_anchor() -> None:
    found = explain(Visitor(["tea"], newest=0.0, visits=1), ["unheard of"])
    assert not found.candidate.any()
    assert not found.parts.any()
    assert found.anchors.tolist() == [NO_ANCHOR]


def test_somebody_new_is_led_by_nothing() -> None:
    found = explain(Visitor(), ["star", "pot"])
    assert found.candidate.tolist() == [True, False]
    assert found.anchors.tolist() == [NO_ANCHOR, NO_ANCHOR]
    assert found.parts[0, GROUPS.index(TREND)] > 0


def test_what_the_reach_leaves_out_leads_nowhere() -> None:
    assert explain(Visitor(["tea"], newest=0.0, visits=1), ["maté"], reach=FAST).anchors.tolist() == [NO_ANCHOR]
