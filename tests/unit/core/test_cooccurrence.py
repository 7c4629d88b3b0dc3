import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.settings import CooccurrenceSettings
from shared.core.cooccurrence import NeighbourRows
from shared.core.interning import order_key

HOUR = 3_600_000
START = 1_700_000_000_000
KEYS = np.array([order_key(f"i{n}") for n in range(64)], dtype=np.uint64)


def rows_of(**rules: float) -> NeighbourRows:
    return NeighbourRows(CooccurrenceSettings(**{"half_life_ms": HOUR, "shrinkage": 0, **rules}), 64)


def add(rows: NeighbourRows, pairs: list[tuple[int, int, float, int]]) -> None:
    row, other, weight, ts = (np.array(c) for c in zip(*pairs, strict=True))
    rows.add_pairs(row.astype(np.int32), other.astype(np.int32), weight.astype(np.float64), ts.astype(np.int64), KEYS)


def best(rows: NeighbourRows, item: int, ts: int, popularity: dict[int, float]) -> dict[int, float]:
    """The item's published neighbours in their order; items count 1 unless said."""
    counts = np.array([popularity.get(n, 1.0) for n in range(len(KEYS))])
    others, scores, [length] = rows.best(np.array([item], dtype=np.int32), ts, counts, KEYS)
    return dict(zip(others[0, :length].tolist(), scores[0, :length].tolist(), strict=True))


def counts(rows: NeighbourRows, item: int, ts: int) -> dict[int, float]:
    rows.rules = CooccurrenceSettings(half_life_ms=HOUR, shrinkage=0, row_exponent=0, column_exponent=0)
    return best(rows, item, ts, {})


def test_counts_decay_by_event_time_whatever_the_order_of_arrival() -> None:
    rows = rows_of()
    add(rows, [(0, 1, 1.0, START + 2 * HOUR), (0, 1, 1.0, START), (0, 2, 1.0, START + 2 * HOUR)])
    assert counts(rows, 0, START + 2 * HOUR) == {1: 1.25, 2: 1.0}


def test_a_full_row_gives_its_lightest_place_to_the_newcomer() -> None:
    rows = rows_of(neighbours=3)
    add(rows, [(0, 1, 3.0, START), (0, 2, 1.0, START), (0, 3, 2.0, START), (0, 4, 0.5, START)])
    assert set(counts(rows, 0, START)) == {1, 3, 4}


def test_popular_neighbours_weigh_less_and_ties_are_broken_by_the_items_key() -> None:
    rows = rows_of(row_exponent=0.5, column_exponent=0.5)
    add(rows, [(0, n, 1.0, START) for n in (1, 2, 3)])
    found = best(rows, 0, START, {0: 4.0, 3: 100.0})
    assert list(found) == [*sorted((1, 2), key=lambda n: int(KEYS[n])), 3]
    assert list(found.values()) == [0.5, 0.5, 0.05]


def test_no_more_neighbours_are_published_than_the_setting_says_and_they_are_the_best() -> None:
    rows = rows_of(published=4, row_exponent=0, column_exponent=0)
    weights = [(n * 7) % 10 + 1.0 for n in range(10)]
    add(rows, [(0, n + 1, weight, START) for n, weight in enumerate(weights)])
    heaviest = sorted(range(10), key=lambda n: -weights[n])[:4]
    assert list(best(rows, 0, START, {})) == [n + 1 for n in heaviest]


def test_dropped_items_leave_no_row_and_no_mention() -> None:
    rows = rows_of()
    add(rows, [(0, 1, 1.0, START), (0, 2, 1.0, START), (1, 0, 1.0, START)])
    rows.clear(np.array([1], dtype=np.int32))
    assert counts(rows, 0, START) == {2: 1.0}
    assert counts(rows, 1, START) == {}


pair = st.tuples(st.integers(0, 3), st.integers(0, 9), st.floats(0.125, 4), st.integers(0, 100 * HOUR))


@settings(max_examples=50)
@given(st.lists(pair, min_size=1, max_size=60))
def test_rows_equal_a_plain_python_twin(pairs: list[tuple[int, int, float, int]]) -> None:
    timed = [(r, o, w, START + t) for r, o, w, t in pairs if r != o]
    if not timed:
        return
    rows = rows_of(neighbours=16)
    add(rows, timed)
    end = START + 100 * HOUR
    for item in {r for r, *_ in timed}:
        twin: dict[int, float] = {}
        for r, o, w, ts in timed:
            if r == item:
                twin[o] = twin.get(o, 0.0) + w * 2.0 ** -((end - ts) / HOUR)
        found = counts(rows, item, end)
        assert found.keys() == twin.keys()
        assert all(abs(found[o] - twin[o]) <= 2e-3 * twin[o] for o in twin)  # the table has 1024 steps per half-life
