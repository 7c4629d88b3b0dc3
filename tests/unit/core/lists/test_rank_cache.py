import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.core.items.said import BySlot, said_by_rows
from shared.core.lists.rank_cache import LONGEST, LONGEST_LIKES, TOP, RankCache
from shared.core.lists.rank_cache_kernels import LAST, NEVER_LOG, NO_ROW
from shared.core.tables.interning import Interner
from tests.unit.core.shops import HOUR, LADDER, START, Shop, Stat, names_of, put_row, put_stat, slot_of

TTL = 1000


def cache_of(bound: int = 100, width: int = 3) -> RankCache:
    return RankCache(bound, LADDER, width, 2, TTL)


def held_row(cache: RankCache, item: str) -> dict[str, list[float]]:
    row = int(cache.row_of[slot_of(cache, item)])
    n = int(cache.lengths[row]) if row != NO_ROW else 0
    return dict(zip(names_of(cache, cache.neighbours[row, :n]), cache.scores[row, :, :n].T.tolist(), strict=True))


def held_alike(cache: RankCache, item: str) -> dict[str, float]:
    row = int(cache.row_of[slot_of(cache, item)])
    n = int(cache.alike_lengths[row]) if row != NO_ROW else 0
    return dict(zip(names_of(cache, cache.alike[row, :n]), cache.likeness[row, 0, :n].tolist(), strict=True))


def test_a_row_is_held_and_replaced_by_a_shorter_one() -> None:
    cache = cache_of()
    long = Shop(rows={"a": {"b": (1, 0.5, 0), "c": (0.25, 0, 0)}}, alike={"a": {"d": 0.5, "e": 0.25}})
    put_row(cache, "a", long.row("a"), 5)
    assert held_row(cache, "a") == {"b": [1, 0.5, 0], "c": [0.25, 0, 0]}
    assert held_alike(cache, "a") == {"d": 0.5, "e": 0.25}
    put_row(cache, "a", Shop(rows={"a": {"c": (1, 1, 1)}}).row("a"), 6)
    assert (held_row(cache, "a"), held_alike(cache, "a"), cache.rows) == ({"c": [1, 1, 1]}, {}, 1)


def test_a_row_longer_than_the_width_is_held_whole_but_not_all_that_is_like_the_item() -> None:
    cache = cache_of(width=2)
    put_row(cache, "b", Shop(rows={"a": {"c": (3, 2, 1)}}).row("a"), 5)
    row = {f"n{n}": (1.0, 0.0, float(n)) for n in range(5)}
    put_row(cache, "a", Shop(rows={"a": row}, alike={"a": dict.fromkeys("vwxyz", 1.0)}).row("a"), 5)
    assert held_row(cache, "a") == {f"n{n}": [1, 0, n] for n in range(5)}
    assert (held_row(cache, "b"), cache.neighbours.shape[1]) == ({"c": [3, 2, 1]}, 6)
    assert held_alike(cache, "a") == {"v": 1.0, "w": 1.0}


def test_rows_take_less_room_when_they_grow_more_and_none_is_long_any_more() -> None:
    cache = cache_of(bound=10_000, width=2)
    row = {f"n{n}": (1.0, 0.0, float(n)) for n in range(5)}
    put_row(cache, "a", Shop(rows={"a": row}).row("a"), 5)
    put_row(cache, "a", Shop(rows={"a": dict(list(row.items())[:3])}).row("a"), 6)
    for n in range(1024):
        put_row(cache, f"i{n}", Shop(rows={"a": {"c": (3, 2, 1)}}).row("a"), 6)
    assert (len(cache.neighbours), cache.neighbours.shape[1]) == (2048, 4)
    assert held_row(cache, "a") == {f"n{n}": [1, 0, n] for n in range(3)}
    assert held_row(cache, "i1023") == {"c": [3, 2, 1]}


def test_rows_are_not_copied_where_their_width_stays() -> None:
    cache = cache_of(width=2)
    held = cache.neighbours, cache.scores
    cache._widen(1)
    assert cache.neighbours is held[0]
    assert cache.scores is held[1]
    cache._widen(3)
    assert cache.neighbours.shape[1] == 4


def test_an_item_that_has_no_view_any_more_has_an_empty_row() -> None:
    cache = cache_of()
    put_row(cache, "a", Shop(rows={"a": {"b": (1, 1, 1)}}, alike={"a": {"c": 1}}).row("a"), 5)
    put_row(cache, "a", None, 6)
    assert (held_row(cache, "a"), held_alike(cache, "a")) == ({}, {})


def test_numbers_are_held_as_logarithms_with_a_floor() -> None:
    cache = cache_of()
    slot = slot_of(cache, "a")
    stat = Stat((8.0, 2.0**-40, 0.0), ts=1, first=-2, last=0.5, category="hats", brand="acme", log_price=1.5)
    put_stat(cache, "a", stat.view("a"), 5)
    view = stat.view("a")
    assert cache.log_count[slot].tolist() == [3, NEVER_LOG, NEVER_LOG]
    assert cache.times[slot].tolist() == [view.ts, view.first_ts, view.last_ts]
    assert (cache.category[slot], cache.brand[slot], cache.log_price[slot]) == (view.category, view.brand, 1.5)


def test_what_was_never_met_has_no_numbers() -> None:
    cache = cache_of()
    slot = slot_of(cache, "a")
    put_stat(cache, "a", None, 5)
    assert cache.log_count[slot].tolist() == [NEVER_LOG] * len(LADDER)
    assert (cache.times[slot, LAST], cache.category[slot], np.isnan(cache.log_price[slot])) == (0, 0, True)


def test_an_item_whose_numbers_are_gone_was_never_met() -> None:
    cache = cache_of()
    slot = slot_of(cache, "a")
    put_stat(cache, "a", Stat(first=0, category="hats").view("a"), 5)
    put_stat(cache, "a", None, 6)
    assert (cache.log_count[slot, 0], cache.times[slot, LAST], cache.category[slot]) == (NEVER_LOG, 0, 0)


def test_numbers_at_other_half_lives_than_ours_are_as_if_there_were_none() -> None:
    cache = cache_of()
    put_stat(cache, "a", Stat(counts=(1.0, 2.0)).view("a"), 5)
    assert cache.log_count[slot_of(cache, "a")].tolist() == [NEVER_LOG] * len(LADDER)


def test_tops_are_held_with_the_logarithm_of_the_heaviest() -> None:
    cache = cache_of()
    cache.put_top(1, [f"t{n}" for n in range(TOP + 5)], [float(2**6)] * (TOP + 5), START)
    assert (cache.top_length.tolist(), cache.top_log[1], cache.top_ts[1]) == ([0, TOP, 0], 6, START)
    cache.put_top(1, ["x"], [0.5], START + 1)
    assert (names_of(cache, cache.top[1, : cache.top_length[1]]), cache.top_log[1]) == (["x"], -1)
    cache.put_top(1, [], [], START + 2)
    assert (cache.top_length[1], cache.top_log[1]) == (0, NEVER_LOG)


def test_tops_may_come_as_slots_of_another_table() -> None:
    cache, theirs = cache_of(), Interner(8)
    cache.slots(["x"])
    cache.put_top(0, BySlot(theirs, theirs.intern(["y", "x"])), np.array([4.0, 1.0]), START)
    assert (names_of(cache, cache.top[0, : cache.top_length[0]]), cache.top_log[0]) == (["y", "x"], 2)


def test_what_is_older_than_the_age_limit_is_to_be_read_again() -> None:
    cache = cache_of()
    a, b = cache.slots(["a", "b"]).tolist()
    asked = np.array([a, -1, b, a], dtype=np.int32)
    for stale in (cache.stale_rows, cache.stale_likes, cache.stale_stats):
        assert stale(asked, 0).tolist() == [a, b]
    put_row(cache, "a", None, 0)
    put_stat(cache, "b", None, 0)
    for stale, left in ((cache.stale_rows, b), (cache.stale_likes, b), (cache.stale_stats, a)):
        assert (stale(asked, TTL).tolist(), stale(asked, TTL + 1).tolist()) == ([left], [a, b])


def test_what_is_told_though_it_was_not_asked_for_is_held_while_the_tables_grow_too() -> None:
    cache = cache_of(bound=10_000)
    asked, told = cache.slots(["a"]), cache.slots(["a", "b"])
    row = {f"n{n}": (1.0, 0.0, 0.0) for n in range(3000)}
    views = [Shop(rows={item: row}).row(item).numbers() for item in ("a", "b")]
    before = len(cache.row_due)
    cache.put_rows(asked, [said_by_rows(told, views)[0]], 5)
    assert len(cache.row_due) > before
    assert cache.stale_rows(told, 5 + TTL).tolist() == []
    assert cache.stale_rows(told, 6 + TTL).tolist() == told.tolist()


def test_an_item_that_has_been_known_for_long_is_read_again_later() -> None:
    """After a sixteenth of its age, after ten times the limit at the latest; what is like it after 3,600 times."""
    cache, shop = cache_of(), Shop(rows={"a": {"b": (1, 0, 0)}})
    old, oldest = 400 * TTL, 100_000 * TTL
    for age_ms, held, liked in (
        (0, TTL, TTL),
        (16 * TTL - 1, TTL, TTL),
        (48 * TTL, 3 * TTL, 3 * TTL),
        (old, LONGEST * TTL, 25 * TTL),
        (oldest, LONGEST * TTL, LONGEST_LIKES * TTL),
    ):
        put_stat(cache, "a", Stat(first=-age_ms / HOUR).view("a"), 0)
        put_row(cache, "a", shop.row("a"), 0)
        slots = cache.slots(["a"])
        for stale, until in ((cache.stale_rows, held), (cache.stale_likes, liked), (cache.stale_stats, held)):
            assert (len(stale(slots, until)), len(stale(slots, until + 1))) == (0, 1)


def test_while_turns_are_long_everything_is_read_again_later_but_what_is_old() -> None:
    cache = cache_of()
    cache.ttl_ms = 5 * TTL
    for item, age_ms, held in (("young", 0, 5 * TTL), ("old", 400 * TTL, LONGEST * TTL)):
        put_stat(cache, item, Stat(first=-age_ms / HOUR).view(item), 0)
        slots = cache.slots([item])
        assert (len(cache.stale_stats(slots, held)), len(cache.stale_stats(slots, held + 1))) == (0, 1)
    cache.clear()
    assert cache.ttl_ms == TTL


def test_what_is_said_to_have_changed_is_to_be_read_again() -> None:
    cache = cache_of()
    slots = cache.slots(["a", "b"])
    theirs = Interner(8)
    b, _, a = theirs.intern(["b", "not-held", "a"]).tolist()
    for item in ("a", "b"):
        put_row(cache, item, None, 0)
        put_stat(cache, item, None, 0)
    cache.expire(theirs, np.array([1, a], dtype=np.int32), np.array([b], dtype=np.int32))
    assert (cache.stale_rows(slots, 1).tolist(), len(cache.stale_likes(slots, 1))) == (slots[:1].tolist(), 0)
    assert cache.stale_stats(slots, 1).tolist() == slots[1:].tolist()
    cache.expire_likes(theirs, np.array([1, b], dtype=np.int32))
    assert cache.stale_likes(slots, 1).tolist() == slots[1:].tolist()


def test_tops_said_to_have_changed_are_to_be_read_again() -> None:
    cache = cache_of()
    cache.tops_read = 0
    cache.expire_tops()
    assert cache.tops_read < -TTL


def test_beyond_the_bound_everything_is_let_go_between_two_batches() -> None:
    cache = cache_of(bound=20, width=30)
    cache.slots([f"i{n}" for n in range(20)])
    cache.trim()
    assert len(cache.items) == 20
    put_row(cache, "i0", Shop(rows={"a": {"one-more": (1, 1, 1)}}).row("a"), 5)
    cache.put_top(0, ["i3"], [1.0], START)
    cache.tops_read = 5
    assert len(cache.items) == 21
    cache.trim()
    assert (len(cache.items), cache.rows, cache.top_length.tolist(), cache.tops_read < 0) == (0, 0, [0, 0, 0], True)
    assert cache.stale_rows(cache.slots(["i3"]), 5).tolist() == [0]
    assert (cache.items.bound, cache.half_lives.tolist(), cache.neighbours.shape[1]) == (20, list(LADDER), 30)
    assert (cache.alike.shape[1], cache.ttl_ms) == (2, TTL)


@given(st.lists(st.dictionaries(st.integers(0, 3000), st.integers(1, 4), max_size=3), min_size=1, max_size=8))
def test_rows_stay_apart_while_the_tables_grow(batches: list[dict[int, int]]) -> None:
    cache, twin = cache_of(bound=10_000), dict[str, dict[str, list[float]]]()
    for number, batch in enumerate(batches):
        cache.slots([f"filler{number}-{n}" for n in range(400)])
        for item, width in batch.items():
            row = {f"i{item + n + 1}": (float(number), float(n), 1.0) for n in range(width)}
            put_row(cache, f"i{item}", Shop(rows={"a": row}).row("a"), number)
            twin[f"i{item}"] = {other: list(said) for other, said in row.items()}
    assert {item: held_row(cache, item) for item in twin} == twin
    assert cache.rows == len(twin)


def test_more_rows_than_there_was_room_for() -> None:
    cache = cache_of(bound=10_000)
    for n in range(1500):
        put_row(cache, f"i{n}", Shop(rows={"a": {f"i{n + 1}": (n, 0, 0)}}).row("a"), 5)
    assert all(held_row(cache, f"i{n}") == {f"i{n + 1}": [n, 0, 0]} for n in range(1500))


def test_slots_of_another_table_are_found_again_whatever_became_of_it() -> None:
    cache, table = cache_of(), Interner(8)
    cache.slots(["filler"])

    def same(names: list[str]) -> bool:
        found = cache.slots_of(table, np.array([-1, *table.find(names)], dtype=np.int32))
        return bool(found[0] == -1) and names_of(cache, found[1:]) == names

    table.intern(["a", "b", "c"])
    assert same(["a", "b", "a", "c"])
    table.remove("b")
    table.intern(["d"])  # where b was
    assert same(["d", "a"])
    cache.clear()
    cache.slots(["other"])
    assert same(["a", "d", "c"])
    many = [f"n{n}" for n in range(3000)]
    table.intern(many)
    assert same(many)
