"""The order of all lists: higher scores first, equal ones by a digest of the item id."""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b


@lru_cache(maxsize=100_000)
def order_key(text: str) -> int:
    """What breaks a tie: the first 64 bits, little-endian, of an 8-byte BLAKE2b of the id."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def best_first(scored: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    """Higher scores first, ties by item key."""
    return sorted(scored, key=lambda entry: (-entry[1], order_key(entry[0])))


def rounded(score: float, digits: int = 6) -> float:
    """To so many decimals, as views hold it."""
    scale = 10.0**digits
    return round(score * scale) / scale
