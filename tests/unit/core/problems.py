"""Choices that follow one feature: what a ranker has to find out."""

from collections.abc import Iterator

import numpy as np

from shared.core.kernel import Floats, Ints
from shared.core.lists.features import feature_count
from tests.unit.core.pairs import sealed

HALF_LIVES = 3
WIDTH = feature_count(HALF_LIVES)
SIZE = 16
Record = tuple[Floats, Ints, Ints, Floats]
"""Rows, sizes, segments, worths of a record of examples."""


def record(rows: list[Floats], segment: int = 4) -> Record:
    """One of a frame, as the learner step has it."""
    sizes = [len(each) for each in rows]
    columns = sealed(sizes, "<i4"), sealed([segment] * len(rows), "<i4"), sealed([1.0] * len(rows), "<f4")
    return np.concatenate(rows), *columns


def records(rng: np.random.Generator, decides: int, n: int, *, noise: float = 0.0) -> Iterator[Record]:
    """``n`` records of four examples whose chosen row has the highest of one feature; with a chance of ``noise`` one of
    the others is chosen.
    """
    for _ in range(n):
        yield record([_choice(rng, decides, noise) for _ in range(4)])


def _choice(rng: np.random.Generator, decides: int, noise: float) -> Floats:
    rows = rng.random((SIZE, WIDTH)).astype(np.float16).astype(np.float64)
    best = int(rng.integers(SIZE)) if rng.random() < noise else int(np.argmax(rows[:, decides]))
    rows[[0, best]] = rows[[best, 0]]
    return rows


def spoiled(width: int = WIDTH) -> Floats:
    """An example that says no number."""
    rows = np.ones((SIZE, width))
    rows[3, 1] = np.nan
    return rows
