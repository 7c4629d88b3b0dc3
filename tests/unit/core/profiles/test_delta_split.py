from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.deltas import ItemDelta, decode_delta, encode
from shared.contracts.routing import partition_of
from shared.core.profiles import delta_split
from shared.core.profiles.delta_split import OwnerSplit
from shared.core.profiles.profile_rows import Learned
from shared.core.tables.interning import Interner
from shared.core.texts.carried_ids import ids_of
from tests.unit.core.pairs import Meeting, Pair, meetings_of, plain_pairs, told

Count = tuple[int, float, int]
slots, times, weights = st.integers(0, 19), st.integers(0, 2**40), st.floats(0.5, 9)
counts = st.lists(st.tuples(slots, weights, times), max_size=5)


def meetings(latest: int) -> st.SearchStrategy[list[Meeting]]:
    others = st.lists(st.tuples(slots, st.integers(-15, latest)), min_size=1, max_size=6)
    return st.lists(st.tuples(slots, weights, times, others), max_size=8)


def learned(made: list[Meeting], counted: list[Count], bought: int = 0) -> Learned:
    status, new = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.bool_)
    columns = [*(zip(*counted, strict=True) if counted else [()] * 3), range(len(counted))]
    kinds = (np.int32, np.float64, np.int64, np.int64)
    arrays: list[Any] = [np.array(list(c), dtype=k) for c, k in zip(columns, kinds, strict=True)]
    return replace(Learned(status, new, meetings_of(made), *arrays), bought=bought)


def named(pairs: list[Pair], names: list[str]) -> list[tuple[str, str, float, int, int]]:
    return [(names[row], names[other], weight, gap, ts) for row, other, weight, gap, ts in pairs]


def counted_in(delta: ItemDelta) -> list[tuple[str, float, int]]:
    columns = [delta.column(name).tolist() for name in ("count_item", "count_weight", "count_ts")]
    return [(delta.items[item], *rest) for item, *rest in zip(*columns, strict=True)]


@given(st.lists(st.tuples(meetings(15), meetings(0), counts), min_size=1, max_size=3), st.integers(1, 3), st.booleans())
@pytest.mark.parametrize("few", [0, delta_split.FEW])
def test_each_owner_makes_its_pairs_and_gets_all_counts(
    few: int, frames: list[tuple[list[Meeting], list[Meeting], list[Count]]], n: int, more: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delta_split, "FEW", few)
        check_each_owner(frames, n, more=more)


def check_each_owner(frames: list[tuple[list[Meeting], list[Meeting], list[Count]]], n: int, *, more: bool) -> None:
    items = Interner(100)
    items.intern([f"i{n}" for n in range(20)])
    split, names = OwnerSplit(items, n), items.names
    for met, bought, counted in frames:
        records: list[tuple[str, bytes | None]] = [("x", None)] if more else []
        deltas = split.deltas(learned(met + bought, counted, len(bought)), records, (3, 7), 9)
        for partition in range(n):
            seen, taken = (
                [pair for pair in plain_pairs(made, back) if partition_of(names[pair[0]], n) == partition]
                for made, back in ((met, -1), (bought, 1))
            )
            assert (partition in deltas) == bool(seen or taken or counted or records)
            if partition in deltas:
                delta = decode_delta(encode(deltas[partition]))
                items_of = list(delta.items)
                made_of = (named(pairs, items_of) for pairs in told(delta, partition, n))
                assert list(made_of) == [named(seen, names), named(taken, names)]
                assert counted_in(delta) == [(names[item], w, t) for item, w, t in counted]
                used = {name for pair in seen + taken for name in pair[:2]} | {item for item, _, _ in counted}
                assert delta.items == ids_of([names[slot] for slot in sorted(used)])
                assert (delta.records, delta.partition, delta.offset, delta.arrived) == (records, 3, 7, 9)


def test_a_slot_that_changed_its_item_changes_its_owner() -> None:
    items = Interner(100)
    split = OwnerSplit(items, 2)
    first, second = (
        next(f"{c}{n}" for n in range(99) if partition_of(f"{c}{n}", 2) == p) for c, p in (("a", 0), ("b", 1))
    )
    items.intern([first])
    assert list(split.deltas(learned([(0, 1.0, 1, [(0, 1)])], []), [], (0, 0), 0)) == [0]
    items.remove(first)
    split.forget(np.array([0], dtype=np.int32))
    items.intern([second])
    assert list(split.deltas(learned([(0, 1.0, 1, [(0, 1)])], []), [], (0, 1), 0)) == [1]
