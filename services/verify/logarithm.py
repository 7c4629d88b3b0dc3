"""log2 and 2^x in straight pieces between powers of two, as rankings use them."""

import math


def log2(value: float) -> float:
    """Of ``value`` > 0: the exponent of the power of two below it, plus how far it is on the way to the next one."""
    mantissa, exponent = math.frexp(value)
    return 2.0 * mantissa - 2.0 + exponent


def exp2(x: float) -> float:
    """The inverse of :func:`log2`."""
    whole = math.floor(x)
    return math.ldexp(1.0 + (x - whole), whole)
