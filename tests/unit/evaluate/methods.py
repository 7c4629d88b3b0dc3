"""Methods for tests: small enough to be right at sight."""

from collections import Counter, defaultdict

import numpy as np

from services.evaluate.method import Method, Parameters, Query, Scoring
from services.evaluate.past import Past
from shared.core.kernel import Floats, Ints


class Together(Scoring):
    """Scores items by how many histories they share with those of the user."""

    def __init__(self, past: Past, parameters: Parameters | None = None, seed: int = 0) -> None:
        del seed
        self.past = past
        self._sign = float((parameters or {}).get("sign") or 1.0)
        self._pairs: defaultdict[int, Counter[int]] = defaultdict(Counter)

    def learn(self, event: int) -> None:
        item = int(self.past.log.item[event])
        for other in set(self.past.history(int(self.past.log.user[event])).tolist()):
            self._pairs[other][item] += 1
            self._pairs[item][other] += 1

    def score(self, query: Query, out: Floats) -> None:
        for item in self.past.history(query.user).tolist():
            for other, count in self._pairs[item].items():
                out[other] += self._sign * count


class Popular(Scoring):
    """Scores items by how often they came."""

    def __init__(self, past: Past) -> None:
        self.past = past
        self._counts: Floats = np.zeros(len(past.log.items))

    def learn(self, event: int) -> None:
        self._counts[self.past.log.item[event]] += 1

    def score(self, query: Query, out: Floats) -> None:
        del query
        out += self._counts


class Fixed(Method):
    """Always the same list; remembers what it was asked and told."""

    def __init__(self, past: Past, items: list[int] | None = None) -> None:
        self.past = past
        self.items = items or []
        self.queries: list[Query] = []
        self.learned: list[int] = []
        self.fitted: list[int] = []

    def learn(self, event: int) -> None:
        assert int(self.past.count.sum()) == event
        self.learned.append(event)

    def recommend(self, query: Query, n: int) -> Ints:
        self.queries.append(query)
        return np.array(self.items[:n], dtype=np.int32)

    def refit(self, ts: int) -> float:
        self.fitted.append(ts)
        return 0.5
