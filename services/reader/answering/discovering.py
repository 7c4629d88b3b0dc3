"""A share of an answer's places goes to items hardly known yet: the user's own candidates, and new ones."""

from collections.abc import Callable, Sequence

from services.reader.answering.pool import Chosen
from shared.core.answers.exploration import explored
from shared.core.answers.selection import Kept

NEW = "new"
Drawn = list[tuple[int, str]]
"""Places that are given away, and to which items."""


def drawn(found: Chosen, new: Sequence[str], share: float, seed: int, allowed: Callable[[str], bool]) -> Drawn:
    """Who gets places of an answer, by the ``seed`` of :mod:`shared.core.answers.exploration`; ``allowed``: whether an
    item may be added for this user.
    """
    own = found.view.explore if found.view is not None else []

    def item_at(place: int) -> str:
        return own[place] if place < len(own) else new[place - len(own)]

    def fits(place: int) -> bool:
        return allowed(item_at(place)) and (place < len(own) or item_at(place) not in own)

    given = explored(len(found.items), share, len(own) + len(new), seed, fits)
    return [(place, item_at(item)) for place, item in given]


def give_places(found: Chosen, given: Drawn, left: Kept, most: int) -> None:
    """Let those that are left of the drawn have them."""
    for n in left.places.tolist():
        place, item = given[n]
        found.insert(place, item, NEW, most)
