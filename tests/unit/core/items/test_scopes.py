"""Touching many items at once is touching one after the other."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.core.items import scopes as module
from shared.core.items.scopes import Scopes

NAMES = [f"i{n}" for n in range(6)]
filings = st.tuples(st.integers(0, 5), st.lists(st.sampled_from("abcd"), max_size=3))
touched = st.sets(st.integers(0, 5)).map(sorted)
steps = st.lists(st.one_of(filings, touched, st.integers(0, 5), st.just("take")), max_size=12)


def follow(scopes: Scopes, said: list[object], *, at_once: bool) -> list[object]:
    told: list[object] = []
    for one in said:
        if isinstance(one, tuple):
            scopes.file(NAMES[one[0]], list(one[1]))
        elif isinstance(one, int):
            scopes.drop_slots(np.array([one], dtype=np.int32))
        elif isinstance(one, str):
            told.append(scopes.take_dirty(2))
        elif isinstance(one, list) and at_once:
            scopes.touch_all(np.array(one, dtype=np.int32), NAMES)
        elif isinstance(one, list):
            for slot in one:
                scopes.touch(NAMES[slot], slot)
        told.append(scopes.take())
    return told


@given(steps, st.integers(1, 4), st.integers(2, 6))
def test_at_once_or_one_by_one(said: list[object], bound: int, items: int) -> None:
    once = follow(Scopes(bound, items), said, at_once=True)
    assert once == follow(Scopes(bound, items), said, at_once=False)


def test_kinds_are_numbered_anew_when_there_are_too_many(monkeypatch: object) -> None:
    monkeypatch.setattr(module, "MOST_KINDS", 3)  # type: ignore[attr-defined]
    said: list[object] = []
    for n in range(12):
        said += [(n % 6, [f"c{n}"]), [n % 6], [n % 6, (n + 1) % 6] if n % 6 < 5 else [5]]
    assert follow(Scopes(50, 50), said, at_once=True) == follow(Scopes(50, 50), said, at_once=False)


def test_an_item_whose_category_was_dropped_brings_it_back() -> None:
    said: list[object] = [(0, ["a"]), (1, ["b"]), [0], [1], [0], [0, 1], "take", [1]]
    assert follow(Scopes(1, 9), said, at_once=True) == follow(Scopes(1, 9), said, at_once=False)
