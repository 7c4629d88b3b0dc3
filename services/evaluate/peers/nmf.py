"""Non-negative matrix factorisation of the binary matrix."""

import numpy as np
from scipy.sparse import csr_array

from services.evaluate.method import Parameters
from services.evaluate.past import Past
from services.evaluate.peers.batch import Batch, both
from services.evaluate.peers.factors import Reals
from services.evaluate.peers.settings import whole
from shared.core.kernel import Floats, Ints

ROUNDS = 40
FOLDING = 20  # rounds that find the factors of one history
TINY = np.float32(1e-9)  # keeps a quotient finite


class Nmf(Batch):
    """Multiplicative updates for ‖X − W·H‖² (Lee & Seung, NIPS 2000); a history's factors are found by the same update
    with H as it stands.
    """

    def __init__(self, past: Past, factors: int, seed: int, *, stale: bool) -> None:
        super().__init__(past, stale=stale)
        self._factors, self._seed = factors, seed
        self._items: Reals = np.zeros((0, 0), dtype=np.float32)
        self._gram: Reals = np.zeros((0, 0), dtype=np.float32)

    def fit(self, matrix: csr_array) -> None:
        """O(rounds · (ones · factors + (users + items) · factors²))."""
        random = np.random.default_rng(self._seed)
        known = matrix[np.diff(matrix.indptr) > 0]
        users = random.random((known.shape[0], self._factors), dtype=np.float32)
        items = random.random((known.shape[1], self._factors), dtype=np.float32)
        by_item = known.T.tocsr()
        for _ in range(ROUNDS):
            users *= (known @ items) / (users @ (items.T @ items) + TINY)
            items *= (by_item @ users) / (items @ (users.T @ users) + TINY)
        self._items, self._gram = items, items.T @ items

    def score_history(self, history: Ints, out: Floats) -> None:
        wanted = self._items[history].sum(axis=0)
        factors = np.full(self._factors, 1.0 / self._factors, dtype=np.float32)
        for _ in range(FOLDING):
            factors *= wanted / (factors @ self._gram + TINY)
        out += self._items @ factors


def build(past: Past, parameters: Parameters, seed: int, stale: bool) -> Nmf:
    return Nmf(past, whole(parameters, "factors"), seed, stale=stale)


NMF, NMF_STALE = both("nmf", build, tuple({"factors": factors} for factors in (32, 16, 64)))
