"""JSON into a buffer, piece by piece. Each takes where to begin and returns where it ended; there must be room."""

import numpy as np
import numpy.typing as npt

from shared.core.kernel import Floats, Ints, Longs, kernel

Bytes = npt.NDArray[np.uint8]

COMMA, MINUS, POINT, ZERO, OPEN, CLOSE, QUOTE = b',-.0[]"'
NUMBER = 28
"""Bytes of a number and the comma beside it, at most."""


@kernel
def put_text(out: Bytes, at: int, text: Bytes, start: int, stop: int) -> int:
    """``text`` from ``start`` to ``stop``, as it is."""
    for place in range(start, stop):
        out[at] = text[place]
        at += 1
    return at


@kernel
def put_number(out: Bytes, at: int, value: int) -> int:
    """A whole number."""
    if value < 0:
        out[at] = MINUS
        at += 1
        value = -value
    digits, rest = 1, value // 10
    while rest:
        digits += 1
        rest //= 10
    for place in range(at + digits - 1, at - 1, -1):
        out[place] = ZERO + value % 10
        value //= 10
    return at + digits


@kernel
def put_score(out: Bytes, at: int, score: float, digits: int, scale: int) -> int:
    """The nearest decimal of at most so many digits after the point, ``scale`` their power of ten, without zeros at the
    end: what is read from it is ``np.round(score, digits)``. At most 6 digits, |score| below 9e9.
    """
    scaled = int(np.rint(score * scale))
    if scaled < 0:
        out[at] = MINUS
        at += 1
        scaled = -scaled
    at = put_number(out, at, scaled // scale)
    out[at] = POINT
    at += 1
    rest = scaled % scale
    while digits > 1 and rest % 10 == 0:
        rest //= 10
        digits -= 1
    for place in range(at + digits - 1, at - 1, -1):
        out[place] = ZERO + rest % 10
        rest //= 10
    return at + digits


@kernel
def put_big_endian(out: Bytes, at: int, value: np.uint64, size: int) -> int:
    """The last ``size`` bytes of it, the highest first."""
    for place in range(size):
        out[at + place] = (value >> np.uint64(8 * (size - 1 - place))) & np.uint64(255)
    return at + size


@kernel
def put_little_endian(out: Bytes, at: int, value: np.uint64) -> int:
    """All eight bytes, the lowest first."""
    for place in range(8):
        out[at + place] = (value >> np.uint64(8 * place)) & np.uint64(255)
    return at + 8


@kernel
def put_ids(out: Bytes, at: int, slots: Ints, text: Bytes, start: Longs, size: Ints) -> int:
    """An array of the quoted texts of these slots; what is below 0 is none."""
    out[at] = OPEN
    at += 1
    some = False
    for slot in slots:
        if slot < 0:
            continue
        if some:
            out[at] = COMMA
            at += 1
        some = True
        at = put_text(out, at, text, start[slot], start[slot] + size[slot])
    out[at] = CLOSE
    return at + 1


@kernel
def put_scores(out: Bytes, at: int, scores: Floats, digits: int) -> int:
    """An array of them, each of at most so many digits after the point."""
    scale = 1
    for _ in range(digits):
        scale *= 10
    out[at] = OPEN
    at += 1
    for place in range(len(scores)):
        if place:
            out[at] = COMMA
            at += 1
        at = put_score(out, at, scores[place], digits, scale)
    out[at] = CLOSE
    return at + 1


@kernel
def put_letters(out: Bytes, at: int, codes: Ints, letters: Bytes) -> int:
    """The letters of these codes as one text."""
    out[at] = QUOTE
    at += 1
    for code in codes:
        out[at] = letters[code]
        at += 1
    out[at] = QUOTE
    return at + 1
