"""The most alike so far, while what is like an item is looked for."""

import math
from typing import NamedTuple

from shared.core.arithmetic.logarithm import log2
from shared.core.items.likeness import EMBEDDED_MOST, MARGIN, Embedded, Facts
from shared.core.items.title_sharing import Terms
from shared.core.kernel import Floats, Ints, Keys, kernel

NO_BAR = -math.inf


class Catalogue(NamedTuple):
    """What is known of items, by slot; what the titles have ``seen`` is nothing before and after. ``keys`` uint64."""

    facts: Facts
    titles: Terms
    embedded: Embedded
    keys: Keys


@kernel
def reach_of(slot: int, embedded: Embedded) -> float:
    """What an embedding may add at most."""
    return EMBEDDED_MOST if embedded.sizes[slot] else 0.0


@kernel
def least_worth(size: int, scores: Floats) -> float:
    """What is worth less is surely not among the best: a margin below the last of them, as :func:`exp2` rounds."""
    if size < len(scores) or scores[size - 1] < 1e-300:
        return NO_BAR
    return log2(scores[size - 1]) - MARGIN


@kernel
def insert(item: int, score: float, size: int, keys: Keys, items: Ints, scores: Floats) -> int:
    """Among the best so far, if it is one of them; keys are looked at for ties alone."""
    if size < len(items):
        size += 1
    elif score < scores[size - 1] or (score == scores[size - 1] and keys[item] >= keys[items[size - 1]]):
        return size
    at = size - 1
    while at > 0 and (scores[at - 1] < score or (scores[at - 1] == score and keys[item] < keys[items[at - 1]])):
        items[at], scores[at] = items[at - 1], scores[at - 1]
        at -= 1
    items[at], scores[at] = item, score
    return size
