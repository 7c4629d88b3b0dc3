"""A count of the forward decay as of a moment."""

from shared.core.arithmetic.decay import TABLE, decayed, growth, whole_half_lives


def count_at(value: float, exponent: int, ts: int, half_life: int) -> float:
    return decayed(value, exponent, growth(ts, half_life, TABLE), whole_half_lives(ts, half_life))
