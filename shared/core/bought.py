"""What users buy beside what they have: pairs for the items, counted apart from those of histories."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from shared.core.profile_rows import Learned
from shared.core.profile_state import OWNED, Had


@dataclass
class BoughtPairs:
    """Of one frame, in the order of its events; columns as a delta has them."""

    row: list[int] = field(default_factory=list)
    other: list[int] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)
    gap: list[int] = field(default_factory=list)
    ts: list[int] = field(default_factory=list)

    def pair_up(self, had: dict[int, Had], item: int, ts: int, weight: float, most: int) -> None:
        """The item is bought by who ``had`` this: both directions. Gaps are below 0 both ways: what belongs together
        follows neither from the other.
        """
        for steps, other in enumerate(taken_since(had, item, most), 1):
            later = max(ts, had[other].last)
            self.row += (item, other)
            self.other += (other, item)
            self.weight += (weight, weight)
            self.gap += (-steps, -steps)
            self.ts += (later, later)


def taken_since(had: dict[int, Had], item: int, most: int) -> list[int]:
    """At most ``most`` items that a user took after they took this one last, the newest first. O(had)."""
    found: list[int] = []
    for other, held in reversed(had.items()):
        if other == item or len(found) == most:
            break
        if held.how == OWNED:
            found.append(other)
    return found


def with_bought(learned: Learned, pairs: BoughtPairs) -> Learned:
    """What the items are to learn, these pairs last."""
    if not pairs.row:
        return learned
    return replace(
        learned,
        pair_row=_longer(learned.pair_row, pairs.row),
        pair_other=_longer(learned.pair_other, pairs.other),
        pair_weight=_longer(learned.pair_weight, pairs.weight),
        pair_gap=_longer(learned.pair_gap, pairs.gap),
        pair_ts=_longer(learned.pair_ts, pairs.ts),
        bought=len(pairs.row),
    )


def _longer(column: np.ndarray, more: Sequence[float]) -> np.ndarray:
    return np.concatenate([column, np.array(more, dtype=column.dtype)])
