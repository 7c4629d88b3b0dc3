"""What holds for every peer: a log with a known answer, and manners."""

import numpy as np
import pytest

from services.evaluate.event_log import EventLog
from services.evaluate.method import Peer, Scoring
from services.evaluate.past import Past
from services.evaluate.peers.registry import PEERS
from shared.contracts.catalogue import ItemRecord
from tests.unit.evaluate.peers.logs import learned, log_of, scores

ITEMS = 40
SEED = 7
POPULAR = {"popularity", "decayed-popularity"}
FOR_REPEATS = {"gp-topfreq"}
TOO_SMALL = {"isgd", "tifu-knn"}
"""A few hundred events teach factors nothing, and everybody is among the 300 nearest."""
EVERYONE = pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)


def camps() -> EventLog:
    """40 users of two camps: even users take even items, odd users odd ones, each 8 of his 20; user 40 takes none but
    the last two events are his, of items 0 and 2. Items 40 and 41 are known to the catalogue alone.
    """
    random = np.random.default_rng(3)
    picks = [(user, int(item)) for user in range(40) for item in random.choice(20, 8, replace=False) * 2 + user % 2]
    order = random.permutation(len(picks))
    events = [(60_000 * n, *picks[row]) for n, row in enumerate(order)]
    events += [(60_000 * len(events), 40, 0), (60_000 * (len(events) + 1), 40, 2)]
    catalogue = {
        item: ItemRecord(
            item_id=f"i{item:03}", categories=[f"camp-{item % 2}"], brand=f"b{item % 2}", price=1.0 + item % 2
        )
        for item in range(ITEMS + 2)
    }
    return log_of([*events, (60_000 * len(events), 41, 4)], catalogue)


LOG = camps()


def built(peer: Peer) -> Scoring:
    def build(past: Past) -> Scoring:
        method = peer.build(past, peer.grid[0], SEED)
        assert isinstance(method, Scoring)
        return method

    return learned(LOG, build)


@EVERYONE
def test_who_took_even_items_is_shown_even_items(peer: Peer) -> None:
    if peer.name in POPULAR | TOO_SMALL:
        pytest.skip("this log cannot show it")
    found = scores(built(peer), user=0)
    own = LOG.item[LOG.user == 0]
    if peer.name in FOR_REPEATS:
        assert set(np.flatnonzero(found)) == set(own.tolist())
        return
    found[own] = 0.0
    best = np.argsort(-found, kind="stable")[:8]
    assert found[best[0]] > 0.0
    assert np.mean(best % 2 == 0) >= 0.75


@EVERYONE
def test_asking_changes_nothing(peer: Peer) -> None:
    method = built(peer)
    first = [scores(method, user) for user in range(41)]
    again = [scores(method, user) for user in reversed(range(41))][::-1]
    assert np.array_equal(first, again)


@EVERYONE
def test_the_same_seed_gives_the_same_scores(peer: Peer) -> None:
    one, other = built(peer), built(peer)
    for user in (0, 1, 40):
        assert np.array_equal(scores(one, user), scores(other, user))


@EVERYONE
def test_scores_are_finite_and_only_a_catalogue_knows_items_that_nobody_took(peer: Peer) -> None:
    method = built(peer)
    found = scores(method, user=40)
    assert np.isfinite(found).all()
    if not getattr(method, "unseen_too", False):
        assert not found[ITEMS:].any()


@EVERYONE
def test_nothing_for_who_has_no_history(peer: Peer) -> None:
    past = Past(LOG)
    method = peer.build(past, peer.grid[0], SEED)
    assert isinstance(method, Scoring)
    for event in range(len(LOG) - 1):
        method.learn(event)
        past.push(event)
    method.refit(int(LOG.ts[-1]))
    assert scores(method, user=41).any() == (peer.name in POPULAR)


@EVERYONE
def test_a_method_that_has_learned_nothing_answers_with_nothing(peer: Peer) -> None:
    method = peer.build(Past(LOG), peer.grid[0], SEED)
    assert isinstance(method, Scoring)
    assert method.refit(int(LOG.ts[0])) >= 0.0
    assert not scores(method, user=0).any()
