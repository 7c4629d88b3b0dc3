"""The ranker: a linear score per candidate, learned online by the choice that a user made among them.

Listwise softmax, p(chosen) = exp(w·x_chosen) / Σ exp(w·x), over the choice and a sample of what stood beside it
(drawn evenly, so that the sampled softmax needs no correction but a constant: Bengio and Senécal, 2008), by AdaGrad
(Duchi et al., 2011). What ranks is the running average of the weights over the last :data:`AVERAGED` examples or so
(Polyak and Juditsky, 1992): single examples are noise. A user's weights are those for all plus those of their segment
(:func:`shared.core.features.segments`), so that little-known users are ranked by what holds for them.
"""

import math

import numpy as np

from shared.core.features import SEGMENTS, feature_count
from shared.core.kernel import Floats, Ints, kernel
from shared.core.sources import SOURCES

FIRST_SQUARES = 1.0
AVERAGED = 500
RIDGE = 1e-6


class Ranker:
    """``weights``, their running ``average``, sums of squared gradients ``squares``: float64[SEGMENTS, features]."""

    def __init__(self, half_lives: int, rate: float) -> None:
        self.rate = rate
        self.weights: Floats = np.zeros((SEGMENTS, feature_count(half_lives)))
        self.squares: Floats = np.full_like(self.weights, FIRST_SQUARES)
        self.weights[0, 2 : 3 * SOURCES : 3] = 3.5  # before anything is learned: the sources' logs, evenly,
        self.weights[0, 3 * SOURCES + 2 * max(0, half_lives - 2)] = 3.0  # and what is popular at a long half-life
        self.average: Floats = self.weights.copy()
        self.learned = 0

    def learn(self, rows: Floats, sizes: Ints, segments: Ints, weights: Floats) -> Floats:
        """Examples one after the other: the first of ``sizes[e]`` rows was chosen. Returns the log loss of each before
        it was learned: float64[examples]. O(rows · features).
        """
        losses = np.zeros(len(sizes))
        learn_choices(rows, sizes, segments, weights, self.weights, self.average, self.squares, self.rate, losses)
        self.learned += len(sizes)
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
                average[part, feature] += (weights[part, feature] - average[part, feature]) / AVERAGED


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
