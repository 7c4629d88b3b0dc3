"""The learner step: examples in, the ranker and the vectors of items changed. A function of the examples' sequence
alone.
"""

import numpy as np

from shared.contracts.examples import Examples
from shared.contracts.rank_views import RankerView
from shared.contracts.settings import Settings
from shared.core.arithmetic.draws import draws
from shared.core.kernel import Floats, Ints, Keys
from shared.core.learning.blend import Blend
from shared.core.learning.taste import Taste
from shared.core.lists.features import feature_count
from shared.core.profiles.taste_steps import Sequences
from shared.core.tables.segments import Segments, pack, unpack

SHADOW = 1 << 62
BESIDE = 1 << 61


class Learner:
    """The step over the one `examples` partition. ``sources``: the last frame of each partition that is included."""

    def __init__(self, settings: Settings) -> None:
        self.blend = Blend(settings)
        self.taste = Taste(settings.ranker.taste_items)
        self._width = feature_count(len(settings.popularity.half_lives_ms))
        self.sources: dict[int, int] = {}
        self.offset = -1
        self.dirty = self.taste_dirty = False

    def step(self, offset: int, examples: Examples) -> bool:
        """Learn them, unless their frame is included already; whether it was not. Examples of another number of
        features, from before the ranker was another one, teach nothing.
        """
        self.offset = offset
        if examples.offset <= self.sources.get(examples.partition, -1):
            return False
        self.sources[examples.partition] = examples.offset
        if examples.features == self._width:
            self.blend.learn(*learned_from(examples))
            self.dirty = True
        if len(examples.steps):
            self.taste.learn(*sequences_from(examples))
            self.taste_dirty = True
        return True

    def weights(self) -> Floats:
        """What ranks: float64[SEGMENTS, features]."""
        return self.blend.weights()

    def view(self) -> RankerView:
        """What ``model:ranker`` says as of now."""
        weights = self.weights()
        return RankerView(self.blend.learned, len(weights), weights.astype("<f8").tobytes())

    def take(self) -> Segments:
        """The state as segments."""
        sources = sorted([partition, offset] for partition, offset in self.sources.items())
        meta = pack({}, offset=self.offset, sources=sources)
        return {"meta": meta, **self.blend.take(), **self.taste.take()}

    def restore(self, segments: Segments) -> None:
        """The state that was taken."""
        meta = unpack(segments["meta"]).values
        self.offset, self.sources = meta["offset"], dict(meta["sources"])
        self.blend.restore(segments)
        self.taste = Taste.restore(self.taste.items.bound, segments)
        self.dirty = self.taste_dirty = True


def learned_from(examples: Examples) -> tuple[Floats, Ints, Ints, Floats, Keys]:
    """What :meth:`shared.core.learning.blend.Blend.learn` takes."""
    sizes, segments, weights = (examples.column(name) for name in ("sizes", "segments", "weights"))
    return examples.matrix().astype(np.float64), sizes, segments, weights, drawn(examples)


def sequences_from(examples: Examples) -> tuple[Sequences, Keys]:
    """What :meth:`shared.core.learning.taste.Taste.learn` takes."""
    lengths, steps, sequence = (examples.column(name) for name in ("lengths", "steps", "sequence"))
    place = BESIDE + (examples.partition << 48) + examples.offset
    return Sequences(examples.items, lengths, steps, sequence), draws(place, np.arange(int(steps.sum())))


def drawn(examples: Examples) -> Keys:
    """A digest of each example's place, its frame and its number in it; of another kind than the digests of events by
    which examples were drawn (:mod:`shared.core.profiles.choices`), or a sample of a sample would be all of it.
    """
    return draws(SHADOW + (examples.partition << 48) + examples.offset, np.arange(len(examples.sizes) // 4))
