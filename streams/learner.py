"""The learner step's shell: `examples` in; `model:ranker` out."""

from shared.adapters import metrics
from shared.adapters.redis_views import Write
from shared.contracts.examples import decode_examples
from shared.contracts.rank_views import encode_rank_view
from shared.contracts.topics import EXAMPLES
from shared.contracts.views import at
from shared.core.learner import Learner
from shared.core.segments import Segments
from streams.ports import Ports
from streams.step import KeptStep


class LearnerStep(KeptStep):
    """The one `examples` partition."""

    topic = EXAMPLES
    contiguous = False  # kept for some days only: what was learned from what is gone is in the state

    def __init__(self, partition: int, ports: Ports) -> None:
        self.partition = partition
        self._ports = ports
        self._core = Learner(ports.settings)
        self._due = 0

    @property
    def offset(self) -> int:
        return self._core.offset

    def apply(self, offset: int, value: bytes, *, replayed: bool) -> None:  # noqa: ARG002 - it has no effects but views
        self._core.step(offset, decode_examples(value))
        metrics.FRAMES.labels("learner").inc()

    def skip(self, offset: int) -> None:
        self._core.offset = offset

    def take(self) -> Segments:
        return self._core.take()

    def restore(self, segments: Segments) -> None:
        self._core.restore(segments)

    def publish(self) -> None:
        """Nothing: weights change with every record."""

    def tick(self, now: int) -> None:
        if now < self._due or not self._core.dirty:
            return
        self._due, self._core.dirty = now + self._ports.settings.ticks.rows_ms, False
        version = at(self._ports.settings.generation, self.offset)
        self._ports.write("model", [Write(self._ports.keys.ranker(), encode_rank_view(version, self._core.view()))])
        metrics.LEARNED.set(self._core.ranker.learned)

    def republish(self) -> None:
        self._core.dirty = self._core.ranker.learned > 0

    @property
    def settled(self) -> bool:
        return not self._core.dirty
