"""What somebody gets who has no list of their own: the first list of a chain that has something to show."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from shared.contracts.views import View
from shared.core.fusion import Picked, pick

NONE = "none"
Link = tuple[str, str, View | None]  # source as the answer names it, reason code of its items, the list if known


def first_filled(chain: Iterable[Link], barred: Sequence[AbstractSet[str]], n: int) -> tuple[str, View | None, Picked]:
    """Source, list and columns of the first link that is not empty without what is barred; else ``none``."""
    for source, why, view in chain:
        if view is None:
            continue
        picked = pick(view, barred, why, n)
        if picked.items:
            return source, view, picked
    return NONE, None, Picked([], [], [])
