"""Events of a log as a frame, straight from its columns: as a frame builder would have packed them one by one."""

from collections.abc import Sequence

import numpy as np

from services.evaluate.event_log import EventLog
from shared.contracts.frames import COLUMNS, FRAME_VERSION, Frame
from shared.core.arithmetic.digests import digests
from shared.core.frames.framing import nothing
from shared.core.kernel import Ints
from shared.core.texts.carried_ids import ids_of

EMPTY = ("session", "context", "rec", "record")
"""Columns that point at nothing."""


class LogFrames:
    """Of one log."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._users, self._items = digests(log.users), digests(log.items)

    def frame_of(self, events: Sequence[int]) -> Frame:
        """What the steps take of an event: when who did what with which item. Its topic is its type, its offset its
        place in the log. O(events), whatever the log.
        """
        log, at, n = self._log, np.array(events, dtype=np.int64), len(events)
        kinds, kind = _first_uses(log.kind[at])
        users, user = _first_uses(log.user[at])
        items, item = _first_uses(log.item[at])
        none, nowhere, ts, named = nothing(n), bytes(8 * n), log.ts[at], _named(log.kinds, kinds)
        held = {
            "source": kind, "source_offset": at, "arrived": ts, "kind": kind, "user": user, "item": item, "ts": ts,
            "value": log.value[at],
        }  # fmt: skip
        columns = {name: np.asarray(column, dtype=COLUMNS[name]).tobytes() for name, column in held.items()}
        columns |= {"source_partition": nowhere[: 4 * n], "key": nowhere, **dict.fromkeys(EMPTY, none)}
        return Frame(
            v=FRAME_VERSION, n=n, sources=named, kinds=named, sessions=[], contexts=[], recs=[], records=[],
            users=ids_of(_named(log.users, users), self._users[users]),
            items=ids_of(_named(log.items, items), self._items[items]), columns=columns,
        )  # fmt: skip


def _first_uses(column: Ints) -> tuple[list[int], list[int]]:
    """The numbers that a short column uses, by first use; the column in places of these."""
    numbers = column.tolist()
    place = {number: n for n, number in enumerate(dict.fromkeys(numbers))}
    return list(place), [place[number] for number in numbers]


def _named(names: Sequence[str], numbers: Sequence[int]) -> list[str]:
    return [names[number] for number in numbers]
