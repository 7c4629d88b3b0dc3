"""What of a list may be shown."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.catalogue import Market
from shared.contracts.rules import RuleFile, Where, parse_rules
from shared.contracts.views import ItemView
from shared.core.answers import rules
from shared.core.answers.catalogue_columns import CatalogueColumns
from shared.core.answers.catalogue_entry import Entry, entry_of
from shared.core.answers.rules import RuleBook
from shared.core.answers.selection import Wanted, kept

NOW = 1000
NO_RULES = RuleBook(RuleFile())


def entry(item: str, **fields: Any) -> Entry:
    return entry_of(ItemView(1, "", item, **fields))


def left(entries: list[Entry | None], book: RuleBook = NO_RULES, most: int = 100, **wanted: Any) -> list[str]:
    items = [one.view.item_id if one else f"unread-{n}" for n, one in enumerate(entries)]
    columns = CatalogueColumns()
    for item, one in zip(items, entries, strict=True):
        if one is not None:
            columns.put(item, one)
    found = kept(items, columns.slots(items), columns, Wanted(now=NOW, **wanted), book, most)
    assert len(found.places) == len(found.slots) == len(found.factors)
    assert found.slots.tolist() == columns.slots([items[place] for place in found.places]).tolist()
    return [items[place] for place in found.places]


def test_only_what_is_sold_now() -> None:
    entries = [
        entry("gone", available=False),
        entry("early", published_at=NOW + 1),
        entry("just", published_at=NOW),
        entry("late", expires_at=NOW),
        entry("still", expires_at=NOW + 1),
    ]
    assert left([*entries]) == ["just", "still"]


def test_stock_is_that_of_the_market() -> None:
    here, away = {"DK": Market(available=True)}, {"DK": Market(available=False)}
    entries = [entry("a", markets=away), entry("b", available=False, markets=here)]
    assert left([*entries]) == ["a"]
    assert left([*entries], market="DK") == ["b"]
    assert left([*entries], market="NO") == ["a"]


def test_of_variants_one_is_shown_and_the_thing_itself_is_one() -> None:
    entries = [entry("red", parent_id="shirt"), entry("shirt"), entry("blue", parent_id="shirt"), entry("hat")]
    assert left([*entries]) == ["red", "hat"]


def test_a_variant_that_may_not_be_shown_stands_for_none() -> None:
    assert left([entry("red", parent_id="shirt", available=False), entry("blue", parent_id="shirt")]) == ["blue"]


def test_avoided_categories_and_what_was_met() -> None:
    entries = [entry("a", categories=["tea", "green"]), entry("b", categories=["tea"]), entry("c")]
    assert left([*entries], avoided=frozenset(("green",))) == ["b", "c"]
    met = ((frozenset("abc"), frozenset(("green",))),)
    assert left([*entries], met=met) == ["a"], "of a repeatable category"


def test_what_could_not_be_read_is_left_out_only_if_it_matters() -> None:
    assert left([None, entry("a")]) == ["unread-0", "a"]
    assert left([None, entry("a")], sure=True) == ["a"]


def test_a_variant_of_what_is_taken_already_is_left_out() -> None:
    columns = CatalogueColumns()
    for item, parent in (("red", "shirt"), ("blue", "shirt"), ("hat", None)):
        columns.put(item, entry(item, parent_id=parent))
    found = kept(
        ["blue", "hat"], columns.slots(["blue", "hat"]), columns, Wanted(NOW), NO_RULES, 2, columns.slots(["red"])
    )
    assert found.places.tolist() == [1]


def test_what_a_request_asks_of_an_item() -> None:
    cheap, dear = entry("a", price=1.0), entry("b", price=9.0, markets={"SE": Market(price=1.0)})
    tests = (rules.test_of(Where(price_max=5.0)),)
    assert left([cheap, dear], filters=tests) == ["a"]
    assert left([cheap, dear], filters=tests, market="SE") == ["a", "b"]
    assert left([cheap, dear], kind=lambda one, _: one.view.item_id == "b") == ["b"]


BRANDS = st.sampled_from(["a", "b", "c"])
ITEMS = st.lists(
    st.tuples(st.sampled_from([f"i{n}" for n in range(12)]), BRANDS, st.booleans()),
    max_size=30,
    unique_by=lambda t: t[0],
)


@given(ITEMS, st.sets(BRANDS, min_size=1), st.sets(st.sampled_from([f"i{n}" for n in range(12)])), st.integers(0, 30))
def test_no_excluded_item_ever_appears(
    items: list[tuple[str, str, bool]], brands: set[str], barred: set[str], most: int
) -> None:
    entries: list[Entry | None] = [entry(item, brand=brand, available=there) for item, brand, there in items]
    book = RuleBook(parse_rules(f"[[exclude]]\nwhere = {{ brand = {sorted(brands)} }}"))
    found = left(entries, book, most, holding=book.holding("", {}, NOW), barred=(barred,))
    right = [i for i, brand, there in items if there and brand not in brands and i not in barred]
    assert found == right[:most]
