"""Ids of this process as a record of the log carries them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from shared.contracts.ids import DIGEST, SIZE, Ids
from shared.core.arithmetic.digests import digests
from shared.core.kernel import Ints, Keys, making_kernel
from shared.core.texts.encoded_ids import Encoded
from shared.core.texts.text_kernels import Bytes, put_text


def ids_of(names: Sequence[str], keys: Keys | None = None) -> Ids:
    """These, with their digests, which may be known. O(bytes)."""
    texts = [name.encode() for name in names]
    sizes = np.array([len(text) for text in texts], dtype=SIZE)
    return Ids(b"".join(texts), sizes.tobytes(), key_bytes(digests(names) if keys is None else keys))


def ids_at(numbers: Ints, encoded: Encoded, keys: Keys) -> Ids:
    """Those of these numbers, of what is known by number: UTF-8 and digests. O(bytes), a tenth of what it takes to make
    them of texts.
    """
    text, sizes = texts_at(numbers, encoded)
    return Ids(text.tobytes(), sizes.astype(SIZE, copy=False).tobytes(), key_bytes(keys[numbers]))


def key_bytes(keys: Keys) -> bytes:
    """Digests as records have them."""
    return keys.astype(DIGEST, copy=False).tobytes()


@making_kernel
def texts_at(numbers: Ints, encoded: Encoded) -> tuple[Bytes, npt.NDArray[np.uint16]]:
    """One after the other, and how long each is."""
    sizes, room = np.empty(len(numbers), dtype=np.uint16), 0
    for n in range(len(numbers)):
        sizes[n] = encoded.size[numbers[n]]
        room += encoded.size[numbers[n]]
    out, at = np.empty(room, dtype=np.uint8), 0
    for number in numbers:
        at = put_text(out, at, encoded.text, encoded.start[number], encoded.start[number] + encoded.size[number])
    return out, sizes
