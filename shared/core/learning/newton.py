"""Online Newton steps: a gradient moves weights by what earlier ones have told of how sure they are, and of which go
together. Old gradients are forgotten little by little, so learning never ends.

All in loops of an order of their own: no library's threads decide the last bit.
"""

import numpy as np

from shared.core.kernel import Floats, Longs, kernel, making_kernel

FIRST_SPREAD = 10 / 3
"""How unsure each weight is before anything is known, alone."""
TOLD = 0.09
"""What a squared gradient tells of that."""
FORGOTTEN, EVERY = 1 / 80, 256
"""So much of what gradients have told is forgotten after so many examples of a vector of weights."""


@kernel
def learn_gradient(
    part: int, weights: Floats, spread: Floats, told: Longs, gradient: Floats, worth: float, rate: float
) -> None:
    """One vector of weights moves; now and then something is forgotten."""
    move(weights[part], spread[part], gradient, worth, rate)
    told[part] += 1
    if told[part] % EVERY == 0:
        forget(spread[part], 1.0 - FORGOTTEN)


@making_kernel
def move(weights: Floats, spread: Floats, gradient: Floats, worth: float, rate: float) -> None:
    """By rate · worth · spread · gradient, once the spread knows of the gradient (Sherman and Morrison, 1950)."""
    features = len(weights)
    shift = np.zeros(features)
    for other in range(features):
        if gradient[other] != 0.0:
            for feature in range(features):
                shift[feature] += spread[other, feature] * gradient[other]
    along = 0.0
    for feature in range(features):
        along += shift[feature] * gradient[feature]
    known = 1.0 + TOLD * worth * max(0.0, along)
    for feature in range(features):
        weights[feature] += rate * worth * shift[feature] / known
        for other in range(features):
            spread[feature, other] -= shift[feature] * shift[other] * (TOLD * worth / known)


@kernel
def forget(spread: Floats, kept: float) -> None:
    """Keep so much of what gradients have told: 0 … 1. O(features³)."""
    invert(spread)
    for feature in range(len(spread)):
        for other in range(len(spread)):
            spread[feature, other] *= kept
        spread[feature, feature] += (1.0 - kept) / FIRST_SPREAD
    invert(spread)


@kernel
def invert(matrix: Floats) -> None:
    """In place, of a symmetric positive definite one: Gauss and Jordan, in an order that no library decides."""
    size = len(matrix)
    for pivot in range(size):
        scale = 1.0 / matrix[pivot, pivot]
        matrix[pivot, pivot] = 1.0
        for column in range(size):
            matrix[pivot, column] *= scale
        for row in range(size):
            if row != pivot and matrix[row, pivot] != 0.0:
                factor = matrix[row, pivot]
                matrix[row, pivot] = 0.0
                for column in range(size):
                    matrix[row, column] -= factor * matrix[pivot, column]
    for row in range(size):
        for column in range(row):
            matrix[row, column] = matrix[column, row] = 0.5 * (matrix[row, column] + matrix[column, row])
