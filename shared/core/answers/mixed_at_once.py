"""A stored list mixed with what trends, judged and put in order by one call: :func:`shared.core.answers.fusion.fuse`
and :mod:`at_once`, from ids as they stand in JSON, for whoever asks for nothing special.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from shared.core.answers.at_once import Arranged, arrange_slots
from shared.core.answers.catalogue_columns import CatalogueColumns, JudgedBy
from shared.core.answers.fusion import ADDED, MAX_RANK, SCALE
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, kernel, short_kernel
from shared.core.texts.text_slots import (
    UNREAD,
    Text,
    TextSlots,
    TextTable,
    keys_in,
    slot_of_key,
    slots_in,
    slots_of_keys,
)

SHORTEST = 3
"""Bytes of an id in JSON, with what stands before it: those of a text are at most so many times as many."""
Mixed = tuple[int, Arranged, Ints, Floats]
"""How many ids the list has; what is to be shown, by places among the best; of the best their places in the list
int32[k] (:data:`ADDED`: trending has them) and scores float64[k].
"""


class Blend(NamedTuple):
    """``weight`` of trending, of 1; ``most``: how many are mixed; ``candidates``: how many of these are judged."""

    weight: float
    most: int
    candidates: int


def trending_texts(items: Sequence[str]) -> TextSlots:
    """What trends, made ready: each item's rank, plus one, by its text. The items differ. O(bytes)."""
    texts = TextSlots(len(items) + 1)
    for slot, item in enumerate(items, start=UNREAD + 1):
        texts.put(slot, item)
    return texts


def mixed_at_once(
    items: bytes, seen: bytes, trending: TextSlots, columns: CatalogueColumns, blend: Blend, now: int, n: int,
    strength: float,
) -> Mixed:  # fmt: skip
    """The ``n`` to show of a list and what trends; of what was ``seen`` nothing is added. Both texts as JSON. Nothing
    is shown, if that takes more than a look at what is in memory, as of :func:`arranged_at_once`.
    O(bytes + (list + trending) · most) at worst, hardly more than the bytes where little of the list trends.
    """
    trends, texts = trending.table, columns.texts.table
    found: Mixed = mix_at_once(
        np.frombuffer(items, dtype=np.uint8), np.frombuffer(seen, dtype=np.uint8),
        trends.slots, trends.keys, trends.checks, texts.slots, texts.keys, texts.checks, *columns.judged_by, *blend,
        now, n, strength,
    )  # fmt: skip
    return found


@short_kernel
def mix_at_once(
    items: Text,
    seen: Text,
    trend_slots: Ints,
    trend_keys: Keys,
    trend_checks: Keys,
    slots_of: Ints,
    keys: Keys,
    checks: Keys,
    stale: Flags,
    open_to: Flags,
    spans: Longs,
    kinds: Ints,
    weight: float,
    most: int,
    candidates: int,
    now: int,
    n: int,
    strength: float,
) -> Mixed:
    """Tables come as their arrays, as with :func:`shared.core.answers.at_once.arrange_at_once`."""
    trending = TextTable(trend_slots, trend_keys, trend_checks)
    texts, judged_by = TextTable(slots_of, keys, checks), JudgedBy(stale, open_to, spans, kinds)
    none = np.empty(0, dtype=np.int32)
    own_keys = np.empty(len(items) // SHORTEST + 1, dtype=np.uint64)
    own_checks = np.empty_like(own_keys)
    count = keys_in(items, own_keys, own_checks)
    barred = np.zeros(len(trending.keys), dtype=np.bool_)
    if count < 0 or not _bar_seen(seen, trending, barred):
        return -1, (none, none, False), none, np.empty(0)
    own_keys, own_checks = own_keys[:count], own_checks[:count]
    trends = slots_of_keys(own_keys, own_checks, trending)
    places, ranks, scores = mix(own_keys, own_checks, trends, barred, weight, most)
    slots = np.empty(min(candidates, len(places)), dtype=np.int32)
    for row in range(len(slots)):
        place, rank = places[row], ranks[row]
        key = trending.keys[rank] if place == ADDED else own_keys[place]
        check = trending.checks[rank] if place == ADDED else own_checks[place]
        slots[row] = slot_of_key(key, check, texts)
    return count, arrange_slots(slots, none, judged_by, now, n, strength), places, scores


@short_kernel
def _bar_seen(seen: Text, trending: TextTable, barred: Flags) -> bool:
    """Have no rank of what was seen be added; whether the text was plain."""
    ranks = np.empty(len(seen) // SHORTEST + 1, dtype=np.int32)
    count = slots_in(seen, trending, ranks)
    for n in range(count):
        barred[ranks[n]] = True
    return count >= 0


@short_kernel
def mix(keys: Keys, checks: Keys, trends: Ints, barred: Flags, weight: float, most: int) -> tuple[Ints, Ints, Floats]:
    """The ``most`` best of a list and of trending: places int32[k] in the list, ranks int32[k] among what trends, plus
    one, scores float64[k]. ``trends`` int32[list]: ranks of the list's items, :data:`UNREAD` for none; ``barred``
    bool[trending + 1]: not to be added.
    """
    places, ranks = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int32)
    scores, count, left = np.empty(most), 0, most
    held = np.zeros(len(barred), dtype=np.bool_)
    for place in range(min(len(keys), MAX_RANK)):
        rank = trends[place]
        if (rank == UNREAD and not left) or held[rank] or (rank == UNREAD and _stood(keys, checks, place)):
            continue
        trended = SCALE / (SCALE + (rank - 1)) if rank != UNREAD else 0.0
        held[rank] = rank != UNREAD
        left -= rank == UNREAD
        score = (1.0 - weight) * (SCALE / (SCALE + place)) + weight * trended
        count = _entered(score, place, rank, places, ranks, scores, count)
    least = scores[most - 1] if 0 < most == count else 0.0
    added = 0
    for rank in range(1, len(barred)):
        trended = SCALE / (SCALE + (rank - 1))
        if weight * trended < least or added == most:
            break
        if not held[rank] and not barred[rank]:
            count = _entered(weight * trended, ADDED, rank, places, ranks, scores, count)
            added += 1
    return places[:count], ranks[:count], scores[:count]


@kernel
def _stood(keys: Keys, checks: Keys, place: int) -> bool:
    """Whether the item stands before this place, too."""
    for n in range(place):  # noqa: SIM110 - numba knows no any() of a generator
        if keys[n] == keys[place] and checks[n] == checks[place]:
            return True
    return False


@kernel
def _entered(score: float, place: int, rank: int, places: Ints, ranks: Ints, scores: Floats, count: int) -> int:
    """How many rows there are with this one in its place among them, the last one out: by score, then by the place in
    trending, then by that in the list.
    """
    at = count
    while at > 0 and (scores[at - 1] < score or (scores[at - 1] == score and _before(rank, ranks[at - 1]))):
        at -= 1
    if at == len(places):
        return count
    count = min(count + 1, len(places))
    for n in range(count - 1, at, -1):
        places[n], ranks[n], scores[n] = places[n - 1], ranks[n - 1], scores[n - 1]
    places[at], ranks[at], scores[at] = place, rank, score
    return count


@kernel
def _before(rank: int, other: int) -> bool:
    """Of equal scores: what trends, the first of it. (Of what does not, the list's order stays.)"""
    return rank != UNREAD and (other == UNREAD or rank < other)
