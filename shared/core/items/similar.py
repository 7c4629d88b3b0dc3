"""What ``sim:`` says beside neighbours: items like one by the catalogue, so that what nobody has met yet is found."""

from shared.core.kernel import Flags, Floats, Ints, Longs, kernel


def places_for_alike(published: int) -> int:
    """How many of the places are for them at most: a fifth."""
    return max(1, published // 5)


@kernel
def add_alike(
    best: Ints,
    scores: Floats,
    lengths: Ints,
    like: Ints,
    likeness: Floats,
    like_lengths: Ints,
    last_ts: Longs,
    most: int,
    taken: Flags,
) -> None:
    """Of each item the best neighbours, best first, become those and at most ``most`` items like it behind them. What
    nobody has met takes the place of the last neighbours, for it can be no neighbour; the rest takes free places.

    Behind the last neighbour's score (or 1) they keep their order: score · likeness / (1 + likeness). ``taken``: room
    for a flag per item that is like one. O(neighbours · likes) each.
    """
    for n in range(len(best)):
        size, chosen = lengths[n], 0
        for unmet in (True, False):
            room = most if unmet else min(most, best.shape[1] - size)
            for place in range(like_lengths[n]):
                item = like[n, place]
                if unmet:
                    taken[place] = False
                if chosen >= room or taken[place] or (last_ts[item] == 0) != unmet:
                    continue
                if not holds(best[n], size, item):
                    taken[place] = True
                    chosen += 1
        at = min(size, best.shape[1] - chosen)
        floor = scores[n, at - 1] if at > 0 else 1.0
        for place in range(like_lengths[n]):
            if taken[place]:
                best[n, at] = like[n, place]
                scores[n, at] = floor * (likeness[n, place] / (1.0 + likeness[n, place]))
                at += 1
        lengths[n] = at


@kernel
def holds(items: Ints, size: int, item: int) -> bool:
    """Whether it is among the first ``size``."""
    for place in range(size):  # noqa: SIM110 - numba knows no generators
        if items[place] == item:
            return True
    return False
