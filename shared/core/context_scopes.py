"""Under which values of its context an event counts, beside the whole shop."""

from typing import NamedTuple

import msgspec
import numpy as np

from shared.contracts.events import Scalar
from shared.contracts.frames import NONE, Frame
from shared.contracts.views import context_scope
from shared.core.kernel import Floats, Ints, Longs
from shared.core.profile_rows import Learned


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
    """A row's counts in the order of rows, then of fields. A frame without contexts costs nothing; else each distinct
    context that counts is decoded once.
    """
    if not (frame.contexts and fields):
        return UNSCOPED
    context = frame.column("context")[learned.count_row]
    told = np.flatnonzero(context != NONE)
    context = context[told]
    numbers: dict[str, int] = {}
    table = np.full((len(frame.contexts), len(fields)), NONE, dtype=np.int32)
    for place in np.unique(context).tolist():
        said = _CONTEXT.decode(frame.contexts[place])
        for n, field in enumerate(fields):
            if (value := said.get(field)) not in {None, ""}:
                table[place, n] = numbers.setdefault(context_scope(field, value), len(numbers))
    scopes = table[context]
    row, column = np.nonzero(scopes != NONE)
    rows = told[row]
    counted = learned.count_item[rows], learned.count_weight[rows], learned.count_ts[rows]
    return Scoped(list(numbers), scopes[row, column], *counted)
