import math
from itertools import islice

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.verify.taste_oracle import Tastes, best_and_values
from shared.core.lists.rank_cache import RankCache
from shared.core.lists.reach import FAST, FULL, ROWS, Reach
from shared.core.lists.sources import AGAIN, LOOKED_AT, SOURCES, WEIGHTS, Blocks, Candidates, Scratch, gather
from shared.core.profiles.possession import MOST_OWN
from shared.core.tables.interning import order_key
from tests.unit.core.shops import LADDER, Said, Shop, Visitor, ms, names_of, shops, users_in, visitors

NARROW = Reach(depths=(2, 0, 1, 0), best=2, own=1, step=3, lasting=1, tops=2)
Found = dict[str, tuple[list[float], list[float], list[float], int]]
"""Candidate → its values and places by source, its places among the tops by half-life, when its user met it; in the
candidates' order.
"""


def found_by(candidates: Candidates, cache: RankCache, user: int = 0) -> Found:
    n = int(candidates.counts[user])
    return {
        name: (values.tolist(), places.tolist(), top_places.tolist(), int(met))
        for name, values, places, top_places, met in zip(
            names_of(cache, candidates.items[user, :n]),
            candidates.values[user],
            candidates.places[user],
            candidates.top_places[user],
            candidates.met[user],
            strict=False,
        )
    }


def plain_sums(shop: Shop, visitor: Visitor, reach: Reach) -> list[dict[str, float]]:
    """Of each source of rows: item → sum."""
    sums: list[dict[str, float]] = [{} for _ in range(ROWS)]
    worth = [1.0] * ROWS
    for rank, item in enumerate(visitor.recent):
        said = {other: [*scores, 0.0] for other, scores in shop.rows.get(item, {}).items()}
        for other, likeness in shop.alike.get(item, {}).items():
            said.setdefault(other, [0.0] * ROWS)[3] = likeness
        for other, scores in said.items():
            for source, score in enumerate(scores):
                if score > 0 and rank < reach.depths[source] and other not in visitor.excluded:
                    sums[source][other] = sums[source].get(other, 0.0) + score * worth[source]
        worth = [w * step for w, step in zip(worth, WEIGHTS, strict=True)]
    return sums


def plain(shop: Shop, visitor: Visitor, reach: Reach = FULL) -> Found:
    """The twin."""
    sums = plain_sums(shop, visitor, reach)
    best = [sorted(s, key=lambda i, s=s: (-s[i], order_key(i)))[: reach.best] for s in sums]  # type: ignore[misc]
    own = [one for one in visitor.own[: reach.own] if one[0] not in visitor.excluded]
    sums.append({item: max(float(times), LOOKED_AT) for item, times, _ in own})
    best.append([item for item, _, _ in own])
    tastes = Tastes(shop.taste()).scores(visitor.recent) if shop.vectors and reach.taste else {}
    tasted, values = best_and_values(tastes, frozenset(visitor.excluded))
    best.append([item for item, _ in tasted])
    met = {item: ms(last) for item, _, last in own}
    tops = []
    for top, most in zip(shop.tops, reach.of_tops(len(shop.tops)).tolist(), strict=True):
        allowed = ((item, place) for place, item in enumerate(top) if item not in visitor.excluded)
        tops.append(dict(islice(allowed, most)))
    candidates = dict.fromkeys(item for source in [*best, *tops] for item in source)
    return {
        item: (
            [*(s.get(item, 0.0) / max(s.values(), default=1.0) for s in sums), values.get(item, 0.0)],
            [1 / math.sqrt(1 + places.index(item)) if item in places else 0.0 for places in best],
            [1 / math.sqrt(1 + top[item]) if item in top else 0.0 for top in tops],
            met.get(item, 0),
        )
        for item in candidates
    }


@settings(max_examples=60)
@given(shops, st.lists(visitors, min_size=1, max_size=4), st.sampled_from([FULL, FAST, NARROW]))
def test_candidates_equal_a_plain_twin_user_after_user(shop: Shop, crowd: list[Visitor], reach: Reach) -> None:
    cache = shop.cache()
    candidates = gather(users_in(cache, crowd), cache, Scratch(), reach)
    for user, visitor in enumerate(crowd):
        found = found_by(candidates, cache, user)
        assert found == plain(shop, visitor, reach)
        assert list(found) == list(plain(shop, visitor, reach))
        assert not found.keys() & set(visitor.excluded)


@settings(max_examples=25)
@given(shops, st.lists(visitors, min_size=1, max_size=4))
def test_scratch_is_clean_afterwards(shop: Shop, crowd: list[Visitor]) -> None:
    """Nor does it matter what stood in the arrays before."""
    cache, scratch, used = shop.cache(), Scratch(), Blocks()
    users = users_in(cache, crowd)
    for name, width in (("values", SOURCES), ("places", SOURCES), ("top places", len(LADDER))):
        used.take(name, (4, FULL.most_candidates(len(LADDER)), width), np.float64)[:] = np.nan
    first, second = gather(users, cache, scratch, FULL), gather(users, cache, scratch, FULL, used)
    assert first.items.tolist() == second.items.tolist()
    for user in range(len(crowd)):
        assert found_by(first, cache, user) == found_by(second, cache, user)
    assert (scratch.work.position == -1).all()


@settings(max_examples=25)
@given(shops, st.permutations(range(5)), st.lists(visitors, min_size=5, max_size=5))
def test_who_else_is_asked_about_is_of_no_matter(shop: Shop, order: list[int], crowd: list[Visitor]) -> None:
    cache, scratch = shop.cache(), Scratch()
    one = gather(users_in(cache, crowd), cache, scratch, FULL)
    other = gather(users_in(cache, [crowd[n] for n in order]), cache, scratch, FULL)
    for row, n in enumerate(order):
        assert found_by(other, cache, row) == found_by(one, cache, n)


def test_a_user_without_a_history_gets_tops_only() -> None:
    shop = Shop(
        rows={"a": {"b": (1.0, 1.0, 1.0)}}, alike={"a": {"c": 1.0}}, tops=[{"x": 3.0, "y": 1.0}, {}, {"y": 1.0}]
    )
    cache = shop.cache()
    found = found_by(gather(users_in(cache, [Visitor(excluded=["x"])]), cache, Scratch(), FULL), cache)
    assert found == {"y": ([0.0] * SOURCES, [0.0] * SOURCES, [1 / math.sqrt(2), 0.0, 1.0], 0)}


def test_own_items_are_candidates_by_how_often_they_were_taken() -> None:
    cache = Shop(tops=[{"x": 3.0, "tea": 1.0}, {}, {}]).cache()
    visitor = Visitor(excluded=["milk"], own=[("milk", 9, -1.0), ("tea", 4, -5.0), ("rye", 1, -2.0), ("cup", 0, -3.0)])
    candidates = gather(users_in(cache, [visitor]), cache, Scratch(), FULL)
    found = found_by(candidates, cache)
    assert found.keys() == {"tea", "rye", "cup", "x"}
    assert {item: (values[AGAIN], places[AGAIN], met) for item, (values, places, _, met) in found.items()} == {
        "tea": (1.0, 1.0, ms(-5)),
        "rye": (0.25, 1 / math.sqrt(2), ms(-2)),
        "cup": (LOOKED_AT / 4, 1 / math.sqrt(3), ms(-3)),
        "x": (0.0, 0.0, 0),
    }


def test_nothing_is_known_and_nobody_is_asked_about() -> None:
    cache = Shop().cache()
    assert gather(users_in(cache, [Visitor(["a"])]), cache, Scratch(), FULL).counts.tolist() == [0]
    assert gather(users_in(cache, []), cache, Scratch(), FULL).items.shape == (0, FULL.most_candidates(len(LADDER)))


def test_no_source_says_more_than_its_bound_and_all_bounds_may_be_reached_at_once() -> None:
    sources = [[f"{name}{n}" for n in range(FULL.best + 9)] for name in ("together", "next", "quick", "alike")]
    alone: list[Said] = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]
    row = {item: said for said, items in zip(alone, sources, strict=False) for item in items}
    tops = [{f"top{h}-{n}": 100.0 - n for n in range(FULL.tops + 9)} for h in range(len(LADDER))]
    vectors = {name: n for n, name in enumerate(["a", *(f"taste{n}" for n in range(FULL.taste + 9))])}
    shop = Shop(rows={"a": row}, alike={"a": dict.fromkeys(sources[3], 0.5)}, tops=tops, vectors=vectors)
    cache, barred = shop.cache(width=len(row)), ["a", "top0-0", "top0-5"]
    own = [(f"own{n}", 1, -1.0) for n in range(MOST_OWN + 9)]
    visitor = Visitor(["a"], barred, own=own)
    candidates = gather(users_in(cache, [visitor]), cache, Scratch(), FULL)
    assert candidates.counts.tolist() == [FULL.most_candidates(len(LADDER))]
    found = found_by(candidates, cache)
    assert found == plain(shop, visitor)
    assert sum(name.startswith("top0") for name in found) == FULL.tops
    assert "top0-31" in found


def test_scratch_grows_with_the_table() -> None:
    cache, scratch = Shop(tops=[{"x": 1.0}, {}, {}]).cache(), Scratch()
    gather(users_in(cache, [Visitor()]), cache, scratch, FULL)
    cache.slots([f"new{n}" for n in range(5000)])
    late = Visitor(recent=["new4999"], excluded=["new4998", "x"])
    assert gather(users_in(cache, [late]), cache, scratch, FULL).counts.tolist() == [0]
    assert len(scratch.work.position) == len(cache.row_of)
    assert np.array_equal(scratch.work.position, np.full(len(cache.row_of), -1))
