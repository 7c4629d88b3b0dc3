"""What users took after what: the sequences that vectors of items are learned from."""

from dataclasses import dataclass

import numpy as np

from shared.contracts.frames import NONE, Frame
from shared.contracts.ids import Ids
from shared.core.frames.frame_slots import first_uses
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, making_kernel
from shared.core.profiles.profile_state import ProfileState
from shared.core.tables.slot_index import FREE, place_with
from shared.core.texts.carried_ids import ids_of

MOST_STEPS = 512
"""Of a frame; the first ones."""


@dataclass(frozen=True)
class Sequences:
    """``items``: ids, each once. Into them point ``sequence`` int32, user after user, oldest first: of each
    ``lengths`` int32[users] items those before the last ``steps`` int32[users] are the history before the frame.
    """

    items: Ids
    lengths: Ints
    steps: Ints
    sequence: Ints


def sequences(frame: Frame, fresh: Flags, weights: Floats, state: ProfileState, most: int) -> Sequences:
    """Of the users of a frame that is not applied yet, in the order of their first rows: the newest ``most`` items of
    their history, then what they met in it. ``weights``: by kind index. Items are named in the order of their first
    use. O(rows + users · most).
    """
    users, items = frame.column("user"), frame.column("item")
    rows = np.flatnonzero(fresh & (users != NONE) & (items != NONE) & (weights[frame.column("kind")] > 0))[:MOST_STEPS]
    order = first_uses(users[rows], len(frame.users))
    slots = state.users.find_keyed(frame.users.keys[order])
    places, known, _ = state.history_arrays
    lengths, steps, met = follow(
        users[rows], items[rows], order, slots, places.start, places.entered, places.most, known, most, len(frame.users)
    )
    keys = np.empty(len(met), dtype=np.uint64)
    past = met >= 0
    keys[past], keys[~past] = state.items.keys[met[past]], frame.items.keys[-1 - met[~past]]
    sequence, firsts = numbered(keys)
    names = [state.items.names[one] if one >= 0 else frame.items[-1 - one] for one in met[firsts].tolist()]
    return Sequences(ids_of(names, keys[firsts]), lengths, steps, sequence)


@making_kernel
def follow(
    users: Ints,
    items: Ints,
    order: Ints,
    slots: Ints,
    start: Longs,
    entered: Ints,
    bound: int,
    known: Ints,
    most: int,
    many: int,
) -> tuple[Ints, Ints, Longs]:
    """Lengths and steps by user, and what each met: a slot of the state, or -1 - n of the frame's item n. ``order``:
    the users in turn, numbers below ``many``, whose ``slots`` (-1: none) have a history.
    """
    steps, at = np.zeros(many, dtype=np.int32), np.zeros(many, dtype=np.int64)
    for user in users:
        steps[user] += 1
    lengths, total = np.empty(len(order), dtype=np.int32), 0
    for n in range(len(order)):
        past = min(entered[slots[n]], bound, most) if slots[n] >= 0 else 0
        lengths[n] = past + steps[order[n]]
        at[order[n]] = total + past
        total += lengths[n]
    met = np.empty(total, dtype=np.int64)
    for n in range(len(order)):
        past = lengths[n] - steps[order[n]]
        if past > 0:
            first = start[slots[n]] + min(entered[slots[n]], bound) - past
            put = at[order[n]] - past
            met[put : put + past] = known[first : first + past]
    for row in range(len(users)):
        met[at[users[row]]] = -1 - items[row]
        at[users[row]] += 1
    return lengths, steps[order], met


@making_kernel
def numbered(keys: Keys) -> tuple[Ints, Longs]:
    """Each digest's number among the distinct ones, and where each of these stands first. O(keys)."""
    size = 64
    while size < 2 * len(keys):
        size *= 2
    table, distinct = np.full(size, FREE, dtype=np.int32), np.empty(len(keys), dtype=np.uint64)
    numbers, firsts, found = np.empty(len(keys), dtype=np.int32), np.empty(len(keys), dtype=np.int64), 0
    for n in range(len(keys)):
        place = place_with(keys[n], distinct, table)
        if table[place] == FREE:
            table[place], distinct[found], firsts[found] = found, keys[n], n
            found += 1
        numbers[n] = table[place]
    return numbers, firsts[:found]
