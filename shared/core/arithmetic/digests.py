"""64-bit BLAKE2b digests (RFC 7693) of many texts at once: hashlib costs three times as much for a short text."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from shared.core.kernel import Keys, Longs, kernel, making_kernel

IV = np.array(
    [
        0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1,
        0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179,
    ],
    dtype=np.uint64,
)  # fmt: skip
PARAMETERS = np.uint64(0x01010008)  # no key, sequential, 8 bytes of digest
SIGMA = np.array(
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
        [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
        [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
        [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
        [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
        [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
        [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
        [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
        [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
    ],
    dtype=np.uint8,
)
FEW = 12  # texts, for which it is not worth while to lay anything out
ROUNDS = 12
BLOCK = 16  # words


def digests(texts: Sequence[str]) -> Keys:
    """``int.from_bytes(blake2b(text, digest_size=8), "little")`` of each text in UTF-8. O(bytes)."""
    if len(texts) < FEW:
        raws = [blake2b(text.encode(), digest_size=8).digest() for text in texts]
        return np.frombuffer(b"".join(raws), dtype="<u8").astype(np.uint64)
    joined = "".join(texts)
    if joined.isascii():
        raw = joined.encode()
        sizes = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    else:
        encoded = [text.encode() for text in texts]
        raw = b"".join(encoded)
        sizes = np.fromiter(map(len, encoded), dtype=np.int64, count=len(texts))
    out = np.empty(len(texts), dtype=np.uint64)
    ends = np.cumsum(sizes)
    digest_each(np.frombuffer(raw, dtype=np.uint8), ends - sizes, ends, IV, SIGMA, out)
    return out


@making_kernel
def digest_each(raw: np.ndarray, starts: Longs, ends: Longs, iv: Keys, sigma: np.ndarray, out: Keys) -> None:
    """``starts`` and ``ends``: of each text in ``raw``."""
    words = np.empty(BLOCK, dtype=np.uint64)
    state = np.empty(8, dtype=np.uint64)
    for text in range(len(ends)):
        at, end = starts[text], ends[text]
        state[:] = iv
        state[0] ^= PARAMETERS
        while True:
            stop = min(at + 8 * BLOCK, end)
            load(raw, at, stop, words)
            last = stop == end
            compress(state, words, np.uint64(stop - starts[text]), last, iv, sigma)
            if last:
                break
            at = stop
        out[text] = state[0]


@kernel
def load(raw: np.ndarray, start: int, stop: int, words: Keys) -> None:
    """Little-endian words of a block, 0 beyond its end."""
    for word in range(BLOCK):
        value = np.uint64(0)
        first = start + 8 * word
        for byte in range(min(8, stop - first)):
            value |= np.uint64(raw[first + byte]) << np.uint64(8 * byte)
        words[word] = value


@kernel
def mix(
    a: np.uint64, b: np.uint64, c: np.uint64, d: np.uint64, x: np.uint64, y: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """G of the RFC."""
    a = a + b + x
    d ^= a
    d = (d >> np.uint64(32)) | (d << np.uint64(32))
    c = c + d
    b ^= c
    b = (b >> np.uint64(24)) | (b << np.uint64(40))
    a = a + b + y
    d ^= a
    d = (d >> np.uint64(16)) | (d << np.uint64(48))
    c = c + d
    b ^= c
    b = (b >> np.uint64(63)) | (b << np.uint64(1))
    return a, b, c, d


@making_kernel
def compress(state: Keys, m: Keys, counted: np.uint64, last: bool, iv: Keys, sigma: np.ndarray) -> None:
    """F of the RFC; of ``state`` all eight words."""
    a0, a1, a2, a3 = state[0], state[1], state[2], state[3]
    b0, b1, b2, b3 = state[4], state[5], state[6], state[7]
    c0, c1, c2, c3 = iv[0], iv[1], iv[2], iv[3]
    d0, d1, d2, d3 = iv[4] ^ counted, iv[5], iv[6], iv[7]
    if last:
        d2 = ~d2
    for number in range(ROUNDS):
        s = sigma[number % 10]
        a0, b0, c0, d0 = mix(a0, b0, c0, d0, m[s[0]], m[s[1]])
        a1, b1, c1, d1 = mix(a1, b1, c1, d1, m[s[2]], m[s[3]])
        a2, b2, c2, d2 = mix(a2, b2, c2, d2, m[s[4]], m[s[5]])
        a3, b3, c3, d3 = mix(a3, b3, c3, d3, m[s[6]], m[s[7]])
        a0, b1, c2, d3 = mix(a0, b1, c2, d3, m[s[8]], m[s[9]])
        a1, b2, c3, d0 = mix(a1, b2, c3, d0, m[s[10]], m[s[11]])
        a2, b3, c0, d1 = mix(a2, b3, c0, d1, m[s[12]], m[s[13]])
        a3, b0, c1, d2 = mix(a3, b0, c1, d2, m[s[14]], m[s[15]])
    state[0] ^= a0 ^ c0
    state[1] ^= a1 ^ c1
    state[2] ^= a2 ^ c2
    state[3] ^= a3 ^ c3
    state[4] ^= b0 ^ d0
    state[5] ^= b1 ^ d1
    state[6] ^= b2 ^ d2
    state[7] ^= b3 ^ d3
