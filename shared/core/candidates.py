"""The best of many, in an order that ties cannot disturb."""

import numpy as np

from shared.core.kernel import Floats, Ints, Keys, kernel


@kernel
def beats(score: float, key: int, other_score: float, other_key: int) -> bool:
    """Order of a list: higher score first, ties by the smaller key."""
    return score > other_score or (score == other_score and key < other_key)


@kernel
def best_of(sums: Floats, items: Ints, keys: Keys, best: Ints, scores: Floats) -> int:
    """Places in ``sums`` of the best above 0 into ``best``, their sums into ``scores``, best first, ties by the keys of
    ``items``; returns how many. Each is inserted among the best so far, which beats a heap at a few hundred.
    """
    size, least, ties = 0, 0.0, np.empty(len(best), dtype=np.uint64)
    for place in range(len(sums)):
        score = sums[place]
        if score < least or score <= 0.0:
            continue
        key = keys[items[place]]
        if size < len(best):
            size += 1
        elif not beats(score, key, least, ties[size - 1]):
            continue
        at = size - 1
        while at > 0 and beats(score, key, scores[at - 1], ties[at - 1]):
            best[at], scores[at], ties[at] = best[at - 1], scores[at - 1], ties[at - 1]
            at -= 1
        best[at], scores[at], ties[at] = place, score, key
        if size == len(best):
            least = scores[size - 1]
    return size
