import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.core.dirty import Dirty
from shared.core.interning import Interner

names = st.sampled_from([f"i{n}" for n in range(40)])
steps = st.lists(st.one_of(st.lists(names, min_size=1), names, st.integers(0, 9)), max_size=30)


@given(steps)
def test_names_wait_in_the_order_in_which_they_were_marked(said: list[object]) -> None:
    """A dict is the twin; the table is so small that slots change their items."""
    table, dirty, plain = Interner(8), Dirty(), dict[str, None]()
    for one in said:
        if isinstance(one, str):
            dirty.mark(one)
            plain[one] = None
        elif isinstance(one, int):
            wanted = list(plain)[:one]
            assert dirty.take(one, table) == wanted
            for name in wanted:
                del plain[name]
        elif isinstance(one, list):
            slots = table.intern(one)
            dirty.mark_slots(slots, table)
            plain |= {table.names[slot]: None for slot in sorted(set(slots.tolist()))}
            dirty.forget_slots(table.evict())
        assert list(dirty) == list(plain)


def test_nothing_waits_after_a_clear_and_all_may_be_marked_again() -> None:
    table, dirty = Interner(8), Dirty(["z"])
    slots = table.intern(["a", "b"])
    dirty.mark_slots(slots, table)
    assert (len(dirty), list(dirty)) == (3, ["z", "a", "b"])
    dirty.clear()
    assert not dirty
    dirty.mark_slots(np.flip(slots), table)
    assert list(dirty) == ["a", "b"]
