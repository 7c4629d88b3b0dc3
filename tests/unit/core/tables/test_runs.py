"""Rows of different lengths beside plain lists."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.kernel import Ints
from shared.core.profiles.history import Histories, insert
from shared.core.tables.runs import FIRST_PLACES, FIRST_ROOM, Runs, room_for, wider

ROWS = 6
steps = st.lists(st.one_of(st.integers(0, ROWS - 1), st.integers(-ROWS, -1), st.just("together")), max_size=60)


def made(most: int) -> Runs:
    return Runs(ROWS, most, item=np.int32, ts=np.int64)


def append(runs: Runs, row: int, value: int) -> None:
    runs.make_room()
    arrays = Histories(runs.places, runs.columns["item"], runs.columns["ts"])
    insert(arrays, row, value, value, min(int(runs.entered[row]), runs.most), -1)


def held(runs: Runs) -> list[list[int]]:
    assert all(runs.of(row, "item").tolist() == runs.of(row, "ts").tolist() for row in range(ROWS))
    return [runs.of(row, "ts").tolist() for row in range(ROWS)]


@given(steps=steps, most=st.integers(1, 30))
def test_they_hold_what_lists_hold_wherever_they_stand(steps: list[int | str], most: int) -> None:
    runs, twin = made(most), [list[int]() for _ in range(ROWS)]
    for value, step in enumerate(steps):
        if isinstance(step, str):
            runs.make_room(runs.capacity)
        elif step < 0:
            runs.clear(np.array([step + ROWS], dtype=np.int32))
            twin[step + ROWS] = []
        else:
            append(runs, step, value)
            twin[step] = [*twin[step], value][-most:]
    assert held(runs) == twin
    back = made(most)
    back.put(0, runs.entered[:2], runs.take(slice(0, 2)))
    back.put(2, runs.entered[2:], runs.take(slice(2, ROWS)))
    assert held(back) == twin


@pytest.mark.parametrize("most", [1, 2, 4, 5, 32, 40, 1000])
def test_room_widens_to_the_bound_and_no_further(most: int) -> None:
    rooms = [0]
    while rooms[-1] < most:
        rooms.append(wider(rooms[-1], most))
    assert rooms[-1] == most
    assert all(before < after <= max(FIRST_ROOM, 2 * before) + FIRST_ROOM for before, after in pairwise(rooms))
    entered: Ints = np.arange(most + 1, dtype=np.int32)
    assert all(room in rooms for room in room_for(entered, most).tolist())
    assert (room_for(entered, most) >= entered).all()


def test_what_rows_leave_behind_is_used_again() -> None:
    runs = made(40)
    for value in range(20_000):
        append(runs, value % ROWS, value)
        if value % 100 == 99:
            runs.clear(np.array([value // 100 % ROWS], dtype=np.int32))
    assert runs.capacity <= 2 * FIRST_PLACES
    assert held(runs)[0]
