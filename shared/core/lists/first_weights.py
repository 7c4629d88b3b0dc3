"""What a candidate's features weigh before anything is learned."""

import numpy as np

from shared.core.kernel import Floats
from shared.core.lists.features import SEGMENTS, feature_count
from shared.core.lists.reach import lasting_half_life
from shared.core.lists.sources import SOURCES, TASTE


def first_weights(half_lives: int) -> Floats:
    """Before anything is learned: the sources' logs, evenly, and what is popular at a long half-life. Taste begins at
    0: it has to learn before it says anything.
    """
    weights: Floats = np.zeros((SEGMENTS, feature_count(half_lives)))
    weights[0, 2 : 3 * SOURCES : 3] = 3.5
    weights[0, 3 * TASTE + 2] = 0.0
    weights[0, lasting_popularity(half_lives)] = 3.0
    return weights


def lasting_popularity(half_lives: int) -> int:
    """The column of what is popular at a long half-life, but not the longest."""
    return 3 * SOURCES + 2 * lasting_half_life(half_lives)
