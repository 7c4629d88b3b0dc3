"""Within which scopes an event counts beside the whole shop: values of its context, its hour, segments of its user."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from shared.contracts.events import Scalar
from shared.contracts.frames import NONE, Frame
from shared.contracts.sections import HOUR_MS
from shared.contracts.views import HOUR, context_scope
from shared.core.kernel import Floats, Ints, Longs
from shared.core.profiles.profile_rows import Learned
from shared.core.profiles.told import NOTHING_TOLD, Told


class Scoped(NamedTuple):
    """Counts within scopes, columns of one length: places in ``names``, item slots, weights, event times."""

    names: list[str]
    scope: Ints
    item: Ints
    weight: Floats
    ts: Longs


UNSCOPED = Scoped([], np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0), np.empty(0, np.int64))
_CONTEXT = msgspec.json.Decoder(dict[str, Scalar])


def context_counts(frame: Frame, learned: Learned, fields: list[str]) -> Scoped:
    """A row's counts in the order of rows, then of fields. A frame without contexts costs nothing but its hours; else
    each distinct context that counts is decoded once.
    """
    if not (fields and (frame.contexts or HOUR in fields)):
        return UNSCOPED
    numbers: dict[str, int] = {}
    scopes = _told(frame, learned, fields, numbers)
    if HOUR in fields:
        _add_hours(scopes[:, fields.index(HOUR)], learned.count_ts, numbers)
    return _scoped(list(numbers), scopes, np.arange(len(scopes)), learned)


def hour_of(ts: int) -> int:
    """The hour of the day (UTC) of a time in epoch ms."""
    return ts // HOUR_MS % 24


def _told(frame: Frame, learned: Learned, fields: list[str], numbers: dict[str, int]) -> Ints:
    """int32[counts, fields]: what the counts' contexts say, in ``numbers``."""
    context = frame.column("context")[learned.count_row]
    table = np.full((len(frame.contexts) + 1, len(fields)), NONE, dtype=np.int32)  # the last row: of no context
    for place in np.unique(context[context != NONE]).tolist():
        said = _CONTEXT.decode(frame.contexts[place])
        for n, field in enumerate(fields):
            if (value := said.get(field)) not in {None, ""}:
                table[place, n] = numbers.setdefault(context_scope(field, value), len(numbers))
    told: Ints = table[context]
    return told


def _add_hours(scopes: Ints, times: Longs, numbers: dict[str, int]) -> None:
    """Where the context names no hour, that of the time."""
    silent = np.flatnonzero(scopes == NONE)
    hours, back = np.unique(times[silent] // HOUR_MS % 24, return_inverse=True)
    known = [numbers.setdefault(context_scope(HOUR, hour), len(numbers)) for hour in hours.tolist()]
    scopes[silent] = np.array(known, dtype=np.int32)[back]


def segment_counts(users: Ints, told: Mapping[int, Told], learned: Learned) -> Scoped:
    """``users``: slots, one per count of ``learned``; what they ``told``. A row's counts in the order of its user's
    segments. O(counts · log) if anybody told anything.
    """
    if not (told and len(users)):
        return UNSCOPED
    unique, back = np.unique(users, return_inverse=True)
    segments = [told.get(user, NOTHING_TOLD).segments for user in unique.tolist()]
    numbers: dict[str, int] = {}
    table = np.full((len(unique), max(map(len, segments))), NONE, dtype=np.int32)
    for user, names in enumerate(segments):
        table[user, : len(names)] = [numbers.setdefault(name, len(numbers)) for name in names]
    return _scoped(list(numbers), table[back], np.arange(len(users)), learned)


def joined(parts: Sequence[Scoped]) -> Scoped:
    """One after the other."""
    filled = [part for part in parts if len(part.item)]
    if len(filled) < 2:
        return filled[0] if filled else UNSCOPED
    numbers: dict[str, int] = {}
    tables = [[numbers.setdefault(name, len(numbers)) for name in part.names] for part in filled]
    scopes = [np.array(table, dtype=np.int32)[part.scope] for table, part in zip(tables, filled, strict=True)]
    columns = (np.concatenate([getattr(part, name) for part in filled]) for name in ("item", "weight", "ts"))
    return Scoped(list(numbers), np.concatenate(scopes), *columns)


def _scoped(names: list[str], scopes: Ints, rows: Longs, learned: Learned) -> Scoped:
    """``scopes`` int32[rows, most], :data:`NONE` for none: of these of the counts."""
    row, column = np.nonzero(scopes != NONE)
    counts = rows[row]
    counted = learned.count_item[counts], learned.count_weight[counts], learned.count_ts[counts]
    return Scoped(names, scopes[row, column], *counted)
