"""A state is never continued under settings that it was not made under; what only shapes views may change."""

from typing import Any

import pytest

from shared.contracts.settings import Settings, load_settings
from shared.contracts.state import fingerprint

USUAL = Settings()


@pytest.mark.parametrize(
    "decisive",
    [
        {"profiles": {"max_users": USUAL.profiles.max_users + 1}},
        {"topics": {"frames_partitions": USUAL.topics.frames_partitions + 1}},
        {"cooccurrence": {"max_items": USUAL.cooccurrence.max_items + 1}},
        {"cooccurrence": {"few_items": USUAL.cooccurrence.few_items + 1}},
        {"cooccurrence": {"bought_pairs": USUAL.cooccurrence.bought_pairs + 1}},
        {"ranker": {"rate": USUAL.ranker.rate / 2}},
        {"ranker": {"taste_items": USUAL.ranker.taste_items + 1}},
        {"popularity": {"contexts": ["device"]}},
    ],
)
def test_what_decides_the_state_is_in_it(decisive: dict[str, Any]) -> None:
    assert fingerprint(load_settings(**decisive)) != fingerprint(load_settings())


@pytest.mark.parametrize("of_views", [{"lists": {"length": 7}}, {"rerank": {"diversity": 0.0}}, {"tenant": "t"}])
def test_what_shapes_views_is_not(of_views: dict[str, Any]) -> None:
    assert fingerprint(load_settings(**of_views)) == fingerprint(load_settings())
