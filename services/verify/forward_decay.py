"""Counts that halve every h ms, kept as (value, exponent): an event of weight w at t adds w · 2^(t/h)."""

import math
from decimal import Decimal, localcontext

Count = tuple[float, int]
NOTHING: Count = (0.0, 0)


def _powers() -> list[float]:
    with localcontext() as context:
        context.prec = 40
        return [float(Decimal(2) ** (Decimal(i) / 1024)) for i in range(1024)]


POWERS = _powers()
"""2^(i/1024), correctly rounded."""


def factor(ts: int, half_life: int) -> float:
    """2^(the fraction of a half-life at ``ts``), in steps of 1/1024."""
    return POWERS[((ts % half_life) * 1024) // half_life]


def added(count: Count, weight: float, ts: int, half_life: int) -> Count:
    """The count with one more event."""
    value, exponent = count
    k, gain = ts // half_life, weight * factor(ts, half_life)
    if value == 0.0:
        return gain, k
    if k > exponent:
        return math.ldexp(value, exponent - k) + gain, k
    return value + math.ldexp(gain, k - exponent), exponent


def count_at(count: Count, ts: int, half_life: int) -> float:
    """What the count is worth at ``ts``; infinite if that is too long before it for a number to hold."""
    value, exponent = count
    try:
        return math.ldexp(value / factor(ts, half_life), exponent - ts // half_life)
    except OverflowError:
        return math.inf


def brought(count: float, earlier: int, later: int, half_life: int) -> float:
    """A count as of ``earlier``, as of ``later``."""
    ratio = factor(later, half_life) / factor(earlier, half_life)
    return math.ldexp(count / ratio, earlier // half_life - later // half_life)
