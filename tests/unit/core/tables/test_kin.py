"""Tables that know the same ids have one object for each; what they say is the same as without."""

import gc
import weakref

from hypothesis import given
from hypothesis import strategies as st

from shared.core.tables.interning import Interner, order_key
from shared.core.tables.kin import Kin


def made_anew(text: str) -> str:
    """An equal object, as decoding a record makes one."""
    return text.encode().decode()


IDS = [f"item-{number:06d}" for number in range(2000)]


def test_an_id_that_another_table_has_is_its_object() -> None:
    kin = Kin()
    one, other = Interner(5000, kin), Interner(5000, kin)
    one.intern(map(made_anew, IDS))
    other.intern(map(made_anew, reversed(IDS)))
    restored = Interner.restore(5000, one.take("t"), "t", kin)
    for table in (other, restored):
        theirs = {id(name) for name in table.names}
        assert theirs == {id(name) for name in one.names}
        assert {id(name) for name in table.slots} == theirs


def test_tables_that_are_no_kin_share_no_texts() -> None:
    one, other = Interner(5000), Interner(5000, Kin())
    one.intern(map(made_anew, IDS))
    other.intern(map(made_anew, IDS))
    assert not {id(name) for name in one.names} & {id(name) for name in other.names}


def test_a_table_that_is_gone_is_held_by_nobody() -> None:
    kin = Kin()
    one, other = Interner(5000, kin), Interner(5000, kin)
    one.intern(["item"])
    gone = weakref.ref(one)
    del one
    gc.collect()
    assert gone() is None
    assert other.intern(["item"]).tolist() == [0]


def test_an_id_that_left_is_not_taken_for_the_one_in_its_place() -> None:
    kin = Kin()
    one, other = Interner(5000, kin), Interner(5000, kin)
    one.intern(["a"])
    one.remove("a")
    one.intern(["b"])
    one.keys[0] = order_key("a")  # as a thread may see it that asks while another changes the table
    other.intern(["a", "b"])
    assert other.names == ["a", "b"]


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.booleans(), st.lists(st.text("abc", min_size=1, max_size=3), max_size=20)),
        max_size=20,
    )
)
def test_kin_change_nothing_of_what_tables_say(steps: list[tuple[int, bool, list[str]]]) -> None:
    """Interned and evicted in any order, restored in between."""
    kin = Kin()
    tables, alone = [Interner(8, kin) for _ in range(3)], [Interner(8) for _ in range(3)]
    for which, again, ids in steps:
        assert tables[which].intern(ids).tolist() == alone[which].intern(ids).tolist()
        assert tables[which].evict().tolist() == alone[which].evict().tolist()
        if again:
            tables[which] = Interner.restore(8, tables[which].take("t"), "t", kin)
    assert [table.take("t") for table in tables] == [table.take("t") for table in alone]
    assert [table.slots for table in tables] == [table.slots for table in alone]
