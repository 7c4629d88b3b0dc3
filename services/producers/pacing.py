"""When to send what, and where to in time a log is moved. Pure: the clock is the caller's."""

from dataclasses import dataclass

from shared.contracts.errors import HeadraceError

SLOWEST = 0.001  # a speed, and events a second: at less a log of a day lasts for years
FASTEST = 1e9


@dataclass(frozen=True)
class Pace:
    """``speed``: event time per wall time (None: as fast as it goes); ``rate``: at most so many events a second."""

    speed: float | None = None
    rate: float | None = None

    def due(self, n: int, elapsed_ms: int) -> float:
        """Seconds after the start at which event ``n`` (from 0), ``elapsed_ms`` into the log, is sent."""
        by_time = elapsed_ms / 1000 / self.speed if self.speed else 0.0
        by_rate = n / self.rate if self.rate else 0.0
        return max(by_time, by_rate)

    def lasts_ms(self, count: int, span_ms: int) -> int:
        """How long sending takes at least."""
        return int(self.due(max(count - 1, 0), span_ms) * 1000)


def parse_speed(text: str) -> float | None:
    """``max``, ``1x``, ``100x``, ``0.5``. Raises :class:`HeadraceError` outside of 0.001x to 1000000000x."""
    if text == "max":
        return None
    try:
        speed = float(text.lower().removesuffix("x"))
    except ValueError:
        speed = 0.0
    if not SLOWEST <= speed <= FASTEST:
        raise HeadraceError(f"speed {text!r}: say max, 1x, 100x, …, from {SLOWEST}x to {FASTEST:.0f}x")
    return speed


def shift_to_now(first_ts: int, last_ts: int, now_ms: int, lasts_ms: int) -> int:
    """Added to event times, so that the last event happens as it is sent; but none starts in the future.

    At 1x the log begins now; at ``max`` it ends now.
    """
    return min(now_ms + lasts_ms - last_ts, now_ms - first_ts)
