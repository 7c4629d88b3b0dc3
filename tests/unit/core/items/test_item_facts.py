import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.contracts.catalogue import ItemRecord
from shared.core.items.item_facts import ItemFacts
from shared.core.tables.interning import order_key

SLOTS = 6
MOST_TERMS = 5


def slots(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int32)


def members(facts: ItemFacts, slot: int) -> list[int]:
    return facts.categories.newest(int(facts.category[slot]))


def hat(item: str = "h", **fields: object) -> ItemRecord:
    return ItemRecord(**{"item_id": item, "categories": ["wear", "hats"], **fields})  # type: ignore[arg-type]


def test_the_narrowest_category_the_brand_and_the_price_are_kept() -> None:
    facts = ItemFacts(SLOTS, MOST_TERMS)
    facts.file(2, hat(brand="acme", price=math.e**3))
    assert facts.category[2] == order_key("hats")
    assert facts.brand[2] == order_key("acme")
    assert facts.log_price[2] == pytest.approx(3)
    facts.file(2, ItemRecord("h"))
    assert (facts.category[2], facts.brand[2], math.isnan(facts.log_price[2])) == (0, 0, True)


@pytest.mark.parametrize("price", [None, 0.0, -1.0])
def test_a_price_without_a_logarithm_is_unknown(price: float | None) -> None:
    facts = ItemFacts(SLOTS, MOST_TERMS)
    facts.file(0, hat(price=price))
    assert math.isnan(facts.log_price[0])


def test_members_stand_with_the_one_filed_last_first() -> None:
    facts = ItemFacts(SLOTS, MOST_TERMS)
    for slot in (3, 1, 2, 3):
        facts.file(slot, hat())
    facts.file(4, ItemRecord("b", categories=["boats"]))
    assert members(facts, 1) == [3, 2, 1]
    assert members(facts, 4) == [4]
    assert members(facts, 5) == []


def test_members_follow_every_change_of_their_category() -> None:
    facts = ItemFacts(SLOTS, MOST_TERMS)
    for slot in (1, 2, 3):
        facts.file(slot, hat())
        assert members(facts, 1) == list(range(slot, 0, -1))
    facts.file(2, ItemRecord("b", categories=["boats"]))
    assert (members(facts, 1), members(facts, 2)) == ([3, 1], [2])
    facts.unfile(3)
    assert (members(facts, 1), members(facts, 3)) == ([1], [])


def test_items_are_met_first_and_last_whatever_the_order() -> None:
    facts = ItemFacts(SLOTS, MOST_TERMS)
    facts.meet(slots(0, 1, 0, 0), np.array([50, 7, 30, 90]))
    facts.meet(slots(0, 1), np.array([40, 8]))
    assert facts.first_ts[:3].tolist() == [30, 7, 0]
    assert facts.last_ts[:3].tolist() == [90, 8, 0]


def test_nothing_is_left_of_an_item_that_is_held_no_longer() -> None:
    facts = ItemFacts(SLOTS, MOST_TERMS)
    for slot in (0, 1):
        facts.file(slot, hat(brand="acme", price=2.0))
    facts.meet(slots(0, 1), np.array([5, 5]))
    facts.clear(slots(0))
    empty = ItemFacts(1, MOST_TERMS)
    empty.restore(facts.take(1))
    assert members(facts, 1) == [1]
    assert (facts.first_ts[0], facts.last_ts[0], facts.filed[0], facts.category[0], facts.brand[0]) == (0, 0, 0, 0, 0)
    assert members(empty, 0) == []


def test_facts_keep_what_they_hold_when_they_grow() -> None:
    facts = ItemFacts(2, MOST_TERMS)
    facts.file(1, hat(price=1.0))
    facts.grow(4)
    facts.file(3, hat())
    assert members(facts, 1) == [3, 1]
    assert np.isnan(facts.log_price).tolist() == [True, False, True, True]


slot = st.integers(0, SLOTS - 1)
category = st.lists(st.sampled_from(["hats", "boats"]), max_size=1)
Step = tuple[str, int, list[str]]
steps: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("file"), slot, category),
    st.tuples(st.just("unfile"), slot, st.just([])),
    st.tuples(st.just("clear"), slot, st.just([])),
)
runs = st.lists(steps, max_size=30)


def run(facts: ItemFacts, steps: list[Step]) -> None:
    for what, slot, categories in steps:
        if what == "file":
            facts.file(slot, ItemRecord("i", categories=categories))
        elif what == "unfile":
            facts.unfile(slot)
        else:
            facts.clear(slots(slot))


@given(runs)
def test_members_equal_a_plain_twin(steps: list[Step]) -> None:
    facts, twin = ItemFacts(SLOTS, MOST_TERMS), dict[int, list[str]]()
    run(facts, steps)
    for what, slot, categories in steps:
        twin.pop(slot, None)
        if what == "file":
            twin[slot] = categories
    for slot in range(SLOTS):
        mine = twin.get(slot, [])
        assert members(facts, slot) == [other for other in reversed(twin) if mine and twin[other] == mine]


# all that was filed last is withdrawn before the state is taken: its numbers must not be given out again
@example(before=[("file", 0, ["hats"]), ("file", 1, ["hats"]), ("unfile", 1, [])], after=[("file", 2, ["hats"])])
@given(before=runs, after=runs)
def test_what_is_restored_goes_on_as_what_was_saved(before: list[Step], after: list[Step]) -> None:
    facts, again = ItemFacts(SLOTS, MOST_TERMS), ItemFacts(SLOTS, MOST_TERMS)
    run(facts, before)
    again.restore(facts.take(SLOTS))
    assert again.take(SLOTS) == facts.take(SLOTS)
    for held in (facts, again):
        run(held, after)
    assert again.take(SLOTS) == facts.take(SLOTS)
    assert [members(again, slot) for slot in range(SLOTS)] == [members(facts, slot) for slot in range(SLOTS)]
