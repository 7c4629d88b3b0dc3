"""All who are measured get the same events, and it is known what they have to hold then."""

import json

import pytest

from benchmarks.folding import UNIFORM, ZIPF, drawn, everybody
from benchmarks.peers.fold import remember
from benchmarks.raw_events import Shop, expected, payloads
from benchmarks.state_path import WrongWorkError, check

SHOP = Shop(users=40, items=15)


def test_fewer_events_are_the_first_ones_of_the_same_draw() -> None:
    draws = SHOP.draws(most=40)
    many, few = list(payloads(draws, 300)), list(payloads(draws, 100))
    assert many[:100] == few
    assert many == list(payloads(SHOP.draws(most=40), 300))
    assert many != list(payloads(Shop(users=40, items=15, seed=5).draws(most=40), 300))


def test_what_is_expected_is_what_a_fold_holds() -> None:
    draws, histories = SHOP.draws(most=40), dict[str, list[str]]()
    for _, user, payload in payloads(draws, 500):
        remember(histories.setdefault(user, []), json.loads(payload)["item_id"], most=10, pairs=3)
    held = sum(map(len, histories.values()))
    assert expected(draws, 500, history=10) == {
        "events": 500, "users": len(histories), "history_items": held, "popularity": 500,
    }  # fmt: skip


def test_a_run_that_holds_something_else_is_refused() -> None:
    want = expected(SHOP.draws(most=40), 100, history=10)
    check("peer", dict(want), want)
    with pytest.raises(WrongWorkError, match="peer holds"):
        check("peer", want | {"popularity": 99}, want)


def test_everybody_is_met_and_laws_differ() -> None:
    met = everybody(30, 50, seed=1)
    assert (set(met.user.tolist()), set(met.item.tolist())) == (set(range(30)), set(range(50)))
    tops = [int(drawn(1000, 1000, 20_000, law, 2).item.max(initial=0)) for law in (ZIPF, UNIFORM)]
    assert max(tops) < 1000
    heaviest = [max(map(list(drawn(1000, 10, 5000, law, 2).item).count, range(10))) for law in (ZIPF, UNIFORM)]
    assert heaviest[0] > 1.5 * heaviest[1]
