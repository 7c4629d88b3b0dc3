import numpy as np

from services.evaluate.numbering import Numbering
from services.evaluate.standing import Standing
from shared.core.tables.interning import Interner


def test_a_slot_is_numbered_as_its_name_whoever_stood_there_before() -> None:
    names = [f"i{n:04d}" for n in range(3000)]
    table, numbering = Interner(2), Numbering(names)
    slots = table.intern(["i0007", "i2999"])
    assert numbering.of(table, np.array([[slots[1], -1], slots[::-1]], dtype=np.int32)).tolist() == [
        [2999, -1],
        [2999, 7],
    ]
    table.intern(["i1000", "i1001"])
    table.evict()
    again = table.intern(["i0042"])
    assert int(again[0]) in slots.tolist()
    assert numbering.of(table, again).tolist() == [42]
    assert numbering.of(table, table.intern(names)).tolist() == list(range(3000))


def test_tables_do_not_know_of_each_other() -> None:
    numbering = Numbering(["a", "b"])
    one, other = Interner(9), Interner(9)
    assert numbering.of(one, one.intern(["a", "b"])).tolist() == [0, 1]
    assert numbering.of(other, other.intern(["b", "a"])).tolist() == [1, 0]
    assert (numbering.get("b"), numbering.get("c")) == (1, -1)


def test_a_list_stands_until_the_next_one_or_its_user_is_forgotten() -> None:
    standing = Standing(3, 2)
    assert standing.of(2) is None
    standing.put(np.array([2, 0]), 7, np.array([[5, 6], [4, -1]]), np.array([2, 1]))
    standing.put(np.array([2]), 8, np.array([[-1, -1]]), np.array([0]))
    found = [standing.of(user) for user in range(3)]
    assert [None if one is None else (one[0], one[1].tolist()) for one in found] == [(7, [4]), None, (8, [])]
    standing.remove(0)
    assert standing.of(0) is None
