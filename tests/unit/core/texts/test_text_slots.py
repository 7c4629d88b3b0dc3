"""Slots of ids in a JSON text, against a plain dictionary."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.texts.text_slots import NOT_PLAIN, UNREAD, TextSlots, slots_in

IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
ROOM = 64


def found(texts: TextSlots, raw: bytes, most: int) -> tuple[int, list[int]]:
    out = np.full(most, UNREAD, dtype=np.int32)
    text = np.frombuffer(raw, dtype=np.uint8)
    size = slots_in(text, texts.table, out)
    return size, out[: max(size, 0)].tolist()


@given(
    st.lists(IDS, max_size=30, unique=True), st.sets(st.integers(0, 29)), st.lists(IDS, max_size=5), st.integers(0, 40)
)
def test_ids_are_found_where_they_stand(held: list[str], gone: set[int], others: list[str], most: int) -> None:
    texts, slots = TextSlots(ROOM), dict[str, int]()
    for slot, item in enumerate(held, start=1):
        texts.put(slot, item)
        slots[item] = slot
    for n in gone:
        if n < len(held):
            texts.drop(slots.pop(held[n]))
    asked = [*held, *others]
    raw = msgspec.json.encode(asked)
    if b"\\" in raw:
        assert found(texts, raw, most)[0] == NOT_PLAIN
    else:
        assert found(texts, raw, most) == (len(asked), [slots.get(item, UNREAD) for item in asked][:most])


def test_a_slot_that_is_another_items_now_is_not_the_former_ones() -> None:
    texts = TextSlots(2)
    texts.put(1, "a")
    texts.drop(1)
    texts.put(1, "b")
    texts.hold(ROOM)
    texts.put(ROOM - 1, "a")
    assert found(texts, b'["a","b","c"]', 3) == (3, [ROOM - 1, 1, UNREAD])


@pytest.mark.parametrize(
    "raw", [b"", b"[", b"{}", b"[1]", b'["a", "b"]', b'[ "a"]', b'["a",1]', b'["a"', b'["a"]]', b'["a""b"]', b'["a',
            b'["a",]', b'"a"', b"null", b'["\\u0061"]'],
)  # fmt: skip
def test_anything_else_is_not_plain(raw: bytes) -> None:
    texts = TextSlots(2)
    texts.put(1, "a")
    assert found(texts, raw, 3)[0] == NOT_PLAIN
    assert found(texts, b"[]", 3) == (0, [])
