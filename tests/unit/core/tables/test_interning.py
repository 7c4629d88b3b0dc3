import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.errors import BadRecord
from shared.contracts.reasons import WRONG_TYPE
from shared.core.arithmetic.digests import digests
from shared.core.tables.interning import Interner, grown, order_key
from shared.core.tables.segments import Segments


def test_slots_are_dense_and_stay() -> None:
    table = Interner(100)
    assert table.intern(["a", "b", "a"]).tolist() == [0, 1, 0]
    assert table.find(["b", "unknown"]).tolist() == [1, -1]
    assert table.keys[1] == order_key("b")


def test_looking_changes_nothing() -> None:
    table = Interner(100)
    table.find(["ghost"])
    assert len(table) == 0


def test_the_longest_unseen_leave_and_their_slots_are_used_again() -> None:
    table = Interner(32)
    table.intern(f"i{n}" for n in range(32))
    table.intern(["i0", "new"])
    gone = [n for n in ("i1", "i2", "i3") if n in table.slots]
    freed = table.evict()
    assert len(freed) == 3  # one over the bound, and a sixteenth of it
    assert gone == ["i1", "i2", "i3"]
    assert not {"i1", "i2", "i3"} & set(table.slots)
    assert "i0" in table.slots
    assert int(table.intern(["next"])[0]) in freed.tolist()


@given(st.lists(st.lists(st.text(min_size=1, max_size=3), max_size=20), max_size=20))
def test_the_bound_holds_and_names_agree_with_slots(batches: list[list[str]]) -> None:
    table = Interner(8)
    for batch in batches:
        table.intern(batch)
        table.evict()
        assert len(table) <= 8
        assert all(table.names[slot] == name for name, slot in table.slots.items())
        assert np.all(table.last_seen[list(table.slots.values())] >= 0)


@given(st.lists(st.tuples(st.booleans(), st.lists(st.text(min_size=1, max_size=2), max_size=20)), max_size=20))
def test_ids_that_come_with_their_digests_are_interned_alike(batches: list[tuple[bool, list[str]]]) -> None:
    """Also where some come without, some leave and the table is restored."""
    one, other = Interner(8), Interner(8)
    for number, (keyed, batch) in enumerate(batches):
        slots = other.intern_keyed(digests(batch), batch) if keyed else other.intern(batch)
        assert slots.tolist() == one.intern(batch).tolist()
        assert other.evict().tolist() == one.evict().tolist()
        if number % 5 == 4:
            other = Interner.restore(8, segments_of(other), "t")
    assert segments_of(other) == segments_of(one)


@given(st.lists(st.tuples(st.text(min_size=1, max_size=2), st.booleans()), max_size=20))
def test_of_ids_that_are_not_wanted_there_are_no_new_slots(asked: list[tuple[str, bool]]) -> None:
    some, all_of_them = Interner(100), Interner(100)
    slots = some.intern_some(asked)
    all_of_them.intern(name for name, wanted in asked if wanted)
    assert segments_of(some) == segments_of(all_of_them)
    assert slots.tolist() == all_of_them.find(name for name, _ in asked).tolist()


class Unreadable:
    def __getitem__(self, number: int, /) -> str:
        raise BadRecord(WRONG_TYPE, f"no name {number}")


def test_an_id_that_cannot_be_read_has_no_slot() -> None:
    table = Interner(100)
    table.intern(["a"])
    before = segments_of(table)
    with pytest.raises(BadRecord):
        table.intern_keyed(digests(["a", "b"]), Unreadable())
    assert segments_of(table) == before
    assert table.intern(["b", "a"]).tolist() == [1, 0]


def segments_of(table: Interner) -> Segments:
    return table.take("t")


def test_what_was_never_written_to_takes_no_memory_after_growing() -> None:
    process, slots = psutil.Process(), 16_000_000
    nothing = np.zeros(slots, dtype=np.int64)
    before = process.memory_info().rss
    larger = grown(nothing, slots + slots // 4)
    assert process.memory_info().rss - before < nothing.nbytes / 4
    assert (len(larger), bool(larger.any())) == (slots + slots // 4, False)


@given(st.lists(st.integers(-1, 1), max_size=5), st.integers(0, 5), st.sampled_from([0, -1]))
def test_arrays_grow_by_what_they_are_filled_with(held: list[int], more: int, fill: int) -> None:
    larger = grown(np.array(held, dtype=np.int32), len(held) + more, fill)
    assert larger.tolist() == held + [fill] * more
