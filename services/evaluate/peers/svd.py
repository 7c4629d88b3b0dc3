"""Truncated singular value decomposition of the binary matrix: PureSVD."""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import aslinearoperator, eigsh

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
        sizes, directions = largest(matrix, factors, self._seed)
        self._items = np.ascontiguousarray(directions[sizes > LEAST * sizes.max()].T)

    def score_history(self, history: Ints, out: Floats) -> None:
        out += self._items @ self._items[history].sum(axis=0)


def largest(matrix: csr_array, factors: int, seed: int) -> tuple[Reals, Reals]:
    """float32[factors], the largest singular values, and float32[factors, columns], their directions.

    As ``scipy.sparse.linalg.svds`` finds them. That one draws from nowhere in particular where it has to begin again,
    as it has to with fewer directions than factors.
    """
    random = np.random.default_rng(seed)
    first = random.random(min(matrix.shape)).astype(np.float32)
    upright = matrix if matrix.shape[0] >= matrix.shape[1] else matrix.T
    gram = aslinearoperator(upright.T) @ aslinearoperator(upright)
    _, found = eigsh(gram, k=factors, v0=first, rng=random)
    left, sizes, turned = np.linalg.svd(upright @ found, full_matrices=False)
    return sizes, turned @ found.T if upright is matrix else left.T


def build(past: Past, parameters: Parameters, seed: int, stale: bool) -> Svd:
    return Svd(past, whole(parameters, "factors"), seed, stale=stale)


SVD, SVD_STALE = both("svd", build, tuple({"factors": factors} for factors in (32, 16, 64, 128)))
