import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.core.kernel import Ints
from shared.core.tables.dirty import Dirty

SLOTS = 200
slots = st.integers(0, SLOTS - 1)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("mark"), st.lists(slots, max_size=150)),
        st.tuples(st.just("take"), st.integers(0, 60).map(lambda n: [n])),
        st.tuples(st.just("forget"), st.lists(slots, max_size=5)),
        st.tuples(st.just("restore"), st.just([])),
        st.tuples(st.just("clear"), st.just([])),
        st.tuples(st.just("owe"), st.lists(slots, max_size=150)),
    ),
    max_size=30,
)


def ints(numbers: list[int]) -> Ints:
    return np.array(numbers, dtype=np.int32)


@given(steps)
def test_slots_wait_in_the_order_in_which_they_were_marked(said: list[tuple[str, list[int]]]) -> None:
    """A dict is the twin. What is owed may be more than waits of it, never less, and falls with all that is taken."""
    dirty, plain = Dirty(), dict[int, None]()
    old, most = set[int](), 0
    for what, numbers in said:
        if what == "mark":
            dirty.mark(ints(numbers), max(numbers, default=0) + 1)
            plain |= dict.fromkeys(sorted(set(numbers) - set(plain)))
        elif what == "take":
            wanted = list(plain)[: numbers[0]]
            assert dirty.take(numbers[0]).tolist() == wanted
            plain = dict.fromkeys(list(plain)[len(wanted) :])
            most = max(0, most - len(wanted))
        elif what == "forget":
            dirty.forget(ints(numbers))
            plain = {slot: None for slot in plain if slot not in numbers}
            old -= set(numbers)
        elif what == "restore":
            held, dirty = dirty.first(len(dirty)), Dirty()
            dirty.restore(held, SLOTS)
            old, most = set(), 0
        elif what == "owe":
            dirty.owe(ints(numbers), max(numbers, default=0) + 1)
            plain = dict.fromkeys(sorted(set(numbers)))
            old, most = set(plain), len(plain)
        else:
            dirty.clear()
            plain.clear()
        assert dirty.first(SLOTS).tolist() == list(plain)
        assert len(dirty) == len(plain)
        old &= set(plain)
        assert len(old) <= dirty.owed <= most


def test_nothing_waits_after_a_clear_and_all_may_be_marked_again() -> None:
    dirty = Dirty()
    dirty.mark(ints([1, 0, 1]), 8)
    assert (len(dirty), dirty.first(9).tolist()) == (2, [0, 1])
    dirty.clear()
    assert not dirty
    dirty.mark(ints([1, 0]), 8)
    assert dirty.first(1).tolist() == [0]


def test_the_queue_has_room_for_twice_those_that_wait() -> None:
    """However many went through it."""
    dirty = Dirty()
    for _ in range(1000):
        dirty.mark(np.arange(300, dtype=np.int32), 300)
        dirty.take(300)
    assert len(dirty._queue) <= 600
