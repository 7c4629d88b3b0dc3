"""What ranks: contenders that learn, the drift that hastens them, the safety that says which is published."""

from shared.contracts.settings import Settings
from shared.core.contender import KEPT_OF_SQUARES, Contender
from shared.core.drift import Drift
from shared.core.kernel import Floats, Ints, Keys
from shared.core.logistic import Logistic
from shared.core.ranker import Ranker
from shared.core.safety import Safety
from shared.core.segments import Segments, unpack

CONTENDERS: dict[str, tuple[type[Contender], ...]] = {
    "softmax": (Ranker,),
    "logistic": (Logistic,),
    "best": (Ranker, Logistic),
}
"""By ``ranker.contender``."""


class Blend:
    """A function of the examples' sequence alone."""

    def __init__(self, settings: Settings) -> None:
        half_lives = list(settings.popularity.half_lives_ms)
        self.contenders = [
            kind(len(half_lives), settings.ranker.rate) for kind in CONTENDERS[settings.ranker.contender]
        ]
        self.drift = Drift()
        self.safety = Safety(half_lives, [contender.name for contender in self.contenders])

    @property
    def learned(self) -> int:
        """Examples."""
        return self.contenders[0].learned

    def weights(self) -> Floats:
        """What is published: float64[SEGMENTS, features]."""
        return self.safety.weights([contender.average for contender in self.contenders])

    def learn(self, rows: Floats, sizes: Ints, segments: Ints, worth: Floats, drawn: Keys) -> None:
        """Examples of one record, see :meth:`shared.core.contender.Contender.learn`; ``drawn``: a digest of each one's
        place. Judged first, then learned; drift is that of the contender that is published, or would be. What is
        demoted begins to learn as fast as at first.
        """
        demoted = self.safety.demoted
        self.safety.judge(rows, sizes, segments, drawn, [contender.average for contender in self.contenders])
        losses = [contender.learn(rows, sizes, segments, worth) for contender in self.contenders]
        if self.drift.told(losses[self.safety.blend]):
            self._hasten(KEPT_OF_SQUARES)
        if self.safety.demoted and not demoted:
            self._hasten(0.0)

    def _hasten(self, kept: float) -> None:
        for contender in self.contenders:
            contender.hasten(kept)

    def take(self) -> Segments:
        """The state as segments."""
        parts = {f"contender-{contender.name}/0": contender.take() for contender in self.contenders}
        return {**parts, "drift/0": self.drift.take(), "safety/0": self.safety.take()}

    def restore(self, segments: Segments) -> None:
        """The state that was taken."""
        for contender in self.contenders:
            contender.restore(unpack(segments[f"contender-{contender.name}/0"]))
        self.drift.restore(unpack(segments["drift/0"]))
        self.safety.restore(unpack(segments["safety/0"]))
