"""Which items the catalogue says are like one, in plain Python."""

import math
from collections.abc import Callable, Iterable

from services.verify.facts_oracle import FactsOracle, Said
from services.verify.logarithm import exp2, log2
from services.verify.ties import best_first

LOOKED_AT, KEPT = 2000, 50
LIKED_AT = "7d"
SAME_BRAND, POPULAR, UNKNOWN_PRICE = 1.4, 0.3, 1.4
SAME_TITLE, SAME_EMBEDDING = 3.0, 3.0
NAMED_NEAR = 2.0  # the first; a 64th of it less for each place after it
OTHER_CATEGORY, POPULAR_THERE, PRICE_THERE = 4.0, 1.0, 0.3
DOUBLINGS = 1.4427
"""In a factor of e."""


def liked_by(half_lives: Iterable[str]) -> int:
    """Which of the counts is the popularity that is meant."""
    names = list(half_lives)
    return names.index(LIKED_AT) if LIKED_AT in names else len(names) - 1


def alike(facts: FactsOracle, item: str, popularity: Callable[[str], float]) -> list[tuple[str, float]]:
    """The best of its category, of those that share rare terms of its title and of those that its record names as near,
    with their scores, best first.
    """
    mine = facts.said(item)
    near = {other: NAMED_NEAR - place / 32 for place, other in enumerate(mine.near) if other in facts.filed}
    others = {*facts.siblings(item, LOOKED_AT), *facts.titles.sharing(item), *near} - {item}
    return best_first(
        (
            other,
            _likeness(
                mine, facts.said(other), facts.titles.cosine(item, other), popularity(other), near.get(other, 0.0)
            ),
        )
        for other in others
    )[:KEPT]


def _likeness(mine: Said, other: Said, cosine: float, popularity: float, near: float) -> float:
    if mine.log_price is None or other.log_price is None:
        distance = UNKNOWN_PRICE
    else:
        distance = DOUBLINGS * abs(other.log_price - mine.log_price)
    doublings = log2(1.0 + popularity)
    if mine.category and mine.category == other.category:
        worth = POPULAR * doublings - distance
    else:
        worth = POPULAR_THERE * doublings - PRICE_THERE * distance - OTHER_CATEGORY
    if mine.brand and mine.brand == other.brand:
        worth += SAME_BRAND
    return exp2(worth + SAME_TITLE * cosine + SAME_EMBEDDING * _along(mine.embedding, other.embedding) + near)


def _along(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """How much of one vector lies along the other; nothing of one of another kind."""
    return math.fsum(a * b for a, b in zip(one, other, strict=True)) if len(one) == len(other) else 0.0
