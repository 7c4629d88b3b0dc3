"""The ranker: a linear score per candidate, learned online by the choice that a user made among them.

Listwise softmax, p(chosen) = exp(w·x_chosen) / Σ exp(w·x), over the choice and a sample of what stood beside it
(drawn evenly, so that the sampled softmax needs no correction but a constant: Bengio and Senécal, 2008), by online
Newton steps (Hazan, Agarwal and Kale, 2007): features say much of the same, and how gradients went together tells what
is due to which (:mod:`shared.core.learning.newton`).
"""

import math
from typing import ClassVar

import numpy as np

from shared.core.arithmetic.weighting import weighted
from shared.core.kernel import Floats, Ints, Longs, making_kernel
from shared.core.learning.contender import HELD, Contender
from shared.core.learning.newton import FIRST_SPREAD, forget, learn_gradient


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


@making_kernel
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


@making_kernel
def choice_chances(rows: Floats, start: int, size: int, weights: Floats, segment: int) -> Floats:
    """Softmax of the scores of an example's rows; not a number if one of them is none."""
    scores, both = np.empty(size), weights[0] + weights[segment]
    highest = -1e300
    for row in range(size):
        scores[row] = weighted(rows[start + row], both)
        if not math.isfinite(scores[row]):
            return np.full(size, np.nan)
        highest = max(highest, scores[row])
    total = 0.0
    for row in range(size):
        scores[row] = math.exp(scores[row] - highest)
        total += scores[row]
    return scores / total
