"""River's logistic regression as a contender: was a row the chosen one, or one of the others?

One step of ``learn_many`` per record of examples, by River's AdaGrad, on one vector of weights for all users; the rows
come as an Arrow table, so that no pandas is needed. Of an example the chosen row weighs as much as all others together.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from river.linear_model import LogisticRegression
from river.optim import AdaGrad
from river.utils import VectorDict

from shared.core.kernel import Flags, Floats, Ints, kernel, making_kernel
from shared.core.learning.contender import HELD, Contender
from shared.core.learning.ranker import choice_chances
from shared.core.lists.features import SEGMENTS, feature_names
from shared.core.tables.segments import Segment

FIRST_SQUARES = 1.0


class InOrder(LogisticRegression):
    """Rows times weights feature after feature: BLAS adds in an order that depends on the number of its threads."""

    def _raw_dot_many(self, X: Floats, cols: Sequence[str]) -> Floats:  # noqa: N803 - River's names
        weights = self._weights.to_numpy(cols)
        scores = np.full(len(X), self.intercept)
        add_products(X, weights, scores)
        return scores


class Logistic(Contender):
    """``squares`` float64[SEGMENTS, features]: sums of squared gradients. O(rows · features) per record, and some
    hundred µs that River takes for any.
    """

    name: ClassVar[str] = "logistic"
    held: ClassVar[tuple[str, ...]] = (*HELD, "squares")

    def __init__(self, half_lives: int, rate: float) -> None:
        super().__init__(half_lives, rate)
        self.squares: Floats = np.full_like(self.weights, FIRST_SQUARES)
        self._names = feature_names([str(number) for number in range(half_lives)])
        self._model = InOrder(AdaGrad(rate))
        self._put()

    def _learn(self, rows: Floats, sizes: Ints, segments: Ints, worth: Floats) -> Floats:
        losses, sound = np.zeros(len(sizes)), np.zeros(len(rows), dtype=np.bool_)
        judge_choices(rows, sizes, segments, self.weights, losses, sound)
        if sound.any():
            chosen, weights = _labelled(sizes, worth)
            chosen, weights = chosen[sound], weights[sound] * sound.sum()  # River's mean of rows becomes their sum
            table = pa.Table.from_arrays(_columns(rows[sound]), names=self._names)
            with np.errstate(over="ignore"):  # River's exp of a far-off score
                self._model.learn_many(table, pa.chunked_array([chosen]), pa.chunked_array([weights]))
            self._get()
        self.average += (self.weights - self.average) * (1.0 - (1.0 - 1.0 / self.horizon) ** len(sizes))
        return losses

    def _forget(self, kept: float) -> None:
        np.maximum(FIRST_SQUARES, self.squares * kept, out=self.squares)
        self._put()

    def take(self, **more: Any) -> bytes:
        return super().take(intercept=float(self._model.intercept), **more)

    def restore(self, segment: Segment) -> None:
        super().restore(segment)
        self._model.intercept = segment.values["intercept"]
        self._put()

    def _put(self) -> None:
        """Into River's model."""
        self._model._weights = VectorDict(dict(zip(self._names, self.weights[0].tolist(), strict=True)))  # noqa: SLF001
        self._model.optimizer.g2.update(zip(self._names, self.squares[0].tolist(), strict=True))

    def _get(self) -> None:
        """Out of it."""
        self.weights[0] = self._model._weights.to_numpy(self._names)  # noqa: SLF001
        self.squares[0] = [self._model.optimizer.g2[name] for name in self._names]


def _labelled(sizes: Ints, worth: Floats) -> tuple[Flags, Floats]:
    """Of each row: whether it was chosen; its weight, an example's for the chosen one, as much for all others."""
    first = np.cumsum(sizes) - sizes
    chosen = np.zeros(int(sizes.sum()), dtype=np.bool_)
    chosen[first] = True
    weights: Floats = np.repeat(worth / np.maximum(1, sizes - 1), sizes)
    weights[first] = worth
    return chosen, weights


def _columns(rows: Floats) -> list[pa.Array]:
    """Arrow's view of each column."""
    buffer, kind = pa.py_buffer(rows.T.tobytes()), pa.float64()
    size = rows.itemsize * len(rows)
    slices = (buffer.slice(number * size, size) for number in range(rows.shape[1]))
    return [pa.Array.from_buffers(kind, len(rows), [None, column]) for column in slices]


@kernel
def add_products(rows: Floats, weights: Floats, scores: Floats) -> None:
    """Scores += rows · weights."""
    for row in range(len(rows)):
        for feature in range(len(weights)):
            scores[row] += rows[row, feature] * weights[feature]


@making_kernel
def judge_choices(rows: Floats, sizes: Ints, segments: Ints, weights: Floats, losses: Floats, sound: Flags) -> None:
    """Log loss of each example; ``sound``: the rows of those that can be learned."""
    start = 0
    for example in range(len(sizes)):
        size = sizes[example]
        start += size
        if segments[example] >= SEGMENTS:
            continue
        chances = choice_chances(rows, start - size, size, weights, segments[example])
        if np.isfinite(chances[0]):
            losses[example] = -np.log(max(chances[0], 1e-300))
            sound[start - size : start] = True
