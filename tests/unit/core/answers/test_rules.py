"""Rules compiled: what fits, what holds when."""

from typing import Any

import numpy as np
import pytest

from shared.contracts.catalogue import Market
from shared.contracts.rules import RuleFile, parse_rules
from shared.contracts.views import ItemView
from shared.core.answers.catalogue_columns import CatalogueColumns
from shared.core.answers.catalogue_entry import Entry, entry_of
from shared.core.answers.rules import KINDS_HELD, NOTHING, RuleBook
from shared.core.answers.selection import Wanted, kept

NOW = 1_800_000_000_000
DAY = 86_400_000


def entry(item: str = "x", **fields: Any) -> Entry:
    return entry_of(ItemView(1, "", item, **fields))


def factor(book: RuleBook, of: Entry, market: str = "", **asked: Any) -> float | None:
    """What the item's place is multiplied by; None if it may not be shown."""
    columns, now = CatalogueColumns(), asked.get("now", NOW)
    columns.put(of.view.item_id, of)
    columns.open[:] = True  # rules alone are asked
    for own in of.view.markets:
        columns._elsewhere[own] = {1: True}
    holding = book.holding(asked.get("surface", ""), asked.get("context", {}), now)
    slots = columns.slots([of.view.item_id])
    found = kept([of.view.item_id], slots, columns, Wanted(now, market, holding=holding), book, 1)
    return float(found.factors[0]) if len(found.places) else None


def shown(rules: str, of: Entry, market: str = "", **asked: Any) -> bool:
    return factor(RuleBook(parse_rules(rules)), of, market, **asked) is not None


@pytest.mark.parametrize(
    ("where", "fits", "not_"),
    [
        ('item = ["x", "y"]', entry("x"), entry("z")),
        ('category = "tea"', entry(categories=["drinks", "tea"]), entry(categories=["drinks"])),
        ('brand = "a"', entry(brand="a"), entry()),
        ('seller = "a"', entry(seller="a"), entry(brand="a")),
        ('tag = ["a", "b"]', entry(tags=["b"]), entry(tags=["c"])),
        ("price_min = 5", entry(price=5.0), entry(price=4.99)),
        ("price_max = 5", entry(price=5.0), entry()),
        ("attributes = { size = [1, 2] }", entry(attributes={"size": 2}), entry(attributes={"colour": 2})),
        ("attributes = { organic = true }", entry(attributes={"organic": True}), entry(attributes={"organic": 1})),
        ("attributes = { organic = true }", entry(attributes={"organic": True}), entry(attributes={"organic": "true"})),
        ("attributes = { stock = 1 }", entry(attributes={"stock": 1.0}), entry(attributes={"stock": True})),
        ('attributes = { stock = "1" }', entry(attributes={"stock": "1"}), entry(attributes={"stock": 1})),
        ('published_within = "1d"', entry(published_at=NOW - DAY), entry(published_at=NOW - DAY - 1)),
        ('published_within = "1d"', entry(published_at=NOW), entry()),
        ('brand = "a", price_max = 5', entry(brand="a", price=1.0), entry(brand="a", price=9.0)),
    ],
)
def test_what_an_item_must_be(where: str, fits: Entry, not_: Entry) -> None:
    assert not shown(f"[[exclude]]\nwhere = {{ {where} }}", fits)
    assert shown(f"[[exclude]]\nwhere = {{ {where} }}", not_)
    assert shown(f"[[include]]\nwhere = {{ {where} }}", fits)
    assert not shown(f"[[include]]\nwhere = {{ {where} }}", not_)


def test_one_include_of_several_is_enough() -> None:
    rules = '[[include]]\nwhere = { brand = "a" }\n[[include]]\nwhere = { brand = "b" }'
    assert [shown(rules, entry(brand=brand)) for brand in "abc"] == [True, True, False]


def test_prices_are_those_of_the_market() -> None:
    rules = "[[exclude]]\nwhere = { price_min = 100 }"
    item = entry(price=10.0, markets={"SE": Market(price=110.0), "DK": Market(available=False)})
    assert [shown(rules, item, market) for market in ("", "SE", "DK", "NO")] == [True, False, True, True]


@pytest.mark.parametrize(
    ("when", "asked", "holds"),
    [
        ('surface = "home"', {"surface": "home"}, True),
        ('surface = "home"', {"surface": "cart"}, False),
        ('surface = ["a", "b"]', {}, False),
        ('context = { country = ["NO", "SE"] }', {"context": {"country": "SE"}}, True),
        ('context = { country = "NO", device = "tv" }', {"context": {"country": "NO"}}, False),
        ("context = { premium = true }", {"context": {"premium": "true"}}, True),
        ("from = 2027-01-15T08:00:00Z", {"now": NOW}, True),
        ("from = 2027-01-15T08:00:01Z", {"now": NOW}, False),
        ("until = 2027-01-15T08:00:00Z", {"now": NOW}, False),
        ("until = 2027-01-15T08:00:01Z", {"now": NOW}, True),
    ],
)
def test_when_a_rule_holds(when: str, asked: dict[str, Any], *, holds: bool) -> None:
    rules = f'[[exclude]]\nwhere = {{ item = "x" }}\nwhen = {{ {when} }}'
    assert shown(rules, entry("x"), **asked) is not holds


def test_boosts_multiply_and_time_moves_them() -> None:
    rules = '[[boost]]\nfactor = 2\nwhere = { brand = "a" }\n[[boost]]\nfactor = 3\nwhere = { published_within = "1d" }'
    book, item = RuleBook(parse_rules(rules)), entry(brand="a", published_at=NOW)
    assert [factor(book, item, now=NOW + days * DAY) for days in (0, 1, 2)] == [6.0, 6.0, 2.0]
    assert factor(book, entry()) == 1.0


def test_another_book_is_asked_anew_and_so_is_another_record() -> None:
    columns, slots = CatalogueColumns(), np.array([1], dtype=np.int32)
    columns.put("x", entry(brand="a"))
    first = RuleBook(parse_rules('[[exclude]]\nwhere = { brand = "a" }'))
    other = RuleBook(parse_rules('[[exclude]]\nwhere = { brand = "b" }'))
    assert [int(book.fits(columns, slots, "")[0, 0]) for book in (first, other, first)] == [1, 0, 1]
    columns.put("x", entry(brand="b"))
    assert [int(book.fits(columns, slots, "")[0, 0]) for book in (first, other, first)] == [0, 1, 0]


def test_without_rules_nothing_is_asked() -> None:
    book = RuleBook(RuleFile())
    assert book.holding("home", {"country": "NO"}, NOW) is NOTHING
    assert not NOTHING.asks


def test_kinds_of_requests_are_not_remembered_without_bound() -> None:
    book = RuleBook(parse_rules('[[exclude]]\nwhere = { item = "x" }\nwhen = { surface = "s7" }'))
    held = [len(book.holding(f"s{n}", {}, NOW).about.excluded) for n in range(3000)]
    assert held.count(1) == 1
    assert held[7] == 1
    assert len(book._held) == KINDS_HELD
