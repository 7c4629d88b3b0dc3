"""The sum of numbers by weights, in an order that lets four of them be added at once."""

from shared.core.kernel import Floats, kernel

LANES = 4


@kernel
def weighted(row: Floats, weights: Floats) -> float:
    """Σ row · weights, by place modulo :data:`LANES` first: a sum in one go waits for each addition."""
    a = b = c = d = 0.0
    whole = len(row) - len(row) % LANES
    for at in range(0, whole, LANES):
        a += row[at] * weights[at]
        b += row[at + 1] * weights[at + 1]
        c += row[at + 2] * weights[at + 2]
        d += row[at + 3] * weights[at + 3]
    for at in range(whole, len(row)):
        a += row[at] * weights[at]
    return (a + b) + (c + d)
