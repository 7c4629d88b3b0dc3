"""Columns of a catalogue against a plain dictionary, whatever comes, changes and goes."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.catalogue import Market
from shared.contracts.views import ItemView
from shared.core.answers import catalogue_columns
from shared.core.answers.catalogue_columns import MOST_FITS, CatalogueColumns, Test
from shared.core.answers.catalogue_entry import Entry, entry_of
from shared.core.texts.text_slots import UNREAD

ITEMS = [f"i{n}" for n in range(8)]
TESTS: tuple[Test, ...] = (lambda one, _: one.view.brand == "a", lambda one, market: one.price(market) == 1.0)


def entry(item: str, **fields: Any) -> Entry:
    return entry_of(ItemView(1, "", item, **fields))


MARKETS = st.dictionaries(
    st.sampled_from(["DK", "SE"]), st.builds(Market, available=st.booleans(), price=st.sampled_from([1.0, 2.0]))
)
RECORDS = st.fixed_dictionaries(
    {
        "available": st.booleans(),
        "brand": st.sampled_from(["a", "b", None]),
        "price": st.sampled_from([1.0, 2.0]),
        "markets": MARKETS,
    }
)
STEPS = st.lists(
    st.tuples(st.sampled_from(ITEMS), RECORDS | st.none()) | st.frozensets(st.sampled_from(ITEMS)), max_size=30
)


@given(STEPS, st.sampled_from(["", "DK", "SE", "NO"]))
def test_columns_say_what_the_last_records_say(steps: list[Any], market: str) -> None:
    columns, known, hidden = CatalogueColumns(), dict[str, Entry](), frozenset[str]()
    for step in steps:
        if isinstance(step, frozenset):
            hidden = step
            columns.hide(hidden)
        elif step[1] is not None:
            known[step[0]] = entry(step[0], **step[1])
            columns.put(step[0], known[step[0]])
        elif known.pop(step[0], None) is not None:
            columns.drop(step[0])
        slots = columns.slots(ITEMS)
        here, fits = columns.here(slots, market), columns.fits("tests", TESTS, slots, market)
        for item, slot, open_, fitting in zip(ITEMS, slots.tolist(), here.tolist(), fits.tolist(), strict=True):
            one = known.get(item)
            assert columns.entries[slot] is one
            assert (slot == UNREAD) is (one is None)
            assert open_ is (one is None or (one.available(market) and item not in hidden))
            assert fitting == [one is not None and test(one, market) for test in TESTS]
    assert len(columns) == len(known)
    assert (columns.find(ITEMS) is None) is (len(known) < len(ITEMS))


def test_more_items_than_there_was_room_for_and_more_tests_than_are_kept() -> None:
    columns = CatalogueColumns()
    columns.fits("tests", TESTS, np.array([UNREAD], dtype=np.int32), "")
    items = [f"i{n}" for n in range(3 * catalogue_columns.FEWEST)]
    for number, item in enumerate(items):
        columns.put(item, entry(item, brand="a" if number % 2 else "b"))
    slots = columns.slots(items)
    for owner in range(2 * MOST_FITS):
        assert columns.fits(owner, TESTS, slots, "")[:4, 0].tolist() == [0, 1, 0, 1]
    assert len(columns._fits) == MOST_FITS
    assert columns.here(slots, "").all()
    assert len(set(slots.tolist())) == len(items)


def test_a_market_that_is_nobodys_is_asked_as_none_even_once_it_has_records() -> None:
    columns, items = CatalogueColumns(), ["a", "b"]
    columns.put("a", entry("a", price=2.0))
    assert columns.fits("tests", TESTS, columns.slots(["a"]), "SE")[0, 1] == 0
    columns.put("b", entry("b", price=2.0, markets={"SE": Market(price=1.0)}))
    slots = columns.slots(items)
    assert columns.fits("tests", TESTS, slots, "")[:, 1].tolist() == [0, 0]
    assert columns.fits("tests", TESTS, slots, "SE")[:, 1].tolist() == [0, 1]


def test_who_holds_slots_is_told_that_items_left() -> None:
    columns = CatalogueColumns()
    columns.put("a", entry("a"))
    before = columns.moved
    columns.drop("a")
    columns.put("b", entry("b"))
    assert columns.slots(["b"]).tolist() == [1]
    assert columns.moved > before
