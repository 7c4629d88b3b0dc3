"""Likeness equals its plain twin, whatever the shop."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.verify.content_oracle import alike as oracle_alike
from services.verify.facts_oracle import FactsOracle
from shared.contracts.catalogue import ItemRecord
from shared.core.items.category_siblings import BINS, BINS_PER_POWER, worth_of_ranked
from shared.core.items.content import ALIKE, alike
from shared.core.items.most_alike import NO_BAR
from tests.unit.core.likes import MOST_DIMENSIONS, MOST_TERMS, TABLE, called, counters_of, facts_of, found, scores_of


def assert_equal_twin(shop: list[ItemRecord], slot: int, counts: list[float]) -> None:
    twin = FactsOracle(MOST_TERMS, MOST_DIMENSIONS)
    for n, record in enumerate(shop):
        twin.file(f"i{n}", record)
    expected = oracle_alike(twin, f"i{slot}", lambda item: counts[int(item[1:])])
    assert [(f"i{n}", score) for n, score in found(shop, slot, counts).items()] == expected


records = st.lists(
    st.builds(
        ItemRecord,
        st.just("i"),
        title=st.lists(st.sampled_from(["red", "old", "fez", "acme", "hats"]), max_size=4).map(" ".join),
        categories=st.lists(st.sampled_from(["hats", "boats"]), max_size=1),
        brand=st.sampled_from([None, "acme", "other"]),
        price=st.sampled_from([None, 0.0, 1.0, 2.5, 1e6]),
        embedding=st.one_of(
            st.just([]),
            st.lists(st.sampled_from([-2.0, 0.0, 0.1, 1.0, 3e300]), min_size=2, max_size=3),
            st.lists(st.floats(-1, 1), min_size=4, max_size=5),
        ),
        near=st.lists(st.integers(1, 80).map("i{}".format), max_size=5, unique=True),
    ),
    min_size=1,
    max_size=70,
)


@given(records, st.lists(st.sampled_from([0.0, 1.0, 50.0]), min_size=70, max_size=70))
def test_likeness_equals_a_plain_twin(shop: list[ItemRecord], counts: list[float]) -> None:
    assert_equal_twin(shop, 0, counts[: len(shop)])


@given(records, st.lists(st.sampled_from([0.0, 1.0, 50.0]), min_size=70, max_size=70))
def test_many_at_once_are_told_what_each_alone_is(shop: list[ItemRecord], counts: list[float]) -> None:
    for n, record in enumerate(shop):
        record.near = [other for other in record.near if other != f"i{n}"]
    facts, slots = facts_of(shop), np.arange(len(shop), dtype=np.int32)[::-1].copy()
    items, scores, sizes = alike(facts, slots, counters_of(counts[: len(shop)]), 1, 0, TABLE)
    for n, slot in enumerate(slots.tolist()):
        said = dict(zip(items[n, : sizes[n]].tolist(), scores[n, : sizes[n]].tolist(), strict=True))
        assert list(said.items()) == list(scores_of(facts_of(shop), slot, counts[: len(shop)]).items())


titles = st.lists(st.sampled_from([f"word{n}" for n in range(80)]), max_size=4).map(" ".join)


@settings(max_examples=20)
@given(st.lists(st.tuples(titles, st.sampled_from(["hats", "boats"])), min_size=ALIKE + 20, max_size=3 * ALIKE))
def test_of_many_that_share_bits_and_terms_the_best_equal_a_plain_twin(named: list[tuple[str, str]]) -> None:
    shop = [called(*one) for one in named]
    counts = [float(n * 7 % 31) for n in range(len(shop))]
    for slot in (0, len(shop) // 2):
        assert_equal_twin(shop, slot, counts)


embeddings: st.SearchStrategy[list[float]] = st.one_of(st.just([]), st.lists(st.floats(-1, 1), min_size=2, max_size=2))
of_one_category = st.builds(
    ItemRecord,
    st.just("i"),
    title=titles,
    categories=st.just(["hats"]),
    brand=st.sampled_from([None, "acme"]),
    price=st.sampled_from([None, 1.0, 1.5, 40.0]),
    embedding=embeddings,
    near=st.lists(st.integers(1, 80).map("i{}".format), max_size=5, unique=True),
)


@settings(max_examples=20)
@given(st.lists(of_one_category, min_size=ALIKE + 10, max_size=2 * ALIKE), st.lists(st.integers(0, 40), min_size=7))
def test_of_a_category_larger_than_the_list_the_best_equal_a_plain_twin(shop: list[ItemRecord], met: list[int]) -> None:
    assert_equal_twin(shop, 0, [float(met[n % len(met)]) for n in range(len(shop))])


@given(st.lists(st.floats(-60, 60), max_size=200), st.integers(1, 120))
def test_as_many_as_were_asked_for_reach_the_bar_and_hardly_more(worths: list[float], rank: int) -> None:
    bar = worth_of_ranked(rank, np.array(worths, dtype=np.float64), np.empty(BINS, dtype=np.int32))
    down = sorted(worths, reverse=True)
    near = len(worths) >= rank and down[0] - down[rank - 1] < (BINS - 1) / BINS_PER_POWER
    assert sum(worth >= bar for worth in worths) >= min(rank, len(worths))
    assert bar > down[rank - 1] - 1.01 / BINS_PER_POWER if near else len(worths) >= rank or bar == NO_BAR
