"""What stood beside a choice: examples for the ranker."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.examples import Examples
from shared.contracts.ids import NO_IDS
from shared.core.kernel import Ints
from shared.core.learning.teaching import examples
from shared.core.lists.example_rows import OTHERS, Choices, sampled
from shared.core.lists.features import Situation, described, feature_count
from shared.core.lists.rank_cache import RankCache
from shared.core.profiles.taste_steps import Sequences
from tests.unit.core.shops import LADDER, Shop, Visitor, ms, names_of, situation_of, slot_of

WIDTH = feature_count(len(LADDER))
NOTHING_MET = Sequences(NO_IDS, *(np.empty(0, dtype=np.int32) for _ in range(3)))
CANDIDATES = 60


def marked(users: int = 1, candidates: int = CANDIDATES) -> tuple[RankCache, Situation]:
    """Users with the same candidates; each is told by its place among the tops of two half-lives."""
    half = candidates // 2
    tops = [{f"c{n}": 1.0 for n in range(half)}, {f"c{n}": 1.0 for n in range(half, candidates)}, {}]
    cache = Shop(tops=tops).cache()
    return cache, situation_of(cache, [Visitor()] * users)


Chosen = tuple[int, int, float, int]
"""Row of the user, cache slot, weight, draw."""


def made_of(at: Situation, *chosen: Chosen, partition: int = 0, offset: int = 0) -> Examples:
    user, item, weight, draw = zip(*chosen, strict=True)
    choices = Choices(np.array(user, dtype=np.int32), np.array(item, dtype=np.int32), np.array(draw, dtype=np.uint64))
    return examples(sampled(at, choices), np.array(weight), NOTHING_MET, partition, offset)


def halves(at: Situation, user: int) -> list[bytes]:
    """The features of each candidate of a user in half precision."""
    places: Ints = np.arange(at.found.counts[user], dtype=np.int32)
    rows = described(at, np.full(len(places), user, dtype=np.int32), places)
    return [row.tobytes() for row in rows.astype(np.float32).astype("<f2")]


def places_in(at: Situation, made: Examples, user: int = 0) -> list[list[int]]:
    """The candidates' places in each example."""
    known = {row: place for place, row in enumerate(halves(at, user))}
    assert len(known) == at.found.counts[user], "candidates that can be told from one another"
    cuts = np.cumsum(made.column("sizes"))[:-1]
    return [[known[row.tobytes()] for row in part] for part in np.split(made.matrix(), cuts)]


draws = st.integers(0, 2**64 - 1)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, CANDIDATES - 1), draws), min_size=1, max_size=5))
def test_the_chosen_one_comes_first_and_the_others_are_different_candidates(chosen: list[tuple[int, int, int]]) -> None:
    cache, at = marked(users=3)
    slots = [slot_of(cache, f"c{n}") for _, n, _ in chosen]
    made = made_of(
        at,
        *((user, slot, 2.0, draw) for slot, (user, _, draw) in zip(slots, chosen, strict=True)),
        partition=4,
        offset=7,
    )
    assert (made.partition, made.offset, made.features, made.missed) == (4, 7, WIDTH, 0)
    assert made.column("sizes").tolist() == [OTHERS + 1] * len(chosen)
    assert made.column("candidates").tolist() == [CANDIDATES] * len(chosen)
    assert made.column("segments").tolist() == [1] * len(chosen)
    assert made.column("weights").tolist() == [2.0] * len(chosen)
    for (user, _, _), slot, places in zip(chosen, slots, places_in(at, made), strict=True):
        assert at.found.items[user, places[0]] == slot
        assert len(set(places)) == OTHERS + 1
        assert set(places) <= set(range(CANDIDATES))


def test_the_others_are_the_users_own_candidates() -> None:
    shop = Shop(
        rows={user: {f"{user}{n}": (1.0 + n, 1.0, 1.0) for n in range(9)} for user in "abc"}, tops=[{"t": 1.0}, {}, {}]
    )
    cache = shop.cache()
    at = situation_of(cache, [Visitor([user], newest=0.0, visits=1) for user in "abc"])
    chosen = [(n, slot_of(cache, f"{user}{n}"), 1.0, n) for n, user in enumerate("abc")]
    parts = np.split(made_of(at, *chosen, (0, chosen[0][1], 1.0, 9)).matrix(), 4)
    for user, part in zip((0, 1, 2, 0), parts, strict=True):
        assert sorted(row.tobytes() for row in part) == sorted(halves(at, user))


def test_the_same_draw_gives_the_same_sample_whatever_else_is_chosen() -> None:
    cache, at = marked(users=2)
    slot = slot_of(cache, "c7")
    [alone] = places_in(at, made_of(at, (0, slot, 1.0, 99)))
    [other, beside] = places_in(at, made_of(at, (1, slot, 1.0, 12345), (0, slot, 1.0, 99)))
    assert beside == alone
    assert set(other) != set(alone)


def test_a_choice_that_was_no_candidate_is_counted_and_left_out() -> None:
    cache, at = marked(users=2)
    ghost, seven = slot_of(cache, "ghost"), slot_of(cache, "c7")
    made = made_of(at, (0, ghost, 1.0, 1), (1, seven, 3.0, 2), (1, ghost, 1.0, 3))
    assert (made.missed, made.column("weights").tolist(), len(made.matrix())) == (2, [3.0], OTHERS + 1)
    nothing = made_of(at, (0, ghost, 1.0, 1))
    assert (nothing.missed, len(nothing.sizes), len(nothing.rows)) == (1, 0, 0)


def test_of_few_candidates_all_are_in_the_example() -> None:
    for candidates in (2, OTHERS, OTHERS + 1, OTHERS + 2):
        cache, at = marked(candidates=candidates)
        slot = slot_of(cache, "c1")
        [places] = places_in(at, made_of(at, (0, slot, 1.0, 5)))
        assert len(places) == len(set(places)) == min(candidates, OTHERS + 1)
        assert at.found.items[0, places[0]] == slot
        assert candidates > OTHERS + 1 or set(places) == set(range(candidates))


def test_an_only_candidate_is_an_example_of_one() -> None:
    cache = Shop(tops=[{"x": 1.0}, {}, {}]).cache()
    made = made_of(situation_of(cache, [Visitor()]), (0, slot_of(cache, "x"), 1.0, 5))
    assert (made.column("sizes").tolist(), made.missed) == ([1], 0)


def test_the_others_are_drawn_evenly() -> None:
    cache, at = marked()
    slot, many = slot_of(cache, "c10"), 4000
    seeds = np.random.default_rng(7).integers(0, 2**64, many, dtype=np.uint64)
    made = made_of(at, *((0, slot, 1.0, int(draw)) for draw in seeds))
    drawn = np.bincount(np.concatenate(places_in(at, made)), minlength=CANDIDATES)
    mine = int(np.flatnonzero(at.found.items[0] == slot)[0])
    share = np.delete(drawn, mine) / many
    expected = OTHERS / (CANDIDATES - 1)
    assert drawn[mine] == many
    assert np.abs(share - expected).max() < 5 * (expected * (1 - expected) / many) ** 0.5


def test_features_of_an_example_are_the_candidates_own_in_half_precision() -> None:
    shop = Shop(rows={"a": {"x": (1.0, 0.5, 0.25), "y": (0.5, 0.5, 1.0)}}, tops=[{"y": 2.0}, {}, {}])
    cache = shop.cache()
    cache.put_top(1, ["y"], [2.0], ms(0))
    cache.put_top(2, ["y"], [2.0], ms(0))
    at = situation_of(cache, [Visitor(["a"], visits=7)])
    made = made_of(at, (0, slot_of(cache, "y"), 1.0, 1))
    place = names_of(cache, at.found.items[0, :2]).index("y")
    wanted = halves(at, 0)
    assert made.matrix().tobytes() == wanted[place] + wanted[1 - place]
    assert made.column("segments").tolist() == [4]
