"""The newest of each scope, against a plain list of all that was filed."""

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.catalogue import ItemRecord
from shared.core.items import newest as module
from shared.core.items.newest import Newest
from shared.core.tables.interning import order_key

records = st.builds(
    ItemRecord,
    item_id=st.sampled_from("abcdefgh"),
    categories=st.lists(st.sampled_from(["hats", "boats", "cats"]), max_size=2),
    published_at=st.sampled_from([None, None, 5, 50]),
)


@given(st.lists(st.one_of(records, st.sampled_from("abcdefgh")), max_size=30))
def test_with_room_for_all_it_is_a_sorted_catalogue(said: list[ItemRecord | str]) -> None:
    held, plain = Newest(9, 9), dict[str, tuple[int, ItemRecord]]()
    for now, one in enumerate(said):
        if isinstance(one, str):
            held.remove(one)
            plain.pop(one, None)
        else:
            held.file(one, now)
            plain[one.item_id] = (plain.get(one.item_id, (now, one))[0], one)
    for scope in ("all", "category:hats", "category:boats"):
        found = [
            (first if record.published_at is None else record.published_at, item)
            for item, (first, record) in plain.items()
            if scope == "all" or scope.removeprefix("category:") in record.categories
        ]
        found.sort(key=lambda one: (-one[0], order_key(one[1])))
        assert held.newest(scope, 5) == ([item for _, item in found[:5]], [since for since, _ in found[:5]])


@given(st.lists(st.tuples(st.one_of(records, st.sampled_from("abcdefgh")), st.booleans()), max_size=30))
def test_what_is_taken_is_of_now_however_often_it_was_before(said: list[tuple[ItemRecord | str, bool]]) -> None:
    held = Newest(2, 5)
    for now, (one, taken) in enumerate(said):
        if isinstance(one, str):
            held.remove(one)
        else:
            held.file(one, now)
        if taken:
            held.take()
    kept = Newest(2, 5)
    kept.restore(held.take())
    assert (kept.names(), kept.firsts()) == (held.names(), held.firsts())
    assert [kept.newest(scope, 9) for scope in kept.names()] == [held.newest(scope, 9) for scope in held.names()]
    assert kept.take() == held.take()


def test_its_bounds(monkeypatch: object) -> None:
    monkeypatch.setattr(module, "KEPT", 3)  # type: ignore[attr-defined]
    held = Newest(2, 10)
    for n in range(40):
        held.file(ItemRecord(f"i{n}", categories=[f"c{n % 3}"]), n)
    assert held.names() == ["category:c2", "all", "category:c0"]
    assert held.newest("all", 9) == (["i39", "i38", "i37"], [39, 38, 37])
    assert held.newest("category:c0", 9) == (["i39"], [39])  # it had left for another, and came back
    assert list(held.firsts()) == [f"i{n}" for n in range(30, 40)]
    assert set(held.take_dirty(9)) == set(held.names())


def test_whoever_was_told_of_a_scope_is_told_that_it_is_held_no_longer() -> None:
    held = Newest(1, 10)
    held.file(ItemRecord("a", categories=["hats"]), 1)
    held.file(ItemRecord("b", categories=["cats"]), 2)
    assert held.dirty.take_gone() == [], "nobody had heard of it"
    held.take_dirty(9)
    held.file(ItemRecord("c", categories=["boats"]), 3)
    kept = Newest(1, 10)
    kept.restore(held.take())
    assert kept.dirty.take_gone() == ["category:cats"]
    held.file(ItemRecord("d", categories=["cats"]), 4)
    assert held.dirty.take_gone() == [], "it came back, and boats nobody had heard of"
