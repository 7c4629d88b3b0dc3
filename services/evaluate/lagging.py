"""A model that is behind: what the steps made of frames takes effect so much event time later."""

from collections import deque

from services.evaluate.pipeline import Pipeline
from shared.contracts.deltas import ItemDelta
from shared.contracts.examples import Examples


class Lagging:
    """Deltas and examples wait until event time has gone ``behind_ms`` on since the newest event of their frame. With 0
    they wait for nothing.
    """

    def __init__(self, pipeline: Pipeline, behind_ms: int) -> None:
        self.behind_ms = behind_ms
        self._pipeline = pipeline
        self._waiting: deque[tuple[int, int, Examples | tuple[int, ItemDelta]]] = deque()

    def put(self, ts: int, offset: int, made: Examples | tuple[int, ItemDelta]) -> None:
        """What came of the frame at ``offset``, whose newest event is of ``ts`` (ms): examples, or a delta and the
        `item-deltas` partition that it is for. In the order of the frames.
        """
        self._waiting.append((ts, offset, made))
        self.reach(ts)

    def reach(self, now: int) -> None:
        """It is ``now`` (event time, ms)."""
        while self._waiting and self._waiting[0][0] <= now - self.behind_ms:
            _, offset, made = self._waiting.popleft()
            if isinstance(made, Examples):
                self._pipeline.take_examples(offset, made)
            else:
                partition, delta = made
                self._pipeline.take_delta(partition, offset, delta)
