"""Rows of different lengths in flat arrays, one per item."""

import numpy as np

from services.evaluate.event_log import EventLog
from shared.core.kernel import Longs


def row_starts(log: EventLog, per_event: int, most: int) -> Longs:
    """Where each item's row starts, int64[items + 1]: ``per_event`` places for each event that the item will have, at
    most ``most``. Only this much is taken from the future, so that rare items take no room.
    """
    events = np.bincount(log.item, minlength=len(log.items))
    return np.concatenate([[0], np.cumsum(np.minimum(events * per_event, most))]).astype(np.int64)
