"""Has every view published anew: the workers' markers that say "all stands" are taken away, and come back."""

import time
from collections.abc import Callable

from shared.adapters.kafka_lag import LagReader
from shared.adapters.redis_views import ViewStore, need_redis
from shared.contracts.errors import Unavailable
from shared.contracts.settings import Settings
from shared.contracts.topics import BATCH_LIST, EXAMPLES, FRAMES, ITEM_DELTAS, TOPS, partition_counts, topic_name
from shared.contracts.views import Keys, standing_in

LOOK_S = 0.2
STAGES = ((ITEM_DELTAS, EXAMPLES, BATCH_LIST), (TOPS,), (FRAMES,))
"""In the order in which views are made from one another: tops from what items partitions say, lists from all."""


def markers_of(settings: Settings) -> list[str]:
    """A key per partition that workers hold; it stands while all views of the partition do."""
    return [marker for stage in STAGES for marker in _markers(settings, stage)]


def all_stand(views: ViewStore, settings: Settings) -> bool:
    """Whether nothing that was published is missing, and nothing is left to be."""
    return not missing(views, markers_of(settings))


def missing(views: ViewStore, markers: list[str]) -> list[str]:
    """Those of the markers that do not stand. One that another server wrote came with its file, which may be of any
    age: workers are about to publish all of it again.
    """
    stands = standing_in(views.run_id())
    return [name for name, mark in zip(markers, views.read(markers), strict=True) if mark != stands]


def _markers(settings: Settings, topics: tuple[str, ...]) -> list[str]:
    counts, keys = partition_counts(settings), Keys(settings)
    return [keys.published(topic_name(settings, topic), n) for topic in topics for n in range(counts[topic])]


def refresh(settings: Settings, patience_s: float, progress: Callable[[int], None]) -> None:
    """Returns when every partition's views were published again; ``progress`` hears how many more are.

    Stage by stage, so that each is made from what will stand. :class:`Unavailable` if no partition is done within
    ``patience_s``: no worker has it.
    """
    need_redis(settings)
    views, lag = ViewStore(settings), LagReader(settings)
    try:
        for stage in STAGES:
            _wait_for_tops(lag, settings, patience_s)
            _publish_again(views, _markers(settings, stage), patience_s, progress)
    finally:
        lag.close()
        views.close()


def _publish_again(views: ViewStore, markers: list[str], patience_s: float, progress: Callable[[int], None]) -> None:
    """A publication that is under way begins anew, too: it may not be all of the present."""
    views.erase(markers)
    _wait_for(views, markers, patience_s, progress)


def _wait_for(views: ViewStore, markers: list[str], patience_s: float, progress: Callable[[int], None]) -> None:
    """Until all of them stand."""
    done, deadline = 0, time.monotonic() + patience_s
    while waiting := missing(views, markers):
        if (more := len(markers) - len(waiting) - done) > 0:
            progress(more)
            done, deadline = done + more, time.monotonic() + patience_s
        if time.monotonic() > deadline:
            raise Unavailable(
                f"not published again within {patience_s:.0f} s: {', '.join(waiting)}; does a worker run?"
            )
        time.sleep(LOOK_S)
    progress(len(markers) - done)


def _wait_for_tops(lag: LagReader, settings: Settings, patience_s: float) -> None:
    """Until what items partitions said of their tops is applied."""
    topic, deadline = topic_name(settings, TOPS), time.monotonic() + patience_s
    while any(part.records_behind for part in lag.read(None) if part.topic == topic):
        if time.monotonic() > deadline:
            raise Unavailable(f"{topic} is still behind after {patience_s:.0f} s; does a worker run?")
        time.sleep(LOOK_S)
