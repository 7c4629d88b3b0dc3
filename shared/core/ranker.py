"""The ranker: a linear score per candidate, learned online by the choice that a user made among them.

Listwise softmax, p(chosen) = exp(w·x_chosen) / Σ exp(w·x), over the choice and a sample of what stood beside it
(drawn evenly, so that the sampled softmax needs no correction but a constant: Bengio and Senécal, 2008), by online
Newton steps (Hazan, Agarwal and Kale, 2007): features say much of the same, and how gradients went together tells what
is due to which. Old gradients are forgotten little by little, so learning never ends.
"""

import math
from typing import ClassVar

import numpy as np

from shared.core.contender import HELD, Contender
from shared.core.kernel import Floats, Ints, Longs, kernel

FIRST_SPREAD = 10 / 3
"""How unsure each weight is before anything is known, alone."""
TOLD = 0.09
"""What a squared gradient tells of that."""
FORGOTTEN, EVERY = 1 / 80, 256
"""So much of what gradients have told is forgotten after so many examples of a vector of weights."""


class Ranker(Contender):
    """``spread`` float64[SEGMENTS, features, features]: the inverse of 1 / FIRST_SPREAD + TOLD · Σ g gᵀ; ``told``
    int64[SEGMENTS]: examples. O(rows · features + features²) per example.
    """

    name: ClassVar[str] = "softmax"
    held: ClassVar[tuple[str, ...]] = (*HELD, "spread", "told")

    def __init__(self, half_lives: int, rate: float) -> None:
        super().__init__(half_lives, rate)
        segments, features = self.weights.shape
        self.spread: Floats = np.tile(FIRST_SPREAD * np.eye(features), (segments, 1, 1))
        self.told: Longs = np.zeros(segments, dtype=np.int64)

    def _learn(self, rows: Floats, sizes: Ints, segments: Ints, worth: Floats) -> Floats:
        losses = np.zeros(len(sizes))
        held = self.weights, self.average, self.spread, self.told
        learn_choices(rows, sizes, segments, worth, *held, self.rate, self.horizon, losses)
        return losses

    def _forget(self, kept: float) -> None:
        for spread in self.spread:
            forget(spread, kept)


@kernel
def learn_choices(
    rows: Floats,
    sizes: Ints,
    segments: Ints,
    worth: Floats,
    weights: Floats,
    average: Floats,
    spread: Floats,
    told: Longs,
    rate: float,
    horizon: float,
    losses: Floats,
) -> None:
    """One step of the shared and of the segment's weights per example; one with a number that is none, or of a
    segment that is none, teaches nothing.
    """
    start = 0
    count = weights.shape[1]
    gradient = np.zeros(count)
    for example in range(len(sizes)):
        size, segment = sizes[example], segments[example]
        start += size
        if segment >= len(weights):
            continue
        chances = choice_chances(rows, start - size, size, weights, segment)
        if not math.isfinite(chances[0]):
            continue
        losses[example] = -math.log(max(chances[0], 1e-300))
        for feature in range(count):
            gradient[feature] = rows[start - size, feature]
        for row in range(size):
            for feature in range(count):
                gradient[feature] -= chances[row] * rows[start - size + row, feature]
        learn_gradient(0, weights, spread, told, gradient, worth[example], rate)
        learn_gradient(segment, weights, spread, told, gradient, worth[example], rate)
        for part in range(len(weights)):
            for feature in range(count):
                average[part, feature] += (weights[part, feature] - average[part, feature]) / horizon


@kernel
def learn_gradient(
    part: int, weights: Floats, spread: Floats, told: Longs, gradient: Floats, worth: float, rate: float
) -> None:
    """One vector of weights moves; now and then something is forgotten."""
    move(weights[part], spread[part], gradient, worth, rate)
    told[part] += 1
    if told[part] % EVERY == 0:
        forget(spread[part], 1.0 - FORGOTTEN)


@kernel
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


@kernel
def choice_chances(rows: Floats, start: int, size: int, weights: Floats, segment: int) -> Floats:
    """Softmax of the scores of an example's rows; not a number if one of them is none."""
    scores = np.zeros(size)
    highest = -1e300
    for row in range(size):
        for feature in range(weights.shape[1]):
            scores[row] += rows[start + row, feature] * (weights[0, feature] + weights[segment, feature])
        if not math.isfinite(scores[row]):
            return np.full(size, np.nan)
        highest = max(highest, scores[row])
    total = 0.0
    for row in range(size):
        scores[row] = math.exp(scores[row] - highest)
        total += scores[row]
    return scores / total


@kernel
def score_each(features: Floats, counts: Ints, segments: Ints, weights: Floats, out: Floats) -> None:
    """out[user, place] = the candidate's score."""
    for user in range(len(counts)):
        both = weights[0] + weights[segments[user]]
        for place in range(counts[user]):
            score = 0.0
            for feature in range(len(both)):
                score += features[user, place, feature] * both[feature]
            out[user, place] = score
