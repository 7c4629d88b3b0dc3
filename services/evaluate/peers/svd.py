"""Truncated singular value decomposition of the binary matrix: PureSVD."""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import svds

from services.evaluate.method import Parameters
from services.evaluate.past import Past
from services.evaluate.peers.batch import Batch, both
from services.evaluate.peers.factors import Reals
from services.evaluate.peers.settings import whole
from shared.core.kernel import Floats, Ints

LEAST = 1e-6  # of the largest singular value: directions below it are rounding


class Svd(Batch):
    """PureSVD (Cremonesi, Koren & Turrin, RecSys 2010): a history x scores x · V · Vᵀ, so that it needs no factors of
    its own. Only what scores above 0 is recommended.
    """

    def __init__(self, past: Past, factors: int, seed: int, *, stale: bool) -> None:
        super().__init__(past, stale=stale)
        self._factors, self._seed = factors, seed
        self._items: Reals = np.zeros((len(past.log.items), 0), dtype=np.float32)

    def fit(self, matrix: csr_array) -> None:
        factors = min(self._factors, min(matrix.shape) - 1)
        if factors < 1:
            return
        first = np.random.default_rng(self._seed).random(min(matrix.shape)).astype(np.float32)
        _, sizes, directions = svds(matrix, k=factors, v0=first)
        self._items = np.ascontiguousarray(directions[sizes > LEAST * sizes.max()].T)

    def score_history(self, history: Ints, out: Floats) -> None:
        out += self._items @ self._items[history].sum(axis=0)


def build(past: Past, parameters: Parameters, seed: int, stale: bool) -> Svd:
    return Svd(past, whole(parameters, "factors"), seed, stale=stale)


SVD, SVD_STALE = both("svd", build, tuple({"factors": factors} for factors in (32, 16, 64, 128)))
