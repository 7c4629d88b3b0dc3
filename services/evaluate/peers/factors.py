"""Factors of users and items for the models that step with every event."""

import numpy as np
import numpy.typing as npt

from services.evaluate.past import Past
from shared.core.kernel import Floats, Ints, kernel

Reals = npt.NDArray[np.float32]

FACTORS = 32
SPREAD = 0.1  # standard deviation of a new user's or item's factors
BLOCK = 4096  # draws made at once


def first_factors(past: Past, seed: int) -> tuple[Reals, Reals]:
    """float32[users, 32] and float32[items, 32], as if each were drawn when first met."""
    random = np.random.default_rng(seed)
    users, items = len(past.log.users), len(past.log.items)
    of_users = random.normal(0.0, SPREAD, (users, FACTORS)).astype(np.float32)
    return of_users, random.normal(0.0, SPREAD, (items, FACTORS)).astype(np.float32)


class Draws:
    """Rows of ``width`` uniform numbers in [0, 1), drawn in blocks: one generator call per event would cost most."""

    def __init__(self, width: int, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._width = width
        self._rows: Floats = self._random.random((BLOCK, width))
        self._used = 0

    def take(self) -> Floats:
        """The next row."""
        if self._used == BLOCK:
            self._rows = self._random.random((BLOCK, self._width))
            self._used = 0
        self._used += 1
        row: Floats = self._rows[self._used - 1]
        return row


def put_above_zero(out: Floats, past: Past, scores: Reals) -> None:
    """Add scores of any sign for the items seen so far, moved so that the least is 1; an order is all they mean."""
    if past.seen_count:
        put_moved(out, past.seen_items[: past.seen_count], scores)


@kernel
def put_moved(out: Floats, chosen: Ints, scores: Reals) -> None:
    """out[i] += scores[i] − the least of them + 1, for i in ``chosen`` (at least one). O(chosen)."""
    least = scores[chosen[0]]
    for item in chosen:
        least = min(least, scores[item])
    for item in chosen:
        out[item] += float(scores[item]) - float(least) + 1.0
