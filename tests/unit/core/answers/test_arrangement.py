"""The order of an answer, from entries and rules."""

from collections import Counter
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.rules import Cap, Share
from shared.contracts.sections import RerankSettings
from shared.contracts.views import ItemView
from shared.core.answers.arrangement import BLOCK, Candidates, arranged
from shared.core.answers.caps import capped
from shared.core.answers.catalogue_columns import CatalogueColumns
from shared.core.answers.catalogue_entry import BRAND, Entry, entry_of
from shared.core.answers.diversity import NARROWEST, UNLIMITED, Kinds, diverse, familiarity
from shared.core.answers.fusion import RANK_SCORES
from shared.core.answers.rules import Holding

RULES = RerankSettings(diversity=0, exploration=0, rules="")
NAMES = st.sampled_from(["a", "b", None])


def entry(brand: str | None, category: str | None = None) -> Entry:
    return entry_of(ItemView(1, "", "x", brand=brand, seller=brand, categories=[category] if category else []))


ENTRIES = st.lists(st.builds(entry, NAMES, NAMES), min_size=1, max_size=20)
CAPS = st.lists(st.builds(Cap, by=st.sampled_from(["brand", "category"]), most=st.integers(1, 3)), max_size=2)


def order(
    entries: list[Entry], n: int, diversity: float = 0.0, rules: RerankSettings = RULES, recent: int = 0, **more: Any
) -> list[int]:
    """The last ``recent`` entries are of what the user met."""
    columns = CatalogueColumns()
    for number, one in enumerate(entries):
        columns.put(f"x{number}", one)
    slots = columns.slots([f"x{number}" for number in range(len(entries))])
    m = len(entries) - recent
    return arranged(Candidates(slots[:m], recent=slots[m:], **more), columns.kinds, rules, diversity, n)


def kinds_of(entries: list[Entry]) -> Kinds:
    rows = np.frombuffer(b"".join(one.kind for one in entries), dtype=np.int32).reshape(len(entries), -1)
    return Kinds(np.ascontiguousarray(rows[:, :NARROWEST]), np.ascontiguousarray(rows[:, BRAND]))


@given(ENTRIES, ENTRIES, CAPS, st.integers(1, 20), st.sampled_from([0.0, 0.3, 1.0]), st.data())
def test_from_slots_it_is_the_order_of_what_stands_there(
    entries: list[Entry], recent: list[Entry], caps: list[Cap], n: int, diversity: float, data: st.DataObject
) -> None:
    m = len(entries)
    weights = np.array(data.draw(st.lists(st.sampled_from([0.5, 1.0, 3.0]), min_size=m, max_size=m)))
    places = data.draw(st.lists(st.integers(0, n), max_size=2, unique=True))
    pins = tuple(zip(places, range(m), strict=False))
    kinds = kinds_of(entries)
    columns = [(kinds.brands if cap.by == "brand" else kinds.categories[:, 0].copy(), cap.most) for cap in caps]
    relevance = np.array(RANK_SCORES[:m]) * weights
    relevance /= max(1.0, relevance.max())
    familiar, limits = familiarity(kinds, kinds_of(recent)), capped(UNLIMITED, columns)
    long = diverse(relevance, kinds, diversity, n, familiar=familiar, limits=limits, pins=pins).tolist()
    holding = Holding(caps=tuple(caps))
    short = order([*entries, *recent], n, diversity, recent=len(recent), weights=weights, pins=pins, holding=holding)
    assert short == long


@given(ENTRIES, st.integers(0, 20), st.floats(0, 1))
def test_an_order_names_each_at_most_once(entries: list[Entry], n: int, diversity: float) -> None:
    found = order(entries, n, diversity)
    assert len(found) == len(set(found)) == min(n, len(entries))
    assert set(found) <= set(range(len(entries)))


def test_a_share_is_had_from_below() -> None:
    entries = [entry("a"), entry("a"), entry("a"), entry("b")]
    share = Share(by="brand", value="b", least=0.5)
    assert 3 in order(entries, 2, holding=Holding(shares=(share,)))


def test_the_popular_give_way() -> None:
    entries = [entry(None)] * 3
    rules = RerankSettings(diversity=0, exploration=0, popularity_bias=0.9, rules="")
    assert order(entries, 3, rules=rules, popular=np.array([1.0, 0.0, 0.0])) == [1, 2, 0]


SHOP = [entry("ab"[n % 7 < 3], "cdefg"[n % 5]) for n in range(450)]


def test_far_down_each_block_is_made_diverse_by_itself() -> None:
    """One walk over all of it cost the square of how far down the page is."""
    whole = order(SHOP, 430, diversity=0.8)
    blocks = [whole[first : first + BLOCK] for first in range(0, 430, BLOCK)]
    assert [set(block) for block in blocks[:4]] == [set(range(first, first + BLOCK)) for first in range(0, 400, BLOCK)]
    assert whole[:BLOCK] == order(SHOP[:BLOCK], BLOCK, diversity=0.8), "the first is as if there were no others"
    assert all(block != sorted(block) for block in blocks)
    assert len(set(whole)) == 430


def test_of_pages_before_nobody_sees_the_order() -> None:
    columns = CatalogueColumns()
    for number, one in enumerate(SHOP):
        columns.put(f"x{number}", one)
    shop = Candidates(columns.slots([f"x{number}" for number in range(len(SHOP))]))
    whole = arranged(shop, columns.kinds, RULES, 0.8, 430)
    page = arranged(shop, columns.kinds, RULES, 0.8, 430, start=330)
    assert page[330:] == whole[330:]
    assert page[:300] == list(range(300)), "left as it was"


def test_far_down_caps_and_pins_hold_over_all_blocks() -> None:
    """What has a place goes by them and by relevance; each block of it is made diverse by itself."""
    caps = Holding(caps=(Cap(by="brand", most=150),))
    pins = ((3, 200), (150, 7))
    whole = order(SHOP, 430, diversity=0.8, holding=caps, pins=pins)
    plain = order(SHOP, 430, holding=caps, pins=pins)
    assert (whole[3], whole[150]) == (200, 7)
    blocks = [[set(one[first : first + BLOCK]) for first in range(0, 300, BLOCK)] for one in (whole, plain)]
    assert blocks[0] == blocks[1]
    brands = Counter(SHOP[place].view.brand for place in whole)
    assert set(brands.values()) == {150}
    assert whole != plain


def test_weights_lift_across_blocks() -> None:
    weights = np.ones(len(SHOP))
    weights[400], weights[0] = 50.0, 0.0
    whole = order(SHOP, 450, diversity=0.3, weights=weights)
    assert whole[0] == 400
    assert 0 in whole[400:]
