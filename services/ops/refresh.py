"""Has every view published anew: the workers' markers that say "all stands" are taken away, and come back."""

import time
from collections.abc import Callable

from shared.adapters.redis_views import ViewStore
from shared.contracts.errors import Unavailable
from shared.contracts.settings import Settings
from shared.contracts.topics import partition_counts, topic_name
from shared.contracts.views import Keys

LOOK_S = 0.2


def markers_of(settings: Settings) -> list[str]:
    """A key per partition that workers hold; it stands while all views of the partition do."""
    counts, keys = partition_counts(settings), Keys(settings)
    return [keys.published(topic_name(settings, topic), n) for topic, count in counts.items() for n in range(count)]


def refresh(settings: Settings, patience_s: float, progress: Callable[[int], None]) -> None:
    """Returns when every partition's views were published again; ``progress`` hears how many more are.

    :class:`Unavailable` if no partition is done within ``patience_s``: no worker has it.
    """
    views, markers = ViewStore(settings.redis), markers_of(settings)
    views.delete(markers)
    done, deadline = 0, time.monotonic() + patience_s
    while waiting := [name for name, mark in zip(markers, views.read(markers), strict=True) if mark is None]:
        if (more := len(markers) - len(waiting) - done) > 0:
            progress(more)
            done, deadline = done + more, time.monotonic() + patience_s
        if time.monotonic() > deadline:
            raise Unavailable(
                f"not published again within {patience_s:.0f} s: {', '.join(waiting)}; does a worker run?"
            )
        time.sleep(LOOK_S)
    progress(len(markers) - done)
    views.close()
