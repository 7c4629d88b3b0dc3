"""A stored list judged and put in order by one call, for whoever asks for nothing special: what :mod:`selection` and
:mod:`arrangement` do of a list where no rule, filter or limit holds, from its ids as they stand in JSON.
"""

import numpy as np

from shared.core.answers.arrangement import ordered
from shared.core.answers.catalogue_columns import CatalogueColumns, JudgedBy
from shared.core.answers.diversity import FREE, Limits
from shared.core.answers.selection import select
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, short_kernel
from shared.core.texts.text_slots import UNREAD, Text, TextTable, slots_in

MOST_RECENT = 10
"""Newest items of a user that say what is familiar to them."""
Arranged = tuple[Ints, Ints, bool]
"""Places in a list int32[n] and slots int32[n] of those to be shown, in order, or none; whether they are the first that
may be shown, as they stood.
"""
Found = tuple[int, Arranged]
"""How many ids the list has, and what is to be shown."""


def arranged_at_once(
    items: bytes,
    recent: bytes,
    most: int,
    columns: CatalogueColumns,
    now: int,
    candidates: int,
    n: int,
    strength: float,
) -> Found:
    """The ``n`` to show of the list's first ``candidates``; ``recent``: what the user met, newest first, of which the
    first ``most`` count, at most :data:`MOST_RECENT`. Both as JSON. None, if that takes more than a look at what is in
    memory: an item is not there or to be read anew, a text is not plain, too few are left. O(bytes + n · candidates).
    """
    texts = columns.texts.table
    found: Found = arrange_at_once(
        np.frombuffer(items, dtype=np.uint8), np.frombuffer(recent, dtype=np.uint8), most,
        texts.slots, texts.keys, texts.checks, *columns.judged_by, now, candidates, n, strength,
    )  # fmt: skip
    return found


@short_kernel
def arrange_at_once(
    items: Text,
    recent: Text,
    most: int,
    slots_of: Ints,
    keys: Keys,
    checks: Keys,
    stale: Flags,
    open_to: Flags,
    spans: Longs,
    kinds: Ints,
    now: int,
    candidates: int,
    n: int,
    strength: float,
) -> Found:
    """Tables come as their arrays: for those of a tuple numba looks up the types anew, at a third of all that this
    takes.
    """
    texts, judged_by = TextTable(slots_of, keys, checks), JudgedBy(stale, open_to, spans, kinds)
    slots, met = np.empty(candidates, dtype=np.int32), np.empty(most, dtype=np.int32)
    count = slots_in(items, texts, slots)
    known = slots_in(recent, texts, met)
    if known < 0:
        count = known
    slots, met = slots[: max(count, 0)], met[: max(known, 0)]
    return count, arrange_slots(slots, met[met != UNREAD], judged_by, now, n, strength)


@short_kernel
def arrange_slots(slots: Ints, met: Ints, judged_by: JudgedBy, now: int, n: int, strength: float) -> Arranged:
    nobody = np.empty(0, dtype=np.int32)
    if strength <= 0.0:
        places, left, _ = _left_of(slots[:n], judged_by, now)
        if len(left) < n < len(slots):
            places, left, _ = _left_of(slots, judged_by, now)
        return (places[:n], left[:n], True) if len(left) >= n else (nobody, nobody, False)
    places, left, weights = _left_of(slots, judged_by, now)
    if len(left) < n:
        return nobody, nobody, False
    none = np.empty((0, 0), dtype=np.int32)
    pins = np.full(n, FREE, dtype=np.int32)
    order = ordered(judged_by.kinds, left, met, weights, strength, Limits(none, none, nobody, nobody), pins)
    return places[order], left[order], _ascends(order)


@short_kernel
def _left_of(slots: Ints, judged_by: JudgedBy, now: int) -> tuple[Ints, Ints, Floats]:
    """Places, slots and weights of those that may be shown; of none, if one is not there or to be read anew."""
    nobody = np.empty(0, dtype=np.int32)
    here = np.empty(len(slots), dtype=np.bool_)
    for place in range(len(slots)):
        if slots[place] == UNREAD or judged_by.stale[slots[place]]:
            return nobody, nobody, np.empty(0)
        here[place] = judged_by.open[slots[place]]
    return select(
        slots, here, judged_by.spans, nobody, now, len(slots),
        np.empty((0, 0), dtype=np.int8), nobody, nobody, nobody, np.empty(0), np.empty(0, dtype=np.int64),
    )  # fmt: skip


@short_kernel
def _ascends(order: Ints) -> bool:
    """Whether it is 0, 1, 2 …"""
    for n in range(len(order)):  # noqa: SIM110 - numba knows no all() of a generator
        if order[n] != n:
            return False
    return True
