"""Meetings: an item and the others that its user met near it, as profiles tell them to the owners of items."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from shared.core.kernel import Floats, Ints, Longs, kernel


class Meetings(NamedTuple):
    """By meeting: the ``item``, a slot int32 (in a delta a place in its items), the ``weight`` float64 of the event,
    the time ``ts`` int64 (ms) of the later of the two, the number of others ``size`` int32. By other, meeting after
    meeting: ``other`` as ``item``, the ``gap`` int16 of steps from the item to it, below 0 where it came before.
    """

    item: Ints
    weight: Floats
    ts: Longs
    size: Ints
    other: Ints
    gap: Ints


BY_MEETING = 4  # of the columns; the others are by other
KINDS = (np.int32, np.float64, np.int64, np.int32, np.int32, np.int16)


def room_for_meetings(meetings: int, others: int) -> Meetings:
    """Columns with anything in them."""
    sizes = [meetings] * BY_MEETING + [others] * (len(KINDS) - BY_MEETING)
    columns: list[Any] = [np.empty(size, dtype=kind) for size, kind in zip(sizes, KINDS, strict=True)]
    return Meetings(*columns)


def first_meetings(made: Meetings, meetings: int, others: int) -> Meetings:
    """Views of so many, which have so many others."""
    return _views(made, slice(meetings), slice(others))


def parted(made: Meetings, meetings: int) -> tuple[Meetings, Meetings]:
    """Views of the first so many, and of the rest. O(meetings)."""
    others = int(made.size[:meetings].sum())
    return first_meetings(made, meetings, others), _views(made, slice(meetings, None), slice(others, None))


def _views(made: Meetings, these: slice, others: slice) -> Meetings:
    item, weight, ts, size, other, gap = made
    return Meetings(item[these], weight[these], ts[these], size[these], other[others], gap[others])


def joined_meetings(parts: Sequence[Meetings]) -> Meetings:
    """One after the other; at least one part."""
    return Meetings(*map(np.concatenate, zip(*parts, strict=True)))


@kernel
def meeting_at(made: Meetings, first: int, m: int, item: int, weight: float, ts: int) -> int:
    """The number of meetings, ``m`` before, with one of the event whose meetings are from ``first`` on, at that time as
    the last.
    """
    if m > first and made.ts[m - 1] == ts:
        return m
    made.item[m], made.weight[m], made.ts[m], made.size[m] = item, weight, ts, 0
    return m + 1


@kernel
def put_other(made: Meetings, m: int, n: int, other: int, gap: int) -> int:
    """Into the last of ``m`` meetings, after ``n`` others; returns the new n."""
    made.size[m - 1] += 1
    made.other[n], made.gap[n] = other, gap
    return n + 1
