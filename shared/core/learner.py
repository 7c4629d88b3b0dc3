"""The learner step: examples in, the ranker changed. A function of the examples' sequence alone."""

import numpy as np

from shared.contracts.examples import Examples
from shared.contracts.rank_views import RankerView
from shared.contracts.settings import Settings
from shared.core.ranker import Ranker
from shared.core.segments import Segments, pack, unpack

LEARNED = ("weights", "average", "squares")


class Learner:
    """The step over the one `examples` partition. ``sources``: the last frame of each partition that is included."""

    def __init__(self, settings: Settings) -> None:
        self.ranker = Ranker(len(settings.popularity.half_lives_ms), settings.ranker.rate)
        self.sources: dict[int, int] = {}
        self.offset = -1
        self.dirty = False

    def step(self, offset: int, examples: Examples) -> bool:
        """Learn them, unless their frame is included already; whether it was not. Examples of another number of
        features, from before the ranker was another one, teach nothing.
        """
        self.offset = offset
        if examples.offset <= self.sources.get(examples.partition, -1):
            return False
        self.sources[examples.partition] = examples.offset
        if examples.features == self.ranker.weights.shape[1]:
            columns = (examples.column(name) for name in ("sizes", "segments", "weights"))
            self.ranker.learn(examples.matrix().astype(np.float64), *columns)
            self.dirty = True
        return True

    def view(self) -> RankerView:
        """What ``model:ranker`` says as of now."""
        weights = self.ranker.average
        return RankerView(self.ranker.learned, len(weights), weights.astype("<f8").tobytes())

    def take(self) -> Segments:
        """The state as segments."""
        sources = sorted([partition, offset] for partition, offset in self.sources.items())
        meta = pack({}, offset=self.offset, sources=sources, learned=self.ranker.learned)
        ranker = self.ranker
        return {"meta": meta, "ranker/0": pack({name: getattr(ranker, name) for name in LEARNED})}

    def restore(self, segments: Segments) -> None:
        """The state that was taken."""
        meta, held = unpack(segments["meta"]).values, unpack(segments["ranker/0"])
        self.offset, self.sources, self.ranker.learned = meta["offset"], dict(meta["sources"]), meta["learned"]
        for name in LEARNED:
            setattr(self.ranker, name, held.column(name).copy())
        self.dirty = True
