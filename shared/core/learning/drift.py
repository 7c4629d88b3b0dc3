"""Has behaviour changed? River's ADWIN (Bifet and Gavaldà, 2007) over the log loss of examples.

Only a loss that rose says so: while the ranker learns, it falls.
"""

from functools import cache
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.metadata import version
from importlib.util import module_from_spec
from pathlib import Path
from typing import Any

import river

from shared.contracts.errors import NeedsAPerson
from shared.core.kernel import Floats
from shared.core.tables.segments import Segment, pack

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


@cache
def _detector() -> Any:
    """River's class out of its own file: the package around it loads all detectors there are, with scipy.stats and data
    sets, which is a second of CPU and 60 MB for one that wants none of them.
    """
    loader = SourceFileLoader("river.drift.adwin", str(Path(river.__file__).parent / "drift" / "adwin.py"))
    module = module_from_spec(ModuleSpec(loader.name, loader))
    loader.exec_module(module)
    return module.ADWIN


def _adwin() -> Any:
    return _detector()(delta=SURENESS)
