"""The vectors of items as whoever ranks holds them: by place, with the way from a cache slot to its place."""

from typing import NamedTuple

import numpy as np

from shared.contracts.rank_views import TasteView
from shared.core.kernel import Ints, Singles
from shared.core.lists.taste_kernels import SIZE
from shared.core.tables.interning import grown

NO_PLACE = -1
NO_VECTORS: Singles = np.empty((0, SIZE), dtype=np.float32)


class Vectors(NamedTuple):
    """Whose they are (``items`` int32, slots), where a slot's are (``place_of`` int32, -1: nowhere), ``inner``
    float32[places, SIZE], ``outer`` float32[SIZE, places], ``bias`` float32[places].
    """

    items: Ints
    place_of: Ints
    inner: Singles
    outer: Singles
    bias: Singles


class HeldTaste:
    """``items`` int32[places] (cache slots), ``place_of`` int32[slots]; ``inner`` float32[places, SIZE], ``outer``
    float32[SIZE, places], ``bias`` float32[places].
    """

    def __init__(self, slots: int) -> None:
        self.place_of: Ints = np.full(slots, NO_PLACE, dtype=np.int32)
        self.items: Ints = np.empty(0, dtype=np.int32)
        self.inner: Singles = NO_VECTORS
        self.outer: Singles = NO_VECTORS.T.copy()
        self.bias: Singles = np.empty(0, dtype=np.float32)

    @property
    def vectors(self) -> Vectors:
        """As kernels take them."""
        return Vectors(self.items, self.place_of, self.inner, self.outer, self.bias)

    def hold(self, slots: int) -> None:
        """Room for a table of so many slots."""
        if slots > len(self.place_of):
            self.place_of = grown(self.place_of, slots, NO_PLACE)

    def put(self, view: TasteView, items: Ints) -> None:
        """Hold these in place of earlier ones; ``items``: their cache slots. Vectors of another size, as another
        version may have written, are none.
        """
        inner, outer, bias = view.vectors()
        if inner.shape[1] != SIZE:
            items, inner, outer, bias = items[:0], NO_VECTORS, NO_VECTORS, bias[:0]
        self.place_of[self.items] = NO_PLACE
        self.items = items
        self.place_of[self.items] = np.arange(len(items), dtype=np.int32)
        self.inner, self.bias = inner.astype(np.float32), bias.astype(np.float32)
        self.outer = np.ascontiguousarray(outer.T.astype(np.float32))
