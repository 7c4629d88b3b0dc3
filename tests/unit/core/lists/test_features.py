import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.arithmetic.logarithm import exp2, log2
from shared.core.kernel import Floats
from shared.core.lists.features import SEGMENTS, Situation, described, feature_count, feature_names, judged, segments
from shared.core.lists.rank_cache import RankCache
from shared.core.lists.rank_cache_kernels import NEVER_LOG
from shared.core.lists.reach import FAST, FULL, Reach
from shared.core.lists.sources import NAMES as SOURCES
from shared.core.lists.sources import Scratch, gather
from tests.unit.core.shops import LADDER, START, Shop, Stat, Visitor, ms, names_of, shops, users_in, visitors

LADDER_NAMES = ["1h", "1d", "30d"]
COLUMNS = feature_names(LADDER_NAMES)
CONTESTED = "place-pause"
LEFT_OUT = (
    *(f"{source}-{what}" for source in ("alike", "again") for what in ("place", "value", "log")),
    *(f"{what}-{half_life}" for half_life in ("1h", "30d") for what in ("popularity", "top-place")),
    "same-category", "same-brand", "price", "category-share", "again-lately", "again-habit",
)  # fmt: skip


def situated(cache: RankCache, crowd: list[Visitor], now: float, reach: Reach = FULL) -> Situation:
    users = users_in(cache, crowd)
    at = np.full(len(crowd), ms(now), dtype=np.int64)
    return Situation(users, gather(users, cache, Scratch(), reach), at, cache, reach)


def of_all(at: Situation, user: int = 0) -> Floats:
    """Of all candidates of a user."""
    places = np.arange(at.found.counts[user], dtype=np.int32)
    return described(at, np.full(len(places), user, dtype=np.int32), places)


def one(shop: Shop, visitor: Visitor, item: str, now: float = 0) -> dict[str, float]:
    """One candidate's features by name."""
    cache = shop.cache()
    at = situated(cache, [visitor], now)
    place = names_of(cache, at.found.items[0, : at.found.counts[0]]).index(item)
    return dict(zip(COLUMNS, of_all(at)[place].tolist(), strict=True))


def minutes(later: float, earlier: float) -> float:
    return max(0, ms(later) - ms(earlier)) / 60_000


def plain_counts(shop: Shop, stat: Stat | None, now: int) -> dict[str, float]:
    said = {}
    for column, (name, half_life) in enumerate(zip(LADDER_NAMES, LADDER, strict=True)):
        count = stat.counts[column] if stat else 0.0
        mine = (max(math.log2(count), NEVER_LOG) if count else NEVER_LOG) - (
            now - (ms(stat.ts) if stat else 0)
        ) / half_life
        heaviest = math.log2(max(shop.tops[column].values())) - (now - START) / half_life
        said[f"popularity-{name}"] = min(max(mine - heaviest, -20), 2) / 8.66 + 1
    return said


def plain_likeness(shop: Shop, visitor: Visitor, mine: Stat) -> dict[str, float]:
    if not visitor.recent:
        return dict.fromkeys(["same-category", "same-brand", "price", "category-share"], 0.0)
    recent = [shop.stats.get(item, Stat()) for item in visitor.recent[:10]]
    newest, distance = recent[0], abs(mine.log_price - recent[0].log_price)
    return {
        "same-category": float(mine.category != "" and mine.category == newest.category),
        "same-brand": float(mine.brand != "" and mine.brand == newest.brand),
        "price": 0.0 if math.isnan(distance) else exp2(-2.9 * distance),
        "category-share": sum(mine.category != "" and mine.category == r.category for r in recent) / len(recent),
    }


def plain(
    shop: Shop, visitor: Visitor, item: str, found: tuple[Floats, Floats, Floats], now: float
) -> dict[str, float]:
    """The twin, but for the contested column. ``found``: values, places, places among the tops."""
    values, places, top_places = (part.tolist() for part in found)
    said = dict(zip([f"top-place-{name}" for name in LADDER_NAMES], top_places, strict=True))
    for source, value, place in zip(SOURCES, values, places, strict=True):
        said |= {f"{source}-place": place, f"{source}-value": value}
        said[f"{source}-log"] = max(0.0, log2(value) / 13.3 + 1) if value > 0 else 0.0
    stat = shop.stats.get(item)
    met = stat is not None and stat.first is not None
    pause = 0.0 if visitor.newest is None else log2(1 + minutes(now, visitor.newest)) * 0.07
    said |= plain_counts(shop, stat, ms(now)) | plain_likeness(shop, visitor, stat or Stat())
    return said | {
        "since-last": log2(1 + minutes(now, stat.last)) * 0.07 if stat and met else 1.0,
        "since-first": log2(1 + minutes(now, stat.first or 0.0) / 60) * 0.07 if stat and met else 0.0,
        "place-history": said["together-place"] * min(visitor.visits, 20) / 20,
        "value-pause": said["together-log"] * pause,
        "never-met": float(not met),
        "again-lately": plain_lately(visitor, item, now),
        "again-habit": said["again-log"] * plain_habit(visitor),
    }


def plain_habit(visitor: Visitor) -> float:
    times = [times for _, times, _ in visitor.own if times]
    return 1 - len(times) / sum(times) if times else 0.0


def plain_lately(visitor: Visitor, item: str, now: float) -> float:
    last = {own: last for own, _, last in visitor.own if own not in visitor.excluded}.get(item)
    return 0.0 if last is None else max(0.0, 1 - log2(1 + minutes(now, last)) * 0.05)


@settings(max_examples=40)
@given(
    shops, st.lists(visitors, min_size=1, max_size=3), st.integers(-3, 400).map(float), st.sampled_from([FULL, FAST])
)
def test_features_equal_a_plain_twin(shop: Shop, crowd: list[Visitor], now: float, reach: Reach) -> None:
    cache, left_out = shop.cache(), LEFT_OUT if reach == FAST else ()
    at = situated(cache, crowd, now, reach)
    found = at.found
    for user, visitor in enumerate(crowd):
        rows = of_all(at, user)
        n = int(found.counts[user])
        for place, item in enumerate(names_of(cache, found.items[user, :n])):
            held = (found.values[user, place], found.places[user, place], found.top_places[user, place])
            wanted = plain(shop, visitor, item, held, now) | dict.fromkeys(left_out, 0.0)
            said = dict(zip(COLUMNS, rows[place].tolist(), strict=True))
            del said[CONTESTED]
            assert said == pytest.approx(wanted, rel=1e-12, abs=1e-12)


@given(st.lists(st.text(max_size=3), min_size=1, max_size=8, unique=True))
def test_names_and_count_agree(half_lives: list[str]) -> None:
    names = feature_names(half_lives)
    assert len(set(names)) == len(names) == feature_count(len(half_lives))


TOP = Shop(stats={"x": Stat((4.0, 4.0, 4.0), first=-1.0)}, tops=[{"y": 4.0, "x": 4.0}, {"x": 4.0}, {"x": 4.0}])


def test_a_long_pause_is_told_with_the_place_among_the_tops() -> None:
    said = one(TOP, Visitor(newest=-7.0), "x")
    assert said[CONTESTED] == pytest.approx(said["top-place-1h"] * log2(1.0 + 7 * 60) * 0.07)


def test_the_heaviest_item_of_a_half_life_has_popularity_one_at_any_time() -> None:
    for now in (-50.0, 0.0, 500.0):
        assert one(TOP, Visitor(), "x", now)["popularity-1d"] == pytest.approx(1)


def test_numbers_are_about_one_before_there_are_tops_and_long_after() -> None:
    """Numbers of an item may be published before any trending list is, and when none is published any more."""
    shop = Shop(rows={"a": {"x": (1.0, 1.0, 1.0)}}, stats={"x": Stat((64.0, 64.0, 64.0), ts=5000.0, first=-1.0)})
    for tops in (([], [], 0), (["y"], [1.0], START)):
        cache = shop.cache()
        for column in range(len(LADDER)):
            cache.put_top(column, *tops)
        rows = of_all(situated(cache, [Visitor(["a"])], 5000))
        assert rows.min() > -1.5
        assert rows.max() < 2


def test_what_is_newer_than_now_is_of_now() -> None:
    shop = Shop(stats={"x": Stat(first=3.0, last=5.0)}, tops=[{"x": 1.0}, {}, {}])
    said = one(shop, Visitor(newest=4.0), "x", now=1)
    assert (said["since-last"], said["since-first"], said["value-pause"]) == (0, 0, 0)


def test_users_belong_to_a_segment_by_their_history() -> None:
    visits = np.array([0, 1, 2, 4, 5, 19, 20, 1000], dtype=np.int32)
    assert segments(visits).tolist() == [1, 2, 3, 3, 4, 4, 5, 5]
    assert segments(visits).max() == SEGMENTS - 1
    assert segments(visits).dtype == np.int32


@settings(max_examples=40)
@given(
    shops,
    st.lists(visitors, min_size=1, max_size=3),
    st.integers(0, 99),
    st.sampled_from([FULL, FAST]),
    st.floats(0, 9),
)
def test_candidates_are_judged_as_their_features_say(
    shop: Shop, crowd: list[Visitor], seed: int, reach: Reach, later: float
) -> None:
    weights = np.random.default_rng(seed).normal(size=(SEGMENTS, len(COLUMNS)))
    at = situated(shop.cache(), crowd, later, reach)
    scores, of_segments = judged(at, weights), segments(at.users.visits)
    for user in range(len(crowd)):
        wanted = of_all(at, user) @ (weights[0] + weights[of_segments[user]])
        assert scores[user, : at.found.counts[user]].tolist() == pytest.approx(wanted.tolist(), abs=1e-9)


@given(shops, st.lists(visitors, min_size=2, max_size=3), st.randoms())
def test_a_candidate_is_described_alike_whatever_else_is(
    shop: Shop, crowd: list[Visitor], chance: random.Random
) -> None:
    at = situated(shop.cache(), crowd, 1)
    asked = [(user, place) for user in range(len(crowd)) for place in range(-1, at.found.counts[user])]
    chance.shuffle(asked)
    who, places = (np.array(column, dtype=np.int32) for column in zip(*asked, strict=True))
    for row, (user, place) in zip(described(at, who, places), asked, strict=True):
        assert row.tolist() == (of_all(at, user)[place].tolist() if place >= 0 else [0.0] * len(COLUMNS))
