from hypothesis import given
from hypothesis import strategies as st

from shared.core.tables.dirty_names import DirtyNames

names = st.sampled_from("abcdefgh")
steps = st.lists(
    st.one_of(
        st.tuples(st.just("mark"), st.lists(names, max_size=4)),
        st.tuples(st.just("take"), st.integers(0, 4)),
        st.tuples(st.just("forget"), names),
        st.tuples(st.just("owe"), st.lists(names, max_size=8)),
    ),
    max_size=30,
)


@given(steps)
def test_names_wait_in_their_order_and_none_of_what_was_owed_once_nothing_is(said: list[tuple[str, object]]) -> None:
    """A dict is the twin. What is owed may be more than waits of it, never less, and falls with all that is taken."""
    dirty, plain = DirtyNames(), dict[str, None]()
    old, most = set[str](), 0
    for what, given_ in said:
        if what == "take" and isinstance(given_, int):
            wanted = list(plain)[:given_]
            assert dirty.take(given_) == wanted
            plain = dict.fromkeys(list(plain)[given_:])
            most = max(0, most - len(wanted))
        elif what == "forget" and isinstance(given_, str):
            dirty.forget(given_)
            plain.pop(given_, None)
            old.discard(given_)
        elif what == "mark" and isinstance(given_, list):
            dirty.mark_all(given_)
            plain |= dict.fromkeys(given_)
        elif isinstance(given_, list):
            dirty.owe(given_)
            plain = dict.fromkeys(given_)
            old, most = set(plain), len(plain)
        old &= set(plain)
        assert (list(dirty), len(dirty)) == (list(plain), len(plain))
        assert len(old) <= dirty.owed <= most
