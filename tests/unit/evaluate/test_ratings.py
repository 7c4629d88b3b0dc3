from dataclasses import replace

import numpy as np
import pytest

from services.evaluate import ratings
from services.evaluate.event_log import EventLog
from services.evaluate.method import Query
from services.evaluate.past import Past
from services.evaluate.prequential import Pass
from services.evaluate.protocol import Protocol, plan_test
from tests.unit.evaluate import logs
from tests.unit.evaluate.methods import Fixed

HALF = Protocol(warmup=0.5)


class Five(Fixed):
    def predict_value(self, query: Query, item: int) -> float:
        assert item == self.past.log.item[query.event]
        return 5.0


def rated() -> EventLog:
    """Half of the users give 8 to everything, the others 2."""
    pairs = [(f"u{n % 20}", f"i{n // 20}", 8.0 if n % 2 else 2.0) for n in range(200)]
    return logs.of([logs.record(u, i, n, "rating", value=value) for n, (u, i, value) in enumerate(pairs)])


def test_the_value_of_another_kind_is_no_rating() -> None:
    log = logs.of([logs.record("u", "a", 0, "purchase", value=3.0), logs.record("u", "b", 1, "rating")])
    assert not ratings.rated(log, np.arange(2)).any()
    assert not ratings.rated(logs.lines("u a"), np.arange(1)).any()
    assert ratings.river_ratings(log, plan_test(log, Protocol(warmup=0.0)), seed=7) == {}


def test_errors_are_of_what_was_foretold() -> None:
    foretold, given = np.array([3.0, np.nan, 5.0]), np.array([0.0, 9.0, 1.0])
    assert ratings.errors(foretold, given) == {"rmse": pytest.approx(12.5**0.5, abs=1e-6), "mae": 3.5}
    assert ratings.errors(np.array([np.nan]), np.array([1.0])) == {}


def test_a_method_may_foretell() -> None:
    log, protocol = rated(), Protocol(warmup=0.5)
    past = Past(log)
    methods = {"five": Five(past), "mute": Fixed(past)}
    outcomes = Pass(past, methods, plan_test(log, protocol), None, 20).run()
    assert (outcomes["five"].values == 5.0).all()
    assert np.isnan(outcomes["mute"].values).all()


def test_river_learns_who_is_kind_and_the_seed_decides() -> None:
    log = rated()
    found = ratings.river_ratings(log, plan_test(log, HALF), seed=7)
    assert list(found) == ["river-baseline", "river-biased-mf"]
    assert all(model["mae"] < 3.0 for model in found.values())
    assert found == ratings.river_ratings(log, plan_test(log, HALF), seed=7)


def test_river_knows_nothing_of_a_basket_that_it_foretells() -> None:
    found = []
    for others in (1.0, 5.0):
        first = logs.record("u", "a", 0, "rating", value=3.0, basket="0")
        bought = [logs.record("u", item, 1, "rating", value=others, basket="1") for item in "bc"]
        last = logs.record("u", "d", 1, "rating", value=4.0, basket="1")
        log = logs.of([first, *bought, last], baskets=True)
        plan = plan_test(log, Protocol(warmup=0.25, baskets=True))
        found.append(ratings.river_ratings(log, replace(plan, targets=np.array([3]), start=np.array([1])), seed=7))
    assert found[0] == found[1]
