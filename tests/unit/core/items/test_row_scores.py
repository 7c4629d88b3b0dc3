import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.items.cooccurrence import NeighbourRows
from shared.core.items.row_scores import best_neighbours, row_scores
from shared.core.kernel import Floats
from tests.unit.core.pairs import HOUR, KEYS, START, Pair, add, rows_of

PLAIN = {"row_exponent": 0, "column_exponent": 0}


def popularity(told: dict[int, tuple[float, float]] | None = None) -> Floats:
    """Items count 1 unless said."""
    return np.array([(told or {}).get(n, (1.0, 1.0)) for n in range(len(KEYS))])


def best(
    rows: NeighbourRows, item: int, ts: int, told: dict[int, tuple[float, float]] | None = None
) -> dict[int, float]:
    """The item's published neighbours in their order."""
    wanted = np.array([item], dtype=np.int32)
    said = row_scores(rows, wanted, ts, popularity(told).__getitem__)
    others, scores, [length] = best_neighbours(said, rows.rules.published, KEYS)
    return dict(zip(others[0, :length].tolist(), scores[0, :length].tolist(), strict=True))


def test_popular_neighbours_weigh_less_and_ties_are_broken_by_the_items_key() -> None:
    rows = rows_of(row_exponent=0.5, column_exponent=0.5)
    add(rows, [(0, n, 1.0, 1, START) for n in (1, 2, 3)])
    found = best(rows, 0, START, {0: (4.0, 1.0), 3: (100.0, 1.0)})
    assert list(found) == [*sorted((1, 2), key=lambda n: int(KEYS[n])), 3]
    assert list(found.values()) == pytest.approx([0.5, 0.5, 0.05])


def test_no_more_neighbours_are_published_than_the_setting_says_and_they_are_the_best() -> None:
    rows = rows_of(published=4, **PLAIN)
    weights = [(n * 7) % 10 + 1.0 for n in range(10)]
    add(rows, [(0, n + 1, weight, 1, START) for n, weight in enumerate(weights)])
    heaviest = sorted(range(10), key=lambda n: -weights[n])[:4]
    found = best(rows, 0, START)
    assert list(found) == [n + 1 for n in heaviest]
    assert list(found.values()) == pytest.approx([weights[n] for n in heaviest])


def test_what_follows_is_divided_by_the_rows_item_alone_at_each_half_life() -> None:
    rows = rows_of(row_exponent=0.5, column_exponent=1)
    add(rows, [(0, 1, 1.0, 1, START), (0, 2, 1.0, -1, START)])
    told = popularity({0: (4.0, 16.0), 1: (2.0, 9.0)})
    said = row_scores(rows, np.array([0], dtype=np.int32), START + HOUR // 4, told.__getitem__)
    left = 2.0**-0.25
    assert said.mentioned[said.others].tolist() == [1, 2]
    assert said.scores[0].tolist() == pytest.approx([left / 2 / 2, left / 2, 0.5 / 4], rel=1e-3)
    assert said.scores[1].tolist() == pytest.approx([left / 2, 0, 0], rel=1e-3)


def test_an_empty_row_has_no_best() -> None:
    rows = rows_of(**PLAIN)
    add(rows, [(0, 1, 1.0, 1, START), (1, 0, 1.0, -1, START)])
    rows.clear(np.array([1], dtype=np.int32))
    assert best(rows, 0, START) == {}


def test_an_item_that_counts_nothing_any_more_can_be_scored_without_shrinkage() -> None:
    rows = rows_of()
    add(rows, [(0, 1, 1.0, 1, START)])
    said = row_scores(rows, np.array([0], dtype=np.int32), START, popularity({1: (0.0, 0.0)}).__getitem__)
    assert np.isfinite(said.scores).all()


WHOLE = START - START % HOUR
"""Full half-lives since 1970: a row's unit is 1, sums are exact."""
pair = st.tuples(
    st.integers(0, 2), st.integers(3, 12), st.sampled_from([0.5, 1.0, 2.0]), st.sampled_from([-1, 1]), st.just(WHOLE)
)
counted = st.floats(0.5, 100)


def twin(timed: list[Pair], item: int, told: list[tuple[float, float]]) -> dict[int, tuple[float, float, float]]:
    """Of a row whose pairs are all of the moment that is asked about."""
    found: dict[int, tuple[float, float, float]] = {}
    for other in {o for r, o, *_ in timed if r == item}:
        both = sum(w for r, o, w, _, _ in timed if (r, o) == (item, other))
        after = sum(w for r, o, w, gap, _ in timed if (r, o) == (item, other) and gap > 0)
        own, quick, others = (math.sqrt(told[item][0] + 3), math.sqrt(told[item][1] + 3), (told[other][0] + 3) ** 0.15)
        found[other] = (both / (own * others), after / own, after / quick)
    return found


@settings(max_examples=50)
@given(st.lists(pair, min_size=1, max_size=40), st.lists(st.tuples(counted, counted), min_size=64, max_size=64))
def test_scores_and_the_best_of_them_equal_a_plain_twin(timed: list[Pair], told: list[tuple[float, float]]) -> None:
    rows = rows_of(neighbours=16, shrinkage=3, row_exponent=0.5, column_exponent=0.15, published=4)
    add(rows, timed)
    items = np.array(sorted({row for row, *_ in timed}), dtype=np.int32)
    said = row_scores(rows, items, WHOLE, np.array(told).__getitem__)
    others, scores, lengths = best_neighbours(said, 4, KEYS)
    assert not rows.number.any()
    starts = np.cumsum([0, *said.lengths])
    for n, item in enumerate(items.tolist()):
        row, wanted = int(rows.row_of[item]), twin(timed, item, told)
        held = rows.neighbours[row, : rows.lengths[row]].tolist()
        part = slice(starts[n], starts[n + 1])
        assert said.mentioned[said.others[part]].tolist() == held
        assert sorted(held) == sorted(wanted)
        assert said.scores[part] == pytest.approx(np.array([wanted[other] for other in held]), rel=1e-12)
        first = dict(zip(held, said.scores[part, 0].tolist(), strict=True))
        order = sorted(first, key=lambda other: (-first[other], int(KEYS[other])))[:4]
        assert others[n, : lengths[n]].tolist() == order
        assert scores[n, : lengths[n]].tolist() == [first[other] for other in order]
