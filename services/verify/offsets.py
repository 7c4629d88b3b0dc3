"""Which offsets of a partition there are, a bit each: a long log's numbers would not find room as numbers."""

import numpy as np
import numpy.typing as npt

BLOCK = 1 << 16  # offsets that stand together


class Offsets:
    """A set. Memory: 8 kB for each block of :data:`BLOCK` offsets that has any. ``end``: one more than the largest."""

    def __init__(self) -> None:
        self._blocks: dict[int, npt.NDArray[np.uint8]] = {}
        self.end = 0

    def update(self, offsets: npt.NDArray[np.int64]) -> None:
        """O(offsets), and 8 kB for each block that they are of."""
        for number in np.unique(offsets // BLOCK).tolist():
            here = np.zeros(BLOCK, dtype=np.bool_)
            here[offsets[offsets // BLOCK == number] % BLOCK] = True
            held = self._blocks.get(number)
            self._blocks[number] = np.packbits(here) if held is None else held | np.packbits(here)
        self.end = max(self.end, int(offsets.max(initial=-1)) + 1)

    def __contains__(self, offset: int) -> bool:
        held = self._blocks.get(offset // BLOCK)
        place = offset % BLOCK
        return held is not None and bool(held[place // 8] & (0x80 >> place % 8))
