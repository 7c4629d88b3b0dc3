"""At most so many of one brand, category or seller in an answer."""

from collections.abc import Sequence

import numpy as np

from shared.core.answers.diversity import Limits
from shared.core.kernel import Ints

ANY = np.iinfo(np.int32).max
"""How many may be shown of what has no cap."""


def capped(limits: Limits, columns: Sequence[tuple[Ints, int]]) -> Limits:
    """The limits, and of each column int32[m] (brands, categories; -1 for none, which has no cap) at most so many of
    one value.
    """
    for column, most in columns:
        limits = with_groups(limits, column, np.where(column >= 0, max(most, 0), ANY).astype(np.int32))
    return limits


def with_groups(limits: Limits, groups: Ints, most: Ints) -> Limits:
    """The limits, and of the group ``groups[i]`` int32[m] at most ``most[i]`` int32[m]."""
    if not len(limits.groups):
        return Limits(groups[None, :], most[None, :], limits.provider, limits.least)
    return Limits(
        np.vstack([limits.groups, groups[None, :]]),
        np.vstack([limits.most, most[None, :]]),
        limits.provider,
        limits.least,
    )
