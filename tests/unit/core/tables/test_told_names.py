"""Who is told names, and of those that are no more, holds what there is."""

from hypothesis import given
from hypothesis import strategies as st

from shared.core.tables.told_names import ToldNames

names = st.sampled_from("abcdefgh")
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["mark", "forget"]), names),
        st.tuples(st.just("take"), st.integers(0, 4)),
        st.tuples(st.just("gone"), st.none()),
        st.tuples(st.just("restore"), st.none()),
    ),
    max_size=40,
)


@given(steps)
def test_all_that_was_told_is_told_to_be_gone_and_nothing_else(said: list[tuple[str, object]]) -> None:
    waiting, there, heard = ToldNames(), set[str](), set[str]()
    for what, given_ in said:
        if what == "mark" and isinstance(given_, str):
            waiting.mark_all([given_])
            there.add(given_)
        elif what == "forget" and isinstance(given_, str):
            waiting.forget(given_)
            there.discard(given_)
        elif isinstance(given_, int):
            heard |= set(waiting.take(given_))
        elif what == "gone":
            heard -= set(waiting.take_gone())
        else:
            waiting = ToldNames(waiting, there, waiting.gone)
        assert set(waiting) <= there
        assert there - heard <= set(waiting)
        assert heard - there <= set(waiting.gone)
    waiting.take_gone()
    for name in sorted(there):
        waiting.forget(name)
    assert heard & there <= set(waiting.take_gone())
