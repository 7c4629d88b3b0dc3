"""A worker's consumer lag and its pulse in Redis, from what it counts anyway."""

from collections import deque
from collections.abc import Mapping

from shared.adapters import metrics
from shared.contracts.pulse import PULSE_TTL_S, PULSE_VERSION, Pulse, encode_pulse
from shared.contracts.topics import FRAMES
from streams.hosting.checkpoints import Partition
from streams.steps.ports import Ports

WINDOW_MS = 60_000
Buckets = dict[str, int]


class PulseWriter:
    """Beats about once a second."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._shown: set[Partition] = set()
        self._past: deque[tuple[int, Buckets]] = deque()

    def beat(self, behind: Mapping[Partition, int]) -> None:
        """``behind``: records that wait, of every partition held."""
        self._show(behind)
        frames = [number for topic, number in behind if topic == self._ports.topic(FRAMES)]
        if frames and not self._ports.silent:
            freshness = self._last_minute(self._ports.clock(), _freshness())
            pulse = Pulse(PULSE_VERSION, _applied(), sum(behind.values()), freshness)
            self._ports.views.mark(self._ports.keys.pulse(min(frames)), encode_pulse(pulse), PULSE_TTL_S)

    def _show(self, behind: Mapping[Partition, int]) -> None:
        for topic, number in self._shown - behind.keys():
            metrics.LAG_RECORDS.remove(topic, number)
        for (topic, number), records in behind.items():
            metrics.LAG_RECORDS.labels(topic, number).set(records)
        self._shown = set(behind)

    def _last_minute(self, now: int, counted: Buckets) -> Buckets:
        self._past.append((now, counted))
        while len(self._past) > 1 and self._past[1][0] <= now - WINDOW_MS:
            self._past.popleft()
        before = self._past[0][1] if self._past[0][0] <= now - WINDOW_MS else {}
        return {edge: count - before.get(edge, 0) for edge, count in counted.items()}


def _freshness() -> Buckets:
    samples = (s for family in metrics.FRESHNESS.collect() for s in family.samples)
    return {s.labels["le"]: int(s.value) for s in samples if s.name.endswith("_bucket")}


def _applied() -> int:
    samples = (s for family in metrics.EVENTS_APPLIED.collect() for s in family.samples)
    return int(sum(s.value for s in samples if s.name.endswith("_total")))
