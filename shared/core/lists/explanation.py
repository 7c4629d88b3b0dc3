"""Why an item stands in a user's list: what each source adds to its score, and which item of the user's led there.

A score is a sum of weight · feature; every feature says something of one source, of what trends, or of the item's age.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shared.core.kernel import Flags, Floats, Ints, Singles, making_kernel
from shared.core.lists.features import OTHERS as OTHER_FEATURES
from shared.core.lists.features import Situation, described, feature_count
from shared.core.lists.rank_cache import RankCache
from shared.core.lists.reach import ROWS, Reach, depths_of
from shared.core.lists.sources import NAMES, SOURCES, WEIGHTS

TREND, AGE = "trend", "age"
GROUPS = (*NAMES, TREND, AGE)
"""What a score is made of: sources, what trends at any half-life, since when and how lately an item is met at all."""
NO_ANCHOR = -1
_OF_OTHERS = {
    "since-last": AGE,
    "since-first": AGE,
    "place-history": "together",
    "value-pause": "together",
    "place-pause": TREND,
    "same-category": "alike",
    "same-brand": "alike",
    "price": "alike",
    "category-share": "alike",
    "never-met": AGE,
    "again-lately": "again",
    "again-habit": "again",
}


@dataclass(frozen=True)
class Explanation:
    """Of m items to one user. ``scores`` float64[m]; ``parts`` float64[m, GROUPS], which sum up to them, 0 throughout
    where the item is no candidate (``candidate`` bool[m]); ``anchors`` int32[m]: the place among the user's recent
    items, newest first, of the one that led there, or :data:`NO_ANCHOR` if none did; ``shares`` float64[m]: of what
    rows say of the item, how much that one's does.
    """

    candidate: Flags
    scores: Floats
    parts: Floats
    anchors: Ints
    shares: Floats


def group_of_features(half_lives: int) -> Ints:
    """Index into :data:`GROUPS` of each feature: int32[features]."""
    of_sources = [source for source in range(SOURCES) for _ in range(3)]
    others = [GROUPS.index(_OF_OTHERS[name]) for name in OTHER_FEATURES]
    found = [*of_sources, *[GROUPS.index(TREND)] * (2 * half_lives), *others]
    assert len(found) == feature_count(half_lives)
    return np.array(found, dtype=np.int32)


def explained(at: Situation, weights: Floats, items: Sequence[int], user: int = 0) -> Explanation:
    """Of ``items`` (cache slots) to one user of a situation, ranked by ``weights`` float64[SEGMENTS, features].

    O(m · features + m · depth · neighbours): 20 items by 20 rows of 100 in some 160 µs.
    """
    wanted = np.array(items, dtype=np.int32)
    found = at.found.items[user, : at.found.counts[user]] == wanted[:, None]
    candidate: Flags = found.any(axis=1)
    places = np.full(len(wanted), -1, dtype=np.int32)
    if candidate.any():  # else there may be no candidates at all to look for the first in
        places[candidate] = found[candidate].argmax(axis=1)
    rows = described(at, np.full(len(wanted), user, dtype=np.int32), places)
    both = weights[0] + weights[at.segments[user]]
    parts = (rows * both) @ _sums(group_of_features(len(at.cache.half_lives)))
    anchors, shares = anchored(led_by(at.users.recent[user], wanted, at.cache, at.reach), parts)
    return Explanation(candidate, parts.sum(axis=1), parts, anchors, shares)


def _sums(groups: Ints) -> Floats:
    """What features are multiplied with to have the sum of each group: float64[features, GROUPS]."""
    sums: Floats = (groups[:, None] == np.arange(len(GROUPS))).astype(np.float64)
    return sums


def led_by(recent: Ints, items: Ints, cache: RankCache, reach: Reach) -> Floats:
    """What the row of each recent item says of each item, by source, as it counts: float64[m, recent, ROWS]."""
    led = np.zeros((len(items), len(recent), ROWS))
    add_led(
        recent, items, cache.row_of, cache.neighbours, cache.scores, cache.lengths, cache.alike, cache.likeness[:, 0],
        cache.alike_lengths, depths_of(reach), WEIGHTS, led,
    )  # fmt: skip
    return led


def anchored(led: Floats, parts: Floats) -> tuple[Ints, Floats]:
    """The recent item that says most of each item, sources weighing as much as they add to its score (if none adds
    anything: the same); the newest of equal ones. And its share.
    """
    if not led.shape[1]:
        return np.full(len(led), NO_ANCHOR, dtype=np.int32), np.zeros(len(led))
    of_source = led.sum(axis=1, keepdims=True)
    shares = np.divide(led, of_source, out=np.zeros_like(led), where=of_source > 0)
    worth = np.maximum(parts[:, :ROWS], 0.0) * (of_source[:, 0, :] > 0)
    worth[worth.sum(axis=1) == 0] = 1.0
    said = (shares * worth[:, None, :]).sum(axis=2)
    total = said.sum(axis=1)
    best = said.argmax(axis=1)
    share = said.max(axis=1) / np.where(total > 0, total, 1.0)
    return np.where(total > 0, best, NO_ANCHOR).astype(np.int32), share


@making_kernel
def add_led(
    recent: Ints,
    items: Ints,
    row_of: Ints,
    neighbours: Ints,
    scores: Singles,
    lengths: Ints,
    alike: Ints,
    likeness: Singles,
    alike_lengths: Ints,
    depths: Ints,
    weights: Floats,
    led: Floats,
) -> None:
    """As :func:`shared.core.lists.source_kernels.add_rows` adds up, apart."""
    last = len(depths) - 1
    for rank in range(min(len(recent), depths.max())):
        if recent[rank] < 0:
            break
        row = row_of[recent[rank]]
        if row < 0:
            continue
        worth = np.where(depths > rank, weights**rank, 0.0)
        for n in range(len(items)):
            for place in range(lengths[row]):
                if neighbours[row, place] == items[n]:
                    for source in range(last):
                        led[n, rank, source] += scores[row, source, place] * worth[source]
            for place in range(alike_lengths[row]):
                if alike[row, place] == items[n]:
                    led[n, rank, last] += likeness[row, place] * worth[last]
