"""Has behaviour changed? River's ADWIN (Bifet and Gavaldà, 2007) over the log loss of examples.

Only a loss that rose says so: while the ranker learns, it falls.
"""

from importlib.metadata import version
from typing import Any

from river.drift import ADWIN

from shared.contracts.errors import NeedsAPerson
from shared.core.kernel import Floats
from shared.core.segments import Segment, pack

HIGHEST = 7.0
"""Losses are cut at this, twice that of a guess among 32, and told to ADWIN as 0 … 1."""
SURENESS = 0.0002
RIVER = version("river")


class Drift:
    """``changes``: how often it has changed. ADWIN holds O(log examples) numbers."""

    def __init__(self) -> None:
        self._adwin = _adwin()
        self.changes = 0

    def told(self, losses: Floats) -> bool:
        """Whether one of these says that behaviour has changed."""
        before = self.changes
        for loss in losses.tolist():
            expected = self._adwin.estimation
            self._adwin.update(min(loss, HIGHEST) / HIGHEST)
            self.changes += self._adwin.drift_detected and self._adwin.estimation > expected
        return self.changes > before

    def take(self) -> bytes:
        """The state as a segment. River's own bytes: numbers, which run nothing when they are read, and hold for one
        version of River.
        """
        window = self._adwin._helper.__getstate__()  # noqa: SLF001
        return pack({}, changes=self.changes, ended=self._adwin.drift_detected, window=window, river=RIVER)

    def restore(self, segment: Segment) -> None:
        """The state that was taken."""
        values = segment.values
        if values["river"] != RIVER:
            raise NeedsAPerson(f"drift was saved by River {values['river']}, this is {RIVER}: rebuild")
        self.changes, self._adwin = values["changes"], _adwin()
        self._adwin._helper.__setstate__(values["window"])  # noqa: SLF001
        self._adwin._drift_detected = values["ended"]  # noqa: SLF001


def _adwin() -> Any:
    return ADWIN(delta=SURENESS)  # type: ignore[no-untyped-call]
