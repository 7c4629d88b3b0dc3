"""Weighted matrix factorisation by alternating least squares."""

import numpy as np
from scipy.sparse import csr_array

from services.evaluate.method import Parameters
from services.evaluate.past import Past
from services.evaluate.peers.batch import Batch, both
from services.evaluate.peers.settings import real, whole
from shared.core.kernel import Floats, Ints, making_kernel

ROUNDS = 10  # of the first fit
MORE_ROUNDS = 3  # of a later one, which goes on from the last one's factors
SPREAD = 0.01


class Als(Batch):
    """Implicit ALS (Hu, Koren & Volinsky, ICDM 2008), the formula that the `implicit` package computes as well; 30
    lines spare the dependency. Preference 1 with confidence 1 + ``alpha`` where a user took an item, else 0 with
    confidence 1; penalty ``penalty`` · ‖factors‖².
    """

    def __init__(self, past: Past, factors: int, alpha: float, penalty: float, seed: int, *, stale: bool) -> None:
        super().__init__(past, stale=stale)
        self._factors, self._alpha, self._penalty = factors, alpha, penalty
        random = np.random.default_rng(seed)
        self._items: Floats = random.normal(0.0, SPREAD, (len(past.log.items), factors))
        self._gram: Floats = np.zeros((factors, factors), dtype=np.float64)

    def fit(self, matrix: csr_array) -> None:
        """O(rounds · (ones · factors² + (users + items) · factors³))."""
        by_item = matrix.T.tocsr()
        users = np.zeros((matrix.shape[0], self._factors), dtype=np.float64)
        items = self._items
        for _ in range(MORE_ROUNDS if self._fitted else ROUNDS):
            solve_rows(matrix.indptr, matrix.indices, items, items.T @ items, self._alpha, self._penalty, users)
            solve_rows(by_item.indptr, by_item.indices, users, users.T @ users, self._alpha, self._penalty, items)
        self._gram = items.T @ items

    def score_history(self, history: Ints, out: Floats) -> None:
        row = np.zeros((1, self._factors), dtype=np.float64)
        bounds = np.array([0, len(history)], dtype=np.int32)
        solve_rows(bounds, history, self._items, self._gram, self._alpha, self._penalty, row)
        out += self._items @ row[0]


@making_kernel
def solve_rows(
    bounds: Ints, columns: Ints, others: Floats, gram: Floats, alpha: float, penalty: float, out: Floats
) -> None:
    """out[r] = (gram + α Σ y yᵀ + penalty · I)⁻¹ (1 + α) Σ y over the factors y of the row's columns, 0 without any."""
    factors = len(gram)
    for row in range(len(bounds) - 1):
        out[row] = 0.0
        if bounds[row] == bounds[row + 1]:
            continue
        left = gram + penalty * np.eye(factors)
        right = np.zeros(factors)
        for place in range(bounds[row], bounds[row + 1]):
            factor = others[columns[place]]
            right += (1.0 + alpha) * factor
            for f in range(factors):
                for g in range(factors):
                    left[f, g] += alpha * factor[f] * factor[g]
        out[row] = np.linalg.solve(left, right)


def build(past: Past, parameters: Parameters, seed: int, stale: bool) -> Als:
    factors, alpha, penalty = (
        whole(parameters, "factors"),
        real(parameters, "alpha"),
        real(parameters, "penalty"),
    )
    return Als(past, factors, alpha, penalty, seed, stale=stale)


ALS, ALS_STALE = both(
    "als",
    build,
    tuple(
        {"factors": factors, "alpha": alpha, "penalty": penalty}
        for factors in (32, 64)
        for alpha in (10.0, 2.0)
        for penalty in (0.1, 5.0)
    ),
)
