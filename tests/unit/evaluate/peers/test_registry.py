import json

import pytest

from services.evaluate.method import Peer
from services.evaluate.peers.registry import MOST_COMBINATIONS, NEEDS, PEERS, default_names, peers_for
from shared.contracts.catalogue import ItemRecord
from tests.unit.evaluate.peers.logs import log_of

PLAIN = [(0, 0, 0), (1, 0, 1)]


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_every_peer_has_the_same_tuning_budget(peer: Peer) -> None:
    tried = [json.dumps(combination, sort_keys=True) for combination in peer.combinations()]
    assert 1 <= len(tried) <= MOST_COMBINATIONS
    assert len(set(tried)) == len(tried)
    assert peer.grid[0].keys() == peer.grid[-1].keys()


def test_names_are_unique_and_known() -> None:
    names = [peer.name for peer in PEERS]
    assert len(set(names)) == len(names)
    assert set(NEEDS) < set(names)


def test_without_a_catalogue_the_rules_are_left_out() -> None:
    assert {peer.name for peer in PEERS} - {peer.name for peer in peers_for(log_of(PLAIN))} == set(NEEDS)


def test_a_catalogue_of_prices_alone_brings_the_price_band() -> None:
    log = log_of(PLAIN, {0: ItemRecord(item_id="i000", price=3.0)})
    assert {peer.name for peer in peers_for(log)} & set(NEEDS) == {"price-band"}


def test_what_runs_by_default() -> None:
    always = [
        "popularity", "decayed-popularity", "cooccurrence-cosine", "cooccurrence-recency", "transitions", "vmis-knn",
        "stan", "bpr",
    ]  # fmt: skip
    log = log_of(PLAIN, {0: ItemRecord(item_id="i000", categories=["hats"], brand="b", price=1.0)})
    assert list(default_names(log_of(PLAIN), repeats=False)) == always
    assert list(default_names(log_of(PLAIN), repeats=True)) == [*always, "gp-topfreq"]
    assert set(default_names(log, repeats=False)) == {*always, "same-category-popular", "content"}
