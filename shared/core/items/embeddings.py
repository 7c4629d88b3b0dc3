"""Items' embeddings, by which the catalogue says what is alike: of length 1, 16 bits a number.

Such numbers are multiples of 2^-24, so a sum of their products is a multiple of 2^-48, and no part of it reaches 2
where both vectors have length 1: a float64 holds it exactly. So a cosine does not depend on the order of its sum.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shared.core.kernel import Ints, kernel
from shared.core.tables.interning import grown
from shared.core.tables.segments import Segments, of_table, pack, slices

Vectors = NDArray[np.float32]


class Embeddings:
    """By item slot: ``vectors`` float32[slots, width], 0 beyond an item's own ``sizes`` int32[slots] (0: none).

    The width is that of the longest met so far, at most ``most`` (a longer one is left out): slots · width · 4 bytes,
    none as long as nobody sends any.
    """

    def __init__(self, capacity: int, most: int) -> None:
        self.vectors: Vectors = np.zeros((capacity, 0), dtype=np.float32)
        self.sizes: Ints = np.zeros(capacity, dtype=np.int32)
        self._most = most

    def grow(self, capacity: int) -> None:
        self.vectors, self.sizes = grown(self.vectors, capacity), grown(self.sizes, capacity)

    def file(self, slot: int, embedding: Sequence[float]) -> None:
        """Replaces the one before; finite numbers, of which all 0 say nothing. O(numbers)."""
        self.unfile(slot)
        unit = of_length_1(embedding) if len(embedding) <= self._most else []
        if unit:
            self._widen(len(unit))
            self.vectors[slot, : len(unit)] = np.array(unit, dtype=np.float16)
            self.sizes[slot] = len(unit)

    def unfile(self, slot: int) -> None:
        """The item has none."""
        if self.sizes[slot]:
            self.vectors[slot] = 0.0
            self.sizes[slot] = 0

    def of(self, slot: int) -> list[float]:
        """The item's own, empty for none."""
        own: list[float] = self.vectors[slot, : self.sizes[slot]].tolist()
        return own

    def _widen(self, width: int) -> None:
        more = width - self.vectors.shape[1]
        if more > 0:
            self.vectors = np.pad(self.vectors, ((0, 0), (0, more)))

    def take(self, rows: int) -> Segments:
        """Those of the first ``rows`` slots; nothing if none was ever met."""
        width = self.vectors.shape[1]
        parts = slices("embeddings", rows if width else 0, 4 + 2 * width)
        return {
            name: pack({"sizes": self.sizes[part], "vectors": self.vectors[part].astype(np.float16)}, part.start)
            for name, part in parts
        }

    def restore(self, segments: Segments) -> None:
        """What was taken; room for it must be there."""
        for segment in of_table(segments, "embeddings"):
            sizes, vectors = segment.column("sizes"), segment.column("vectors")
            self._widen(vectors.shape[1])
            rows = slice(segment.start, segment.start + len(sizes))
            self.sizes[rows], self.vectors[rows] = sizes, vectors


def of_length_1(numbers: Sequence[float]) -> list[float]:
    """The numbers' direction; empty where they have none."""
    largest = max(map(abs, numbers), default=0.0)
    if not largest:
        return []
    scaled = [number / largest for number in numbers]
    length = math.sqrt(math.fsum(number * number for number in scaled))
    return [number / length for number in scaled]


@kernel
def cosine(one: int, other: int, vectors: Vectors, sizes: Ints) -> float:
    """Of two items' embeddings, 0 unless both have one and of one size; a thousandth above 1 at most."""
    return product(one, other, vectors, sizes) if sizes[one] == sizes[other] > 0 else 0.0


@kernel
def product(one: int, other: int, vectors: Vectors, sizes: Ints) -> float:
    """Four sums at once, none of which waits for another."""
    a = b = c = d = 0.0
    whole = sizes[one] // 4 * 4
    for n in range(0, whole, 4):
        a += np.float64(vectors[one, n]) * np.float64(vectors[other, n])
        b += np.float64(vectors[one, n + 1]) * np.float64(vectors[other, n + 1])
        c += np.float64(vectors[one, n + 2]) * np.float64(vectors[other, n + 2])
        d += np.float64(vectors[one, n + 3]) * np.float64(vectors[other, n + 3])
    for n in range(whole, sizes[one]):
        a += np.float64(vectors[one, n]) * np.float64(vectors[other, n])
    return a + b + c + d
