"""A Prometheus histogram that takes many values at once: one at a time, each costs as much as a line of hot path."""

from collections.abc import Iterator, Sequence
from threading import Lock

import numpy as np
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

from shared.core.kernel import Floats, Longs


class BulkHistogram(Collector):
    """As ``prometheus_client.Histogram`` shows it, without labels. Any thread may observe and collect.

    ``buckets`` are upper bounds, ascending, without infinity.
    """

    def __init__(
        self, name: str, documentation: str, buckets: Sequence[float], registry: CollectorRegistry = REGISTRY
    ) -> None:
        self._name, self._documentation = name, documentation
        self._bounds = np.array(buckets, dtype=np.float64)
        self._counts: Longs = np.zeros(len(buckets) + 1, dtype=np.int64)
        self._sum = 0.0
        self._lock = Lock()
        registry.register(self)

    def observe_all(self, values: Floats) -> None:
        """Each value once. O(n log buckets)."""
        found = np.bincount(np.searchsorted(self._bounds, values), minlength=len(self._counts))
        with self._lock:
            self._counts += found
            self._sum += float(values.sum())

    def collect(self) -> Iterator[HistogramMetricFamily]:
        with self._lock:
            reached, total = np.cumsum(self._counts).tolist(), self._sum
        bounds = [*map(str, self._bounds.tolist()), "+Inf"]
        family = HistogramMetricFamily(self._name, self._documentation)
        family.add_metric([], list(zip(bounds, reached, strict=True)), total)
        yield family
