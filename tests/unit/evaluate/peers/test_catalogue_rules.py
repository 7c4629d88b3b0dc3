import numpy as np
import pytest

from services.evaluate.peers.catalogue import Groups, by_brand, by_category, by_topic
from services.evaluate.peers.content import Content
from services.evaluate.peers.rules import build_brand, build_category, build_price, build_topic
from shared.contracts.catalogue import ItemRecord
from tests.unit.evaluate.peers.logs import learned, log_of, scores

FOREVER = {"half_life_ms": None, "width": 0.2}


def record(categories: str = "", brand: str | None = None, price: float | None = None) -> ItemRecord:
    return ItemRecord(item_id="any", categories=categories.split("/") if categories else [], brand=brand, price=price)


CATALOGUE = {
    0: record("shoes/boots", "a", 10.0),
    1: record("shoes/boots", "b", 11.0),
    2: record("shoes/sandals", "a", 30.0),
    3: record("hats", "a", 9.0),
    5: record("shoes/boots", "a", 100.0),  # nobody took it
}
# item 1 is taken twice, item 2 once; item 4 has no record
LOG = log_of([(0, 0, 1), (1, 1, 1), (2, 0, 2), (3, 2, 0), (4, 2, 4)], CATALOGUE)


def test_groups_know_their_members_both_ways() -> None:
    topics = by_topic(LOG)
    assert topics.members(0).tolist() == [0, 1, 2, 5]
    assert topics.of_item(2).tolist() == [0, 2]
    assert by_category(LOG).members(0).tolist() == [0, 1, 5]
    assert by_brand(LOG).members(0).tolist() == [0, 2, 3, 5]
    assert not len(by_brand(LOG).of_item(4))
    assert Groups([], 3).count == 0


def test_same_category_popular_ranks_by_popularity_and_ends_with_what_nobody_took() -> None:
    found = scores(learned(LOG, lambda past: build_category(past, FOREVER, 7)), user=2)
    assert np.argsort(-found, kind="stable")[:3].tolist() == [1, 0, 5]
    assert np.flatnonzero(found).tolist() == [0, 1, 5]


def test_same_brand_keeps_to_the_brand() -> None:
    found = scores(learned(LOG, lambda past: build_brand(past, FOREVER, 7)), user=2)
    assert np.flatnonzero(found).tolist() == [0, 2, 3, 5]


def test_the_topic_is_the_one_named_most() -> None:
    found = scores(learned(LOG, lambda past: build_topic(past, FOREVER, 7)), user=0)
    assert np.flatnonzero(found).tolist() == [0, 1, 2, 5]


def test_a_price_band_reaches_as_far_both_ways() -> None:
    found = scores(learned(LOG, lambda past: build_price(past, FOREVER, 7)), user=2)
    assert np.flatnonzero(found).tolist() == [0, 1, 3]


def test_content_weighs_brand_price_and_popularity() -> None:
    method = learned(LOG, lambda past: Content(past, brand=1.0, price=0.5, popularity=0.3))
    found = scores(method, user=2)
    assert np.flatnonzero(found).tolist() == [0, 1, 5]
    assert np.log(found[5]) == pytest.approx(1.0 - 0.5 * np.log(10.0))
    assert np.log(found[1]) == pytest.approx(-0.5 * np.log(1.1) + 0.3 * np.log(3.0))


def test_a_missing_price_is_a_fixed_distance() -> None:
    log = log_of([(0, 0, 0)], {0: record("c"), 1: record("c", price=5.0)})
    found = scores(learned(log, lambda past: Content(past, brand=1.0, price=2.0, popularity=0.0)), user=0)
    assert np.log(found).tolist() == pytest.approx([-2.0, -2.0])


@pytest.mark.parametrize("build", [build_category, build_brand, build_topic, build_price])
def test_a_rule_says_nothing_of_items_without_a_record(build: type) -> None:
    log = log_of([(0, 0, 4), (1, 1, 1)], CATALOGUE)
    assert not scores(learned(log, lambda past: build(past, FOREVER, 7)), user=0).any()
