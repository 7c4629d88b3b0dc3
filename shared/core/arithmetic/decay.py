"""Forward decay that is the same on every machine: a table and an exponent instead of libm's exp.

A count that halves every ``h`` ms is kept as ``value · 2^exponent`` in units of "weight at landmark time": an event of
weight w at time t adds ``w · 2^(t/h)`` (Cormode et al., Forward Decay, ICDE 2009). 2^(t/h) overflows, so it is split
into ``2^k · TABLE[i]`` with k = t div h and i the fraction in 1/1024: k goes to the exponent, moved by ``ldexp``, which
is exact. The table is made by decimal arithmetic, correctly rounded, so no libm is involved.
"""

import math
from decimal import Decimal, localcontext

import numpy as np

from shared.core.kernel import Floats, Longs, kernel, making_kernel

STEPS = 1024


def _table() -> Floats:
    """Each number times the root of the one before: digits enough that a thousand products leave a double as it is."""
    with localcontext() as context:
        context.prec = 60
        root, powers = Decimal(2) ** (1 / Decimal(STEPS)), [Decimal(1)]
        for _ in range(STEPS - 1):
            powers.append(powers[-1] * root)
        return np.array([float(power) for power in powers], dtype=np.float64)


TABLE = _table()
"""2^(i/1024), i = 0 … 1023: float64[1024]."""


POWERS = np.ldexp(np.ones(STEPS - 1), -np.arange(STEPS - 1))
"""2^-k, k = 0 … 1022: float64[1023]."""


@kernel
def doubled(value: float, times: int) -> float:
    """``ldexp``, most of the time without a call of libm: a product with a power of two is rounded as it is."""
    if -1022 <= times <= 0:
        return float(value * POWERS[-times])
    return math.ldexp(value, times)


@kernel
def whole_half_lives(ts: int, half_life: int) -> int:
    """k: how many half-lives have passed at ``ts`` (both ms)."""
    return ts // half_life


@kernel
def growth(ts: int, half_life: int, table: Floats) -> float:
    """2^(fraction of a half-life), in [1, 2)."""
    return float(table[((ts % half_life) * 1024) // half_life])


@making_kernel
def no_spans(half_lives: Longs) -> tuple[Longs, Longs, Longs, Floats]:
    """What :func:`pin` holds per half-life: from when and until when (ms) which k and which growth hold."""
    n = len(half_lives)
    return np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64), np.ones(n, np.float64)


@kernel
def pin(ts: int, h: int, half_life: int, table: Floats, since: Longs, until: Longs, ks: Longs, growths: Floats) -> None:
    """``ks[h]`` and ``growths[h]`` as of ``ts``: three divisions, unless they hold from an earlier call. Events come
    nearly in order of time, so mostly they do.
    """
    if since[h] <= ts < until[h]:
        return
    k = ts // half_life
    step = ((ts - k * half_life) * 1024) // half_life
    since[h] = k * half_life + (step * half_life + 1023) // 1024
    until[h] = k * half_life + ((step + 1) * half_life + 1023) // 1024
    ks[h] = k
    growths[h] = table[step]


@kernel
def add(value: float, exponent: int, gain: float, k: int) -> tuple[float, int]:
    """The count with a ``gain`` (an event's weight · its growth) as of ``k``; a late event adds what it is worth by
    now. O(1).
    """
    if value == 0.0:
        return gain, k
    if k > exponent:
        return math.ldexp(value, exponent - k) + gain, k
    return value + (math.ldexp(gain, k - exponent) if k < exponent else gain), exponent


@making_kernel
def as_of(ts: int, half_lives: Longs, table: Floats) -> tuple[Floats, Longs]:
    """Growth and whole half-lives at ``ts`` by half-life: what :func:`decayed` asks for of each count."""
    growths, wholes = np.empty(len(half_lives)), np.empty(len(half_lives), dtype=np.int64)
    for h in range(len(half_lives)):
        growths[h], wholes[h] = growth(ts, half_lives[h], table), whole_half_lives(ts, half_lives[h])
    return growths, wholes


@kernel
def decayed(value: float, exponent: int, grown_by: float, whole: int) -> float:
    """The count as of a moment, by its growth and whole half-lives: an event of weight 1 at the moment counts 1."""
    return doubled(value / grown_by, exponent - whole) if value > 0.0 else 0.0


def between(counts: Floats, earlier: int, later: int, half_life: int) -> Floats:
    """Counts as of ``earlier`` brought to ``later`` (ms)."""
    factor = TABLE[((later % half_life) * STEPS) // half_life] / TABLE[((earlier % half_life) * STEPS) // half_life]
    brought: Floats = np.ldexp(counts / factor, earlier // half_life - later // half_life)
    return brought
