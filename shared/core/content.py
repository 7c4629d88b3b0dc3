"""Which items the catalogue says are like one: by title, embedding, brand, price and popularity, of its narrowest
category above all.

A score is 2^what the likeness is worth (`likeness.py`). What the item's record names as near is looked at wherever it
stands. Items that no event has named yet take part: half of a shop's next items are new to it.
"""

import math
from collections.abc import Iterable

import numpy as np

from shared.core.decay import TABLE, growth, whole_half_lives
from shared.core.embeddings import Vectors, cosine
from shared.core.item_facts import NOBODY, ItemFacts, Members
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, kernel, making_kernel
from shared.core.likeness import (
    EMBEDDED,
    EMBEDDED_MOST,
    TITLE,
    beside_of,
    beside_title,
    named_worth,
    siblings,
    with_title,
)
from shared.core.logarithm import exp2, log2
from shared.core.popularity import Counters
from shared.core.title_sharing import sharing, squared_length, unweigh, weigh

ALIKE = 50
NO_BAR = -math.inf
ALIKE_BY = "7d"
"""The half-life of the popularity that tells items of a category apart, if there is one of that name."""


def alike_column(half_lives: Iterable[str]) -> int:
    """Which column of the counters that is; without it the last."""
    names = list(half_lives)
    return names.index(ALIKE_BY) if ALIKE_BY in names else len(names) - 1


def alike(
    facts: ItemFacts, slots: Ints, counters: Counters, column: int, ts: int, keys: Keys
) -> tuple[Ints, Floats, Ints]:
    """Of each item at most :data:`ALIKE` like it, best first, ties by item key: int32[n, ALIKE] with their scores
    float64 likewise, and how many int32[n]. O(members + 200) each.

    Popularity is the count in a column of ``counters`` as of ``ts``. Those members of an item's category that were
    filed last are looked at, those that share rare terms of the title, and those that its record names.
    """
    n, titles = len(slots), facts.titles
    items, scores, sizes = np.empty((n, ALIKE), np.int32), np.empty((n, ALIKE)), np.zeros(n, np.int32)
    if not facts.ever_filed:
        return items, scores, sizes
    parts, which = _categories(facts, slots)
    starts = np.cumsum([0, *(len(part.items) for part in parts)])
    members = Members(*map(np.concatenate, zip(NOBODY, *parts, strict=True)))
    score_others(
        slots,
        members.items,
        starts[which],
        starts[which + 1],
        members.log_price,
        members.brand,
        members.marks,
        counters.counts_of(members.items, column, ts),
        facts.category,
        facts.brand,
        facts.log_price,
        facts.filed,
        facts.near.slots(slots, keys, facts.filed),
        titles.terms,
        titles.older,
        titles.newest,
        titles.held_by,
        titles.titled,
        titles.version,
        titles.lengths,
        titles.reckoned,
        titles.seen,
        titles.squares,
        titles.marks,
        facts.embeddings.vectors,
        facts.embeddings.sizes,
        counters.values[:, column],
        counters.exponents[:, column],
        growth(ts, int(counters.half_lives[column]), TABLE),
        whole_half_lives(ts, int(counters.half_lives[column])),
        keys,
        items,
        scores,
        sizes,
    )
    return items, scores, sizes


def _categories(facts: ItemFacts, slots: Ints) -> tuple[list[Members], Ints]:
    """The members of the categories of these items, each once, and which of them is each item's."""
    numbers: dict[int, int] = {}
    parts, which = list[Members](), list[int]()
    for slot, category in zip(slots.tolist(), facts.category[slots].tolist(), strict=True):
        number = numbers.setdefault(category, len(parts))
        if number == len(parts):
            parts.append(facts.members(slot))
        which.append(number)
    return parts, np.array(which, dtype=np.int32)


@making_kernel
def score_others(
    slots: Ints,
    members: Ints,
    starts: Longs,
    ends: Longs,
    prices: Floats,
    brands: Keys,
    member_marks: Keys,
    popularity: Floats,
    category: Keys,
    brand: Keys,
    log_price: Floats,
    filed: Longs,
    near: Ints,
    terms: Ints,
    older: Ints,
    newest: Ints,
    held_by: Ints,
    titled: int,
    version: int,
    lengths: Floats,
    reckoned: Longs,
    seen: Flags,
    squares: Floats,
    marks: Keys,
    vectors: Vectors,
    dimensions: Ints,
    values: Floats,
    exponents: Ints,
    grown_by: float,
    whole: int,
    keys: Keys,
    items: Ints,
    scores: Floats,
    sizes: Ints,
) -> None:
    """Item n's category is ``members[starts[n] : ends[n]]``, whose facts stand in the same places; its other likes are
    ``near[n]`` (-1: nothing) and found by the title. ``seen``, by slot: false everywhere before and after.
    """
    popular = np.empty(len(members))
    for at in range(len(members)):
        popular[at] = log2(1.0 + popularity[at])
    for n in range(len(slots)):
        slot = slots[n]
        weigh(slot, terms, held_by, titled, squares)
        length = squared_length(slot, terms, held_by, titled, version, lengths, reckoned)
        own, price, mark = brand[slot], log_price[slot], marks[slot]
        reach = EMBEDDED_MOST * min(dimensions[slot], 1)
        size = score_named(
            slot,
            near[n],
            length,
            category,
            brand,
            log_price,
            terms,
            held_by,
            titled,
            version,
            lengths,
            reckoned,
            seen,
            squares,
            vectors,
            dimensions,
            values,
            exponents,
            grown_by,
            whole,
            keys,
            items[n],
            scores[n],
        )
        bar = least_worth(size, scores[n])
        for at in range(starts[n], ends[n]):
            worth = beside_title(True, own != 0 and own == brands[at], prices[at] - price, popular[at])
            if member_marks[at] & mark:
                worth = with_title(
                    worth, members[at], length, terms, held_by, titled, version, lengths, reckoned, squares
                )
            if worth + reach < bar or members[at] == slot or seen[members[at]]:
                continue
            worth += EMBEDDED * cosine(slot, members[at], vectors, dimensions)
            size = insert(members[at], exp2(worth), size, keys, items[n], scores[n])
            bar = least_worth(size, scores[n])
        for other in sharing(slot, terms, older, newest, held_by, seen):
            if other == slot or (siblings(slot, other, category) and filed[other] >= filed[members[ends[n] - 1]]):
                continue
            worth = beside_of(slot, other, category, brand, log_price, values, exponents, grown_by, whole)
            if worth + TITLE + reach < bar:
                continue
            worth = with_title(worth, other, length, terms, held_by, titled, version, lengths, reckoned, squares)
            worth += EMBEDDED * cosine(slot, other, vectors, dimensions)
            if worth < bar:
                continue
            size = insert(other, exp2(worth), size, keys, items[n], scores[n])
            bar = least_worth(size, scores[n])
        unweigh(slot, terms, squares)
        forget(near[n], seen)
        sizes[n] = size


@kernel
def score_named(
    slot: int,
    named: Ints,
    length: float,
    category: Keys,
    brand: Keys,
    log_price: Floats,
    terms: Ints,
    held_by: Ints,
    titled: int,
    version: int,
    lengths: Floats,
    reckoned: Longs,
    seen: Flags,
    squares: Floats,
    vectors: Vectors,
    dimensions: Ints,
    values: Floats,
    exponents: Ints,
    grown_by: float,
    whole: int,
    keys: Keys,
    items: Ints,
    scores: Floats,
) -> int:
    """How many are named by the item's record, which are the best so far and ``seen`` from now on."""
    size = 0
    for place in range(len(named)):
        other = named[place]
        if other < 0:
            continue
        worth = beside_of(slot, other, category, brand, log_price, values, exponents, grown_by, whole)
        worth = with_title(worth, other, length, terms, held_by, titled, version, lengths, reckoned, squares)
        worth += EMBEDDED * cosine(slot, other, vectors, dimensions)
        size = insert(other, exp2(worth + named_worth(place)), size, keys, items, scores)
        seen[other] = True
    return size


@kernel
def forget(named: Ints, seen: Flags) -> None:
    for other in named:
        if other >= 0:
            seen[other] = False


@kernel
def least_worth(size: int, scores: Floats) -> float:
    """What is worth less is surely not among the best: a margin below the last of them, as :func:`exp2` rounds."""
    if size < len(scores) or scores[size - 1] < 1e-300:
        return NO_BAR
    return log2(scores[size - 1]) - 1e-6


@kernel
def insert(item: int, score: float, size: int, keys: Keys, items: Ints, scores: Floats) -> int:
    """Among the best so far, if it is one of them; keys are looked at for ties alone."""
    key = keys[item]
    if size < len(items):
        size += 1
    elif score < scores[size - 1] or (score == scores[size - 1] and key >= keys[items[size - 1]]):
        return size
    at = size - 1
    while at > 0 and (scores[at - 1] < score or (scores[at - 1] == score and key < keys[items[at - 1]])):
        items[at], scores[at] = items[at - 1], scores[at - 1]
        at -= 1
    items[at], scores[at] = item, score
    return size
