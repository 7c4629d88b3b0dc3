"""A list of ours and a batch model's, blended: the laws."""

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.views import View
from shared.core.answers.batch_lists import with_batch

ITEMS = st.lists(st.sampled_from("abcdefghij"), unique=True)


def view(items: list[str], seen: list[str] | None = None) -> View:
    return View(
        1, "at", 7, "personal", "m", items, [1.0] * len(items), ["next"] * len(items), user_id="u", seen=seen or []
    )


def batch(items: list[str]) -> View:
    return View(1, "at", 0, "batch", "batch", items, [1.0] * len(items), ["batch"] * len(items), user_id="u")


def test_what_both_have_comes_first_and_what_only_the_batch_list_has_says_so() -> None:
    found = with_batch(view(["a", "b", "c"]), batch(["c", "d"]), 0.3, frozenset(), 10)
    assert list(zip(found.items, found.why, strict=True)) == [
        ("c", "next"),
        ("a", "next"),
        ("b", "next"),
        ("d", "batch"),
    ]
    assert (found.source, found.ts, found.at, found.user_id) == ("personal", 7, "at", "u")


@given(ITEMS, ITEMS, st.frozensets(st.sampled_from("abcdefghij")), st.frozensets(st.sampled_from("abcdefghij")),
       st.floats(0, 1), st.integers(1, 12))  # fmt: skip
def test_the_laws(
    ours: list[str], theirs: list[str], seen: frozenset[str], barred: frozenset[str], weight: float, n: int
) -> None:
    found = with_batch(view(ours, sorted(seen)), batch(theirs), weight, barred, n)
    added = [item for item, why in zip(found.items, found.why, strict=True) if why == "batch"]
    assert len(set(found.items)) == len(found.items) == len(found.scores) <= n
    assert found.scores == sorted(found.scores, reverse=True)
    assert set(added) == set(found.items) - set(ours)
    assert set(added) <= set(theirs) - seen - barred
    assert len(found.items) == min(n, len(set(ours) | (set(theirs) - seen - barred)))


@given(ITEMS, ITEMS)
def test_at_weight_0_the_list_keeps_its_order_and_is_filled_up(ours: list[str], theirs: list[str]) -> None:
    found = with_batch(view(ours), batch(theirs), 0.0, frozenset(), 100)
    assert found.items == ours + [item for item in theirs if item not in ours]


@given(ITEMS, ITEMS)
def test_at_weight_1_the_batch_list_leads(ours: list[str], theirs: list[str]) -> None:
    assert with_batch(view(ours), batch(theirs), 1.0, frozenset(), 100).items[: len(theirs)] == theirs
