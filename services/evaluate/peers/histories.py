"""Looking back through a user's history: kernels over ``past.items``."""

from shared.core.kernel import Ints, kernel


@kernel
def holds(items: Ints, start: int, end: int, item: int) -> bool:
    """Whether ``items[start:end]`` has the item, newest first. O(end − start)."""
    for place in range(end - 1, start - 1, -1):  # noqa: SIM110 - numba compiles no generators
        if items[place] == item:
            return True
    return False


@kernel
def newest_distinct(items: Ints, start: int, end: int, out: Ints) -> int:
    """Fill ``out`` with the newest distinct items of ``items[start:end]``, newest first; how many they are.

    O(places looked at · len(out)).
    """
    found = 0
    for place in range(end - 1, start - 1, -1):
        if found == len(out):
            break
        if not holds(out, 0, found, items[place]):
            out[found] = items[place]
            found += 1
    return found
