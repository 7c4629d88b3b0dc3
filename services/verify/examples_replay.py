"""The log of examples learned once more, from its beginning.

What a ranker learns has no oracle: this is the production ranker itself (:class:`shared.core.ranker.Ranker`, the one
exception to this folder's rule), so that the comparison says that what stands is a function of the log.
"""

import numpy as np

from shared.contracts.examples import Examples
from shared.contracts.settings import Settings
from shared.core.ranker import Ranker


class ExamplesReplay:
    """``sources``: the last frame of each `frames` partition whose examples are learned."""

    def __init__(self, settings: Settings) -> None:
        self.ranker = Ranker(len(settings.popularity.half_lives_ms), settings.ranker.rate)
        self.sources: dict[int, int] = {}

    def fold(self, examples: Examples) -> None:
        """Examples of a frame that are known already, or of a ranker of another shape, teach nothing."""
        if examples.offset <= self.sources.get(examples.partition, -1):
            return
        self.sources[examples.partition] = examples.offset
        if examples.features == self.ranker.weights.shape[1]:
            rows = examples.matrix().astype(np.float64)
            sizes, segments, weights = (examples.column(name) for name in ("sizes", "segments", "weights"))
            self.ranker.learn(rows, sizes, segments, weights)

    def said(self) -> tuple[int, int, bytes]:
        """What ``model:ranker`` says: examples learned, rows, weights."""
        average = self.ranker.average
        return self.ranker.learned, len(average), average.astype("<f8").tobytes()
