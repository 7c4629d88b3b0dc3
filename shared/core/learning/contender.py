"""What contends for ranking: linear weights per segment of users, learned online from examples.

What ranks is the running average of the weights over the last :data:`AVERAGED` examples or so (Polyak and Juditsky,
1992): single examples are noise. A user's weights are those for all plus those of their segment
(:func:`shared.core.lists.features.segments`), so that little-known users are ranked by what holds for them.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from shared.core.kernel import Floats, Ints
from shared.core.lists.first_weights import first_weights
from shared.core.tables.segments import Segment, pack

AVERAGED = 500
AVERAGED_SHARE = 0.1
"""Of what was learned so far, while that is less: what comes first is learned fast."""
LEAST_AVERAGED = 20
HASTENED_AVERAGED = 100
"""The horizon of a contender in haste,"""
HASTE = 1000
"""for so many examples,"""
KEPT = 0.1
"""at whose beginning so much is kept of what makes steps short."""
HELD = ("weights", "average")


class Contender(ABC):
    """``weights``, their running ``average``: float64[SEGMENTS, features]. ``haste``: examples that are still to be
    learned with a short horizon. ``held``: names of the arrays that are its state.
    """

    name: ClassVar[str]
    held: ClassVar[tuple[str, ...]]

    def __init__(self, half_lives: int, rate: float) -> None:
        self.rate = rate
        self.weights = first_weights(half_lives)
        self.average: Floats = self.weights.copy()
        self.learned = 0
        self.haste = 0

    def learn(self, rows: Floats, sizes: Ints, segments: Ints, worth: Floats) -> Floats:
        """Examples one after the other: the first of ``sizes[e]`` rows was chosen. Returns the log loss of each before
        it was learned: float64[examples]; one with a number that is none, or of a segment that is none, teaches
        nothing and lost nothing.
        """
        losses = self._learn(rows, sizes, segments, worth)
        self.learned += len(sizes)
        self.haste = max(0, self.haste - len(sizes))
        return losses

    @abstractmethod
    def _learn(self, rows: Floats, sizes: Ints, segments: Ints, worth: Floats) -> Floats:
        """As :meth:`learn`; weights, average and what steps go by are changed in place."""

    @abstractmethod
    def _forget(self, kept: float) -> None:
        """Keep so much of what makes steps short: 0 … 1."""

    @property
    def horizon(self) -> float:
        """Examples that the average is over, about: never an int, for which a kernel would be compiled anew."""
        usual = min(AVERAGED, max(LEAST_AVERAGED, AVERAGED_SHARE * self.learned))
        return float(min(usual, HASTENED_AVERAGED) if self.haste else usual)

    def hasten(self, kept: float = KEPT) -> None:
        """What was learned weighs less than what comes: behaviour has changed; or, with 0 ``kept``, it was wrong. As
        often as one likes: nothing grows.
        """
        self._forget(kept)
        self.haste = HASTE

    def take(self, **more: Any) -> bytes:
        """The state as a segment."""
        held = {name: getattr(self, name) for name in self.held}
        return pack(held, learned=self.learned, haste=self.haste, **more)

    def restore(self, segment: Segment) -> None:
        """The state that was taken."""
        for name in self.held:
            setattr(self, name, segment.column(name).copy())
        self.learned, self.haste = segment.values["learned"], segment.values["haste"]
