"""What the kinds of events that a frame has mean to profiles: found once for each list of kinds."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from shared.contracts.event_types import EventType, Meaning
from shared.core.kernel import Flags, Floats, Ints
from shared.core.profiles.having import OWNED, REFUSED, RELEASED

MOST = 1024
"""Lists of kinds that are held: a frame has its kinds in the order of their first rows."""
NOT_SETTLING = -1
_MOVING = (Meaning.INTEREST, Meaning.OWN)
_SETTLING = {Meaning.RELEASE: RELEASED, Meaning.OWN: OWNED, Meaning.REFUSE: REFUSED}


@dataclass(frozen=True)
class Kinds:
    """By kind index: ``weights`` float64, 0 for kinds that move no model; ``meanings``, of which records are neither
    here nor there; ``settling`` int32, what becomes of the item (:data:`NOT_SETTLING`: nothing); ``bought`` bool,
    whether what is bought together is counted by it.
    """

    weights: Floats
    meanings: list[Meaning]
    settling: Ints
    bought: Flags

    @property
    def settles(self) -> bool:
        """Whether any of them does."""
        return any(meaning in _SETTLING for meaning in self.meanings)


class KindTable:
    """By the settings' ``types`` of events and those that say that something is ``bought``."""

    def __init__(self, types: Mapping[str, EventType], bought: Collection[str]) -> None:
        self._types, self._bought = types, bought
        self._found: dict[tuple[str, ...], Kinds] = {}

    def of(self, names: list[str]) -> Kinds:
        """Of a frame's kinds."""
        key = tuple(names)
        if key not in self._found:
            if len(self._found) >= MOST:
                self._found.clear()
            self._found[key] = self._made(key)
        return self._found[key]

    def _made(self, names: tuple[str, ...]) -> Kinds:
        types = [self._types.get(name) for name in names]
        meanings = [one.meaning if one else Meaning.NOTE for one in types]
        weights = [one.weight if one and one.meaning in _MOVING else 0.0 for one in types]
        return Kinds(
            np.array(weights, dtype=np.float64),
            meanings,
            np.array([_SETTLING.get(meaning, NOT_SETTLING) for meaning in meanings], dtype=np.int32),
            np.array([name in self._bought for name in names], dtype=np.bool_),
        )
