"""The log of examples learned once more, from its beginning.

What is learned has no oracle: these are production's own blend and taste (:class:`shared.core.learning.blend.Blend`,
:class:`shared.core.learning.taste.Taste`; the one exception to this folder's rule), so that the comparison says that
what stands is a function of the log.
"""

import numpy as np

from shared.contracts.examples import Examples
from shared.contracts.rank_views import TasteView
from shared.contracts.settings import Settings
from shared.core.arithmetic.draws import draws
from shared.core.learning.blend import Blend
from shared.core.learning.taste import Taste
from shared.core.profiles.taste_steps import Sequences


class ExamplesReplay:
    """``sources``: the last frame of each `frames` partition whose examples are learned."""

    def __init__(self, settings: Settings) -> None:
        self.blend = Blend(settings)
        self.taste = Taste(settings.ranker.taste_items)
        self.sources: dict[int, int] = {}

    def fold(self, examples: Examples) -> None:
        """Examples of a frame that are known already, or of a ranker of another shape, teach nothing."""
        if examples.offset <= self.sources.get(examples.partition, -1):
            return
        self.sources[examples.partition] = examples.offset
        if examples.features == self.blend.weights().shape[1]:
            rows = examples.matrix().astype(np.float64)
            sizes, segments, weights = (examples.column(name) for name in ("sizes", "segments", "weights"))
            drawn = draws(2**62 + examples.partition * 2**48 + examples.offset, np.arange(len(sizes)))
            self.blend.learn(rows, sizes, segments, weights, drawn)
        lengths, steps, sequence = (examples.column(name) for name in ("lengths", "steps", "sequence"))
        if len(steps):
            drawn = draws(2**61 + examples.partition * 2**48 + examples.offset, np.arange(int(steps.sum())))
            self.taste.learn(Sequences(examples.items, lengths, steps, sequence), drawn)

    def said(self) -> tuple[int, int, bytes]:
        """What ``model:ranker`` says: examples learned, rows, weights."""
        weights = self.blend.weights()
        return self.blend.learned, len(weights), weights.astype("<f8").tobytes()

    def said_of_taste(self) -> TasteView | None:
        """What ``model:taste`` says, if anything."""
        return self.taste.view()
