"""What ranks: contenders that learn, the drift that hastens them, the safety that says which is published."""

from shared.contracts.settings import Settings
from shared.core.kernel import Floats, Ints, Keys
from shared.core.learning.contender import KEPT, Contender
from shared.core.learning.drift import Drift
from shared.core.learning.ranker import Ranker
from shared.core.learning.safety import Safety
from shared.core.tables.segments import Segments, unpack


class Blend:
    """A function of the examples' sequence alone. ``drift``: of the contender that is published, or would be."""

    def __init__(self, settings: Settings) -> None:
        half_lives = list(settings.popularity.half_lives_ms)
        self.contenders = [kind(len(half_lives), settings.ranker.rate) for kind in contenders(settings)]
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
        """Examples of one record, see :meth:`shared.core.learning.contender.Contender.learn`; ``drawn``: a digest of
        each one's place. What is demoted begins to learn as fast as at first.
        """
        demoted = self.safety.demoted
        losses = self.judge_and_learn(rows, sizes, segments, worth, drawn)
        if self.drift.told(losses[self.safety.blend]):
            self._hasten(KEPT)
        if self.safety.demoted and not demoted:
            self._hasten(0.0)

    def judge_and_learn(self, rows: Floats, sizes: Ints, segments: Ints, worth: Floats, drawn: Keys) -> list[Floats]:
        """Judged first, then learned, without a look at drift: the losses, by contender."""
        self.safety.judge(rows, sizes, segments, drawn, [contender.average for contender in self.contenders])
        return [contender.learn(rows, sizes, segments, worth) for contender in self.contenders]

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


def contenders(settings: Settings) -> list[type[Contender]]:
    """By ``ranker.contender``: softmax, logistic, or for best both."""
    if settings.ranker.contender == "softmax":
        return [Ranker]
    from shared.core.learning.logistic import Logistic

    return [Logistic] if settings.ranker.contender == "logistic" else [Ranker, Logistic]
