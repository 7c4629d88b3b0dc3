"""What users took after what, beside the same told in plain Python."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.frames import NONE, Frame, rows
from shared.core.kernel import Flags
from shared.core.profiles.profiles import Profiles
from shared.core.profiles.taste_steps import MOST_STEPS, Sequences, numbered
from tests.unit.core.frame_rows import Row, frame_of
from tests.unit.core.sequences import ROOMY, TIGHT, frames

Told = list[tuple[list[str], list[str]]]


def told(met: Sequences) -> Told:
    """Of each user: the history, then what was met."""
    names, at, found = list(met.items), 0, []
    for length, steps in zip(met.lengths.tolist(), met.steps.tolist(), strict=True):
        own = [names[item] for item in met.sequence[at : at + length].tolist()]
        found.append((own[: length - steps], own[length - steps :]))
        at += length
    assert at == len(met.sequence)
    return found


def plainly(step: Profiles, frame: Frame, fresh: Flags, most: int) -> tuple[list[str], Told]:
    """The same row by row, and the names in the order of their first use."""
    met: dict[str, list[str]] = {}
    counted = 0
    for row, new in zip(rows(frame), fresh.tolist(), strict=True):
        kind = ROOMY.events.types.get(str(row["kind"]))
        moves = kind is not None and kind.meaning in {"interest", "own"} and kind.weight > 0
        if new and moves and row["user"] is not None and row["item"] is not None and counted < MOST_STEPS:
            met.setdefault(str(row["user"]), []).append(str(row["item"]))
            counted += 1
    state = step.state
    found = []
    for user, items in met.items():
        slot = state.users.slots.get(user, NONE)
        past = [] if slot == NONE else [state.items.names[n] for n in state.histories.of(slot, "item").tolist()]
        found.append((past[max(0, len(past) - most) :], items))
    return list(dict.fromkeys(name for past, new in found for name in [*past, *new])), found


def test_a_history_and_then_what_was_met() -> None:
    step = Profiles(ROOMY, 0)
    step.step(0, frame_of([Row("u", "a", 1), Row("v", "b", 1), Row("u", "c", 2), Row("u", "d", 3)]))
    frame = frame_of([Row("v", "a", 4), Row("u", "b", 4), Row("w", "x", 4), Row("v", "y", 5)], first_offset=100)
    met = step.sequences(frame, 2)
    assert told(met) == [(["b"], ["a", "y"]), (["c", "d"], ["b"]), ([], ["x"])]
    assert list(met.items) == ["b", "a", "y", "c", "d", "x"]
    assert told(step.sequences(frame_of([Row("u", None, 9, "search")], first_offset=200), 2)) == []


def test_no_more_steps_than_so_many() -> None:
    frame = frame_of([Row(f"u{n % 7}", f"i{n}", n) for n in range(MOST_STEPS + 50)])
    assert Profiles(ROOMY, 0).sequences(frame, 40).steps.sum() == MOST_STEPS


@settings(max_examples=100)
@given(frames, st.booleans(), st.integers(1, 5))
def test_they_are_what_plain_python_finds(made: list[list[Row]], tight: bool, most: int) -> None:
    step = Profiles(TIGHT if tight else ROOMY, 0)
    for offset, part in enumerate(made):
        frame = frame_of(part, first_offset=5 * offset)  # some come again
        fresh, _ = step._fresh_rows(frame)
        met = step.sequences(frame, most)
        assert (list(met.items), told(met)) == plainly(step, frame, fresh, most)
        step.step(offset, frame)


@given(st.lists(st.one_of(st.integers(0, 9), st.integers(0, 2**64 - 1)), max_size=200))
def test_digests_are_numbered_in_the_order_of_their_first_use(keys: list[int]) -> None:
    numbers, firsts = numbered(np.array(keys, dtype=np.uint64))
    distinct = list(dict.fromkeys(keys))
    assert numbers.tolist() == [distinct.index(key) for key in keys]
    assert firsts.tolist() == [keys.index(key) for key in distinct]
