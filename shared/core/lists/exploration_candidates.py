"""Items hardly known yet that stand ready beside a list: how else would anybody come to know them?

Drawn from the candidates that the list has no room for, so that they still have to do with the user: neighbours, items
like theirs by the catalogue, among them such as no event has named yet. Whoever has twice the events of another is
drawn half as often. A user's own items are not drawn: they are known to the one who is asked.
"""

from dataclasses import dataclass

import numpy as np

from shared.core.arithmetic.candidates import beats, insert
from shared.core.arithmetic.draws import draw, drawn
from shared.core.kernel import Floats, Ints, Keys, Longs, kernel, making_kernel

KNOWN_MOST = 40
"""Doublings of the count beyond which all are alike."""


@dataclass(frozen=True)
class Draw:
    """``most`` items of each user; ``seeds`` uint64[users], whose draws of an item depend on nothing else."""

    seeds: Keys
    most: int

    def part(self, first: int, stop: int) -> "Draw":
        """Of the users from ``first`` to ``stop``."""
        return Draw(self.seeds[first:stop], self.most)


def draw_of(users: Keys, offset: int, most: int) -> Draw:
    """For users by their digests, as of a record: after the next one another draw."""
    return Draw(np.uint64(draw(offset, 0)) ^ users, most)


@making_kernel
def draw_each(
    items: Ints,
    counts: Ints,
    scores: Floats,
    met: Longs,
    log_count: Floats,
    keys: Keys,
    list_scores: Floats,
    list_items: Ints,
    list_lengths: Ints,
    seeds: Keys,
    out: Ints,
) -> None:
    """User after user into ``out`` int32[users, most], which holds anything before; -1 beyond. ``log_count``
    float64[slots, half-lives]: log2 of the items' counts, the longest half-life last; ``met``: 0 where a candidate is
    none of the user's own. O(candidates).
    """
    most = out.shape[1]
    waits, ties = np.empty(most), np.empty(most, dtype=np.uint64)
    for user in range(len(items)):
        out[user] = -1
        size, length = 0, list_lengths[user]
        if length < list_items.shape[1]:
            continue  # there was room for all
        last, last_key = list_scores[user, length - 1], keys[list_items[user, length - 1]]
        for place in range(counts[user]):
            item, key = items[user, place], keys[items[user, place]]
            if not beats(last, last_key, scores[user, place], key):
                continue
            wait = shortest_wait(seeds[user], key)
            if (size == most and wait > -waits[most - 1]) or met[user, place] != 0:
                continue  # most are out before more of them is looked at
            wait = doubled_for(wait, log_count[item, -1])
            size = insert(item, -wait, key, size, out[user], waits, ties)


@kernel
def shortest_wait(seed: np.uint64, key: np.uint64) -> float:
    """Evenly 0 … 1, of an item that nobody has met; those with the least are drawn."""
    return float(np.float64(drawn(seed, key) >> np.uint64(11)) * 2.0**-53)


@kernel
def doubled_for(wait: float, log_count: float) -> float:
    """As often as the count from 1 on is doubled, and once for the 1. Exact."""
    doublings = min(max(int(np.floor(log_count)) + 1, 0), KNOWN_MOST)
    return float(wait * (1 << doublings))
