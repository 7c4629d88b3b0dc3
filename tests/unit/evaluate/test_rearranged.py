"""Headrace's lists rearranged: on a shop where everybody looks at teas, then at cups."""

import numpy as np
import pytest

from services.evaluate.event_log import EventLog
from services.evaluate.headrace import Headrace
from services.evaluate.method import Method, Query
from services.evaluate.methods import OWN
from services.evaluate.past import Past
from services.evaluate.protocol import Protocol
from services.evaluate.rearranged import SHOWN, kinds_of
from shared.contracts.settings import Settings, load_settings
from shared.core.kernel import Ints
from tests.unit.evaluate import logs

NEW = Query(user=0, ts=logs.BEGIN + 9000 * logs.MINUTE, event=600, excluded=np.empty(0, dtype=np.int32))


def shop() -> EventLog:
    """40 teas and 10 cups; each user meets three neighbours. At last somebody new comes."""
    items = [f"tea-{n:02d}" for n in range(40)] + [f"cup-{n:02d}" for n in range(10)]
    records = [
        logs.record(f"u{n:03d}", items[(n * n // 7 + step) % 50], 5 * n + step) for n in range(200) for step in range(3)
    ]
    records.append(logs.record("new", "tea-00", 9000))
    return logs.of(records, {item: ["shop", item[:3]] for item in items})


def rules(**rerank: float) -> Settings:
    settings = load_settings()
    return settings.model_copy(update={"rerank": settings.rerank.model_copy(update=rerank)})


def learned(names: list[str], settings: Settings) -> list[Method]:
    past = Past(shop())
    methods = [OWN[name](past, settings, Protocol()) for name in names]
    for event in range(len(past.log) - 1):
        for method in methods:
            method.learn(event)
        past.push(event)
    return methods


def lists(name: str, settings: Settings, n: int = 50) -> tuple[Ints, Ints]:
    """What `headrace` says, and what this one does."""
    served, rearranged = (method.recommend(NEW, n) for method in learned(["headrace", name], settings))
    assert len(set(rearranged.tolist())) == len(rearranged)
    return served, rearranged


@pytest.mark.parametrize("name", ["headrace-diverse", "headrace-exploring"])
def test_without_strength_or_share_the_list_is_that_of_headrace(name: str) -> None:
    served, rearranged = lists(name, rules(diversity=0.0, exploration=0.0))
    assert len(served) > SHOWN
    assert served.tolist() == rearranged.tolist()


def test_more_of_the_same_gives_way() -> None:
    served, rearranged = lists("headrace-diverse", rules(diversity=0.9))
    assert sorted(served.tolist()) == sorted(rearranged.tolist())
    cups = [sum(shop().items[item].startswith("cup") for item in found[:10]) for found in (served, rearranged)]
    assert cups[0] < cups[1]


def test_what_is_explored_is_little_known_and_moves_the_others_down() -> None:
    served, rearranged = lists("headrace-exploring", rules(exploration=0.2))
    explored = [item for item in rearranged[:SHOWN].tolist() if item not in served[:SHOWN]]
    assert len(explored) == 0.2 * SHOWN
    assert rearranged[0] == served[0]
    left = [item for item in rearranged.tolist() if item not in explored]
    assert left == [item for item in served.tolist() if item not in explored][: len(left)]


def test_they_stand_on_the_lists_of_headrace() -> None:
    methods = learned(["headrace", "headrace-diverse", "headrace-exploring"], load_settings())
    assert all(isinstance(method, Headrace) for method in methods)
    assert len({id(method._production) for method in methods if isinstance(method, Headrace)}) == 1


def test_an_items_kinds_are_its_narrowest_categories_and_its_brand() -> None:
    log = logs.lines("u a", "u b", "u c", categories={"a": ["x", "y", "y"], "b": ["x"]})
    kinds = kinds_of(log.catalogue, len(log.items))
    assert kinds.categories.tolist() == [[0, 1, -1, -1], [0, -1, -1, -1], [-1] * 4]
    assert kinds.brands.tolist() == [-1] * 3
