"""Skips a record at which workers end: written down where every worker and the oracle read it."""

from collections.abc import Callable

from shared.adapters.redis_views import SOON, ViewStore
from shared.adapters.skip_log import write_skip
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import Settings
from shared.contracts.skips import MOST_CRASHES, SKIP_VERSION, Skip, decode_crashes
from shared.contracts.topics import partition_counts, topic_name
from shared.contracts.views import Keys


class NotSkipped(HeadraceError):  # noqa: N818 - what it is, said as one
    """That record stands in nobody's way: to leave it out would part what is applied from what is in the log."""


def skip(settings: Settings, topic: str, partition: int, offset: int, why: str, clock: Callable[[], int]) -> None:
    """``topic``: its short name. ``clock``: epoch ms. :class:`NotSkipped` unless workers gave up at that record."""
    counts = partition_counts(settings)
    if topic not in counts or not 0 <= partition < counts[topic]:
        places = ", ".join(f"{name} 0 to {count - 1}" for name, count in counts.items())
        raise NotSkipped(f"there is no {topic}/{partition}: workers fold {places}")
    name = topic_name(settings, topic)
    views, key = ViewStore(settings, retries=SOON), Keys(settings).crashes(name, partition)
    [raw] = views.read([key])
    ended_at, times = decode_crashes(raw)
    if ended_at != offset or times < MOST_CRASHES:
        known = f"they ended at {ended_at}, {times} times" if times else "none has ended there within a day"
        raise NotSkipped(f"{name}/{partition}: workers did not give up at record {offset}; {known}")
    write_skip(settings, Skip(SKIP_VERSION, name, partition, offset, why, clock()))
    views.erase([key])
    views.close()
