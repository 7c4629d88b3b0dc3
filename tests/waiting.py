"""What comes sooner or later is waited for; who gives up says what for, and what the parts had said."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
PATIENCE_S = 600.0  # on a new machine kernels are compiled first
PAUSE_S = 0.05


def wait_for(what: str, look: Callable[[], T | None], output: Path | None = None, patience_s: float = PATIENCE_S) -> T:
    """What ``look`` finds, once it finds something. ``output``: of whoever is to bring it about."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(PAUSE_S)
    said = output.read_text()[-3000:] if output else ""
    raise AssertionError(f"not within {patience_s:.0f} s: {what}; {said}")
