"""Ids as the records of Headrace's own log carry them: their texts in one piece, and what each is found by.

Who knows an id finds it by its digest; a text is made of one only where it is asked for.
"""

from collections.abc import Iterator
from functools import cached_property

import msgspec
import numpy as np
import numpy.typing as npt

from shared.contracts.errors import BadRecord
from shared.contracts.reasons import WRONG_TYPE

SIZE, DIGEST = np.dtype("<u2"), np.dtype("<u8")


class Ids(msgspec.Struct, array_like=True, frozen=True, dict=True):
    """A sequence of n ids. ``text`` is UTF-8, ``sizes`` :data:`SIZE` [n] says how many bytes of it are each one's,
    ``digests`` :data:`DIGEST` [n] are 64-bit BLAKE2b of them.
    """

    text: bytes
    sizes: bytes
    digests: bytes

    def __len__(self) -> int:
        return len(self.digests) // DIGEST.itemsize

    def __getitem__(self, number: int, /) -> str:
        start, end = self._ends[number : number + 2].tolist()
        return self.text[start:end].decode()

    def __iter__(self) -> Iterator[str]:
        return map(self.__getitem__, range(len(self)))

    @property
    def keys(self) -> npt.NDArray[np.uint64]:
        """The digests by number, read-only."""
        return np.frombuffer(self.digests, dtype=DIGEST)

    @cached_property
    def _ends(self) -> npt.NDArray[np.int64]:
        """Where each begins, and where the last one ends."""
        ends = np.zeros(len(self) + 1, dtype=np.int64)
        np.cumsum(np.frombuffer(self.sizes, dtype=SIZE), out=ends[1:])
        return ends


NO_IDS = Ids(b"", b"", b"")


def check_ids(ids: Ids, what: str) -> None:
    """Raises :class:`BadRecord` that names ``what`` unless the parts fit and each id is a text. O(bytes)."""
    n, odd = divmod(len(ids.digests), DIGEST.itemsize)
    if odd or len(ids.sizes) != SIZE.itemsize * n:
        raise BadRecord(WRONG_TYPE, f"{what}: {len(ids.digests)} bytes of digests beside {len(ids.sizes)} of sizes")
    named = int(np.frombuffer(ids.sizes, dtype=SIZE).sum(dtype=np.int64))
    if named != len(ids.text):
        raise BadRecord(WRONG_TYPE, f"{what}: sizes of {named} bytes, {len(ids.text)} of text")
    if ids.text.isascii():
        return
    try:
        list(ids)
    except UnicodeDecodeError as error:
        raise BadRecord(WRONG_TYPE, f"{what}: an id is not UTF-8: {error}") from error
