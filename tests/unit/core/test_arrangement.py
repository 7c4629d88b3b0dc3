"""The order of an answer, from entries and rules."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.rules import Cap, Share
from shared.contracts.sections import RerankSettings
from shared.contracts.views import ItemView
from shared.core.arrangement import COLUMNS, Candidates, arranged, walked
from shared.core.caps import capped
from shared.core.catalogue_entry import Entry, entry_of, kinds_of
from shared.core.diversity import NARROWEST, UNLIMITED, Kinds, diverse
from shared.core.fusion import RANK_SCORES
from shared.core.rules import Holding

RULES = RerankSettings(diversity=0, exploration=0, rules="")
NAMES = st.sampled_from(["a", "b", None])


def entry(brand: str | None, category: str | None = None) -> Entry:
    return entry_of(ItemView(1, "", "x", brand=brand, seller=brand, categories=[category] if category else []))


ENTRIES = st.lists(st.builds(entry, NAMES, NAMES), min_size=1, max_size=20)
CAPS = st.lists(st.builds(Cap, by=st.sampled_from(["brand", "category"]), most=st.integers(1, 3)), max_size=2)


@given(ENTRIES, CAPS, st.integers(1, 20), st.data())
def test_the_short_way_finds_what_the_long_one_finds(
    entries: list[Entry], caps: list[Cap], n: int, data: st.DataObject
) -> None:
    m = len(entries)
    weights = data.draw(st.lists(st.sampled_from([0.5, 1.0, 3.0]), min_size=m, max_size=m))
    places = data.draw(st.lists(st.integers(0, n), max_size=2, unique=True))
    pins = tuple(zip(places, range(m), strict=False))
    kinds = kinds_of(entries)
    columns = [(np.ascontiguousarray(kinds[:, COLUMNS[cap.by]]), cap.most) for cap in caps]
    relevance = np.array(RANK_SCORES[:m]) * np.array(weights)
    of = Kinds(np.ascontiguousarray(kinds[:, :NARROWEST]), np.ascontiguousarray(kinds[:, NARROWEST]))
    long = diverse(relevance, of, 0.0, n, limits=capped(UNLIMITED, columns), pins=pins).tolist()
    given_to = Candidates(entries, weights, pins=pins, holding=Holding(caps=tuple(caps)))
    assert walked(given_to, n) == long
    assert arranged(given_to, RULES, 0.0, n) == long


@given(ENTRIES, st.integers(0, 20), st.floats(0, 1))
def test_an_order_names_each_at_most_once(entries: list[Entry], n: int, diversity: float) -> None:
    order = arranged(Candidates(entries, [1.0] * len(entries)), RULES, diversity, n)
    assert len(order) == len(set(order)) == min(n, len(entries))
    assert set(order) <= set(range(len(entries)))


def test_a_share_is_had_from_below() -> None:
    entries = [entry("a"), entry("a"), entry("a"), entry("b")]
    share = Share(by="brand", value="b", least=0.5)
    order = arranged(Candidates(entries, [1.0] * 4, holding=Holding(shares=(share,))), RULES, 0.0, 2)
    assert 3 in order


def test_the_popular_give_way() -> None:
    entries = [entry(None)] * 3
    rules = RerankSettings(diversity=0, exploration=0, popularity_bias=0.9, rules="")
    assert arranged(Candidates(entries, [1.0] * 3, popular=[1.0, 0.0, 0.0]), rules, 0.0, 3) == [1, 2, 0]
