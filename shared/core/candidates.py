"""The best of many: an order that ties cannot disturb, and a heap that keeps its head."""

from shared.core.kernel import Floats, Ints, Keys, kernel


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
