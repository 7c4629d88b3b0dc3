import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.sections import CooccurrenceSettings
from shared.core.items.cooccurrence import COLUMNS, NO_ROW, NeighbourRows
from shared.core.items.pairs import Pairs
from shared.core.items.row_scores import row_scores
from shared.core.kernel import Ints
from tests.unit.core.counts import count_at
from tests.unit.core.pairs import HOUR, KEYS, START, Pair, add, rows_of, sealed

Counts = dict[int, tuple[float, float, float]]


def in_24_bits(count: float) -> float:
    """Without what rounding a row's unit has cost."""
    return float(f"{count:.6g}")


def counts(rows: NeighbourRows, item: int, ts: int) -> Counts:
    """Neighbour → its counts (together, next, quick) as of ``ts``."""
    row = int(rows.row_of[item])
    found: Counts = {}
    for place in range(rows.lengths[row] if row != NO_ROW else 0):
        together, after, quick = (
            count_at(float(rows.counts[row, place, c]), int(rows.exponents[row, c]), ts, int(rows.half_lives[c]))
            for c in range(COLUMNS)
        )
        found[int(rows.neighbours[row, place])] = (in_24_bits(together), in_24_bits(after), in_24_bits(quick))
    return found


def twin(pairs: list[Pair], item: int, ts: int) -> Counts:
    """The same by the definition: weight · 2^(−age / half-life), summed."""
    found: dict[int, list[float]] = {}
    for row, other, weight, gap, at in pairs:
        if row == item:
            held = found.setdefault(other, [0.0] * COLUMNS)
            held[0] += weight * 0.8 ** (abs(gap) - 1) * 2.0 ** -((ts - at) / HOUR)
            if gap > 0:
                held[1] += weight / gap * 2.0 ** -((ts - at) / HOUR)
                held[2] += weight / gap * 2.0 ** -((ts - at) / (HOUR / 4))
    return {other: (a, b, c) for other, (a, b, c) in found.items()}


def test_what_came_after_counts_as_next_and_what_came_before_only_as_together() -> None:
    rows = rows_of()
    add(rows, [(0, 1, 1.0, 1, START), (0, 2, 3.0, -1, START), (0, 3, 1.0, 3, START), (0, 4, 1.0, -3, START)])
    found = counts(rows, 0, START)
    assert found == {
        1: (1.0, 1.0, 1.0),
        2: (3.0, 0.0, 0.0),
        3: (pytest.approx(0.64), pytest.approx(1 / 3), pytest.approx(1 / 3)),
        4: (pytest.approx(0.64), 0.0, 0.0),
    }


def test_counts_decay_by_event_time_whatever_the_order_of_arrival() -> None:
    rows = rows_of()
    add(rows, [(0, 1, 1.0, 1, START + 2 * HOUR), (0, 1, 1.0, 1, START), (0, 2, 1.0, 1, START + 2 * HOUR)])
    quick = in_24_bits(1 + 2.0**-8)
    assert counts(rows, 0, START + 2 * HOUR) == {1: (1.25, 1.25, quick), 2: (1.0, 1.0, 1.0)}


def test_a_full_row_gives_its_lightest_place_to_the_newcomer() -> None:
    rows = rows_of(neighbours=3)
    add(rows, [(0, n, weight, 1, START) for n, weight in enumerate([3.0, 1.0, 2.0, 0.5], 1)])
    assert set(counts(rows, 0, START)) == {1, 3, 4}


def test_of_equally_light_places_the_one_with_the_largest_key_is_given_up() -> None:
    rows = rows_of(neighbours=3)
    add(rows, [(0, n, 1.0, 1, START) for n in (1, 2, 3, 4)])
    assert set(counts(rows, 0, START)) == {*sorted((1, 2, 3), key=lambda n: int(KEYS[n]))[:2], 4}


def test_lightest_is_meant_in_together_and_a_newcomer_takes_over_no_count() -> None:
    rows = rows_of(neighbours=2)
    add(rows, [(0, 1, 5.0, -1, START), (0, 2, 1.0, 1, START), (0, 3, 2.0, -1, START)])
    assert counts(rows, 0, START) == {1: (5.0, 0.0, 0.0), 3: (2.0, 0.0, 0.0)}


def met_by_all(rows: NeighbourRows, items: range) -> None:
    """Each of them six others, each more often than the one before."""
    for item in items:
        add(rows, [(item, 20 + n, 1.0, -1, START) for n in range(6) for _ in range(n + 1)])


def test_while_rows_are_few_they_are_four_times_as_wide_and_then_keep_their_heaviest() -> None:
    rows = rows_of(neighbours=2, few_items=3)
    met_by_all(rows, range(3))
    assert [set(counts(rows, item, START)) for item in range(3)] == [set(range(20, 26))] * 3
    met_by_all(rows, range(3, 4))
    assert counts(rows, 0, START) == {24: (5.0, 0.0, 0.0), 25: (6.0, 0.0, 0.0)}
    assert (rows.neighbours.shape[1], rows.lengths[:4].tolist()) == (2, [2, 2, 2, 2])


def test_of_equally_heavy_neighbours_the_first_are_kept_and_none_is_moved() -> None:
    rows = rows_of(neighbours=1, few_items=1)
    add(rows, [(0, 5, 1.0, -1, START), (0, 3, 2.0, -1, START), (0, 7, 2.0, -1, START)])
    add(rows, [(1, 5, 1.0, -1, START)])
    assert counts(rows, 0, START) == {3: (2.0, 0.0, 0.0)}


def test_few_are_meant_in_the_whole_shop() -> None:
    rules = CooccurrenceSettings(neighbours=2, few_items=4)
    widths = [NeighbourRows(rules, len(KEYS), partitions=partitions) for partitions in (1, 2)]
    for rows in widths:
        met_by_all(rows, range(3))
    assert [rows.neighbours.shape[1] for rows in widths] == [8, 2]


@pytest.mark.parametrize("items", [2, 5], ids=["few", "more"])
def test_a_table_is_as_wide_after_a_restart_and_goes_on_alike(items: int) -> None:
    rows, again = (rows_of(neighbours=2, few_items=3) for _ in range(2))
    met_by_all(rows, range(items))
    again.restore(rows.take(), len(KEYS))
    for held in (rows, again):
        met_by_all(held, range(2, 6))
    assert rows.take() == again.take()


def test_dropped_items_leave_no_row_and_no_mention() -> None:
    rows = rows_of()
    add(rows, [(0, 1, 1.0, 1, START), (0, 2, 1.0, 1, START), (1, 0, 1.0, -1, START)])
    rows.clear(np.array([1], dtype=np.int32))
    assert counts(rows, 0, START) == {2: (1.0, 1.0, 1.0)}
    assert counts(rows, 1, START) == {}


def test_a_row_that_lost_all_its_neighbours_begins_anew_at_any_time() -> None:
    rows, fresh = rows_of(), rows_of()
    add(rows, [(0, 1, 1.0, 1, START + 100 * HOUR)])
    rows.clear(np.array([1], dtype=np.int32))
    for held in (rows, fresh):
        add(held, [(0, 2, 1.0, 1, START)])
    assert counts(rows, 0, START) == {2: (1.0, 1.0, 1.0)}
    assert rows.take() == fresh.take()


def test_the_row_of_a_dropped_item_is_used_again() -> None:
    rows = rows_of()
    for n in range(50):
        add(rows, [(n, 60, 1.0, 1, START)])
        rows.clear(np.array([n], dtype=np.int32))
    assert (rows.item_of >= 0).sum() == 0
    assert max(int(rows.row_of.max()), 0) == 0
    add(rows, [(7, 60, 1.0, 1, START)])
    assert rows.row_of[7] == 0


def test_one_column_alone_is_the_first_of_three() -> None:
    pairs = [(n % 3, 4 + n % 7, 1.0 + n % 2, -1 - n % 5, START + n * HOUR) for n in range(60)]
    three, one = rows_of(neighbours=3), rows_of(neighbours=3)
    one.by_column = np.ascontiguousarray(one.by_column[:, :1])
    for table in (three, one):
        add(table, pairs)
        table.clear(np.array([5], dtype=np.int32))
    assert one.counts.shape[2] == 1
    assert (one.counts == three.counts[:, :, :1]).all()
    assert (one.neighbours == three.neighbours).all()
    assert (one.exponents == three.exponents).all()
    items: Ints = np.arange(3, dtype=np.int32)
    seen = np.ones((len(KEYS), 2)).__getitem__
    for part, whole in zip(*(row_scores(table, items, pairs[-1][4], seen) for table in (one, three)), strict=True):
        assert (part == whole).all()


def test_more_rows_and_items_than_there_was_room_for() -> None:
    rows = rows_of(neighbours=2)
    many = 3000
    keys = np.arange(many, dtype=np.uint64)
    items = np.arange(many, dtype=np.int32)
    ones: Ints = np.ones(many, dtype=np.int32)
    of_meetings = sealed(np.ones(many), "<f8"), sealed(np.full(many, START), "<i8")
    rows.add_pairs(Pairs(items, np.roll(items, 1), ones, items, *of_meetings), keys)
    assert counts(rows, 0, START) == {many - 1: (1.0, 1.0, 1.0)}
    assert counts(rows, many - 1, START) == {many - 2: (1.0, 1.0, 1.0)}


gap = st.integers(1, 15).flatmap(lambda n: st.sampled_from([n, -n]))
pair = st.tuples(st.integers(0, 3), st.integers(4, 13), st.floats(0.125, 4), gap, st.integers(0, 20 * HOUR))
pairs = st.lists(pair, min_size=1, max_size=60).map(lambda found: [(r, o, w, g, START + t) for r, o, w, g, t in found])


@settings(max_examples=30)
@given(pairs)
def test_rows_equal_a_plain_python_twin(timed: list[Pair]) -> None:
    rows = rows_of(neighbours=16)
    add(rows, timed)
    end = START + 20 * HOUR
    for item in {r for r, *_ in timed}:
        found, wanted = counts(rows, item, end), twin(timed, item, end)
        assert found.keys() == wanted.keys()
        for other, expected in wanted.items():  # the table has 1024 steps per half-life
            assert all(math.isclose(a, b, rel_tol=2e-3) for a, b in zip(found[other], expected, strict=True))


@settings(max_examples=30)
@given(pairs.flatmap(lambda timed: st.tuples(st.just(timed), st.permutations(timed))))
def test_the_order_of_arrival_is_of_no_matter_within_rounding(orders: tuple[list[Pair], list[Pair]]) -> None:
    one, other = rows_of(neighbours=16), rows_of(neighbours=16)
    add(one, orders[0])
    add(other, orders[1])
    end = START + 20 * HOUR
    for item in range(4):
        found, wanted = counts(one, item, end), counts(other, item, end)
        assert found.keys() == wanted.keys()
        for neighbour, expected in wanted.items():
            assert found[neighbour] == pytest.approx(expected, rel=1e-5)


@settings(max_examples=30)
@given(pairs, pairs, st.sets(st.integers(0, 13), max_size=4))
def test_what_is_restored_is_bit_for_bit_what_was_saved_and_goes_on_so(
    before: list[Pair], after: list[Pair], dropped: set[int]
) -> None:
    rows = rows_of(neighbours=3)
    add(rows, before)
    rows.clear(np.array(sorted(dropped), dtype=np.int32))
    again = rows_of(neighbours=3)
    again.restore(rows.take(), len(KEYS))
    assert again.take() == rows.take()
    for held in (rows, again):
        add(held, after)
    assert again.take() == rows.take()
    assert again.row_of.tolist() == rows.row_of.tolist()
