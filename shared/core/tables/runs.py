"""Rows of different lengths in one flat array per column: each has room for little more than it holds.

A row that is full moves to more room at the end; what it leaves stays unused until the arrays are full, then all rows
move together into new ones (:meth:`Runs.make_room`). Where a row stands says nothing about what it holds, and is not
saved with it.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from shared.core.kernel import Ints, Longs, kernel, making_kernel
from shared.core.tables.interning import grown

FIRST_ROOM = 2
FIRST_PLACES = 4096
Column = npt.NDArray[Any]


class Places(NamedTuple):
    """By row: ``start`` and ``room``, the places that are its own; ``entered``, how many entries were put into it, of
    which it holds no more than ``most``. ``end`` int64[1]: what is in use of the columns.
    """

    start: Longs
    room: Ints
    entered: Ints
    end: Longs
    most: int


class Runs:
    """``rows`` rows of at most ``most`` entries; ``columns`` by name, flat: row r's begin at ``start[r]``."""

    def __init__(self, rows: int, most: int, **kinds: npt.DTypeLike) -> None:
        self.most = most
        self.start: Longs = np.zeros(rows, dtype=np.int64)
        self.room: Ints = np.zeros(rows, dtype=np.int32)
        self.entered: Ints = np.zeros(rows, dtype=np.int32)
        self.columns: dict[str, Column] = {name: np.empty(FIRST_PLACES + most, kind) for name, kind in kinds.items()}
        self._end: Longs = np.zeros(1, dtype=np.int64)

    @property
    def places(self) -> Places:
        """For kernels; no longer true after :meth:`grow`."""
        return Places(self.start, self.room, self.entered, self._end, self.most)

    @property
    def capacity(self) -> int:
        """Places that there are."""
        return len(next(iter(self.columns.values())))

    def grow(self, rows: int) -> None:
        """So many rows; those that are new hold nothing."""
        self.start, self.room, self.entered = (grown(column, rows) for column in (self.start, self.room, self.entered))

    def of(self, row: int, name: str) -> Column:
        """What the row holds in a column, in the order of its places; a view. O(1)."""
        start = int(self.start[row])
        return self.columns[name][start : start + min(int(self.entered[row]), self.most)]

    def clear(self, rows: Ints) -> None:
        """They hold nothing, and have no room."""
        self.entered[rows] = 0
        self.room[rows] = 0

    def make_room(self, more: int = 0) -> None:
        """Unless there are places for the fullest row, and for ``more``, all move together, in the order of rows, where
        a quarter more is free than they have. O(places), amortised O(1) per place that is taken.
        """
        if self.capacity - int(self._end[0]) >= max(more, self.most):
            return
        own = int(self.room.sum(dtype=np.int64))
        capacity = own + max(own // 4, FIRST_PLACES) + max(more, self.most)
        begins = np.cumsum(self.room, dtype=np.int64) - self.room
        for name, column in self.columns.items():
            self.columns[name] = into = np.empty(capacity, dtype=column.dtype)
            move_all(self.places, begins, column, into)
        self.start, self._end = begins, np.array([own], dtype=np.int64)

    def take(self, rows: slice) -> dict[str, Column]:
        """The columns of these rows, what they hold one after the other."""
        held = np.minimum(self.entered[rows], self.most)
        taken = {}
        for name, column in self.columns.items():
            taken[name] = np.empty(int(held.sum(dtype=np.int64)), dtype=column.dtype)
            gather(self.start[rows], held, column, taken[name])
        return taken

    def put(self, first: int, entered: Ints, columns: dict[str, Column]) -> None:
        """What was taken of rows from ``first`` on, which hold nothing yet; ``entered`` is theirs."""
        rows = slice(first, first + len(entered))
        held = np.minimum(entered, self.most)
        room = room_for(held, self.most)
        self.make_room(int(room.sum(dtype=np.int64)))
        begin = int(self._end[0])
        self.start[rows], self.room[rows], self.entered[rows] = begin + np.cumsum(room) - room, room, entered
        self._end[0] += room.sum(dtype=np.int64)
        for name, column in columns.items():
            scatter(self.start[rows], held, column, self.columns[name])


@kernel
def wider(room: int, most: int) -> int:
    """The room after ``room``: half as much more, in steps of :data:`FIRST_ROOM`."""
    more = room + max(FIRST_ROOM, room // 2 // FIRST_ROOM * FIRST_ROOM)
    return most if more + FIRST_ROOM >= most else more


@making_kernel
def room_for(held: Ints, most: int) -> Ints:
    """By row, the least room that it would have come to by holding so many, one more at a time."""
    rooms = np.zeros(len(held), dtype=np.int32)
    for row in range(len(held)):
        while rooms[row] < held[row]:
            rooms[row] = wider(rooms[row], most)
    return rooms


@kernel
def is_short(places: Places, capacity: int) -> bool:
    """Whether a row may want more room than is free."""
    return bool(places.end[0] + places.most > capacity)


@kernel
def widen(places: Places, row: int) -> int:
    """The row's places are wider ones at the end, for which there must be room; returns where it began."""
    before = places.start[row]
    places.start[row] = places.end[0]
    places.room[row] = wider(places.room[row], places.most)
    places.end[0] += places.room[row]
    return int(before)


@kernel
def copy_entries(column: Column, begin: int, into: Column, at: int, many: int) -> None:
    """Within a column or from one to another."""
    for place in range(many):
        into[at + place] = column[begin + place]


@kernel
def open_up(column: Column, begin: int, end: int) -> None:
    """What stands from ``begin`` to before ``end`` moves on by one place."""
    for place in range(end, begin, -1):
        column[place] = column[place - 1]


@kernel
def close_up(column: Column, begin: int, end: int) -> None:
    """What stands after ``begin`` up to ``end`` moves back by one place."""
    for place in range(begin, end):
        column[place] = column[place + 1]


@kernel
def move_all(places: Places, begins: Longs, column: Column, into: Column) -> None:
    """What each row holds, to where it is to begin."""
    for row in range(len(begins)):
        held = min(places.entered[row], places.most)
        copy_entries(column, places.start[row], into, begins[row], held)


@kernel
def gather(start: Longs, held: Ints, column: Column, into: Column) -> None:
    """Rows out of the column, one after the other."""
    at = 0
    for row in range(len(held)):
        copy_entries(column, start[row], into, at, held[row])
        at += held[row]


@kernel
def scatter(start: Longs, held: Ints, column: Column, into: Column) -> None:
    """The way back."""
    at = 0
    for row in range(len(held)):
        copy_entries(column, at, into, start[row], held[row])
        at += held[row]
