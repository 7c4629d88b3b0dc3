"""A linear autoencoder in closed form: EASE^R."""

import numpy as np
from scipy.linalg import lapack
from scipy.sparse import csr_array

from services.evaluate.method import Parameters
from services.evaluate.past import Past
from services.evaluate.peers.batch import Batch, both
from services.evaluate.peers.factors import Reals
from services.evaluate.peers.settings import real
from shared.core.kernel import Floats, Ints

MOST_ITEMS = 4000  # with the most users; the inverse takes 4·n² bytes and n³ steps


class Ease(Batch):
    """EASE^R (Steck, WWW 2019): B = I − P · diag(1 / P_ii) with P = (XᵀX + λI)⁻¹; the score of an item is the sum of
    B over the items of the history. ``penalty`` is λ.
    """

    def __init__(self, past: Past, penalty: float, *, stale: bool) -> None:
        super().__init__(past, stale=stale)
        self._penalty = penalty
        self._items: Ints = np.zeros(0, dtype=np.int32)
        self._weights: Reals = np.zeros((0, 0), dtype=np.float32)
        self._row_of: Ints = np.full(len(past.log.items), -1, dtype=np.int32)

    def fit(self, matrix: csr_array) -> None:
        takers = np.bincount(matrix.indices, minlength=matrix.shape[1])
        most = np.argsort(-takers, kind="stable")[:MOST_ITEMS]
        self._items = np.sort(most[takers[most] > 0]).astype(np.int32)
        self._row_of[:] = -1
        self._row_of[self._items] = np.arange(len(self._items))
        chosen = matrix[:, self._items]
        self._weights = item_weights((chosen.T @ chosen).toarray(), self._penalty)

    def score_history(self, history: Ints, out: Floats) -> None:
        rows = self._row_of[history]
        out[self._items] += self._weights[rows[rows >= 0]].sum(axis=0)


def item_weights(gram: Reals, penalty: float) -> Reals:
    """B of a Gram matrix float32[n, n], by Cholesky (positive definite with a penalty above 0). O(n³)."""
    factor, _ = lapack.spotrf(gram + penalty * np.eye(len(gram), dtype=np.float32), lower=True)
    lower, _ = lapack.spotri(factor, lower=True)
    inverse = np.tril(lower) + np.tril(lower, -1).T
    weights: Reals = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return weights


def build(past: Past, parameters: Parameters, seed: int, stale: bool) -> Ease:
    del seed
    return Ease(past, real(parameters, "penalty"), stale=stale)


EASE, EASE_STALE = both("ease", build, tuple({"penalty": penalty} for penalty in (200.0, 50.0, 500.0, 1000.0)))
