"""A state is never continued under settings that it was not made under; what only shapes views may change."""

from typing import Any

import pytest

from shared.contracts.settings import Settings, load_settings
from shared.contracts.state import (
    STATE_VERSION,
    Manifest,
    decisive,
    decode_manifest,
    differences,
    encode_manifest,
    fingerprint,
)

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


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"profiles": {"history": 7}}, ["profiles.history was 40, is 7"]),
        ({"topics": {"frames_partitions": 8}}, ["topics.frames_partitions, items_partitions was [4, 2], is [8, 2]"]),
        ({"cooccurrence": {"few_items": 9}}, ["cooccurrence.few_items was 4096, is 9"]),
        (
            {"events": {"types": {"view": {"weight": 5, "meaning": "own"}}}},
            ["events.types.view was [1.0, 'interest'], is"],
        ),
        ({"lists": {"length": 7}}, []),
    ],
)
def test_a_manifest_tells_what_differs(now: dict[str, Any], said: list[str]) -> None:
    saved = decode_manifest(encode_manifest(Manifest(STATE_VERSION, "", 1, {}, decisive(USUAL))))
    assert saved is not None
    found = differences(saved.decisive, decisive(load_settings(**now)))
    assert all(any(one.startswith(words) for one in found) for words in said)
    assert bool(found) == bool(said)


def test_a_manifest_of_before_tells_nothing() -> None:
    assert differences({}, decisive(USUAL)) == []
