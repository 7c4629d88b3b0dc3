"""One user's list: neighbours of the recent items, weighted by recency, minus what the user has, topped up by trending.

score(x) = Σ_r rank_weight^r · sim(item_r, x) over the r-th newest item; the best by a heap of the list's length.
"""

from dataclasses import dataclass

import numpy as np

from shared.core.kernel import Floats, Ints, Keys, kernel

COOCCURRENCE, TRENDING = 0, 1
WHY = ("cooc", "trend")


@dataclass(frozen=True)
class Lists:
    """One row per user: ``items`` int32[users, length] (slots, best first), ``scores``, ``why``, ``lengths``."""

    items: Ints
    scores: Floats
    why: Ints
    lengths: Ints


def make_lists(
    recent: Ints,
    excluded: Ints,
    excluded_start: Ints,
    neighbours: Ints,
    scores: Floats,
    row_lengths: Ints,
    trending: Ints,
    keys: Keys,
    rank_weight: float,
    length: int,
) -> Lists:
    """``recent`` int32[users, depth]: slots, newest first, -1 where the history is shorter. ``excluded`` holds the
    users' excluded slots one after the other, user u's at ``excluded_start[u]:excluded_start[u + 1]``.
    O(users · depth · width).
    """
    users = len(recent)
    lists = Lists(
        np.full((users, length), -1, dtype=np.int32),
        np.zeros((users, length), dtype=np.float64),
        np.zeros((users, length), dtype=np.int32),
        np.zeros(users, dtype=np.int32),
    )
    fill_lists(
        recent,
        excluded,
        excluded_start,
        neighbours,
        scores,
        row_lengths,
        trending,
        keys,
        rank_weight,
        np.zeros(len(keys), dtype=np.float64),
        np.zeros(len(keys), dtype=np.int32),
        lists.items,
        lists.scores,
        lists.why,
        lists.lengths,
    )
    return lists


@kernel
def beats(score: float, key: int, other_score: float, other_key: int) -> bool:
    """Order of a list: higher score first, ties by the smaller key."""
    return score > other_score or (score == other_score and key < other_key)


@kernel
def sift_down(items: Ints, scores: Floats, keys: Keys, start: int, size: int) -> None:
    """Restore a heap whose root is the worst entry."""
    place = start
    while True:
        worst = place
        for child in (2 * place + 1, 2 * place + 2):
            if child < size and beats(scores[worst], keys[items[worst]], scores[child], keys[items[child]]):
                worst = child
        if worst == place:
            return
        items[place], items[worst] = items[worst], items[place]
        scores[place], scores[worst] = scores[worst], scores[place]
        place = worst


@kernel
def keep_best(candidates: Ints, sums: Floats, n: int, keys: Keys, items: Ints, scores: Floats) -> int:
    """The best of ``candidates[:n]`` into ``items`` and ``scores``, best first; returns how many. O(n log length)."""
    size = 0
    for c in range(n):
        item = candidates[c]
        score = sums[item]
        if score <= 0.0:
            continue
        if size < len(items):
            items[size] = item
            scores[size] = score
            size += 1
            if size == len(items):
                for place in range(size // 2 - 1, -1, -1):
                    sift_down(items, scores, keys, place, size)
        elif beats(score, keys[item], scores[0], keys[items[0]]):
            items[0] = item
            scores[0] = score
            sift_down(items, scores, keys, 0, size)
    if size < len(items):
        for place in range(size // 2 - 1, -1, -1):
            sift_down(items, scores, keys, place, size)
    for end in range(size - 1, 0, -1):
        items[0], items[end] = items[end], items[0]
        scores[0], scores[end] = scores[end], scores[0]
        sift_down(items, scores, keys, 0, end)
    return size


@kernel
def top_up(trending: Ints, marks: Ints, mark: int, items: Ints, scores: Floats, why: Ints, size: int) -> int:
    """Fill the rest with trending items that are neither in the list nor excluded (marked), scores going on down."""
    floor = scores[size - 1] if size > 0 else 1.0
    room = len(items) - size
    added = 0
    for item in trending:
        if added == room:
            break
        if marks[item] == mark:
            continue
        items[size + added] = item
        scores[size + added] = floor * (room - added) / (room + 1)
        why[size + added] = 1
        added += 1
    return size + added


@kernel
def fill_lists(
    recent: Ints,
    excluded: Ints,
    excluded_start: Ints,
    neighbours: Ints,
    row_scores: Floats,
    row_lengths: Ints,
    trending: Ints,
    keys: Keys,
    rank_weight: float,
    sums: Floats,
    marks: Ints,
    items: Ints,
    scores: Floats,
    why: Ints,
    lengths: Ints,
) -> None:
    """Every user's list. ``sums`` and ``marks`` are scratch by item slot: zeros, zeros again for ``sums`` after."""
    touched = np.empty(recent.shape[1] * neighbours.shape[1], dtype=np.int32)
    for user in range(len(recent)):
        mark = user + 1
        for e in range(excluded_start[user], excluded_start[user + 1]):
            marks[excluded[e]] = mark
        n = 0
        weight = 1.0
        for r in range(recent.shape[1]):
            item = recent[user, r]
            if item < 0:
                break
            for place in range(row_lengths[item]):
                other = neighbours[item, place]
                gain = weight * row_scores[item, place]
                if marks[other] == mark or gain <= 0.0:
                    continue
                if sums[other] == 0.0:
                    touched[n] = other
                    n += 1
                sums[other] += gain
            weight *= rank_weight
        size = keep_best(touched, sums, n, keys, items[user], scores[user])
        for c in range(n):
            sums[touched[c]] = 0.0
        for place in range(size):
            marks[items[user, place]] = mark
        lengths[user] = top_up(trending, marks, mark, items[user], scores[user], why[user], size)
