from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.deltas import ItemDelta, decode_delta, encode
from shared.contracts.routing import partition_of
from shared.core.delta_split import OwnerSplit
from shared.core.digests import digests
from shared.core.interning import Interner
from shared.core.pairs import Pairs
from shared.core.profile_rows import Learned

Pair = tuple[int, int, float, int, int]
Count = tuple[int, float, int]
slots, times = st.integers(0, 19), st.integers(0, 2**40)
pairs = st.lists(st.tuples(slots, slots, st.floats(0.5, 9), st.integers(-15, 15), times), max_size=20)
counts = st.lists(st.tuples(slots, st.floats(0.5, 9), times), max_size=5)


def learned(made: list[Pair], counted: list[Count], bought: int = 0) -> Learned:
    status, new = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.bool_)
    kinds = (np.int32, np.int32, np.float64, np.int32, np.int64, np.int32, np.float64, np.int64, np.int64)
    columns = [*(zip(*made, strict=True) if made else [()] * 5), *(zip(*counted, strict=True) if counted else [()] * 3)]
    columns.append(tuple(range(len(counted))))
    arrays: list[Any] = [np.array(c, dtype=k) for c, k in zip(columns, kinds, strict=True)]
    return replace(Learned(status, new, Pairs(*arrays[:5]), *arrays[5:]), bought=bought)


def said(delta: ItemDelta) -> tuple[list[object], list[object]]:
    """Pairs and counts by name."""
    columns = {name: delta.column(name).tolist() for name in delta.columns}
    names = delta.items
    told = [columns[name] for name in ("pair_row", "pair_other", "pair_weight", "pair_gap", "pair_ts")]
    counted = [columns[name] for name in ("count_item", "count_weight", "count_ts")]
    return (
        [(names[row], names[other], *rest) for row, other, *rest in zip(*told, strict=True)],
        [(names[item], *rest) for item, *rest in zip(*counted, strict=True)],
    )


@given(st.lists(st.tuples(pairs, pairs, counts), min_size=1, max_size=3), st.integers(1, 3), st.booleans())
def test_each_owner_gets_its_pairs_and_all_counts(
    frames: list[tuple[list[Pair], list[Pair], list[Count]]], n: int, more: bool
) -> None:
    items = Interner(100)
    items.intern([f"i{n}" for n in range(20)])
    split, names = OwnerSplit(items, n), items.names
    for met, bought, counted in frames:
        made = met + bought
        records: list[tuple[str, bytes | None]] = [("x", None)] if more else []
        deltas = split.deltas(learned(made, counted, len(bought)), records, (3, 7), 9)
        for partition in range(n):
            mine = [(names[r], names[o], w, g, t) for r, o, w, g, t in made if partition_of(names[r], n) == partition]
            assert (partition in deltas) == bool(mine or counted or records)
            if partition in deltas:
                delta = decode_delta(encode(deltas[partition]))
                assert delta.bought == sum(partition_of(names[row], n) == partition for row, *_ in bought)
                assert said(delta) == (mine, [(names[item], w, t) for item, w, t in counted])
                used = {name for pair in mine for name in pair[:2]} | {names[item] for item, _, _ in counted}
                assert delta.items == sorted(used, key=names.index)
                assert delta.keys == digests(delta.items).tobytes()
                assert (delta.records, delta.partition, delta.offset, delta.arrived) == (records, 3, 7, 9)


def test_a_slot_that_changed_its_item_changes_its_owner() -> None:
    items = Interner(100)
    split = OwnerSplit(items, 2)
    first, second = (
        next(f"{c}{n}" for n in range(99) if partition_of(f"{c}{n}", 2) == p) for c, p in (("a", 0), ("b", 1))
    )
    items.intern([first])
    assert list(split.deltas(learned([(0, 0, 1.0, 1, 1)], []), [], (0, 0), 0)) == [0]
    items.remove(first)
    split.forget(np.array([0], dtype=np.int32))
    items.intern([second])
    assert list(split.deltas(learned([(0, 0, 1.0, 1, 1)], []), [], (0, 1), 0)) == [1]
