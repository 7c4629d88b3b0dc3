"""How alike two binary vectors are, by their ones and the ones that they share."""

import math

from shared.core.kernel import kernel

COSINE, PEARSON, EUCLIDEAN = 0, 1, 2


@kernel
def likeness(measure: int, both: float, one: float, other: float, size: float) -> float:
    """Of two binary vectors of length ``size`` with ``one`` and ``other`` ones, ``both`` of them in common: cosine and
    Pearson in [−1, 1]; Euclidean 1 / (1 + distance).
    """
    if measure == COSINE:
        return both / math.sqrt(one * other)
    if measure == PEARSON:
        spread = one * (size - one) * other * (size - other)
        return (size * both - one * other) / math.sqrt(spread) if spread > 0.0 else 0.0
    return 1.0 / (1.0 + math.sqrt(max(one + other - 2.0 * both, 0.0)))
