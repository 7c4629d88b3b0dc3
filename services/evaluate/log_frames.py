"""Events of a log as a frame, straight from its columns: as a frame builder would have packed them one by one."""

from collections.abc import Sequence

import numpy as np

from services.evaluate.event_log import EventLog
from shared.contracts.frames import COLUMNS, FRAME_VERSION, Frame
from shared.core.framing import nothing
from shared.core.kernel import Ints

EMPTY = ("session", "context", "rec", "record")
"""Columns that point at nothing."""


def frame_of(log: EventLog, events: Sequence[int]) -> Frame:
    """What the steps take of an event: when who did what with which item. Its topic is its type, its offset its place
    in the log. O(events), whatever the log.
    """
    at, n = np.array(events, dtype=np.int64), len(events)
    kinds, kind = _first_uses(log.kind[at], log.kinds)
    users, user = _first_uses(log.user[at], log.users)
    items, item = _first_uses(log.item[at], log.items)
    none, nowhere, ts = nothing(n), bytes(8 * n), log.ts[at]
    held = {
        "source": kind, "source_offset": at, "arrived": ts, "kind": kind, "user": user, "item": item, "ts": ts,
        "value": log.value[at],
    }  # fmt: skip
    columns = {name: np.asarray(column, dtype=COLUMNS[name]).tobytes() for name, column in held.items()}
    columns |= {"source_partition": nowhere[: 4 * n], "key": nowhere, **dict.fromkeys(EMPTY, none)}
    return Frame(
        v=FRAME_VERSION, n=n, sources=list(kinds), kinds=kinds, users=users, items=items, sessions=[], contexts=[],
        recs=[], records=[], columns=columns,
    )  # fmt: skip


def _first_uses(column: Ints, names: Sequence[str]) -> tuple[list[str], list[int]]:
    """The names that a short column uses, by first use; the column in places of these."""
    numbers = column.tolist()
    place = {number: n for n, number in enumerate(dict.fromkeys(numbers))}
    return [names[number] for number in place], [place[number] for number in numbers]
