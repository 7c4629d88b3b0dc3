"""What stands ready beside a list of items hardly known yet, in plain Python."""

import math
from collections.abc import Iterable

from services.verify.features_oracle import World, log_count
from services.verify.ties import order_key

BITS = (1 << 64) - 1
MOST_DOUBLINGS = 40


def drawn(user: str, offset: int, items: Iterable[str], world: World, most: int) -> list[str]:
    """Of items that a list has no room for, those with the shortest waits. O(n log n)."""
    seed = _mixed(offset, 0) ^ order_key(user)
    waits = {item: _wait(seed, item, world) for item in items}
    return sorted(waits, key=lambda item: (waits[item], order_key(item)))[:most]


def _wait(seed: int, item: str, world: World) -> float:
    """Below 1 for what was met less than once, twice as long with every doubling of the count from there."""
    doublings = math.floor(log_count(world.stats.get(item), len(world.half_lives) - 1)) + 1
    share = (_mixed(seed, order_key(item)) >> 11) / (1 << 53)
    return math.ldexp(share, min(max(doublings, 0), MOST_DOUBLINGS))


def _mixed(seed: int, number: int) -> int:
    """SplitMix64."""
    z = (seed * 0x9E3779B97F4A7C15 + (number + 1) * 0xD1B54A32D192ED03) & BITS
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & BITS
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & BITS
    return z ^ (z >> 31)
