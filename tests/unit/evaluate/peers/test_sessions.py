"""Session neighbours against plain Python, by the papers' formulas."""

import math
from collections import defaultdict

import numpy as np
import pytest

from services.evaluate.past import Past
from services.evaluate.peers.likeness import COSINE
from services.evaluate.peers.sessions import CONTEXT, Sessions, keep_largest
from services.evaluate.peers.settings import HOUR
from services.evaluate.peers.stan import POSITION_DECAY, Stan
from services.evaluate.peers.user_cf import UserCf
from services.evaluate.peers.vmis_knn import VmisKnn, linear_positions
from tests.unit.evaluate.peers.logs import learned, log_of, random_events, scores

USERS, ITEMS = 15, 20
EVENTS = random_events(4, 150, USERS, ITEMS, step=60_000)
HISTORIES: dict[int, list[int]] = defaultdict(list)
LATEST: dict[int, int] = {}
for _ts, _user, _item in EVENTS:
    HISTORIES[_user].append(_item)
    LATEST[_user] = _ts
TAKERS = {item: sum(item in history for history in HISTORIES.values()) for item in range(ITEMS)}


def context_of(user: int) -> list[int]:
    return list(dict.fromkeys(reversed(HISTORIES[user])))[:CONTEXT]


def vmis(user: int, m: int, k: int) -> np.ndarray:
    context = context_of(user)
    sharing = [u for u in HISTORIES if u != user and set(HISTORIES[u]) & set(context)]
    latest = sorted(sharing, key=lambda u: -LATEST[u])[:m]
    similarity = {
        u: sum((len(context) - r) / len(context) for r, item in enumerate(context) if item in HISTORIES[u])
        for u in latest
    }
    out = np.zeros(ITEMS)
    for u in sorted(latest, key=lambda u: -similarity[u])[:k]:
        newest = min(r for r, item in enumerate(context) if item in HISTORIES[u])
        for item in set(HISTORIES[u]):
            out[item] += similarity[u] * (1 - 0.1 * newest) * (math.log(len(HISTORIES) / TAKERS[item]) + 1e-3)
    return out


def stan(user: int, age: float, distance: float) -> np.ndarray:
    context, now = context_of(user), EVENTS[-1][0]
    out = np.zeros(ITEMS)
    for u, history in HISTORIES.items():
        shared = [r for r, item in enumerate(context) if item in history]
        if u == user or not shared:
            continue
        weight = sum(math.exp(-r / POSITION_DECAY) for r in shared) / math.sqrt(len(context) * len(history))
        meeting = max(at for at, item in enumerate(history) if item == context[shared[0]])
        for item, at in {item: at for at, item in enumerate(history)}.items():  # where it is newest
            out[item] += weight * math.exp(-(now - LATEST[u]) / age) * math.exp(-abs(at - meeting) / distance)
    return out


@pytest.mark.parametrize(("m", "k"), [(100, 100), (7, 100)])
def test_vmis_knn_is_the_formula(m: int, k: int) -> None:
    log = log_of(EVENTS, items=ITEMS)
    method = learned(log, lambda past: VmisKnn(past, m=m, k=k))
    if m < USERS:  # rings of every taker, as the plain twin has them
        method._sessions = learned(log, lambda past: VmisKnn(past, m=100, k=k))._sessions
    for user in range(USERS):
        assert scores(method, user) == pytest.approx(vmis(user, m, k), rel=1e-9)


def test_vmis_knn_takes_the_most_similar() -> None:
    events = [(0, 0, 0), (1, 0, 1), (2, 0, 3), (3, 1, 1), (4, 1, 4), (5, 2, 0), (6, 2, 1)]
    method = learned(log_of(events), lambda past: VmisKnn(past, m=10, k=1))
    assert np.flatnonzero(scores(method, 2)).tolist() == [0, 1, 3]


def test_stan_is_the_formula() -> None:
    method = learned(log_of(EVENTS, items=ITEMS), lambda past: Stan(past, age_ms=HOUR, distance=3.0))
    for user in range(USERS):
        assert scores(method, user) == pytest.approx(stan(user, HOUR, 3.0), rel=1e-9)


def test_user_cf_sums_the_likeness_of_those_who_took_an_item() -> None:
    method = learned(log_of(EVENTS, items=ITEMS), lambda past: UserCf(past, COSINE, k=100))
    for user in range(USERS):
        mine, wanted = set(HISTORIES[user]), np.zeros(ITEMS)
        for other, history in HISTORIES.items():
            shared = len(mine & set(history))
            if other != user and shared:
                wanted[sorted(set(history))] += shared / math.sqrt(len(mine) * len(set(history)))
        assert scores(method, user) == pytest.approx(wanted, rel=1e-9)


def test_a_ring_keeps_the_last_takers() -> None:
    log = log_of([(user, user, 0) for user in range(5)])
    past = Past(log)
    held = Sessions(past, depth=2)
    for event in range(5):
        held.learn(event)
        past.push(event)
    count, length = held.gather(4, linear_positions())
    assert (held.found[:count].tolist(), length) == ([3], 1)
    assert held.taken[0] == 5


def test_of_equals_those_found_first_are_kept() -> None:
    found = np.array([4, 1, 3, 0, 2], dtype=np.int32)
    by_user = np.array([5.0, 5.0, 9.0, 1.0, 5.0])
    assert keep_largest(found, 5, by_user, 3) == 3
    assert found[:3].tolist() == [4, 1, 2]


def test_positions_fade_linearly() -> None:
    weights = linear_positions()
    assert weights[4, :5].tolist() == [1.0, 0.75, 0.5, 0.25, 0.0]
    assert not weights[0].any()
