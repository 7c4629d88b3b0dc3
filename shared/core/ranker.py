"""The ranker: a linear score per candidate, learned online by the choice that a user made among them.

Listwise softmax, p(chosen) = exp(w·x_chosen) / Σ exp(w·x), over the choice and a sample of what stood beside it
(drawn evenly, so that the sampled softmax needs no correction but a constant: Bengio and Senécal, 2008), by AdaGrad
(Duchi et al., 2011).
"""

import math
from typing import ClassVar

import numpy as np

from shared.core.contender import Contender
from shared.core.kernel import Floats, Ints, kernel

RIDGE = 1e-6


class Ranker(Contender):
    """O(rows · features) per record."""

    name: ClassVar[str] = "softmax"

    def _learn(self, rows: Floats, sizes: Ints, segments: Ints, worth: Floats) -> Floats:
        losses = np.zeros(len(sizes))
        held = self.weights, self.average, self.squares
        learn_choices(rows, sizes, segments, worth, *held, self.rate, self.horizon, losses)
        return losses


@kernel
def learn_choices(
    rows: Floats,
    sizes: Ints,
    segments: Ints,
    worth: Floats,
    weights: Floats,
    average: Floats,
    squares: Floats,
    rate: float,
    horizon: float,
    losses: Floats,
) -> None:
    """One gradient step of the shared and of the segment's weights per example; one with a number that is none, or of a
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
        move(weights[0], squares[0], gradient, worth[example], rate)
        move(weights[segment], squares[segment], gradient, worth[example], rate)
        for part in range(len(weights)):
            for feature in range(count):
                average[part, feature] += (weights[part, feature] - average[part, feature]) / horizon


@kernel
def move(weights: Floats, squares: Floats, gradient: Floats, worth: float, rate: float) -> None:
    """AdaGrad with a ridge."""
    for feature in range(len(weights)):
        g = worth * gradient[feature] - RIDGE * weights[feature]
        squares[feature] += g * g
        weights[feature] += rate * g / math.sqrt(squares[feature])


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
