"""Ids for a record, copied from what was encoded before: as those that are made of texts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.core.arithmetic.digests import digests
from shared.core.tables.interning import Interner
from shared.core.texts.carried_ids import ids_at, ids_of
from shared.core.texts.encoded_ids import EncodedIds
from shared.core.texts.id_numbers import IdNumbers

NAMES = st.lists(st.text(max_size=5), min_size=1, max_size=30, unique=True)


@given(NAMES, st.data())
def test_ids_of_a_table_are_those_of_their_texts(names: list[str], data: st.DataObject) -> None:
    table = Interner(100)
    slots = table.intern(names)
    encoded = EncodedIds(table, str.encode)
    for _ in range(2):  # of what was encoded before, too
        chosen = data.draw(st.lists(st.integers(0, len(names) - 1)))
        ids = ids_at(slots[chosen], encoded.hold(slots[chosen]), table.keys)
        assert (
            ids == ids_of([names[n] for n in chosen]) == ids_of([names[n] for n in chosen], table.keys[slots[chosen]])
        )


@given(st.lists(NAMES, min_size=1, max_size=3))
def test_numbered_ids_are_those_of_their_texts(rounds: list[list[str]]) -> None:
    numbers = IdNumbers(str)
    for names in rounds:
        order = np.array([numbers.number(name) for name in names], dtype=np.int32)[::-1]
        ids = numbers.at(order)
        assert (list(ids), ids.keys.tolist()) == (names[::-1], digests(names[::-1]).tolist())
