"""Which rows of a frame are new: those beyond the watermark of their raw partition."""

from collections.abc import Mapping

import numpy as np

from shared.contracts.frames import Frame
from shared.core.kernel import Flags, Ints, Longs, kernel, making_kernel

Source = tuple[str, int]
"""(raw topic, its partition)"""


def fresh_rows(frame: Frame, sources: Mapping[Source, int]) -> tuple[Flags, dict[Source, int]]:
    """Rows beyond the watermark of their raw partition, and where the watermarks are after the frame."""
    topic, partition, offset = (frame.column(c) for c in ("source", "source_partition", "source_offset"))
    places = np.empty(frame.n, dtype=np.int32)
    firsts = number_sources(topic, partition, places).tolist()
    met = [(frame.sources[topic[row]], int(partition[row])) for row in firsts]
    reached = np.array([sources.get(source, -1) for source in met], dtype=np.int64)
    fresh = np.empty(frame.n, dtype=np.bool_)
    pass_watermarks(offset, places, reached, fresh)
    return fresh, dict(sorted(zip(met, reached.tolist(), strict=True)))


@making_kernel
def number_sources(topic: Ints, partition: Ints, places: Ints) -> Longs:
    """The first row of each (topic, partition); ``places``: which of them each row's is. O(rows · sources) at worst,
    mostly the source is that of the row before.
    """
    firsts = np.empty(len(topic), dtype=np.int64)
    n = place = 0
    for row in range(len(topic)):
        if not (n and topic[firsts[place]] == topic[row] and partition[firsts[place]] == partition[row]):
            place = 0
            while place < n and (topic[firsts[place]] != topic[row] or partition[firsts[place]] != partition[row]):
                place += 1
            if place == n:
                firsts[n] = row
                n += 1
        places[row] = place
    return firsts[:n]


@kernel
def pass_watermarks(offset: Longs, places: Ints, reached: Longs, fresh: Flags) -> None:
    """``fresh``: beyond all of its source before; ``reached`` moves on."""
    for row in range(len(offset)):
        fresh[row] = offset[row] > reached[places[row]]
        if fresh[row]:
            reached[places[row]] = offset[row]
