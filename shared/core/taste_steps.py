"""What users took after what: the sequences that vectors of items are learned from."""

from dataclasses import dataclass

import numpy as np

from shared.contracts.frames import NONE, Frame
from shared.core.kernel import Flags, Floats, Ints
from shared.core.profile_state import ProfileState

MOST_STEPS = 512
"""Of a frame; the first ones."""


@dataclass(frozen=True)
class Sequences:
    """``items``: names, each once. Into them point ``sequence`` int32, user after user, oldest first: of each
    ``lengths`` int32[users] items those before the last ``steps`` int32[users] are the history before the frame.
    """

    items: list[str]
    lengths: Ints
    steps: Ints
    sequence: Ints


def sequences(frame: Frame, fresh: Flags, weights: Floats, state: ProfileState, most: int) -> Sequences:
    """Of the users of a frame that is not applied yet: the newest ``most`` items of their history, then what they met
    in it. ``weights``: by kind index. O(rows + users · most).
    """
    users, items = frame.column("user"), frame.column("item")
    rows = np.flatnonzero(fresh & (users != NONE) & (items != NONE) & (weights[frame.column("kind")] > 0))[:MOST_STEPS]
    met: dict[int, list[int]] = {}
    for user, item in zip(users[rows].tolist(), items[rows].tolist(), strict=True):
        met.setdefault(user, []).append(item)
    numbers: dict[str, int] = {}
    lengths, steps, sequence = list[int](), list[int](), list[int]()
    known = state.users.find_keyed(frame.users.keys[np.array(list(met), dtype=np.int64)])
    for slot, own in zip(known.tolist(), met.values(), strict=True):
        names = [*_past(slot, state, most), *(frame.items[item] for item in own)]
        sequence += [numbers.setdefault(name, len(numbers)) for name in names]
        lengths.append(len(names))
        steps.append(len(own))
    columns = (np.array(column, dtype=np.int32) for column in (lengths, steps, sequence))
    return Sequences(list(numbers), *columns)


def _past(slot: int, state: ProfileState, most: int) -> list[str]:
    if slot < 0:
        return []
    items = state.histories.of(slot, "item")
    return [state.items.names[item] for item in items[max(0, len(items) - most) :].tolist()]
