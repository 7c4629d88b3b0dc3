"""Which vectors point most nearly the same way as each of many: exactly, or above :data:`EXACT_MOST` by FAISS's
inverted lists (J. Johnson, M. Douze, H. Jégou, "Billion-scale similarity search with GPUs", 2019), which miss a few.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.contracts.catalogue import MAX_NEAR

EXACT_MOST = 100_000
BLOCK = 256  # vectors that are compared with all at once: of cosines and their order 400 MB at most
NOBODY = -1
SEED = 1
TRAINED_ON = 64  # vectors per list of the index
LISTS_LOOKED_AT = 64

Vectors = NDArray[np.float32]
Places = NDArray[np.int32]
Tell = Callable[[int], None]


@dataclass(frozen=True)
class Nearest:
    """By item id the ids nearest to it, nearest first. ``places`` int32[items, most]: of ``ids``, -1 for nobody."""

    ids: Sequence[str]
    rows: Mapping[str, int]
    places: Places

    def of(self, item: str) -> list[str]:
        """Empty for an item that has no vector, or one that says nothing."""
        row = self.rows.get(item)
        return [] if row is None else [self.ids[place] for place in self.places[row].tolist() if place != NOBODY]


def nearest_items(vectors: Mapping[str, Vectors], asked: int, tell: Tell | None = None) -> Nearest:
    """For each of the first ``asked`` items at most as many as a record may name; ``tell`` hears how many more are
    done.
    """
    ids = list(vectors)
    places = nearest(np.array(list(vectors.values()), dtype=np.float32), asked, MAX_NEAR, tell)
    return Nearest(ids, {item: row for row, item in enumerate(ids[:asked])}, places)


def nearest(vectors: Vectors, asked: int, most: int, tell: Tell | None = None, exact_most: int = EXACT_MOST) -> Places:
    """int32[asked, most]: for each of the first ``asked`` the others by cosine with it, best first; -1 beyond. A vector
    of zeros has none and is nobody's.

    Exactly where no more pairs are to be compared than among ``exact_most``: O(asked·n·d), else O((n + asked)·√n·d);
    n·8·d + asked·4·most bytes and a block.
    """
    unit, pointing = of_length_1(vectors)
    found = np.full((asked, most), NOBODY, dtype=np.int32)
    wanted = int(np.searchsorted(pointing, asked))
    search = exactly if len(unit) * wanted <= exact_most**2 else by_lists
    for start, block in search(unit, wanted, most):
        found[pointing[start : start + len(block)], : block.shape[1]] = np.where(block < 0, NOBODY, pointing[block])
        if tell is not None:
            tell(len(block))
    return found


def of_length_1(vectors: Vectors) -> tuple[Vectors, NDArray[np.int64]]:
    """Those that point anywhere, and their places."""
    largest = np.abs(vectors).max(axis=1, initial=0.0)
    pointing = np.flatnonzero(largest > 0.0)
    scaled = vectors[pointing] / largest[pointing, None]
    unit: Vectors = scaled / np.linalg.norm(scaled, axis=1, keepdims=True)
    return unit, pointing


def exactly(unit: Vectors, asked: int, most: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Blocks of (first, places of the nearest) of the first ``asked``, by all cosines."""
    most = min(most, len(unit) - 1)
    for start in range(0, asked, BLOCK):
        cosines = unit[start : min(asked, start + BLOCK)] @ unit.T
        rows = np.arange(len(cosines))
        cosines[rows, start + rows] = -np.inf
        if most < len(unit) - 1:
            best = np.sort(np.argpartition(-cosines, most, axis=1)[:, :most], axis=1)
        else:
            best = np.argsort(-cosines, axis=1, kind="stable")[:, :most]
        order = np.argsort(-np.take_along_axis(cosines, best, axis=1), axis=1, kind="stable")
        yield start, np.take_along_axis(best, order, axis=1)


def by_lists(unit: Vectors, asked: int, most: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """The same by an index of inverted lists, :data:`LISTS_LOOKED_AT` of which are looked at for each."""
    import faiss

    n, dimensions = unit.shape
    lists = min(n, int(4 * math.sqrt(n)))
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(dimensions), dimensions, lists, faiss.METRIC_INNER_PRODUCT)
    index.cp.seed, index.cp.max_points_per_centroid, index.cp.min_points_per_centroid = SEED, TRAINED_ON, 1
    index.nprobe = min(lists, LISTS_LOOKED_AT)
    index.train(unit)
    index.add(unit)
    for start in range(0, asked, BLOCK):
        _, found = index.search(unit[start : min(asked, start + BLOCK)], most + 1)
        yield start, without(found, np.arange(start, start + len(found)))


def without(found: NDArray[np.int64], own: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each row without its own place, or without the last where that was not found; what nobody took is -1."""
    kept = found != own[:, None]
    kept[kept.all(axis=1), -1] = False
    left: NDArray[np.int64] = found[kept].reshape(len(found), -1)
    return left
