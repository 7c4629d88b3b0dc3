"""Bytes of `row:` and `stat:` views are those of the views, whatever became of the table's slots."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.rank_views import PACK, RowView, StatView, decode_row, decode_stat
from shared.contracts.views import at
from shared.core.arithmetic.digests import digests
from shared.core.items.item_texts import FlatRows, Numbers, row_texts, stat_texts
from shared.core.tables.interning import Interner
from shared.core.texts.encoded_ids import ROOM, EncodedIds

AT, TS = at(3, 9), 1_700_000_000_000
ids = st.text(min_size=1, max_size=40)
single = st.floats(width=32, allow_nan=False)
row = st.tuples(
    ids, st.dictionaries(ids, st.tuples(single, single, single), max_size=5), st.dictionaries(ids, single, max_size=5)
)
Told = tuple[str, dict[str, tuple[float, ...]], dict[str, float]]
whole, digest = st.integers(-(2**63), 2**63 - 1), st.integers(0, 2**64 - 1)
stat = st.tuples(ids, st.lists(single, min_size=2, max_size=2), whole, whole, digest, digest, st.floats())


def quoted(bound: int = 1000) -> EncodedIds:
    return EncodedIds(Interner(bound), PACK.encode)


def written(rows: list[Told], held: EncodedIds) -> list[RowView]:
    others = [other for _, neighbours, _ in rows for other in neighbours]
    alike = [other for _, _, like in rows for other in like]
    scores = [score for _, neighbours, _ in rows for score in neighbours.values()]
    flat = FlatRows(
        held.table.intern([item for item, _, _ in rows]),
        np.array([len(neighbours) for _, neighbours, _ in rows], dtype=np.int32),
        held.table.intern(others),
        np.array(scores, dtype=np.float32).reshape(-1, 3),
        np.array([len(like) for _, _, like in rows], dtype=np.int32),
        held.table.intern(alike),
        np.array([score for _, _, like in rows for score in like.values()], dtype=np.float32),
    )
    return [decode_row(raw) for raw in row_texts(AT, TS, flat, held)]


@given(parts=st.lists(st.lists(row, max_size=4), max_size=3))
def test_rows_are_what_the_views_would_be(
    parts: list[list[Told]],
) -> None:
    held = quoted(8)
    for rows in parts:
        assert written(rows, held) == [
            RowView(
                item,
                TS,
                list(neighbours),
                np.array(list(neighbours.values()), dtype="<f4").tobytes(),
                list(like),
                np.array(list(like.values()), dtype="<f4").tobytes(),
                digests([*neighbours, *like]).tobytes(),
            )
            for item, neighbours, like in rows
        ]
        held.table.evict()  # slots are another id's from now on


@given(st.lists(stat, max_size=4))
def test_numbers_are_what_the_views_would_be(
    stats: list[tuple[str, list[float], int, int, int, int, float]],
) -> None:
    held = quoted()
    columns = [list(column) for column in zip(*stats, strict=True)] or [[] for _ in range(7)]
    numbers = Numbers(
        held.table.intern(columns[0]),
        np.array(columns[1], dtype=np.float32).reshape(-1, 2),
        np.array(columns[2], dtype=np.int64),
        np.array(columns[3], dtype=np.int64),
        np.array(columns[4], dtype=np.uint64),
        np.array(columns[5], dtype=np.uint64),
        np.array(columns[6], dtype=np.float64).view(np.uint64),
    )
    expected = [
        StatView(item, TS, np.array(counts, dtype="<f4").tobytes(), first, last, category, brand, price)
        for item, counts, first, last, category, brand, price in stats
    ]
    found = [decode_stat(raw) for raw in stat_texts(AT, TS, numbers, held)]
    assert [PACK.encode(view) for view in found] == [PACK.encode(view) for view in expected]  # NaN is unlike itself


def test_what_was_of_ids_that_left_is_let_go_of() -> None:
    held, sizes = quoted(16), []
    for n in range(3000):
        name = f"{n}-" + "x" * 1000
        assert written([(name, {}, {})], held)[0].item == name
        held.table.evict()
        sizes.append(len(held.hold(np.empty(0, dtype=np.int32)).text))
    assert max(sizes) <= 2 * ROOM < 3000 * 1000
