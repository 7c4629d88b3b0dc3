"""What is drawn by a digest of a place in a log: the same whenever the log is folded."""

import numpy as np
import numpy.typing as npt

from shared.core.kernel import Keys, kernel, making_kernel

WORD = (1 << 64) - 1


def draws(source: int, rows: npt.NDArray[np.integer]) -> Keys:
    """SplitMix64 (Steele et al., 2014) of each row of a record: uint64[rows]."""
    return drawn_each(np.uint64(source), rows.astype(np.uint64))


def draw(source: int, row: int) -> int:
    """What :func:`draws` has for one row: a call of numpy costs ten times that."""
    z = (source * 0x9E3779B97F4A7C15 + (row + 1) * 0xD1B54A32D192ED03) & WORD
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & WORD
    return z ^ (z >> 31)


def part_of(drawn: int) -> float:
    """The draw as a number from 0 to below 1."""
    return (drawn >> 11) * 2.0**-53


@kernel
def drawn(source: np.uint64, row: np.uint64) -> np.uint64:
    """:func:`draw` within a kernel."""
    z = source * np.uint64(0x9E3779B97F4A7C15) + (row + np.uint64(1)) * np.uint64(0xD1B54A32D192ED03)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@making_kernel
def drawn_each(source: np.uint64, rows: Keys) -> Keys:
    """:func:`draws` within a kernel."""
    found = np.empty(len(rows), dtype=np.uint64)
    for n in range(len(rows)):
        found[n] = drawn(source, rows[n])
    return found


@kernel
def following(state: np.uint64) -> np.uint64:
    """The number after this one, never 0 unless it is: xorshift (Marsaglia, 2003)."""
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    state ^= state << np.uint64(17)
    return state
