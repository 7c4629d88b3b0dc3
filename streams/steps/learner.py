"""The learner step's shell: `examples` in; `model:ranker` and `model:taste` out."""

import structlog

from shared.adapters import metrics
from shared.contracts.examples import decode_examples
from shared.contracts.rank_views import RankerView, TasteView, encode_rank_view
from shared.contracts.topics import EXAMPLES
from shared.contracts.views import at
from shared.core.learning.learner import Learner
from shared.core.tables.segments import Segments
from streams.steps.ports import Ports
from streams.steps.step import KeptStep

log = structlog.get_logger()
TASTE_MS = 5000
"""How often the vectors are written: half a megabyte, and no single step changes much."""


class LearnerStep(KeptStep):
    """The one `examples` partition."""

    topic = EXAMPLES
    contiguous = False  # kept for some days only: what was learned from what is gone is in the state

    def __init__(self, partition: int, ports: Ports) -> None:
        self.partition = partition
        self._ports = ports
        self._core = Learner(ports.settings)
        self._due = self._taste_due = 0
        self._republished = True
        self._told = self._news()

    @property
    def offset(self) -> int:
        return self._core.offset

    def apply(self, offset: int, value: bytes, *, replayed: bool) -> None:  # noqa: ARG002 - it has no effects but views
        self._core.step(offset, decode_examples(value))
        metrics.FRAMES.labels("learner").inc()
        self._tell()

    def skip(self, offset: int) -> None:
        self._core.offset = offset

    def take(self) -> Segments:
        return self._core.take()

    def restore(self, segments: Segments) -> None:
        self._core.restore(segments)
        self._told = self._news()

    def publish(self) -> None:
        """Nothing: weights change with every record."""

    def tick(self, now: int) -> None:
        if self._core.dirty and now >= self._due:
            self._due, self._core.dirty = now + self._ports.settings.ticks.rows_ms, False
            self._write(self._ports.keys.ranker(), self._core.view())
            self._measure()
        if self._core.taste_dirty and now >= self._taste_due:
            self._taste_due, self._core.taste_dirty = now + TASTE_MS, False
            if (view := self._core.taste.view()) is not None:
                self._write(self._ports.keys.taste(), view)
        self._republished = True

    def _write(self, key: str, view: RankerView | TasteView) -> None:
        version = at(self._ports.settings.generation, self.offset)
        self._ports.write("model", [key], [encode_rank_view(version, view)])

    def republish(self) -> None:
        self._core.dirty, self._core.taste_dirty = self._core.blend.learned > 0, True
        self._due = self._taste_due = 0
        self._republished = False

    @property
    def republished(self) -> bool:
        return self._republished

    @property
    def settled(self) -> bool:
        return not (self._core.dirty or self._core.taste_dirty)

    def _news(self) -> tuple[int, str]:
        """What a person wants to hear of: how often behaviour changed, and what ranks."""
        return self._core.blend.drift.changes, self._core.blend.safety.published

    def _tell(self) -> None:
        (changes, published), told = self._news(), self._told
        if changes != told[0]:
            log.info("behaviour has changed: the ranker forgets faster for a while", changes=changes)
        if published != told[1]:
            log.warning("the ranker's weights are those of another one", before=told[1], now=published)
        self._told = changes, published

    def _measure(self) -> None:
        blend = self._core.blend
        metrics.LEARNED.set(blend.learned)
        metrics.DRIFTS.set(blend.drift.changes)
        for name, mean in zip(blend.safety.names, blend.safety.means.tolist(), strict=True):
            metrics.SHADOW.labels(name).set(mean)
            metrics.PUBLISHED.labels(name).set(name == blend.safety.published)
