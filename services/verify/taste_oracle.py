"""What taste says of items for a user, from the vectors that stand: float32 throughout, summed up in their order."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from services.verify.logarithm import exp2
from services.verify.ties import best_first
from shared.contracts.rank_views import TasteView

Singles = npt.NDArray[np.float32]
BEST = 50


class Tastes:
    """Vectors by item."""

    def __init__(self, view: TasteView | None) -> None:
        self._place = {} if view is None else {item: place for place, item in enumerate(view.items)}
        if view is not None:
            inner, outer, self._bias = view.vectors()
            self._inner, self._outer = inner.astype(np.float32), outer.astype(np.float32)

    def scores(self, recent: Sequence[str]) -> dict[str, float]:
        """Of all items with a vector; of nothing for a user none of whose newest items has one."""
        places = [self._place[item] for item in recent if item in self._place]
        if not places:
            return {}
        user = np.zeros(self._inner.shape[1], dtype=np.float32)
        for place in places:
            user += self._inner[place]
        user *= np.float32(1.0 / math.sqrt(len(places)))
        scores = self._bias.astype(np.float32)
        for number, part in enumerate(user):
            scores += part * self._outer[:, number]
        return dict(zip(self._place, scores.tolist(), strict=True))


def best_and_values(
    scores: Mapping[str, float], barred: frozenset[str]
) -> tuple[list[tuple[str, float]], dict[str, float]]:
    """The best that are not barred; and of every item how it stands to the best of them, 2^(score - best)."""
    best = best_first(entry for entry in scores.items() if entry[0] not in barred)[:BEST]
    if not best:
        return [], {}
    return best, {item: exp2(score - best[0][1]) for item, score in scores.items()}
