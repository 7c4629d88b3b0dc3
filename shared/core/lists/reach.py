"""How far a list looks: at which sources, how many of the newest items for each, how many candidates of each."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from shared.contracts.sections import ListSettings
from shared.core.kernel import Ints
from shared.core.profiles.possession import MOST_OWN

ROWS = 4
"""Sources that rows of items are read for: together, next, quick, alike."""
_ALIKE = 3


@dataclass(frozen=True)
class Reach:
    """``depths``: how many of the newest items each source of rows looks at, 0 for a source that is left out; ``best``
    of each are candidates, ``own`` at most of the user's own items, ``taste`` of those that taste scores highest. Tops
    are looked at for every ``step``-th half-life, counted from the lasting one, of which ``lasting`` items are
    candidates, and ``tops`` of each other.
    """

    depths: tuple[int, int, int, int] = (20, 5, 5, 3)
    best: int = 50
    own: int = MOST_OWN
    taste: int = 50
    step: int = 1
    lasting: int = 30
    tops: int = 30

    @property
    def deepest(self) -> int:
        """How many of the newest items rows are read of."""
        return max(self.depths)

    @property
    def liked(self) -> int:
        """Of how many of the newest items it counts what the catalogue says is like them."""
        return self.depths[_ALIKE]

    @property
    def catalogue(self) -> bool:
        """Whether what the catalogue says of items counts."""
        return self.liked > 0

    def of_tops(self, half_lives: int) -> Ints:
        """How many of the heaviest items at each half-life are candidates: int32[half-lives], never written to."""
        return _of_tops(self, half_lives)

    def most_candidates(self, half_lives: int) -> int:
        """Of one user."""
        return _most_candidates(self, half_lives)


FULL = Reach()
FAST = Reach(depths=(5, 3, 3, 0), best=20, own=0, taste=0, step=2, lasting=50, tops=10)
"""No likeness, no own items, no taste; a long list is filled up from what is popular at the lasting half-life."""


def reach_of(rules: ListSettings) -> Reach:
    """By ``lists.profile``."""
    return FAST if rules.profile == "fast" else FULL


@cache
def _of_tops(reach: Reach, half_lives: int) -> Ints:
    """Made once: every list asks for it."""
    lasting = lasting_half_life(half_lives)
    away = np.abs(np.arange(half_lives) - lasting)
    found = np.where(away % reach.step == 0, reach.tops, 0)
    found[lasting] = reach.lasting
    return found.astype(np.int32)


@cache
def _most_candidates(reach: Reach, half_lives: int) -> int:
    rows = sum(depth > 0 for depth in reach.depths)
    return rows * reach.best + reach.own + reach.taste + int(_of_tops(reach, half_lives).sum())


@cache
def depths_of(reach: Reach) -> Ints:
    """Its depths as kernels take them: int32[ROWS], never written to."""
    return np.array(reach.depths, dtype=np.int32)


def lasting_half_life(half_lives: int) -> int:
    """Which of them is long, but not the longest."""
    return max(0, half_lives - 2)
