"""What lies side by side is what stands in the facts and counters, however it came there."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.catalogue import ItemRecord
from shared.core.arithmetic.logarithm import log2
from shared.core.items import category_members
from shared.core.items.category_members import FRESH
from shared.core.items.content import alike
from shared.core.items.item_facts import ItemFacts
from shared.core.items.popularity import Counters
from shared.core.kernel import Ints
from shared.core.tables.interning import order_key
from tests.unit.core.likes import MOST_DIMENSIONS, MOST_TERMS, TABLE

SLOTS, FEW, HALF_LIFE = 12, 5, 64_000
HATS, BOATS = "hats", "boats"


@pytest.fixture(autouse=True, scope="module")
def small() -> Any:
    """Few members a category and little room, so that both run out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(category_members, "MEMBERS", FEW)
        patch.setattr(category_members, "ROOM", 2)
        yield


class Shop:
    """Facts and counters that follow each other as the items step has them do."""

    def __init__(self) -> None:
        self.facts = ItemFacts(SLOTS, MOST_TERMS, MOST_DIMENSIONS)
        self.counters = Counters([1, HALF_LIFE], SLOTS)
        self.ts = 0

    def file(self, slot: int, category: str | None, price: float | None = None) -> None:
        record = ItemRecord("i", categories=[category] if category else [], price=price, title=f"red word{slot}")
        self.facts.file(slot, record)

    def count(self, items: list[int], later: int, *, told: bool = True) -> None:
        self.ts += later
        slots = np.array(items, dtype=np.int32)
        self.counters.add(slots, np.ones(len(slots)), np.full(len(slots), self.ts))
        if told:
            self.facts.categories.recount(slots, self.counters, 1, self.ts)

    def alike(self) -> list[Any]:
        return [part.tolist() for part in told(self.facts, self)]


def told(facts: ItemFacts, shop: Shop) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    slots = np.flatnonzero(facts.filed).astype(np.int32)
    items, scores, sizes = alike(facts, slots, shop.counters, 1, shop.ts, TABLE)
    beyond = np.arange(items.shape[1]) >= sizes[:, None]
    items[beyond], scores[beyond] = -1, 0.0
    return items, scores, sizes


slots = st.integers(0, SLOTS - 1)
steps = st.one_of(
    st.tuples(st.just("file"), slots, st.sampled_from([HATS, HATS, BOATS, None]), st.sampled_from([None, 1.0, 3.0])),
    st.tuples(st.just("unfile"), slots),
    st.tuples(st.just("count"), st.lists(slots, min_size=1, max_size=4), st.integers(0, HALF_LIFE // 8), st.booleans()),
    st.tuples(st.just("wait"), st.integers(0, 3 * HALF_LIFE)),
    st.tuples(st.just("clear"), slots),
)


def take(shop: Shop, step: tuple[Any, ...]) -> None:
    match step:
        case ("file", slot, category, price):
            shop.file(slot, category, price)
        case ("unfile", slot):
            shop.facts.unfile(slot)
        case ("count", items, later, noted):
            shop.count(items, later, told=noted)
        case ("wait", later):
            shop.ts += later
        case ("clear", slot):
            gone = np.array([slot], dtype=np.int32)
            shop.counters.clear(gone)
            shop.facts.clear(gone)


def assert_as_known(shop: Shop, *names: str) -> None:
    """Of these categories, or all, what lies there, and between which bounds its popularity is."""
    facts, members = shop.facts, shop.facts.categories
    categories = np.array([0, *map(order_key, names or (HATS, BOATS))], dtype=np.uint64)
    categories = categories[[not c or bool(members.newest(c)) for c in categories.tolist()]]
    spans = members.spans(categories, facts.known, shop.counters, 1, shop.ts)
    for n, category in enumerate(categories.tolist()):
        lying = slice(spans.starts[n], spans.ends[n])
        items = members.columns.items[lying]
        assert items.tolist() == members.newest(category)[::-1]
        for column, known in zip(members.columns[1:4], facts.known, strict=True):
            np.testing.assert_array_equal(column[lying], known[items])
        counts = shop.counters.counts_of(items, 1, shop.ts)
        popular = members.columns.popular[lying]
        exact = np.array([log2(1.0 + count) for count in counts.tolist()])
        assert (exact <= popular + 1e-9).all()
        assert (exact >= popular - spans.faded[n] - 1e-9).all()


@given(st.lists(st.tuples(steps, st.booleans()), max_size=40))
def test_whatever_happens_members_and_likeness_are_those_of_facts_made_anew(run: list[tuple[Any, bool]]) -> None:
    shop = Shop()
    for step, looks in run:
        take(shop, step)
        if looks:
            assert_as_known(shop)
    again = ItemFacts(SLOTS, MOST_TERMS, MOST_DIMENSIONS)
    again.restore(shop.facts.take(SLOTS))
    assert shop.alike() == [part.tolist() for part in told(again, shop)]


def test_of_a_category_that_grows_those_filed_last_lie_there() -> None:
    shop = Shop()
    for slot in range(SLOTS):
        shop.file(slot, HATS)
        assert_as_known(shop)


def test_popularity_is_not_reckoned_again_for_what_was_counted_but_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = Shop()
    for slot in range(4):
        shop.file(slot, HATS)
    shop.count([0, 1, 2, 3], 1000)
    assert_as_known(shop)
    asked = list[list[int]]()
    reckon = shop.facts.categories._reckon

    def noted(items: Ints, counters: Counters, column: int, ts: int) -> None:
        asked.append(items.tolist())
        reckon(items, counters, column, ts)

    shop.count([2, 2, 9], 1)
    monkeypatch.setattr(shop.facts.categories, "_reckon", noted)
    assert_as_known(shop)
    shop.ts += HALF_LIFE // FRESH - 1
    assert_as_known(shop)
    assert asked == []
    shop.ts += 1
    assert_as_known(shop)
    assert asked == [[0, 1, 2, 3]]
    shop.count([1], 0, told=False)
    assert_as_known(shop)
    assert asked[1:] == [[0, 1, 2, 3]]


def test_room_is_used_again() -> None:
    shop = Shop()
    for n in range(2000):
        shop.file(n % 7, HATS if n % 3 else BOATS)
        assert_as_known(shop)
    assert len(shop.facts.categories.columns.items) <= 64


def test_what_was_let_go_with_all_else_is_counted_in_nobodys_place() -> None:
    shop = Shop()
    shop.file(0, BOATS)
    assert_as_known(shop, BOATS)
    for n in range(9):  # until all of it is let go, and hats lie where boats did
        shop.file(1 + n % 2, HATS)
        assert_as_known(shop, HATS)
        shop.count([0], 1)
        assert_as_known(shop, HATS)
