"""The wall clock, and one that only goes on."""

import time


def epoch_ms() -> int:
    """Milliseconds since 1970, now."""
    return time.time_ns() // 1_000_000


def passed_ms() -> int:
    """Milliseconds since some moment, whatever the system's clock is set to: for what is due after a while."""
    return time.monotonic_ns() // 1_000_000
