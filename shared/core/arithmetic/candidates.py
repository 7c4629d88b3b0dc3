"""The best of many, in an order that ties cannot disturb."""

from shared.core.kernel import Floats, Ints, Keys, kernel

EVERY = 8


@kernel
def beats(score: float, key: int, other_score: float, other_key: int) -> bool:
    """Order of a list: higher score first, ties by the smaller key."""
    return score > other_score or (score == other_score and key < other_key)


@kernel
def insert(item: int, score: float, key: int, size: int, best: Ints, scores: Floats, ties: Keys) -> int:
    """Among the ``size`` best so far, if it is one of them; returns how many there are. ``ties``: keys of the best."""
    if size < len(best):
        size += 1
    elif not beats(score, key, scores[size - 1], ties[size - 1]):
        return size
    at = size - 1
    while at > 0 and beats(score, key, scores[at - 1], ties[at - 1]):
        best[at], scores[at], ties[at] = best[at - 1], scores[at - 1], ties[at - 1]
        at -= 1
    best[at], scores[at], ties[at] = item, score, key
    return size


@kernel
def best_of(sums: Floats, items: Ints, keys: Keys, best: Ints, scores: Floats, ties: Keys) -> int:
    """Places in ``sums`` of the best above 0 into ``best``, their sums into ``scores``, best first, ties by the keys of
    ``items`` (which go into ``ties``); returns how many. Each is inserted among the best so far, which beats a heap at
    a few hundred; of many, those below what a sample of them lets expect are passed over, and looked at again in case
    that too few are above it.
    """
    bar = bar_of(sums, len(best), scores)
    size = best_above(bar, sums, items, keys, best, scores, ties)
    if bar > 0.0 and size < len(best):
        size = best_above(0.0, sums, items, keys, best, scores, ties)
    return size


@kernel
def best_above(bar: float, sums: Floats, items: Ints, keys: Keys, best: Ints, scores: Floats, ties: Keys) -> int:
    """The same of those that are not below ``bar``."""
    size, least = 0, bar
    for place in range(len(sums)):
        score = sums[place]
        if score < least or score <= 0.0:
            continue
        size = insert(place, score, keys[items[place]], size, best, scores, ties)
        if size == len(best):
            least = scores[size - 1]
    return size


@kernel
def bar_of(sums: Floats, most: int, highest: Floats) -> float:
    """What about one and a half times ``most`` are above, by every :data:`EVERY`-th of them; 0 where there are too few
    to tell. ``highest`` is room for so many.
    """
    wanted = 3 * most // (2 * EVERY) + 2
    if len(sums) < 4 * most or wanted > len(highest):
        return 0.0
    size = 0
    for place in range(0, len(sums), EVERY):
        score = sums[place]
        if size == wanted and score <= highest[size - 1]:
            continue
        size = min(size + 1, wanted)
        at = size - 1
        while at > 0 and highest[at - 1] < score:
            highest[at] = highest[at - 1]
            at -= 1
        highest[at] = score
    return float(highest[wanted - 1]) if size == wanted else 0.0
